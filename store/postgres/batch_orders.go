package postgres

import (
	"errors"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderRows are rows of orders.
type orderRows struct {
	application, id, account, kind, status, subscription, product, version texts
	catalog, agreement, attempt, currency, reason, note, reference         texts
	collectedCurrency, deliveredZone, lines, deliveries                    texts
	taxes, action, givenBackCurrency                                       texts
	placedRevision, placedIndex, increment, total, remaining, refunds      numbers
	amount, collected, givenBack                                           amounts
	taxIncluded, present                                                   flags
	placedAt, closedAt, renewsFrom, deliveredStart, deliveredEnd           instants
	paidAt, takenBackAt, collectedAt                                       instants
}

func (r *orderRows) columns() table {
	for _, t := range []*texts{&r.application, &r.id, &r.account, &r.kind, &r.status, &r.catalog, &r.currency, &r.lines} {
		t.required = true
	}
	for _, n := range []*numbers{&r.placedRevision, &r.placedIndex, &r.refunds} {
		n.required = true
	}
	return table{
		{"application_id", "text", &r.application},
		{"id", "text", &r.id},
		{"placed_revision", "bigint", &r.placedRevision},
		{"placed_index", "integer", &r.placedIndex},
		{"account", "text", &r.account},
		{"kind", "text", &r.kind},
		{"subscription", "text", &r.subscription},
		{"product", "text", &r.product},
		{"version", "text", &r.version},
		{"placed_at", "timestamptz", &r.placedAt},
		{"catalog", "text", &r.catalog},
		{"agreement", "text", &r.agreement},
		{"attempt", "text", &r.attempt},
		{"amount", "bigint", &r.amount},
		{"currency", "text", &r.currency},
		{"lines", "text", &r.lines},
		{"deliveries", "text", &r.deliveries},
		{"renews_from", "timestamptz", &r.renewsFrom},
		{"status", "text", &r.status},
		{"closed_at", "timestamptz", &r.closedAt},
		{"reason", "text", &r.reason},
		{"note", "text", &r.note},
		{"reference", "text", &r.reference},
		{"collected", "bigint", &r.collected},
		{"collected_currency", "text", &r.collectedCurrency},
		{"delivered_start", "timestamptz", &r.deliveredStart},
		{"delivered_end", "timestamptz", &r.deliveredEnd},
		{"delivered_zone", "text", &r.deliveredZone},
		{"delivered_increment", "bigint", &r.increment},
		{"delivered_total", "bigint", &r.total},
		{"delivered_remaining", "bigint", &r.remaining},
		{"paid_at", "timestamptz", &r.paidAt},
		{"taken_back_at", "timestamptz", &r.takenBackAt},
		{"collected_at", "timestamptz", &r.collectedAt},
		{"taxes", "text", &r.taxes},
		{"action", "text", &r.action},
		{"given_back", "bigint", &r.givenBack},
		{"given_back_currency", "text", &r.givenBackCurrency},
		{"tax_included", "boolean", &r.taxIncluded},
		{"present", "boolean", &r.present},
		{"refunds", "integer", &r.refunds},
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
	r.collectedAt.add(o.CollectedAt)
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
