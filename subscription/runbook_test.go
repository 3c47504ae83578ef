package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// The runbook "An order under review" of docs/operations.md: how orders get there, with the note that says why, and each way out.
// Rule: statement-finds-differences.
func TestRunbookOrderUnderReview(t *testing.T) {
	another := setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.WrongAmount)}
	// forgetful collects, gives no answer, and has then forgotten.
	forgetful := setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{
			Gateway: behind, Keeps: time.Hour,
			OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				_, err := behind.Charge(ctx, c)
				return payment.Result{}, errors.Join(errors.New("no answer"), err)
			},
			OnLookup: func(_ context.Context, key string) (payment.Result, error) {
				return payment.Result{Key: key, Status: payment.NotFound}, nil
			},
		}
	}}
	silent := setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{
			Gateway: behind,
			OnCharge: func(context.Context, payment.Charge) (payment.Result, error) {
				return payment.Result{}, errors.New("no answer")
			},
			OnLookup: func(context.Context, string) (payment.Result, error) {
				return payment.Result{}, errors.New("no answer")
			},
		}
	}}
	closes := func(c subscription.CloseReview) func(w *world, o subscription.Order) {
		return func(w *world, o subscription.Order) {
			c.Order, c.Note = o.ID, "ada: asked the provider"
			w.must(c)
		}
	}
	const mismatch, unknown = "another amount was collected", "the gateway can't tell the outcome any more"
	const reversed = "its payment was reversed"
	for _, tt := range []struct {
		name    string
		setup   setup
		note    string
		out     func(w *world, o subscription.Order)
		want    subscription.OrderStatus
		refunds string // of the order, then
		service bool   // whether the package was delivered
	}{
		{"another amount, accepted", another, mismatch, closes(subscription.CloseReview{Deliver: true}), subscription.OrderPaid, "", true},
		{"another amount, returned through the gateway", another, mismatch, func(w *world, o subscription.Order) {
			w.must(subscription.Cancel{Order: o.ID})
			_, _ = w.Collect(t.Context(), app, o.ID) // as a worker does
		}, subscription.OrderRefunded, "1 late 198.99 USD made", false},
		{"another amount, returned by other means", another, mismatch, closes(subscription.CloseReview{Refunded: true}),
			subscription.OrderRefunded, "1 refund 198.99 USD made", false},
		{"unknown, and it was collected", forgetful, unknown, func(w *world, o subscription.Order) { w.settle(paid(o)) },
			subscription.OrderPaid, "", true},
		{"unknown, and it wasn't collected", forgetful, unknown, closes(subscription.CloseReview{}), subscription.OrderCanceled, "", false},
		{"unknown, collected, and returned by other means", forgetful, unknown, closes(subscription.CloseReview{Refunded: true}),
			subscription.OrderRefunded, "", false},
		{"unknown, given up, and then found collected", forgetful, unknown, func(w *world, o subscription.Order) {
			w.must(subscription.CloseReview{Order: o.ID, Note: "a mistake"})
			w.settle(paid(o))
		}, subscription.OrderCanceled, "1 late 199.00 USD made", false},
		{"unknown, canceled, and so without an end", forgetful, unknown, func(w *world, o subscription.Order) {
			w.must(subscription.Cancel{Order: o.ID})
			w.now = w.now.Add(24 * time.Hour)
			_, _ = w.Collect(t.Context(), app, o.ID)
			check(t, "unreconciled", w.order(o.ID).Status, subscription.OrderUnreconciled)
			w.must(subscription.CloseReview{Order: o.ID, Note: "ada: not in the statement"})
		}, subscription.OrderCanceled, "", false},
		{"unknown, canceled, and then found in the statement", forgetful, unknown, func(w *world, o subscription.Order) {
			w.must(subscription.Cancel{Order: o.ID})
			w.now = w.now.Add(24 * time.Hour)
			_, _ = w.Collect(t.Context(), app, o.ID)
			check(t, "unreconciled", w.order(o.ID).Status, subscription.OrderUnreconciled)
			w.settle(paid(o))
		}, subscription.OrderCanceled, "1 late 199.00 USD made", false},
		{"reversed before it was told as paid, and over", silent, reversed, closes(subscription.CloseReview{Refunded: true}),
			subscription.OrderRefunded, "1 reversal 199.00 USD made", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.setup)
			out, _ := w.do(buy("call", "one-to-one"))
			o := out.Order
			if tt.note == reversed {
				o = w.reverse(o, "dp_1", payment.Reversed, "199.00 USD")
			}
			if o.Status != subscription.OrderReview {
				w.now = w.now.Add(2 * time.Hour)
				o, _ = w.Collect(t.Context(), app, o.ID)
			}
			check(t, "the status", o.Status, subscription.OrderReview)
			check(t, "the note", o.Note, tt.note)
			w.refuse(subscription.ErrOrderOpen, buy("call", "one-to-one")) // it blocks the customer
			tt.out(w, o)
			o = w.order(o.ID)
			check(t, "then the status", o.Status, tt.want)
			refunds := ""
			for _, r := range w.refunds(o.ID) {
				refunds += r
			}
			check(t, "the refunds", refunds, tt.refunds)
			check(t, "delivered", len(w.application().Subscriptions) == 1, tt.service)
			if !tt.service { // and it blocks no more
				_, err := w.do(buy("call", "one-to-one"))
				check(t, "blocked", errors.Is(err, subscription.ErrOrderOpen), false)
			}
		})
	}
}
