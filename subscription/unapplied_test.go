package subscription_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// damage commits a document that no decision makes.
func (w *world) damage(doctor func(a *subscription.Application)) {
	w.t.Helper()
	c := subscription.Reschedule(w.stored(), w.now)
	doctor(&c.Next)
	w.ok(w.store.Store.Commit(w.t.Context(), c))
}

// A settlement that can't be applied, whatever the reason, leaves no money unrecorded and no order open: it goes under
// review with what was collected, says why, and isn't delivered by a repeated notification.
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
				check(t, "error", errors.Is(got.Err(), subscription.ErrReview), true)
			}
			check(t, "subscriptions", len(w.stored().Subscriptions), 0)
			check(t, "events", w.count(subscription.EventOrderReview), 1)
		})
	}
}

// Once what kept it from being delivered is mended, a person has it delivered for what was paid.
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
	check(t, "once", errors.Is(err, subscription.ErrNotFound), true)
}
