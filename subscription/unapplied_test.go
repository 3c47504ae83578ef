package subscription_test

import (
	"context"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// damage commits a document that no decision produces.
func (w *world) damage(doctor func(a *subscription.Application)) {
	w.t.Helper()
	c := subscription.Reschedule(w.stored(), w.now)
	doctor(&c.Next)
	w.ok(w.store.Store.Commit(w.t.Context(), c))
}

// A settlement that can't be applied, for any reason, leaves no money unrecorded and no order open. The order goes to
// review with what was collected and the reason, and a repeated notification doesn't deliver it.
// Rule: unapplied-payment-is-on-record.
func TestUnappliedSettlementIsUnderReview(t *testing.T) {
	for _, tt := range []struct {
		name   string
		doctor func(a *subscription.Application)
		why    string
	}{
		{"a zone that can't be loaded", func(a *subscription.Application) {
			a.Orders[0].Deliveries[0].Extend.Zone = "Nowhere/Land"
		}, "zone"},
		{"a document that breaks an invariant", func(a *subscription.Application) {
			a.Lots = append(a.Lots, subscription.Lot{ID: 7, Remaining: -1})
		}, "invariant broken"},
		{"a document that can't be brought up to date", func(a *subscription.Application) {
			a.Free = append(a.Free, subscription.FreeClaim{ID: "x", Zone: "Nowhere/Land", Cycles: 2, Begun: 1, NextAt: a.CreatedAt})
		}, "zone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending})
			o := w.place(buy("call", "one-to-one"))
			w.damage(tt.doctor)
			for range 2 {
				got := w.settle(paid(o))
				check(t, "status", got.Status, subscription.OrderReview)
				check(t, "collected", got.Collected, o.Amount)
				check(t, "note", strings.Contains(got.Note, tt.why), true)
				fails(t, got.Err(), subscription.ErrReview)
			}
			check(t, "subscriptions", len(w.stored().Subscriptions), 0)
			check(t, "events", w.count(subscription.EventOrderReview), 1)
		})
	}
}

// Once the cause is fixed, a person can have the order delivered for what was paid.
// Rule: unapplied-payment-is-on-record.
func TestReviewIsDeliveredByHand(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	zone := o.Deliveries[0].Extend.Zone
	w.damage(func(a *subscription.Application) { a.Orders[0].Deliveries[0].Extend.Zone = "Nowhere/Land" })
	w.settle(paid(o))
	deliver := subscription.CloseReview{Order: o.ID, Deliver: true, Note: "mended"}
	_, err := w.do(deliver)
	check(t, "not mended", err != nil, true)
	w.damage(func(a *subscription.Application) { a.Orders[0].Deliveries[0].Extend.Zone = zone })
	w.must(deliver)
	check(t, "status", w.order(o.ID).Status, subscription.OrderPaid)
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
	_, err = w.do(deliver)
	fails(t, err, subscription.ErrNotFound)
}

// If the store's host refuses a settlement for a while, for example by a trigger, the order stays open and is delivered
// once the host accepts it.
// Rule: refused-row-stops-nobody.
func TestSettlementThatTheHostRefusesIsTriedAgain(t *testing.T) {
	refuses := false
	w := newWorld(t, setup{gateway: pending, wrap: func(_ *world, st subscription.Store) subscription.Store {
		return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
			if refuses {
				refuses = false // the next commit would be accepted
				return &subscription.RefusedError{Changes: []subscription.Refusal{{Application: app, Err: subscription.ErrRefused}}}
			}
			return st.Commit(ctx, changes...)
		}}
	}})
	o := w.place(buy("call", "one-to-one"))
	refuses = true
	_, err := w.Settle(t.Context(), o.Attempt, paid(o))
	fails(t, err, subscription.ErrRefused)
	check(t, "status", w.order(o.ID).Status, subscription.OrderOpen)
	check(t, "once the host lets it", w.settle(paid(o)).Status, subscription.OrderPaid)
	check(t, "lots", len(w.stored().Lots), 1)
}

// An order that the host refuses for a day goes to review, and so does one that already is under review. The gateway
// isn't asked about it again: what was collected is on record.
// Rule: refused-row-stops-nobody.
func TestSettlementThatTheHostRefusesForLongIsUnderReview(t *testing.T) {
	for name, spoil := range map[string]func(w *world, o *subscription.Order){
		"a day later": func(w *world, _ *subscription.Order) { w.at("2025-07-11T02:30:00Z") },
		"under review": func(w *world, o *subscription.Order) {
			change, err := subscription.SettleUnknown(w.load(o.ID), o.ID, w.now)
			w.ok(err)
			w.ok(w.store.Commit(w.t.Context(), change))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending, wrap: func(_ *world, st subscription.Store) subscription.Store {
				return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
					if len(changes[0].Entries) > 0 { // a trigger on the ledger
						return &subscription.RefusedError{Changes: []subscription.Refusal{{Application: app, Err: subscription.ErrRefused}}}
					}
					return st.Commit(ctx, changes...)
				}}
			}})
			o := w.place(buy("call", "one-to-one"))
			spoil(w, &o)
			got := w.settle(paid(o))
			check(t, "status", got.Status, subscription.OrderReview)
			check(t, "collected", got.Collected, o.Amount)
		})
	}
}

// A person can accept another amount than was asked, and deliver for it. Nothing else does.
// Rule: another-amount-is-not-delivered.
func TestAnotherAmountIsAcceptedByAPerson(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	less := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: money(t, "198.99 USD")}
	settled, err := w.Settle(t.Context(), o.Attempt, less)
	w.ok(err)
	check(t, "status", settled.Status, subscription.OrderReview)
	w.refuse(subscription.ErrInvalid, subscription.CloseReview{Order: o.ID, Deliver: true, Refunded: true})
	w.must(subscription.CloseReview{Order: o.ID, Deliver: true, Note: "a cent short"})
	got := w.order(o.ID)
	check(t, "status", got.Status, subscription.OrderPaid)
	check(t, "amount", got.Amount.String(), "199.00 USD")
	check(t, "left", got.Left().String(), "198.99 USD")
	check(t, "subscription", w.latest("call").Status, subscription.Active)
	w.refuse(subscription.ErrNotRefundable, w.refund(o.ID, "199.00 USD", ""))
}
