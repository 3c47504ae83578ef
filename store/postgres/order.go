package postgres

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// absent is the zero time, which the statements return for a NULL time.
const absent = `TIMESTAMPTZ '0001-01-01 00:00:00+00'`

// The columns of an order as orderRow scans them, and as many empty ones for rows that aren't orders.
const (
	selectOrder = `o.id, o.account, o.kind, COALESCE(o.subscription, ''), COALESCE(o.product, ''), COALESCE(o.version, ''),
		COALESCE(o.placed_at, ` + absent + `), o.catalog, COALESCE(o.agreement, ''), COALESCE(o.attempt, ''),
		o.amount, o.currency, o.lines, COALESCE(o.deliveries, ''), o.status, COALESCE(o.closed_at, ` + absent + `),
		COALESCE(o.reason, ''), COALESCE(o.note, ''), COALESCE(o.reference, ''),
		COALESCE(o.collected, 0), COALESCE(o.collected_currency, ''),
		COALESCE(o.delivered_start, ` + absent + `), COALESCE(o.delivered_end, ` + absent + `), COALESCE(o.delivered_zone, ''),
		COALESCE(o.delivered_increment, 0), COALESCE(o.delivered_total, 0), COALESCE(o.delivered_remaining, 0),
		COALESCE(o.paid_at, ` + absent + `), COALESCE(o.taken_back_at, ` + absent + `), COALESCE(o.taxes, ''), COALESCE(o.action, ''),
		o.tax_included, o.present, o.refunds, COALESCE(o.given_back, 0), COALESCE(o.given_back_currency, '')`

	//nolint:dupword // each is a column
	selectNoOrder = `'', '', '', '', '', '', ` + absent + `, '', '', '', 0, '', '', '', '', ` + absent + `, '', '', '', 0, '',
		` + absent + `, ` + absent + `, '', 0, 0, 0, ` + absent + `, ` + absent + `, '', '', false, false, 0, 0, ''`
)

// orderRow is a row of orders while it is being scanned.
type orderRow struct {
	order                        subscription.Order
	amount, collected, givenBack int64
	currency, collectedCurrency  string
	givenBackCurrency            string
	lines, deliveries            []byte
	taxes, action                []byte
	increment, total, remaining  int64
	refunds                      int32
	placed, closed, start, until time.Time
	paid, takenBack              time.Time
}

// dest returns the scan destinations for the columns of selectOrder.
func (r *orderRow) dest() []any {
	o := &r.order
	return []any{
		(*string)(&o.ID), (*string)(&o.Account), (*string)(&o.Kind), (*string)(&o.Subscription), (*string)(&o.Product),
		(*string)(&o.Version), &r.placed, &o.Catalog, &o.Agreement, (*string)(&o.Attempt), &r.amount, &r.currency,
		&r.lines, &r.deliveries, (*string)(&o.Status), &r.closed, (*string)(&o.Reason), &o.Note, &o.Reference,
		&r.collected, &r.collectedCurrency, &r.start, &r.until, &o.Delivered.Period.Zone,
		&r.increment, &r.total, &r.remaining,
		&r.paid, &r.takenBack, &r.taxes, &r.action, &o.TaxIncluded, &o.Present, &r.refunds, &r.givenBack, &r.givenBackCurrency,
	}
}

// value returns the scanned order.
func (r *orderRow) value(app subscription.ApplicationID) (subscription.Order, error) {
	o := r.order
	o.Application = app
	o.PlacedAt, o.ClosedAt, o.PaidAt, o.TakenBackAt = r.placed.UTC(), r.closed.UTC(), r.paid.UTC(), r.takenBack.UTC()
	o.Delivered.Period.Start, o.Delivered.Period.End = r.start.UTC(), r.until.UTC()
	o.Delivered.Increment = subscription.Quantity(r.increment)
	o.Delivered.Total = subscription.Quantity(r.total)
	o.Delivered.Remaining = subscription.Quantity(r.remaining)
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

// money returns an amount from its stored form; no currency means no amount.
func money(minor int64, currency string) (pricing.Money, error) {
	if currency == "" {
		return pricing.Money{}, nil
	}
	return pricing.FromMinor(minor, pricing.Currency(currency))
}
