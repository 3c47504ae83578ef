package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderColumn is a column of prepaid_orders.
type orderColumn struct {
	name string
	// put returns the column's value for an order.
	put func(e *encoder, o *subscription.Order) any
	// get sets what an order has of column i of a row. It is nil for a column that is only searched, or read with another one.
	get func(o *subscription.Order, r row, i int) error
}

// orders are the columns of an order, except its application and its place. All statements on orders are made of them. The ID
// comes first.
//
//nolint:gochecknoglobals // a table, never written
var orders = []orderColumn{
	orderText("id", func(o *subscription.Order) *subscription.OrderID { return &o.ID }),
	orderText("account", func(o *subscription.Order) *subscription.AccountID { return &o.Account }),
	orderText("kind", func(o *subscription.Order) *subscription.OrderKind { return &o.Kind }),
	orderText("status", func(o *subscription.Order) *subscription.OrderStatus { return &o.Status }),
	orderText("catalog", func(o *subscription.Order) *string { return &o.Catalog }),
	orderOptional("subscription", func(o *subscription.Order) *subscription.SubscriptionID { return &o.Subscription }),
	orderOptional("product", func(o *subscription.Order) *pricing.ProductID { return &o.Product }),
	orderOptional("version", func(o *subscription.Order) *pricing.VersionID { return &o.Version }),
	orderOptional("agreement", func(o *subscription.Order) *string { return &o.Agreement }),
	orderOptional("attempt", func(o *subscription.Order) *subscription.AttemptID { return &o.Attempt }),
	orderOptional("reason", func(o *subscription.Order) *payment.Reason { return &o.Reason }),
	orderOptional("note", func(o *subscription.Order) *string { return &o.Note }),
	orderOptional("reference", func(o *subscription.Order) *string { return &o.Reference }),
	orderOptional("delivered_zone", func(o *subscription.Order) *string { return &o.Delivered.Period.Zone }),
	orderInstant("placed_at", func(o *subscription.Order) *time.Time { return &o.PlacedAt }),
	orderInstant("closed_at", func(o *subscription.Order) *time.Time { return &o.ClosedAt }),
	orderInstant("paid_at", func(o *subscription.Order) *time.Time { return &o.PaidAt }),
	orderInstant("collected_at", func(o *subscription.Order) *time.Time { return &o.CollectedAt }),
	orderInstant("taken_back_at", func(o *subscription.Order) *time.Time { return &o.TakenBackAt }),
	orderInstant("delivered_start", func(o *subscription.Order) *time.Time { return &o.Delivered.Period.Start }),
	orderInstant("delivered_end", func(o *subscription.Order) *time.Time { return &o.Delivered.Period.End }),
	{"renews_from", func(_ *encoder, o *subscription.Order) any { return instant(o.PaysFrom()) }, nil},
	orderMinutes("delivered_increment", func(o *subscription.Order) *subscription.Quantity { return &o.Delivered.Increment }),
	orderMinutes("delivered_total", func(o *subscription.Order) *subscription.Quantity { return &o.Delivered.Total }),
	orderMinutes("delivered_remaining", func(o *subscription.Order) *subscription.Quantity { return &o.Delivered.Remaining }),
	orderFlag("tax_included", func(o *subscription.Order) *bool { return &o.TaxIncluded }),
	orderFlag("present", func(o *subscription.Order) *bool { return &o.Present }),
	{
		"refunds", func(_ *encoder, o *subscription.Order) any { return int64(o.Refunds) },
		func(o *subscription.Order, r row, i int) error { o.Refunds = int(r.number(i)); return nil },
	},
	{
		"amount", func(_ *encoder, o *subscription.Order) any { return o.Amount.Minor() },
		func(o *subscription.Order, r row, i int) (err error) { o.Amount, err = r.money(i); return err },
	},
	{"currency", func(_ *encoder, o *subscription.Order) any { return string(o.Amount.Currency()) }, nil}, // read with the amount
	{
		"collected", func(_ *encoder, o *subscription.Order) any { return minor(o.Collected) },
		func(o *subscription.Order, r row, i int) (err error) { o.Collected, err = r.money(i); return err },
	},
	{"collected_currency", func(_ *encoder, o *subscription.Order) any { return currency(o.Collected) }, nil},
	{
		"given_back", func(_ *encoder, o *subscription.Order) any { return minor(o.RefundedAmount) },
		func(o *subscription.Order, r row, i int) (err error) { o.RefundedAmount, err = r.money(i); return err },
	},
	{"given_back_currency", func(_ *encoder, o *subscription.Order) any { return currency(o.RefundedAmount) }, nil},
	{
		"lines", func(e *encoder, o *subscription.Order) any { return e.lines(o.Lines) },
		func(o *subscription.Order, r row, i int) (err error) {
			o.Lines, err = document.DecodeLines([]byte(r.text(i)))
			return err
		},
	},
	{
		"deliveries", func(e *encoder, o *subscription.Order) any { return e.deliveries(o.Deliveries) },
		func(o *subscription.Order, r row, i int) (err error) {
			if text := r.text(i); text != "" {
				o.Deliveries, err = document.DecodeDeliveries([]byte(text))
			}
			return err
		},
	},
	{
		"taxes", func(e *encoder, o *subscription.Order) any { return e.taxes(o.Taxes) },
		func(o *subscription.Order, r row, i int) (err error) { o.Taxes, err = r.taxes(i); return err },
	},
	{
		"action", func(e *encoder, o *subscription.Order) any { return e.action(o.Action) },
		func(o *subscription.Order, r row, i int) error {
			text := r.text(i)
			if text == "" {
				return nil
			}
			action, err := document.DecodeAction([]byte(text))
			o.Action = &action
			return err
		},
	},
}

