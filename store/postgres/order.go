package postgres

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// selectOrder returns the columns of an order as orderRow scans them.
func selectOrder() string { return selected("o", new(orderRow).columns()) }

// orderRow is a row of orders while it is being scanned.
type orderRow struct {
	order                        subscription.Order
	amount, collected, givenBack int64
	currency, collectedCurrency  string
	givenBackCurrency            string
	lines, deliveries            []byte
	taxes, action                []byte
	refunds                      int32
	placed, closed, start, until time.Time
	paid, takenBack, collectedAt time.Time
}

// columns returns the columns, with the row's own destinations.
func (r *orderRow) columns() []scanned {
	o := &r.order
	return []scanned{
		{"id", noText, (*string)(&o.ID)},
		{"account", noText, (*string)(&o.Account)},
		{"kind", noText, (*string)(&o.Kind)},
		{"subscription", noText, (*string)(&o.Subscription)},
		{"product", noText, (*string)(&o.Product)},
		{"version", noText, (*string)(&o.Version)},
		{"placed_at", absent, &r.placed},
		{"catalog", noText, &o.Catalog},
		{"agreement", noText, &o.Agreement},
		{"attempt", noText, (*string)(&o.Attempt)},
		{"amount", noNumber, &r.amount},
		{"currency", noText, &r.currency},
		{"lines", noText, &r.lines},
		{"deliveries", noText, &r.deliveries},
		{"status", noText, (*string)(&o.Status)},
		{"closed_at", absent, &r.closed},
		{"reason", noText, (*string)(&o.Reason)},
		{"note", noText, &o.Note},
		{"reference", noText, &o.Reference},
		{"collected", noNumber, &r.collected},
		{"collected_currency", noText, &r.collectedCurrency},
		{"delivered_start", absent, &r.start},
		{"delivered_end", absent, &r.until},
		{"delivered_zone", noText, &o.Delivered.Period.Zone},
		{"delivered_increment", noNumber, (*int64)(&o.Delivered.Increment)},
		{"delivered_total", noNumber, (*int64)(&o.Delivered.Total)},
		{"delivered_remaining", noNumber, (*int64)(&o.Delivered.Remaining)},
		{"paid_at", absent, &r.paid},
		{"taken_back_at", absent, &r.takenBack},
		{"collected_at", absent, &r.collectedAt},
		{"taxes", noText, &r.taxes},
		{"action", noText, &r.action},
		{"tax_included", noFlag, &o.TaxIncluded},
		{"present", noFlag, &o.Present},
		{"refunds", noNumber, &r.refunds},
		{"given_back", noNumber, &r.givenBack},
		{"given_back_currency", noText, &r.givenBackCurrency},
	}
}

// dest returns the scan destinations for the columns of selectOrder.
func (r *orderRow) dest() []any { return destinations(r.columns()) }

// value returns the scanned order.
func (r *orderRow) value(app subscription.ApplicationID) (subscription.Order, error) {
	o := r.order
	o.Application = app
	o.PlacedAt, o.ClosedAt, o.PaidAt, o.TakenBackAt = r.placed.UTC(), r.closed.UTC(), r.paid.UTC(), r.takenBack.UTC()
	o.CollectedAt = r.collectedAt.UTC()
	o.Delivered.Period.Start, o.Delivered.Period.End = r.start.UTC(), r.until.UTC()
	o.Refunds = int(r.refunds)
	var err error
	if o.Amount, err = money(r.amount, r.currency); err == nil {
		o.Collected, err = money(r.collected, r.collectedCurrency)
	}
	if err == nil {
		o.RefundedAmount, err = money(r.givenBack, r.givenBackCurrency)
	}
	if err == nil && len(r.taxes) > 0 {
		o.Taxes, err = document.DecodeTaxes(r.taxes)
	}
	if err == nil && len(r.action) > 0 {
		var action payment.Action
		action, err = document.DecodeAction(r.action)
		o.Action = &action
	}
	if err == nil {
		o.Lines, err = document.DecodeLines(r.lines)
	}
	if err == nil && len(r.deliveries) > 0 {
		o.Deliveries, err = document.DecodeDeliveries(r.deliveries)
	}
	if err != nil {
		return subscription.Order{}, fmt.Errorf("postgres: order %s of %s: %w", o.ID, app, err)
	}
	return o, nil
}
