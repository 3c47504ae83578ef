package simulation_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// fussy is a store that refuses top-ups and returns the refusal together with conflicts.
type fussy struct{ store.Store }

func (s fussy) Commit(ctx context.Context, changes ...subscription.Change) error {
	var kept []subscription.Change
	var refused subscription.RefusedError
	for _, c := range changes {
		if len(c.Orders) > 0 && c.Orders[0].Kind == subscription.TopUpOrder {
			refused.Changes = append(refused.Changes, subscription.Refusal{Application: c.Application, Err: subscription.ErrTooLarge})
			continue
		}
		kept = append(kept, c)
	}
	err := s.Store.Commit(ctx, kept...)
	if len(refused.Changes) > 0 {
		return errors.Join(err, &refused)
	}
	return err
}

// What a store refuses is mistaken neither for committed nor for an unknown outcome.
func TestRefusedChangesAreNotCommitted(t *testing.T) {
	o := &simulation.Options{Worlds: 2, Applications: 8, Months: 6, Whole: true, NoCrashes: true}
	_, failure := simulation.Worlds(func() store.Store { return fussy{memory.New()} }, o)
	if failure == nil {
		t.Fatal("customers don't notice that they can't buy top-ups")
	}
	for _, v := range failure.Violations {
		if v.Kind == "store" || v.Kind == "revision" || v.Kind == "invariant" || v.Kind == "usage" {
			t.Errorf("a refusal is mistaken for something else: %s", v)
		}
	}
}
