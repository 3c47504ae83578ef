package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type settleStep struct {
	Order  subscription.OrderID `json:"order"`
	Refund string               `json:"refund"` // the gateway's key
	Status payment.Status       `json:"status" step:"needed"`
	Reason payment.Reason       `json:"reason"`
	Amount pricing.Money        `json:"amount"`
	Action payment.Action       `json:"action"`
	Silent bool                 `json:"silent"`
}

// settle completes a payment or a refund that is pending at the provider and notifies the service, as a webhook would.
func settle(ctx context.Context, w *world, s *step, p settleStep) (any, error) {
	switch {
	case !p.Status.Valid() || p.Status == payment.NotFound:
		return nil, badStep("status: %.64q is none of succeeded, declined, pending", p.Status)
	case (p.Order == "") == (p.Refund == ""):
		return nil, badStep("want either order or refund")
	case !p.Action.IsZero() && (p.Status != payment.Pending || p.Refund != ""):
		return nil, badStep("action: only a payment that is pending has one")
	case !p.Action.IsZero() && p.Action.Validate() != nil:
		return nil, at("action", p.Action.Validate())
	}
	key := subscription.AttemptID(p.Refund)
	if key == "" {
		o, err := w.service.Order(ctx, s.App, p.Order)
		if err != nil {
			return nil, err
		}
		key = o.Attempt
	}
	told, err := w.provider.end(string(key), ending{p.Status, cmp.Or(p.Reason, payment.InsufficientBalance), p.Amount, p.Action})
	if err != nil {
		return nil, err
	}
	if !p.Silent {
		if _, err = w.service.Settle(ctx, key, told); err != nil {
			return nil, err
		}
	}
	if p.Refund != "" {
		r, err := w.refundOf(ctx, s, p.Refund)
		return outcome{Refund: r}, err
	}
	o, err := w.service.Order(ctx, s.App, p.Order)
	return outcome{Order: orderOf(o)}, err
}

// refundOf returns the refund with that key as it is now.
func (w *world) refundOf(ctx context.Context, s *step, key string) (*refund, error) {
	for r, err := range w.store.Refunds(ctx, s.App) {
		if err != nil {
			return nil, err
		}
		if r.Key == key {
			return refundView(r), nil
		}
	}
	return nil, fmt.Errorf("%w: refund %.200q", subscription.ErrNotFound, key)
}
