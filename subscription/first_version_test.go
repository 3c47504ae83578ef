package subscription_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// firstVersion returns the change by which the first version left an order that was, or was to be, refunded as a whole: the
// order says so itself, in its row and, unless it was refunded, in the document, and no refund is a row. A note says why a
// refund failed.
func firstVersion(
	tb testing.TB, s subscription.Snapshot, id subscription.OrderID, status subscription.OrderStatus, collected pricing.Money,
	note string, now time.Time,
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
	o.Status, o.ClosedAt, o.Collected, o.Note = status, now, collected, note
	event, reason := subscription.EventOrderRefundDue, payment.Reason("")
	switch status {
	case subscription.OrderRefunded:
		event = subscription.EventOrderRefunded
	case subscription.OrderUnreconciled:
		event = subscription.EventOrderUnreconciled
		if note == "refund declined" {
			reason = payment.ExceedsCharge
		}
	}
	o.Reason = reason
	d := subscription.Begin(s, now)
	d.Application.Orders = nil
	if status.Unresolved() {
		d.Application.Orders = []subscription.Order{o}
	}
	d.AddEvent(subscription.Event{Type: event, Order: id, Amount: o.Amount, Reason: reason, Note: note})
	c := d.Change()
	c.Orders = []subscription.Order{o.Clone()}
	return c
}

// leave has the store hold an order as the first version left it, to be refunded as a whole.
func (w *world) leave(o subscription.Order, note string) {
	w.t.Helper()
	c := firstVersion(w.t, w.load(o.ID), o.ID, subscription.OrderRefundDue, o.Amount, note, w.now)
	w.ok(w.store.Commit(w.t.Context(), c))
}

// leaveLate collects an order that was placed, and leaves it.
func (w *world) leaveLate(o subscription.Order) {
	w.t.Helper()
	_, err := w.accounts.Charge(w.t.Context(), payment.Charge{Key: string(o.Attempt), Account: string(acme), Amount: o.Amount})
	w.ok(err)
	w.leave(o, "paid after it was closed")
}

// An order that the first version left to be refunded as a whole gets a refund by whoever comes first, due since the order
// says so. It is requested under the key that it had then, and it is a row whatever becomes of it.
// Rule: refund-is-a-row.
func TestFirstVersionsOrderIsRefundedByARow(t *testing.T) {
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
			answer payment.Result // the zero Result: the refund is made
			want   subscription.RefundStatus
			left   string
			back   int
			net    string
		}{
			{payment.Result{}, subscription.RefundMade, "0.00 USD", 1, "0.00"},
			{payment.Result{Status: payment.Declined, Reason: payment.ExceedsCharge}, subscription.RefundFailed, "199.00 USD", 0, "199.00"},
			{payment.Result{Status: payment.Pending}, subscription.RefundDue, "0.00 USD", 0, "199.00"},
		} {
			if tt.want == subscription.RefundDue && name != "the worker" {
				continue // it is adopted with the next change, and this is none
			}
			t.Run(name+", "+string(tt.want), func(t *testing.T) {
				w, g := newUnsteady(t, setup{})
				g.delays()
				o := w.place(buy("call", "one-to-one"))
				w.leaveLate(o)
				due := w.now
				g.recovers()
				if tt.answer.Status != "" {
					g.answersRefunds(tt.answer)
				}
				w.at("2025-07-10T03:30:00Z")
				ask(w, g, o)
				got := w.order(o.ID)
				check(t, "status", got.Status, subscription.OrderRefunded)
				check(t, "note", got.Note, "paid after it was closed")
				check(t, "left", got.Left().String(), tt.left)
				w.back(o.ID, "1 late 199.00 USD "+string(tt.want))
				r := w.refundRow(o.ID, 1)
				check(t, "due since", r.DueAt, due)
				check(t, "why", r.Note, "paid after it was closed")
				check(t, "in the document", len(w.stored().Orders), 0)
				check(t, "due in the document", len(w.stored().Refunds) == 1, tt.want == subscription.RefundDue)
				check(t, "subscriptions", len(w.application().Subscriptions), 0)
				w.pays(1, tt.back, tt.net)
			})
		}
	}
}

// The refund is there before the gateway has answered: with the next change of the application, and whoever reads it. That
// of a package that was returned says so.
// Rule: refund-is-a-row.
func TestFirstVersionsRefundIsDue(t *testing.T) {
	for kind, take := range map[subscription.RefundKind]subscription.Take{
		subscription.RefundLate: "", subscription.RefundRequested: subscription.TakeAll,
	} {
		t.Run(string(kind), func(t *testing.T) {
			w, g := newUnsteady(t, setup{})
			note := "paid after it was closed"
			var o subscription.Order
			if kind == subscription.RefundLate {
				g.delays()
				o = w.place(buy("call", "one-to-one"))
				w.leaveLate(o)
			} else {
				o = w.must(buy("call", "one-to-one")).Order
				note = "given back"
				w.leave(o, note)
			}
			due := w.now
			w.at("2025-08-02T03:30:00Z")
			want := subscription.Refund{
				Application: app, Order: o.ID, Number: 1, Kind: kind, Take: take, Key: string(o.Attempt) + "/refund", Account: acme,
				Amount: o.Amount, Note: note, Status: subscription.RefundDue, DueAt: due,
			}
			read := w.application()
			sameRefunds(t, "read", read.Refunds, want)
			check(t, "in what is read", len(read.Orders), 0)
			sameRefunds(t, "stored before a change", w.stored().Refunds)

			w.must(subscription.PaymentMethodChanged{})
			sameRefunds(t, "stored", w.stored().Refunds, want)
			var reported []subscription.Refund
			for r, err := range w.store.Store.RefundsBetween(t.Context(), due, due.Add(time.Hour)) {
				w.ok(err)
				reported = append(reported, r)
			}
			sameRefunds(t, "reported", reported, want)
			events := w.events()
			last := events[len(events)-1]
			for _, e := range events {
				if e.Order == o.ID {
					last = e
				}
			}
			check(t, "last event of the order", last.Type, subscription.EventRefundDue)
			check(t, "its amount", last.Amount, o.Amount)
		})
	}
}

func sameRefunds(tb testing.TB, what string, got []subscription.Refund, want ...subscription.Refund) {
	tb.Helper()
	if diff := cmp.Diff(want, got, exactly, cmpopts.EquateEmpty()); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// A refund of the first version that failed is a row, too, as soon as a person has closed its order.
// Rule: refund-is-a-row.
func TestFirstVersionsFailedRefundIsClosed(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	w.ok(w.store.Commit(t.Context(), firstVersion(t, w.load(o.ID), o.ID, subscription.OrderUnreconciled, o.Amount, "refund declined", w.now)))
	failed := w.now
	w.at("2025-08-12T10:00:00Z")
	w.must(subscription.CloseReview{Order: o.ID, Refunded: true, Note: "by wire"})
	w.back(o.ID, "1 late 199.00 USD failed", "2 refund 199.00 USD made")
	check(t, "failed at", w.refundRow(o.ID, 1).ClosedAt, failed)
	check(t, "why", w.refundRow(o.ID, 1).Reason, payment.ExceedsCharge)
	check(t, "made at", w.refundRow(o.ID, 2).ClosedAt, w.now)
	check(t, "status", w.order(o.ID).Status, subscription.OrderRefunded)
}
