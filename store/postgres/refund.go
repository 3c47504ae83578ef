package postgres

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// selectRefund returns the columns of a refund as refundRow scans them.
func selectRefund() string { return selected("f", new(refundRow).columns()) }

// refundRow is a row of order_refunds while it is being scanned.
type refundRow struct {
	refund         subscription.Refund
	number, cycles int32
	amount         int64
	currency       string
	taxes          []byte
	due, closed    time.Time
	failed, made   time.Time
}

// columns returns the columns, with the row's own destinations.
func (r *refundRow) columns() []scanned {
	f := &r.refund
	return []scanned{
		{"order_id", noText, (*string)(&f.Order)},
		{"number", noNumber, &r.number},
		{"kind", noText, (*string)(&f.Kind)},
		{"status", noText, (*string)(&f.Status)},
		{"account", noText, (*string)(&f.Account)},
		{"amount", noNumber, &r.amount},
		{"currency", noText, &r.currency},
		{"taxes", noText, &r.taxes},
		{"take", noText, (*string)(&f.Take)},
		{"notice", noText, &f.ID},
		{"key", noText, &f.Key},
		{"note", noText, &f.Note},
		{"asked_by", noText, &f.By},
		{"due_at", absent, &r.due},
		{"closed_at", absent, &r.closed},
		{"failed_at", absent, &r.failed},
		{"made_at", absent, &r.made},
		{"cycles", noNumber, &r.cycles},
		{"reason", noText, (*string)(&f.Reason)},
		{"reference", noText, &f.Reference},
	}
}

// dest returns the scan destinations for the columns of selectRefund.
func (r *refundRow) dest() []any { return destinations(r.columns()) }

// value returns the scanned refund.
func (r *refundRow) value(app subscription.ApplicationID) (subscription.Refund, error) {
	f := r.refund
	f.Application, f.Number, f.Cycles = app, int(r.number), int(r.cycles)
	f.DueAt, f.ClosedAt, f.FailedAt, f.MadeAt = r.due.UTC(), r.closed.UTC(), r.failed.UTC(), r.made.UTC()
	var err error
	if f.Amount, err = money(r.amount, r.currency); err == nil && len(r.taxes) > 0 {
		f.Taxes, err = document.DecodeTaxes(r.taxes)
	}
	if err != nil {
		return subscription.Refund{}, fmt.Errorf("postgres: refund %d of order %s of %s: %w", f.Number, f.Order, app, err)
	}
	return f, nil
}
