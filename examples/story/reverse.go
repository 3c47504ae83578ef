package main

import (
	"cmp"
	"context"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type reverseStep struct {
	Order  subscription.OrderID   `json:"order" step:"needed"`
	Status payment.ReversalStatus `json:"status" step:"needed"`
	ID     string                 `json:"id"`
	Amount pricing.Money          `json:"amount"`
	Reason payment.Reason         `json:"reason"`
}

// reverse moves money of a payment back, or forth again, without a request, and notifies the service.
func reverse(ctx context.Context, w *world, s *step, p reverseStep) (any, error) {
	o, err := w.service.Order(ctx, s.App, p.Order)
	if err != nil {
		return nil, err
	}
	notice, err := w.provider.reverse(payment.Reversal{
		ID: cmp.Or(p.ID, "reversal-"+string(p.Order)), Charge: string(o.Attempt), Status: p.Status, Amount: p.Amount, Reason: p.Reason,
	})
	if err != nil {
		return nil, err
	}
	o, err = w.service.Reverse(ctx, o.Attempt, notice)
	if err != nil {
		return nil, err
	}
	return outcome{Order: orderOf(o)}, nil
}
