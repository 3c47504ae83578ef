package simulation

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// timeMutants are defects of clocks and of recorded times.
func timeMutants() []mutant {
	return []mutant{
		{
			name: "time-backwards", what: "a machine whose clock is behind decides on a state that another has moved on",
			wrap: changedOnLoad(timeBackwards, nil), lax: true,
		},
		{
			name: "clock-believed", what: "a machine never compares its clock with the store's",
			believes: true,
		},
		{
			name: "round-stands-still", what: "what a worker settles is dated at the beginning of its round",
			stops: true,
		},
		{
			name: "todays-price", what: "an upgrade credits today's price rather than the one that was paid",
			wrap: changedOnLoad(todaysPrice, paidPrice),
		},
	}
}

// changedOnLoad makes a mutant of two functions: show changes what processes load, and back reverts that before a
// commit. Either may be nil.
func changedOnLoad(show func(w *world, s *subscription.Snapshot), back func(w *world, c *subscription.Change)) wrapper {
	return func(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
		if back != nil {
			st = &mutantCommit{st, func(_ context.Context, c *subscription.Change) { back(w, c) }}
		}
		return &mutantLoad{st, func(s *subscription.Snapshot) { show(w, s) }}, gw
	}
}

type mutantLoad struct {
	store.Store
	show func(*subscription.Snapshot)
}

// Load implements subscription.Store.
func (s *mutantLoad) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := s.Store.Load(ctx, reads...)
	for i := range snapshots {
		s.show(&snapshots[i])
	}
	return snapshots, err
}

// Claim implements renewal.Store.
func (s *mutantLoad) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, asOf, lease, limit)
	for i := range claimed {
		s.show(&claimed[i].Snapshot)
	}
	return claimed, err
}

func timeBackwards(_ *world, s *subscription.Snapshot) { s.Application.AsOf = time.Time{} }

// todaysPrice shows each period at today's price.
func todaysPrice(w *world, snapshot *subscription.Snapshot) {
	for i := range snapshot.Application.Subscriptions {
		s := &snapshot.Application.Subscriptions[i]
		for k := range s.Cycles {
			c := &s.Cycles[k]
			if h, err := w.catalog().List(s.Product, c.Version, s.Anchor.Term, s.Currency); err == nil {
				c.Price = h.Price
			}
		}
	}
}

// paidPrice stores the price that was paid, for periods that already existed and weren't upgraded.
func paidPrice(w *world, c *subscription.Change) {
	for _, was := range w.store.states[c.Application].Subscriptions {
		for i := range c.Next.Subscriptions {
			if s := &c.Next.Subscriptions[i]; s.ID == was.ID {
				keepPrices(s, &was)
			}
		}
	}
}

func keepPrices(s, was *subscription.Subscription) {
	for k := range s.Cycles {
		for _, old := range was.Cycles {
			if c := &s.Cycles[k]; c.Number == old.Number && c.Version == old.Version {
				c.Price = old.Price
			}
		}
	}
}
