package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type consumeStep struct {
	Records []record `json:"records" step:"needed"`
}

// record is a usage record. Its time defaults to the clock, and its ID to one made for it.
type record struct {
	ID      string              `json:"id"`
	Product pricing.ProductID   `json:"product"`
	Kind    pricing.UsageKindID `json:"kind"`
	At      time.Time           `json:"at"`
	Seconds int64               `json:"seconds"`
}

type consumed struct {
	Records []counted `json:"records"`
}

// counted is the result of a record. Short is what nothing covers, of a record that was refused or that took what was left.
type counted struct {
	ID        string                `json:"id"`
	Counted   bool                  `json:"counted"`
	Duplicate bool                  `json:"duplicate,omitzero"`
	Deducted  subscription.Quantity `json:"deducted"`
	Overdraft subscription.Quantity `json:"overdraft,omitzero"` // part of what was deducted
	Excess    subscription.Quantity `json:"excess,omitzero"`
	Short     subscription.Quantity `json:"short,omitzero"`
	Code      subscription.Code     `json:"code,omitzero"`
	Error     string                `json:"error,omitzero"`
}

// consume counts usage. The step doesn't fail if a record is refused.
func consume(ctx context.Context, w *world, s *step, p consumeStep) (any, error) {
	records := make([]subscription.Usage, len(p.Records))
	for i, r := range p.Records {
		if r.ID == "" {
			r.ID = fmt.Sprintf("%s-%d", w.madeBy("use", s), i)
		}
		if r.At.IsZero() {
			r.At = w.clock
		}
		records[i] = subscription.Usage{ID: r.ID, Product: r.Product, Kind: r.Kind, At: r.At, Seconds: r.Seconds}
	}
	results, err := w.service.Consume(ctx, s.App, records...)
	if err != nil {
		return nil, err
	}
	out := consumed{Records: make([]counted, len(results))}
	for i, r := range results {
		out.Records[i] = countedOf(r)
	}
	return out, nil
}

func countedOf(r subscription.UsageResult) counted {
	c := counted{ID: r.ID, Counted: r.Counted, Duplicate: r.Duplicate, Deducted: r.Deducted, Overdraft: r.Overdraft, Excess: r.Excess}
	c.Short = max(0, r.Forgiven)
	if r.Err != nil {
		c.Code, c.Error = subscription.CodeOf(r.Err), r.Err.Error()
	}
	if short := new(subscription.ExhaustedError); errors.As(r.Err, &short) {
		c.Short = short.Short
	}
	return c
}
