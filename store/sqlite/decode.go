package sqlite

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// decodeDocument decodes a document. It fails with a [*CorruptError].
func decodeDocument(id, text string) (subscription.Application, error) {
	a, err := document.Decode([]byte(text))
	if err != nil {
		return subscription.Application{ID: subscription.ApplicationID(id)}, &CorruptError{id, err}
	}
	return a, nil
}

const entryColumns = `revision, "index", at, kind, lot, quantity, order_id, product, usage, day, reservation, recorded_at`

func decodeEntry(app subscription.ApplicationID, r row) (subscription.Entry, error) {
	return subscription.Entry{
		Application: app, Revision: r.number(0), Index: int(r.number(1)), At: r.time(2), Kind: subscription.EntryKind(r.text(3)),
		Lot: subscription.LotID(r.number(4)), Quantity: subscription.Quantity(r.number(5)), Order: subscription.OrderID(r.text(6)),
		Product: pricing.ProductID(r.text(7)), Usage: pricing.UsageKindID(r.text(8)), Day: pricing.Date(r.number(9)),
		Reservation: r.text(10), RecordedAt: r.time(11),
	}, nil
}

const eventColumns = `revision, "index", at, type, subscription, product, version, from_status, status, period_start, period_end,
	period_zone, order_id, kind, amount, currency, lot, quantity, reason, note, actor, why`

func decodeEvent(app subscription.ApplicationID, r row) (subscription.Event, error) {
	amount, err := r.money(14)
	if err != nil {
		return subscription.Event{}, &CorruptError{string(app), fmt.Errorf("event %d.%d: %w", r.number(0), r.number(1), err)}
	}
	return subscription.Event{
		Application: app, Revision: r.number(0), Index: int(r.number(1)), At: r.time(2), Type: subscription.EventType(r.text(3)),
		Subscription: subscription.SubscriptionID(r.text(4)), Product: pricing.ProductID(r.text(5)),
		Version: pricing.VersionID(r.text(6)), From: subscription.Status(r.text(7)), Status: subscription.Status(r.text(8)),
		Period: pricing.Period{Start: r.time(9), End: r.time(10), Zone: r.text(11)}, Order: subscription.OrderID(r.text(12)),
		Kind: subscription.OrderKind(r.text(13)), Amount: amount, Lot: subscription.LotID(r.number(16)),
		Quantity: subscription.Quantity(r.number(17)), Reason: payment.Reason(r.text(18)), Note: r.text(19),
		By: r.text(20), Why: r.text(21),
	}, nil
}

const refundColumns = `order_id, number, kind, status, account, amount, currency, taxes, take, notice, key, note, asked_by, due_at,
	closed_at, reason, reference, failed_at, made_at, cycles`

func decodeRefund(app subscription.ApplicationID, r row) (subscription.Refund, error) {
	out := subscription.Refund{
		Application: app, Order: subscription.OrderID(r.text(0)), Number: int(r.number(1)), Kind: subscription.RefundKind(r.text(2)),
		Status: subscription.RefundStatus(r.text(3)), Account: subscription.AccountID(r.text(4)), Take: subscription.Take(r.text(8)),
		ID: r.text(9), Key: r.text(10), Note: r.text(11), By: r.text(12), DueAt: r.time(13), ClosedAt: r.time(14),
		Reason: payment.Reason(r.text(15)), Reference: r.text(16),
		FailedAt: r.time(17), MadeAt: r.time(18), Cycles: int(r.number(19)),
	}
	var err error
	if out.Amount, err = r.money(5); err == nil {
		out.Taxes, err = r.taxes(7)
	}
	if err != nil {
		return subscription.Refund{}, &CorruptError{string(app), fmt.Errorf("refund %d of order %.80q: %w", out.Number, out.Order, err)}
	}
	return out, nil
}

const subscriptionColumns = `id, account, product, version, status, currency, trial, auto_renew, opened_at, paid_until`

func decodeSubscription(app subscription.ApplicationID, r row) (subscription.SubscriptionRow, error) {
	return subscription.SubscriptionRow{
		Application: app, ID: subscription.SubscriptionID(r.text(0)), Account: subscription.AccountID(r.text(1)),
		Product: pricing.ProductID(r.text(2)), Version: pricing.VersionID(r.text(3)), Status: subscription.Status(r.text(4)),
		Currency: pricing.Currency(r.text(5)), Trial: r.flag(6), AutoRenew: r.flag(7), OpenedAt: r.time(8), PaidUntil: r.time(9),
	}, nil
}

const recordColumns = `day, digest`

func decodeRecord(id string, r row) subscription.UsageRow {
	return subscription.UsageRow{ID: id, On: pricing.Date(r.number(0)), Digest: r.number(1)}
}

const receiptColumns = `kind, digest, revision, at, order_id`

func decodeReceipt(app subscription.ApplicationID, key string, r row) subscription.Receipt {
	out := subscription.Receipt{
		Application: app, Key: key, Kind: r.text(0), Revision: r.number(2), At: r.time(3), OrderID: subscription.OrderID(r.text(4)),
	}
	copy(out.Digest[:], r.text(1))
	return out
}

// time returns a column as an instant, or the zero time for NULL.
func (r row) time(i int) time.Time {
	if micros, ok := r[i].(int64); ok {
		return time.UnixMicro(micros).UTC()
	}
	return time.Time{}
}

func (r row) flag(i int) bool { return r.number(i) != 0 }

// taxes returns a column as taxes, or none for NULL.
func (r row) taxes(i int) ([]pricing.Tax, error) {
	text := r.text(i)
	if text == "" {
		return nil, nil
	}
	return document.DecodeTaxes([]byte(text))
}

// money returns an amount, with its currency taken from the next column, or no amount for NULL.
func (r row) money(i int) (pricing.Money, error) {
	if r[i] == nil {
		return pricing.Money{}, nil
	}
	return pricing.FromMinor(r.number(i), pricing.Currency(r.text(i+1)))
}
