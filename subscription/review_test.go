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

// Beyond the gateway's retention the key could collect again, so a person has to decide.
// Rule: retention-ends-repetition.
func TestRetentionEndsRepetition(t *testing.T) {
	for _, tt := range []struct {
		name string
		wait time.Duration
		want subscription.OrderStatus
	}{
		{"within it the same key is tried again", 24*time.Hour*9/10 - time.Microsecond, subscription.OrderPaid},
		{"near its end, and beyond, never", 24 * time.Hour * 9 / 10, subscription.OrderReview},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gateway := hostile(paymenttest.HostileOptions{Retention: 24 * time.Hour}, paymenttest.TimeoutBefore)
			w := newWorld(t, setup{gateway: gateway})
			_, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
			fails(t, err, subscription.ErrPaymentPending)
			w.now = w.now.Add(tt.wait)
			for range 2 {
				r, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
				check(t, "order", r.Order.Status, tt.want)
				check(t, "review", errors.Is(err, subscription.ErrReview), tt.want == subscription.OrderReview)
			}
			if tt.want == subscription.OrderReview {
				charges, _, _ := w.charged()
				check(t, "charges", charges, 0)
				check(t, "events", w.count(subscription.EventOrderReview), 1)
				w.refuse(subscription.ErrOrderOpen, buy("call", "one-to-one"))
			}
		})
	}
}

// Nothing is believed of a gateway that breaks its contract.
// Rule: bad-answer-goes-to-review.
func TestBadAnswerGoesToReview(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(payment.Charge) payment.Result
	}{
		{"the zero result", func(payment.Charge) payment.Result { return payment.Result{} }},
		{"another key", func(c payment.Charge) payment.Result {
			return payment.Result{Key: "other", Status: payment.Succeeded, Amount: c.Amount}
		}},
		{"the refund's key", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key + "/refund", Status: payment.Succeeded, Amount: c.Amount}
		}},
		{"an unknown status", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: "ok", Amount: c.Amount}
		}},
		{"success without an amount", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: payment.Succeeded}
		}},
		{"a decline without a reason", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: payment.Declined}
		}},
		{"a charge that is not found", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: payment.NotFound}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
				return &gatewayFuncs{Gateway: behind, OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
					return tt.answer(c), nil
				}}
			}})
			_, err := w.do(buy("call", "one-to-one"))
			fails(t, err, subscription.ErrPaymentPending)
			check(t, "subscriptions", len(w.application().Subscriptions), 0)
			check(t, "open orders", len(w.application().Orders), 1)
		})
	}
	t.Run("another amount goes to review", func(t *testing.T) {
		w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.WrongAmount)})
		r, err := w.do(buy("call", "one-to-one"))
		fails(t, err, subscription.ErrReview)
		check(t, "collected", r.Order.Collected, money(t, "198.99 USD"))
		check(t, "subscriptions", len(w.application().Subscriptions), 0)
	})
}
