package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// recorder stands before the store under test and sees every change as it is committed, whatever the
// process that committed it is told.
type recorder struct {
	store.Store
	world   *world
	states  map[subscription.ApplicationID]subscription.Application
	commits int // changes that were applied
	failed  error
	counted map[subscription.ApplicationID]*counted
}

// counted is the usage of an application that is in committed changes.
type counted struct {
	on map[string]pricing.Date // by record ID
	by map[int64][]string      // the IDs, by revision
}

func newRecorder(w *world, st store.Store) *recorder {
	return &recorder{Store: st, world: w, states: map[subscription.ApplicationID]subscription.Application{},
		counted: map[subscription.ApplicationID]*counted{}}
}

// Load implements subscription.Store. The identity is the world's, so that every store gives the same run.
func (r *recorder) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := r.Store.Load(ctx, reads...)
	for i := range snapshots {
		snapshots[i].Store = r.world.identity()
	}
	return snapshots, err
}

// Claim implements renewal.Store, likewise.
func (r *recorder) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := r.Store.Claim(ctx, asOf, lease, limit)
	for i := range claimed {
		claimed[i].Snapshot.Store = r.world.identity()
	}
	return claimed, err
}

// Commit implements subscription.Store. It checks every change that the store applies again, against the
// state that it knows by itself.
func (r *recorder) Commit(ctx context.Context, changes ...subscription.Change) error {
	kept := make([]subscription.Change, len(changes))
	for i := range changes {
		kept[i] = changes[i].Clone()
	}
	err := r.Store.Commit(ctx, changes...)
	lost, known := unapplied(err)
	if !known {
		r.failed = err
		return err
	}
	for i := range kept {
		if !lost[kept[i].Application] {
			r.apply(&kept[i])
		}
	}
	return err
}

// unapplied returns the applications whose changes a commit did not apply, by its error, and whether that tells.
func unapplied(err error) (lost map[subscription.ApplicationID]bool, known bool) {
	var conflict *subscription.ConflictError
	var refused *subscription.RefusedError
	lost = map[subscription.ApplicationID]bool{}
	if errors.As(err, &conflict) {
		for _, id := range conflict.Applications {
			lost[id] = true
		}
	}
	if errors.As(err, &refused) {
		for _, r := range refused.Changes {
			lost[r.Application] = true
		}
	}
	return lost, err == nil || conflict != nil || refused != nil
}

// apply makes a change part of the recorder's own state.
func (r *recorder) apply(c *subscription.Change) {
	r.commits++
	base, ok := r.states[c.Application]
	if !ok {
		base = subscription.Application{ID: c.Application}
	}
	if c.Base != base.Revision {
		r.world.violatef("revision", c.Application, "a change of revision %d was applied to revision %d", c.Base, base.Revision)
	}
	if err := checked(c, base); err != nil {
		r.world.violatef("invariant", c.Application, "%v", err)
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Type == subscription.EventSetAside {
			r.world.violatef("decision", c.Application, "a decision failed: %s", e.Note)
		}
		r.world.tracef("  %s r%d: %s %s %s %s %s %s %s", c.Application, e.Revision, e.Type, e.Subscription, e.Version,
			e.Status, e.Order, e.Amount, e.Note)
	}
	r.count(c)
	r.states[c.Application] = c.Next
}

// checked checks a change against the state that the recorder knows. The change was decided on the stored document,
// in which a list that is empty here may be nil; where a change must leave all as it is, both are made the same.
func checked(c *subscription.Change, base subscription.Application) error {
	if len(c.Events) > 0 {
		return c.Check(base)
	}
	plain := *c
	for _, a := range []*subscription.Application{&plain.Next, &base} {
		b, err := json.Marshal(a)
		if err != nil {
			return err
		}
		*a = subscription.Application{}
		if err := json.Unmarshal(b, a); err != nil {
			return err
		}
	}
	return plain.Check(base)
}

// count notes the usage that a change counts.
func (r *recorder) count(c *subscription.Change) {
	all := r.counted[c.Application]
	if all == nil {
		all = &counted{on: map[string]pricing.Date{}, by: map[int64][]string{}}
		r.counted[c.Application] = all
	}
	for _, u := range c.Records {
		if _, again := all.on[u.ID]; again {
			r.world.violatef("usage", c.Application, "record %s is counted again by revision %d", u.ID, c.Base+1)
		}
		all.on[u.ID] = u.On
		all.by[c.Base+1] = append(all.by[c.Base+1], u.ID)
	}
}

// sound compares the stored documents with the recorder's.
func (r *recorder) sound() {
	for _, c := range r.world.customers {
		want, ok := r.states[c.id]
		if !ok {
			continue
		}
		got, err := r.Store.Load(context.Background(), subscription.Read{Application: c.id})
		if err != nil {
			r.failed = err
			return
		}
		if !reflect.DeepEqual(normal(got[0].Application), normal(want)) {
			r.world.violatef("store", c.id, "the stored document isn't the one that was committed:\n%+v\n%+v", got[0].Application, want)
		}
	}
}
