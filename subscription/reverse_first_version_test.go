package subscription_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// An order of the first version, which is refunded as a whole, is charged back too. Its refund ends all the same, and
// nothing of it is left to be refunded again.
// Rule: reversal-is-recorded-in-full.
func TestReversalOfAnOrderOfTheFirstVersion(t *testing.T) {
	for _, tt := range []struct {
		status  subscription.OrderStatus
		refund  payment.Status // told later
		notice  payment.ReversalStatus
		refunds []string
		left    string
	}{
		{subscription.OrderRefundDue, payment.Succeeded, payment.Reversed, []string{"1 late 199.00 USD made", "2 reversal 50.00 USD made"}, "0.00 USD"},
		{subscription.OrderRefundDue, payment.Declined, payment.Reversed, []string{"1 late 199.00 USD failed", "2 reversal 50.00 USD made"}, "149.00 USD"},
		{subscription.OrderRefunded, "", payment.Reversed, []string{"1 late 199.00 USD made", "2 reversal 50.00 USD made"}, "0.00 USD"},
		{subscription.OrderRefunded, "", payment.Reinstated, []string{"1 late 199.00 USD made", "2 reversal 50.00 USD reinstated"}, "0.00 USD"},
		{subscription.OrderUnreconciled, "", payment.Reversed, []string{"1 late 199.00 USD failed", "2 reversal 50.00 USD made"}, "149.00 USD"},
	} {
		t.Run(string(tt.status+" "+subscription.OrderStatus(tt.refund)+" "+subscription.OrderStatus(tt.notice)), func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending})
			o := w.place(buy("call", "one-to-one"))
			c := subscription.Reschedule(w.stored(), w.now)
			o.Status, o.Collected, o.ClosedAt, o.Note = tt.status, o.Amount, w.now, "paid after it was closed"
			c.Orders, c.Next.Orders = []subscription.Order{o}, []subscription.Order{o}
			if !tt.status.Unresolved() {
				c.Next.Orders = nil
			}
			w.ok(w.store.Store.Commit(t.Context(), c))
			w.at("2025-07-12T10:00:00Z")
			_, err := w.Reverse(t.Context(), o.Attempt, w.notice(o, "dp-1", tt.notice, "50.00 USD"))
			w.ok(err)
			key := subscription.AttemptID(string(o.Attempt) + "/refund")
			r := payment.Result{Key: string(key), Status: tt.refund}
			switch tt.refund {
			case payment.Succeeded:
				r.Amount = o.Amount
			case payment.Declined:
				r.Reason = payment.Other
			}
			if tt.refund != "" {
				all, err := w.Refunds(t.Context(), app, o.ID)
				w.ok(err)
				check(t, "due since", all[0].DueAt, o.ClosedAt)
				_, err = w.Settle(t.Context(), key, r)
				w.ok(err)
			}
			sameLines(t, "refunds", w.refunds(o.ID), tt.refunds...)
			check(t, "left", w.order(o.ID).Left().String(), tt.left)
			if tt.left == "0.00 USD" {
				w.refuse(subscription.ErrNotRefundable, w.refund(o.ID, "", ""))
			}
		})
	}
}
