package postgres

import (
	"errors"

	"github.com/prepaidkit/prepaid/subscription"
)

// The rows of a batch, by table. add adds what each column takes from a row; columns names the columns and their types, from
// which the statements are made.

// applicationRows are rows of applications.
type applicationRows struct {
	id, account, document texts
	base                  numbers
	createdAt, due        instants
}

func (r *applicationRows) updated() table {
	r.id.required, r.account.required = true, true
	return table{
		{"due", "timestamptz", &r.due}, {"account", "text", &r.account}, {"document", "text", &r.document}, {"id", "text", &r.id},
		{"base", "bigint", &r.base},
	}
}

func (r *applicationRows) created() table {
	r.id.required, r.account.required = true, true
	return table{
		{"id", "text", &r.id}, {"created_at", "timestamptz", &r.createdAt}, {"due", "timestamptz", &r.due},
		{"account", "text", &r.account}, {"document", "text", &r.document},
	}
}

func (r *applicationRows) add(c *subscription.Change, doc string) error {
	r.base.add(c.Base)
	r.createdAt.add(c.Next.CreatedAt)
	r.due.add(c.Next.Due)
	r.document.values.add(doc, false) // Append has checked its text
	return errors.Join(r.id.add(string(c.Application)), r.account.add(string(c.Next.Account)))
}

// subscriptionRows are rows of subscription_rows.
type subscriptionRows struct {
	application, id, account, product, version, status, currency texts
	trial, autoRenew                                             flags
	openedAt, paidUntil                                          instants
}

func (r *subscriptionRows) columns() table {
	for _, t := range []*texts{&r.application, &r.id, &r.account, &r.product, &r.status, &r.currency} {
		t.required = true
	}
	return table{
		{"application_id", "text", &r.application},
		{"id", "text", &r.id},
		{"account", "text", &r.account},
		{"product", "text", &r.product},
		{"version", "text", &r.version},
		{"status", "text", &r.status},
		{"currency", "text", &r.currency},
		{"trial", "boolean", &r.trial},
		{"auto_renew", "boolean", &r.autoRenew},
		{"opened_at", "timestamptz", &r.openedAt},
		{"paid_until", "timestamptz", &r.paidUntil},
	}
}

func (r *subscriptionRows) add(app subscription.ApplicationID, row *subscription.SubscriptionRow) error {
	r.trial.add(row.Trial)
	r.autoRenew.add(row.AutoRenew)
	r.openedAt.add(row.OpenedAt)
	r.paidUntil.add(row.PaidUntil)
	return errors.Join(
		r.application.add(string(app)), r.id.add(string(row.ID)), r.account.add(string(row.Account)),
		r.product.add(string(row.Product)), r.version.add(string(row.Version)), r.status.add(string(row.Status)),
		r.currency.add(string(row.Currency)),
	)
}

// entryRows are rows of entries.
type entryRows struct {
	application, kind, order, product, usage, reservation texts
	revision, index, lot, quantity, day                   numbers
	at, recordedAt                                        instants
}

func (r *entryRows) columns() table {
	r.application.required, r.kind.required = true, true
	r.revision.required, r.index.required, r.lot.required, r.quantity.required = true, true, true, true
	return table{
		{"application_id", "text", &r.application},
		{"revision", "bigint", &r.revision},
		{"index", "integer", &r.index},
		{"at", "timestamptz", &r.at},
		{"kind", "text", &r.kind},
		{"lot", "bigint", &r.lot},
		{"quantity", "bigint", &r.quantity},
		{"order_id", "text", &r.order},
		{"product", "text", &r.product},
		{"usage", "text", &r.usage},
		{"day", "date", &r.day},
		{"reservation", "text", &r.reservation},
		{"recorded_at", "timestamptz", &r.recordedAt},
	}
}

func (r *entryRows) add(app subscription.ApplicationID, e *subscription.Entry) error {
	r.revision.add(e.Revision)
	r.index.add(int64(e.Index))
	r.lot.add(int64(e.Lot))
	r.quantity.add(int64(e.Quantity))
	r.day.add(int64(e.Day))
	r.at.add(e.At)
	r.recordedAt.add(e.RecordedAt)
	return errors.Join(
		r.application.add(string(app)), r.kind.add(string(e.Kind)), r.order.add(string(e.Order)),
		r.product.add(string(e.Product)), r.usage.add(string(e.Usage)), r.reservation.add(e.Reservation),
	)
}

