package main

import (
	"context"
	"encoding/json"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type depositStep struct {
	Account subscription.AccountID `json:"account" step:"needed"`
	Amount  pricing.Money          `json:"amount" step:"needed"`
}

// deposit adds to a balance.
func deposit(_ context.Context, w *world, _ *step, p depositStep) (any, error) {
	if p.Amount.Sign() < 0 {
		return nil, badStep("amount: %s is negative", p.Amount)
	}
	return done{}, w.provider.deposit(string(p.Account), p.Amount)
}

type scriptStep struct {
	On      call                   `json:"on"`
	Answer  answer                 `json:"answer" step:"needed"`
	Reason  payment.Reason         `json:"reason"`
	Action  payment.Action         `json:"action"`
	Calls   calls                  `json:"calls"`
	Account subscription.AccountID `json:"account"`
}

// calls is the number of calls that a scripted answer applies to: a number from 1, or "all".
type calls int

const allCalls calls = -1

// UnmarshalJSON reads a number, or "all".
func (c *calls) UnmarshalJSON(raw []byte) error {
	if string(raw) == `"all"` {
		*c = allCalls
		return nil
	}
	var n int
	if err := json.Unmarshal(raw, &n); err != nil || n < 1 {
		return badStep(`is %.32s, want a number from 1, or "all"`, raw)
	}
	*c = calls(n)
	return nil
}

// script queues the provider's answers to the next calls.
func script(_ context.Context, w *world, _ *step, p scriptStep) (any, error) {
	a := &scripted{
		on: p.On, account: string(p.Account), answer: p.Answer, reason: p.Reason, action: p.Action, calls: int(p.Calls),
	}
	if a.on == "" {
		a.on = onCharge
	}
	if a.calls == 0 {
		a.calls = 1
	}
	if a.reason == "" {
		a.reason = payment.InsufficientBalance
	}
	if err := a.validate(); err != nil {
		return nil, err
	}
	w.provider.put(a)
	return done{}, nil
}
