package subscription_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// firstVersion returns the change by which the first version left an order to be refunded as a whole: the order says so
// itself, in the document and in its row, and no refund is a row.
func firstVersion(
	tb testing.TB, s subscription.Snapshot, id subscription.OrderID, collected pricing.Money, now time.Time,
) subscription.Change {
	tb.Helper()
	var o subscription.Order
	for _, known := range append(s.Orders, s.Application.Orders...) {
		if known.ID == id {
			o = known.Clone()
		}
	}
	if o.ID != id || o.Refunds != 0 {
		tb.Fatalf("the first version never left the order %+v", o)
	}
	o.Status, o.ClosedAt, o.Collected, o.Note = subscription.OrderRefundDue, now, collected, "paid after it was closed"
	d := subscription.Begin(s, now)
	d.Application.Orders = []subscription.Order{o}
	d.AddEvent(subscription.Event{Type: subscription.EventOrderRefundDue, Order: id, Note: o.Note})
	c := d.Change()
	c.Orders = []subscription.Order{o.Clone()}
	return c
}

// leave collects an order and has the store hold it as the first version left it, to be refunded as a whole.
func (w *world) leave(o subscription.Order) {
	w.t.Helper()
	_, err := w.accounts.Charge(w.t.Context(), payment.Charge{Key: string(o.Attempt), Account: string(acme), Amount: o.Amount})
	w.ok(err)
	w.ok(w.store.Commit(w.t.Context(), firstVersion(w.t, w.load(o.ID), o.ID, o.Amount, w.now)))
}

// An order that the first version left to be refunded as a whole is ended by whoever comes first: its refund
// is requested under the key that it had then, and the order becomes refunded, or needs a person if that fails.
// Rule: refund-is-a-row.
func TestFirstVersionsOrderIsRefundedAsAWhole(t *testing.T) {
	for name, ask := range map[string]func(w *world, g *unsteady, o subscription.Order){
		"the worker": func(w *world, g *unsteady, _ subscription.Order) { w.work(g, "2025-07-10T08:30:00Z", time.Hour) },
		"Collect": func(w *world, _ *unsteady, o subscription.Order) {
			got, err := w.Collect(w.t.Context(), app, o.ID)
			check(w.t, "Collect", err.Error(), got.Err().Error())
		},
		"Notify": func(w *world, _ *unsteady, o subscription.Order) {
			_, err := w.Notify(w.t.Context(), o.Attempt+"/refund")
			w.ok(err)
		},
		"Notify of its charge": func(w *world, _ *unsteady, o subscription.Order) {
			_, err := w.Notify(w.t.Context(), o.Attempt)
			w.ok(err)
		},
	} {
		for _, tt := range []struct {
			answer  payment.Result // the zero Result: the refund is made
			want    subscription.OrderStatus
			note    string
			refunds int
			net     string
		}{
			{payment.Result{}, subscription.OrderRefunded, "paid after it was closed", 1, "0.00"},
			{payment.Result{Status: payment.Declined, Reason: payment.ExceedsCharge}, subscription.OrderUnreconciled, "refund declined", 0, "199.00"},
			{payment.Result{Status: payment.Pending}, subscription.OrderRefundDue, "paid after it was closed", 0, "199.00"},
		} {
			t.Run(name+", "+string(tt.want), func(t *testing.T) {
				w, g := newUnsteady(t, setup{})
				g.delays()
				o := w.place(buy("call", "one-to-one"))
				w.leave(o)
				g.recovers()
				if tt.answer.Status != "" {
					g.answersRefunds(tt.answer)
				}
				ask(w, g, o)
				got := w.order(o.ID)
				check(t, "status", got.Status, tt.want)
				check(t, "note", got.Note, tt.note)
				check(t, "left", got.Left(), pricing.Money{})
				check(t, "in the document", len(w.stored().Orders) == 1, tt.want.Unresolved())
				check(t, "subscriptions", len(w.application().Subscriptions), 0)
				w.back(o.ID) // no refund is a row
				w.pays(1, tt.refunds, tt.net)
			})
		}
	}
}
