package postgres

import (
	"errors"

	"github.com/prepaidkit/prepaid/subscription"
)

// refundRows are rows of order_refunds.
type refundRows struct {
	application, order, kind, status, account, currency    texts
	taxes, take, notice, key, note, by, failure, reference texts
	number, cycles                                         numbers
	amount                                                 amounts
	dueAt, closedAt, failedAt, madeAt                      instants
}

func (r *refundRows) columns() table {
	for _, t := range []*texts{&r.application, &r.order, &r.kind, &r.status, &r.account, &r.currency} {
		t.required = true
	}
	r.number.required = true
	return table{
		{"application_id", "text", &r.application},
		{"order_id", "text", &r.order},
		{"number", "integer", &r.number},
		{"kind", "text", &r.kind},
		{"status", "text", &r.status},
		{"account", "text", &r.account},
		{"amount", "bigint", &r.amount},
		{"currency", "text", &r.currency},
		{"taxes", "text", &r.taxes},
		{"take", "text", &r.take},
		{"notice", "text", &r.notice},
		{"key", "text", &r.key},
		{"note", "text", &r.note},
		{"asked_by", "text", &r.by},
		{"due_at", "timestamptz", &r.dueAt},
		{"closed_at", "timestamptz", &r.closedAt},
		{"failed_at", "timestamptz", &r.failedAt},
		{"made_at", "timestamptz", &r.madeAt},
		{"cycles", "integer", &r.cycles},
		{"reason", "text", &r.failure},
		{"reference", "text", &r.reference},
	}
}

func (r *refundRows) add(app subscription.ApplicationID, row *subscription.Refund) error {
	taxes, err := taxesJSON(row.Taxes)
	if err != nil {
		return err
	}
	r.taxes.values.add(taxes, taxes == "")
	r.number.add(int64(row.Number))
	r.amount.add(row.Amount)
	r.dueAt.add(row.DueAt)
	r.closedAt.add(row.ClosedAt)
	r.failedAt.add(row.FailedAt)
	r.madeAt.add(row.MadeAt)
	r.cycles.add(int64(row.Cycles))
	return errors.Join(
		r.application.add(string(app)), r.order.add(string(row.Order)), r.kind.add(string(row.Kind)),
		r.status.add(string(row.Status)), r.account.add(string(row.Account)), r.currency.add(string(row.Amount.Currency())),
		r.take.add(string(row.Take)), r.notice.add(row.ID), r.key.add(row.Key), r.note.add(row.Note), r.by.add(row.By),
		r.failure.add(string(row.Reason)), r.reference.add(row.Reference),
	)
}
