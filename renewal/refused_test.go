package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// narrow is a store that can't keep some changes.
type narrow struct {
	renewal.Store
	refuses func(c *subscription.Change) bool
}

func (s *narrow) Commit(ctx context.Context, changes ...subscription.Change) error {
	var kept []subscription.Change
	var refused subscription.RefusedError
	for i := range changes {
		if s.refuses(&changes[i]) {
			refused.Changes = append(refused.Changes, subscription.Refusal{
				Application: changes[i].Application, Err: fmt.Errorf("%w: a test says so", subscription.ErrTooLarge),
			})
		} else {
			kept = append(kept, changes[i])
		}
	}
	err := s.Store.Commit(ctx, kept...)
	if len(refused.Changes) > 0 {
		err = errors.Join(err, &refused)
	}
	return err
}

// A change that the store can't keep is set aside, at either commit of a renewal, and doesn't fail the round of the
// others. Nothing is charged for it twice once the store can.
func TestRefusedChangesAreSetAside(t *testing.T) {
	for _, settled := range []bool{false, true} {
		t.Run(fmt.Sprintf("at the settling commit: %t", settled), func(t *testing.T) {
			w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
			w.must(buy("call", "one-to-one"))
			w.work()
			w.at("2025-01-31T00:00:00Z")
			before := w.balance()
			broken := true
			st := &narrow{Store: w.store, refuses: func(c *subscription.Change) bool {
				return broken && !setAside(c) && settled == slices.ContainsFunc(c.Orders, func(o subscription.Order) bool {
					return o.Status == subscription.OrderPaid
				})
			}}
			stats, err := w.once(st)
			w.ok(err)
			check(t, "set aside", stats.SetAside, 1)
			check(t, "events", len(w.events(subscription.EventSetAside)), 1)
			if !settled {
				check(t, "balance", w.balance(), before)
			}

			broken = false
			w.at("2025-01-31T12:00:00Z")
			_, err = w.once(st)
			w.ok(err)
			check(t, "end", w.end(), "2025-03-01 00:00")
			charged := w.charges()
			check(t, "charges", len(charged), 2)
		})
	}
}

// What can't even be set aside is left to its lease.
func TestRefusedAltogether(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	revision := w.stored().Revision
	_, err := w.once(&narrow{Store: w.store, refuses: func(*subscription.Change) bool { return true }})
	w.ok(err)
	check(t, "revision", w.stored().Revision, revision)
}
