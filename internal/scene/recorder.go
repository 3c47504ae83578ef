package scene

import (
	"context"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Call is one call of a store.
type Call struct {
	Reads   []subscription.Read
	Changes []subscription.Change
	Claim   int // its limit
	AsOf    time.Time
}

// Recorder writes down what a store is asked for.
type Recorder struct {
	store.Store

	Calls []Call

	mu sync.Mutex
}

// Add writes down a call that nobody made.
func (r *Recorder) Add(c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Calls = append(r.Calls, c)
}

// Load implements [subscription.Store].
func (r *Recorder) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	r.Add(Call{Reads: reads})
	return r.Store.Load(ctx, reads...)
}

// Commit implements [subscription.Store].
func (r *Recorder) Commit(ctx context.Context, changes ...subscription.Change) error {
	c := Call{Changes: make([]subscription.Change, len(changes))}
	for i := range changes {
		c.Changes[i] = changes[i].Clone()
	}
	r.Add(c)
	return r.Store.Commit(ctx, changes...)
}

// Claim implements [renewal.Store].
func (r *Recorder) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	r.Add(Call{Claim: limit, AsOf: asOf})
	return r.Store.Claim(ctx, asOf, lease, limit)
}

// Rounds returns the changes of all calls, those of each application in their order, many applications at a time.
func (r *Recorder) Rounds() [][]subscription.Change {
	rank := map[subscription.ApplicationID]int{}
	var rounds [][]subscription.Change
	for _, c := range r.Calls {
		for i := range c.Changes {
			n := rank[c.Changes[i].Application]
			rank[c.Changes[i].Application]++
			if n == len(rounds) {
				rounds = append(rounds, nil)
			}
			rounds[n] = append(rounds[n], c.Changes[i])
		}
	}
	return rounds
}