// orderText is a column of text that every order has.
func orderText[S ~string](name string, of func(o *subscription.Order) *S) orderColumn {
	return orderColumn{
		name, func(e *encoder, o *subscription.Order) any { return text(e, *of(o)) },
		func(o *subscription.Order, r row, i int) error { *of(o) = S(r.text(i)); return nil },
	}
}

// orderOptional is a column of text that is NULL if it is empty.
func orderOptional[S ~string](name string, of func(o *subscription.Order) *S) orderColumn {
	c := orderText(name, of)
	c.put = func(e *encoder, o *subscription.Order) any { return optional(e, *of(o)) }
	return c
}

func orderInstant(name string, of func(o *subscription.Order) *time.Time) orderColumn {
	return orderColumn{
		name, func(_ *encoder, o *subscription.Order) any { return instant(*of(o)) },
		func(o *subscription.Order, r row, i int) error { *of(o) = r.time(i); return nil },
	}
}

func orderMinutes(name string, of func(o *subscription.Order) *subscription.Quantity) orderColumn {
	return orderColumn{
		name, func(_ *encoder, o *subscription.Order) any { return number(*of(o)) },
		func(o *subscription.Order, r row, i int) error {
			*of(o) = subscription.Quantity(r.number(i))
			return nil
		},
	}
}

func orderFlag(name string, of func(o *subscription.Order) *bool) orderColumn {
	return orderColumn{
		name, func(_ *encoder, o *subscription.Order) any { return flag(*of(o)) },
		func(o *subscription.Order, r row, i int) error { *of(o) = r.flag(i); return nil },
	}
}

// The statements on whole orders.
//
//nolint:gochecknoglobals // text, never written
var (
	orderColumns = `application_id, ` + orderNames(plain) + `, placed_revision, placed_index`
	insertOrder  = `INSERT INTO prepaid_orders (` + orderColumns + `)
VALUES (?` + strings.Repeat(", ?", len(orders)+2) + `)
ON CONFLICT (application_id, id) DO `
	// placeOrder writes nothing if an order with that ID exists.
	placeOrder = insertOrder + `NOTHING`
	// putOrder keeps an order's place.
	putOrder = insertOrder + `UPDATE SET ` + orderNames(func(name string) string { return name + " = excluded." + name }, "id")

	selectOrder = `SELECT ` + orderNames(plain) + `, placed_revision, placed_index FROM prepaid_orders`
	getOrder    = selectOrder + `
WHERE application_id = ? AND id = ?`
	listOrders = selectOrder + `
WHERE application_id = ? AND (placed_revision, placed_index) > (?, ?) ORDER BY placed_revision, placed_index LIMIT ?`
)

// orderNames lists the columns, each written by as, except those in without.
func orderNames(as func(name string) string, without ...string) string {
	var names []string
	for _, c := range orders {
		if !slices.Contains(without, c.name) {
			names = append(names, as(c.name))
		}
	}
	return strings.Join(names, ", ")
}

// plain is a name as it is.
func plain(name string) string { return name }

// order returns the arguments of placeOrder and putOrder.
func (e *encoder) order(o *subscription.Order, c *subscription.Change, place int) []any {
	row := append(make([]any, 0, len(orders)+3), string(c.Application))
	for i := range orders {
		row = append(row, orders[i].put(e, o))
	}
	return append(row, c.Base+1, int64(place))
}

// decodeOrder decodes a row of selectOrder. It fails with a [*CorruptError].
func decodeOrder(app subscription.ApplicationID, r row) (subscription.Order, error) {
	o := subscription.Order{Application: app}
	for i := range orders {
		if orders[i].get == nil {
			continue
		}
		if err := orders[i].get(&o, r, i); err != nil {
			return subscription.Order{}, &CorruptError{string(app), fmt.Errorf("order %.80q: %w", o.ID, err)}
		}
	}
	return o, nil
}
