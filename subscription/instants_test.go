package subscription_test

import (
	"context"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// An order says when it was collected, if that isn't when it was paid.
// Rule: instants-of-money.
func TestCollectedAt(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	w.at("2025-08-01T10:00:00Z")
	late := w.place(buy("call", "one-to-one"))
	w.must(subscription.Cancel{Order: late.ID})
	w.at("2025-08-01T11:00:00Z")
	w.settle(paid(late))
	check(t, "late", w.order(late.ID).CollectedAt, w.now)

	w.at("2025-08-02T10:00:00Z")
	other := w.place(buy("call", "one-to-one"))
	less := paid(other)
	less.Amount = money(t, "198.00 USD")
	w.settle(less)
	collected := w.now
	check(t, "under review", w.order(other.ID).CollectedAt, collected)
	w.at("2025-08-03T10:00:00Z")
	w.must(subscription.CloseReview{Order: other.ID, Deliver: true})
	check(t, "delivered later", w.order(other.ID).CollectedAt, collected)
	check(t, "paid", w.order(other.ID).PaidAt, w.now)

	w.at("2025-08-04T10:00:00Z")
	plain := w.place(buy("live", "lite"))
	w.settle(paid(plain))
	check(t, "paid at once", w.order(plain.ID).CollectedAt, time.Time{})
}

// A refund says when it was made if it failed later, when it had failed if it was made later, and how many periods it took.
// Rule: instants-of-money.
func TestInstantsOfRefunds(t *testing.T) {
	w := newWorld(t, setup{})
	w.at("2025-08-01T10:00:00Z")
	o := w.must(buy("call", "one-to-one")).Order
	w.at("2025-08-02T10:00:00Z")
	w.must(w.refund(o.ID, "20.00 USD", ""))
	made := w.now
	r := w.refundRow(o.ID, 1)
	check(t, "made", r.ClosedAt, made)
	check(t, "made", r.MadeAt, time.Time{})
	w.at("2025-08-03T10:00:00Z")
	w.settle(payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Other})
	r = w.refundRow(o.ID, 1)
	check(t, "status", r.Status, subscription.RefundFailed)
	check(t, "failed", r.ClosedAt, w.now)
	check(t, "had been made", r.MadeAt, made)
	check(t, "never failed before", r.FailedAt, time.Time{})

	m := newMeter(t)
	o = m.must(buy("call", "small")).Order
	m.gate.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) {
		return payment.Result{}, context.DeadlineExceeded
	}
	m.must(m.refund(o.ID, "", ""))
	r = m.refundRow(o.ID, 1)
	change, err := subscription.Settle(m.load(o.ID), o.ID, payment.Result{Key: r.Key, Status: payment.NotFound}, m.catalog.ZoneOf, m.now)
	m.ok(err)
	m.ok(m.store.Commit(t.Context(), change))
	failed := m.now
	check(t, "unknown", m.refundRow(o.ID, 1).Status, subscription.RefundFailed)
	m.at("2025-07-12T10:00:00Z")
	m.settle(payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount})
	r = m.refundRow(o.ID, 1)
	check(t, "made after all", r.ClosedAt, m.now)
	check(t, "had failed", r.FailedAt, failed)
}

// A refund of periods that haven't begun says how many they are.
// Rule: instants-of-money.
func TestCyclesOfRefunds(t *testing.T) {
	w := newWorld(t, setup{})
	w.at("2025-08-01T10:00:00Z")
	w.must(once("call", "one-to-one"))
	ahead := w.must(renewal.Renew{Product: "call", Cycles: 3}).Order
	w.must(subscription.RefundOrder{Order: ahead.ID, Cycles: 2})
	check(t, "taken back", w.refundRow(ahead.ID, 1).Cycles, 2)
	w.must(subscription.RefundOrder{Order: ahead.ID})
	check(t, "no periods in particular", w.refundRow(ahead.ID, 2).Cycles, 0)
}

// An entry that time alone made says when it was recorded, if that is later.
// Rule: instants-of-money.
func TestRecordedAt(t *testing.T) {
	w := newWorld(t, setup{})
	w.at("2025-08-01T10:00:00Z")
	w.must(once("call", "one-to-one"))
	check(t, "granted", w.entries()[0].RecordedAt, time.Time{})
	w.at("2025-11-10T10:00:00Z")
	w.must(once("call", "one-to-one"))
	last := w.entries()[1]
	check(t, "kind", last.Kind, subscription.EntryExpired)
	check(t, "recorded", last.RecordedAt, w.now)
	check(t, "took effect before", last.At.Before(w.now), true)
}