// eventRows are rows of events.
type eventRows struct {
	application, kind, subscription, product, version, from, status, zone texts
	order, orderKind, currency, reason, note, actor, why                  texts
	revision, index, lot, quantity                                        numbers
	amount                                                                amounts
	at, start, end                                                        instants
}

func (r *eventRows) columns() table {
	r.application.required, r.kind.required = true, true
	r.revision.required, r.index.required = true, true
	return table{
		{"application_id", "text", &r.application},
		{"revision", "bigint", &r.revision},
		{"index", "integer", &r.index},
		{"at", "timestamptz", &r.at},
		{"type", "text", &r.kind},
		{"subscription", "text", &r.subscription},
		{"product", "text", &r.product},
		{"version", "text", &r.version},
		{"from_status", "text", &r.from},
		{"status", "text", &r.status},
		{"period_start", "timestamptz", &r.start},
		{"period_end", "timestamptz", &r.end},
		{"period_zone", "text", &r.zone},
		{"order_id", "text", &r.order},
		{"kind", "text", &r.orderKind},
		{"amount", "bigint", &r.amount},
		{"currency", "text", &r.currency},
		{"lot", "bigint", &r.lot},
		{"quantity", "bigint", &r.quantity},
		{"reason", "text", &r.reason},
		{"note", "text", &r.note},
		{"actor", "text", &r.actor},
		{"why", "text", &r.why},
	}
}

func (r *eventRows) add(app subscription.ApplicationID, e *subscription.Event) error {
	r.revision.add(e.Revision)
	r.index.add(int64(e.Index))
	r.amount.add(e.Amount)
	r.lot.add(int64(e.Lot))
	r.quantity.add(int64(e.Quantity))
	r.at.add(e.At)
	r.start.add(e.Period.Start)
	r.end.add(e.Period.End)
	return errors.Join(
		r.application.add(string(app)), r.kind.add(string(e.Type)), r.subscription.add(string(e.Subscription)),
		r.product.add(string(e.Product)), r.version.add(string(e.Version)), r.from.add(string(e.From)),
		r.status.add(string(e.Status)), r.zone.add(e.Period.Zone), r.order.add(string(e.Order)), r.orderKind.add(string(e.Kind)),
		r.currency.add(string(e.Amount.Currency())), r.reason.add(string(e.Reason)), r.note.add(e.Note),
		r.actor.add(e.By), r.why.add(e.Why),
	)
}

// receiptRows are rows of receipts.
type receiptRows struct {
	application, key, kind, order texts
	digest                        blobs
	revision                      numbers
	at                            instants
}

func (r *receiptRows) columns() table {
	r.application.required, r.key.required, r.kind.required, r.revision.required = true, true, true, true
	return table{
		{"application_id", "text", &r.application},
		{"key", "text", &r.key},
		{"kind", "text", &r.kind},
		{"digest", "bytea", &r.digest},
		{"revision", "bigint", &r.revision},
		{"at", "timestamptz", &r.at},
		{"order_id", "text", &r.order},
	}
}

func (r *receiptRows) add(app subscription.ApplicationID, row *subscription.Receipt) error {
	r.digest.add(row.Digest[:], false)
	r.revision.add(row.Revision)
	r.at.add(row.At)
	return errors.Join(
		r.application.add(string(app)), r.key.add(row.Key), r.kind.add(row.Kind), r.order.add(string(row.OrderID)),
	)
}

// recordRows are rows of records.
type recordRows struct {
	application, id texts
	day, digest     numbers
}

func (r *recordRows) columns() table {
	r.application.required, r.id.required, r.day.required = true, true, true
	return table{
		{"application_id", "text", &r.application},
		{"id", "text", &r.id},
		{"day", "date", &r.day},
		{"digest", "bigint", &r.digest},
	}
}

func (r *recordRows) add(app subscription.ApplicationID, row *subscription.UsageRow) error {
	r.day.add(int64(row.On))
	r.digest.add(row.Digest)
	return errors.Join(r.application.add(string(app)), r.id.add(row.ID))
}
