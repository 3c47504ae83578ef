package postgres

import (
	"errors"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// The rows of each table. add says what each column takes from a row; columns gives the order of the columns, which
// is that of the statement's parameters.

type applicationRows struct {
	id, account, document texts
	base                  numbers
	createdAt, due        instants
}

func (r *applicationRows) updated() table {
	r.id.required, r.account.required = true, true
	return table{&r.due, &r.account, &r.document, &r.id, &r.base}
}

func (r *applicationRows) created() table {
	r.id.required, r.account.required = true, true
	return table{&r.id, &r.createdAt, &r.due, &r.account, &r.document}
}

func (r *applicationRows) add(c *subscription.Change, doc string) error {
	r.base.add(c.Base)
	r.createdAt.add(c.Next.CreatedAt)
	r.due.add(c.Next.Due)
	r.document.values.add(doc, false) // Append has checked its text
	return errors.Join(r.id.add(string(c.Application)), r.account.add(string(c.Next.Account)))
}

type orderRows struct {
	application, id, account, kind, status, subscription, product, version texts
	catalog, agreement, attempt, currency, reason, note, reference         texts
	collectedCurrency, deliveredZone, lines, deliveries                    texts
	taxes, action, givenBackCurrency                                       texts
	placedRevision, placedIndex, increment, total, remaining, refunds      numbers
	amount, collected, givenBack                                           amounts
	taxIncluded, present                                                   flags
	placedAt, closedAt, renewsFrom, deliveredStart, deliveredEnd           instants
	paidAt, takenBackAt                                                    instants
}

func (r *orderRows) columns() table {
	for _, t := range []*texts{&r.application, &r.id, &r.account, &r.kind, &r.status, &r.catalog, &r.currency, &r.lines} {
		t.required = true
	}
	for _, n := range []*numbers{&r.placedRevision, &r.placedIndex} {
		n.required = true
	}
	return table{
		&r.application, &r.id, &r.placedRevision, &r.placedIndex, &r.account, &r.kind, &r.subscription, &r.product, &r.version,
		&r.placedAt, &r.catalog, &r.agreement, &r.attempt, &r.amount, &r.currency, &r.lines, &r.deliveries, &r.renewsFrom,
		&r.status, &r.closedAt, &r.reason, &r.note, &r.reference, &r.collected, &r.collectedCurrency,
		&r.deliveredStart, &r.deliveredEnd, &r.deliveredZone, &r.increment, &r.total, &r.remaining,
		&r.paidAt, &r.takenBackAt, &r.taxes, &r.action, &r.givenBack, &r.givenBackCurrency, &r.taxIncluded, &r.present, &r.refunds,
	}
}

// add adds the order at that index of a change; json is a buffer for its lists.
func (r *orderRows) add(c *subscription.Change, o *subscription.Order, index int, json *[]byte) error {
	lines, err := document.AppendLines((*json)[:0], o.Lines)
	if err != nil {
		return err
	}
	*json = lines
	var deliveries []byte
	if len(o.Deliveries) > 0 {
		if deliveries, err = document.AppendDeliveries(lines, o.Deliveries); err != nil {
			return err
		}
		*json, deliveries = deliveries, deliveries[len(lines):]
	}
	if err := r.addJSON(o); err != nil {
		return err
	}
	r.placedRevision.add(c.Base + 1)
	r.placedIndex.add(int64(index))
	r.amount.add(o.Amount)
	r.collected.add(o.Collected)
	r.increment.add(int64(o.Delivered.Increment))
	r.total.add(int64(o.Delivered.Total))
	r.remaining.add(int64(o.Delivered.Remaining))
	r.placedAt.add(o.PlacedAt)
	r.closedAt.add(o.ClosedAt)
	r.renewsFrom.add(o.PaysFrom())
	r.deliveredStart.add(o.Delivered.Period.Start)
	r.deliveredEnd.add(o.Delivered.Period.End)
	r.paidAt.add(o.PaidAt)
	r.takenBackAt.add(o.TakenBackAt)
	r.taxIncluded.add(o.TaxIncluded)
	r.present.add(o.Present)
	r.refunds.add(int64(o.Refunds))
	r.givenBack.add(o.RefundedAmount)
	r.lines.values.add(string(lines), false)
	r.deliveries.values.add(string(deliveries), len(deliveries) == 0)
	return errors.Join(
		r.application.add(string(c.Application)), r.id.add(string(o.ID)), r.account.add(string(o.Account)),
		r.kind.add(string(o.Kind)), r.status.add(string(o.Status)), r.subscription.add(string(o.Subscription)),
		r.product.add(string(o.Product)), r.version.add(string(o.Version)), r.catalog.add(o.Catalog),
		r.agreement.add(o.Agreement), r.attempt.add(string(o.Attempt)), r.currency.add(string(o.Amount.Currency())),
		r.reason.add(string(o.Reason)), r.note.add(o.Note), r.reference.add(o.Reference),
		r.collectedCurrency.add(string(o.Collected.Currency())), r.deliveredZone.add(o.Delivered.Period.Zone),
		r.givenBackCurrency.add(string(o.RefundedAmount.Currency())),
	)
}

// addJSON adds what few orders have: taxes, and an action that the payer must take.
func (r *orderRows) addJSON(o *subscription.Order) (err error) {
	taxes, err := taxesJSON(o.Taxes)
	if err != nil {
		return err
	}
	var action []byte
	if o.Action != nil {
		if action, err = document.AppendAction(nil, *o.Action); err != nil {
			return err
		}
	}
	r.taxes.values.add(taxes, taxes == "")
	r.action.values.add(string(action), len(action) == 0)
	return nil
}

// taxesJSON returns taxes as JSON, or "" for none.
func taxesJSON(taxes []pricing.Tax) (string, error) {
	if len(taxes) == 0 {
		return "", nil
	}
	b, err := document.AppendTaxes(nil, taxes)
	return string(b), err
}

type entryRows struct {
	application, kind, order, product, usage, reservation texts
	revision, index, lot, quantity, day                   numbers
	at                                                    instants
}

func (r *entryRows) columns() table {
	r.application.required, r.kind.required = true, true
	r.revision.required, r.index.required, r.lot.required, r.quantity.required = true, true, true, true
	return table{
		&r.application, &r.revision, &r.index, &r.at, &r.kind, &r.lot, &r.quantity, &r.order, &r.product, &r.usage, &r.day,
		&r.reservation,
	}
}

func (r *entryRows) add(app subscription.ApplicationID, e *subscription.Entry) error {
	r.revision.add(e.Revision)
	r.index.add(int64(e.Index))
	r.lot.add(int64(e.Lot))
	r.quantity.add(int64(e.Quantity))
	r.day.add(int64(e.Day))
	r.at.add(e.At)
	return errors.Join(
		r.application.add(string(app)), r.kind.add(string(e.Kind)), r.order.add(string(e.Order)),
		r.product.add(string(e.Product)), r.usage.add(string(e.Usage)), r.reservation.add(e.Reservation),
	)
}

type eventRows struct {
	application, kind, subscription, product, version, from, status, zone texts
	order, orderKind, currency, reason, note                              texts
	revision, index, lot, quantity                                        numbers
	amount                                                                amounts
	at, start, end                                                        instants
}

func (r *eventRows) columns() table {
	r.application.required, r.kind.required = true, true
	r.revision.required, r.index.required = true, true
	return table{
		&r.application, &r.revision, &r.index, &r.at, &r.kind, &r.subscription, &r.product, &r.version, &r.from, &r.status,
		&r.start, &r.end, &r.zone, &r.order, &r.orderKind, &r.amount, &r.currency, &r.lot, &r.quantity, &r.reason, &r.note,
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
	)
}

type receiptRows struct {
	application, key, kind, order texts
	digest                        blobs
	revision                      numbers
	at                            instants
}

func (r *receiptRows) columns() table {
	r.application.required, r.key.required, r.kind.required, r.revision.required = true, true, true, true
	return table{&r.application, &r.key, &r.kind, &r.digest, &r.revision, &r.at, &r.order}
}

func (r *receiptRows) add(app subscription.ApplicationID, row *subscription.Receipt) error {
	r.digest.add(row.Digest[:], false)
	r.revision.add(row.Revision)
	r.at.add(row.At)
	return errors.Join(
		r.application.add(string(app)), r.key.add(row.Key), r.kind.add(row.Kind), r.order.add(string(row.OrderID)),
	)
}

type recordRows struct {
	application, id texts
	day, digest     numbers
}

func (r *recordRows) columns() table {
	r.application.required, r.id.required, r.day.required = true, true, true
	return table{&r.application, &r.id, &r.day, &r.digest}
}

func (r *recordRows) add(app subscription.ApplicationID, row *subscription.UsageRow) error {
	r.day.add(dayNumber(row.On))
	r.digest.add(row.Digest)
	return errors.Join(r.application.add(string(app)), r.id.add(row.ID))
}

// dayNumber counts days from 1970-01-01, as the statements do.
func dayNumber(d pricing.Date) int64 { return int64(d) }
