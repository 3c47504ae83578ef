package simulation

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// recorder wraps the store under test and sees every change as it is committed, whatever the committing process is
// told.
type recorder struct {
	store.Store
	world   *world
	states  map[subscription.ApplicationID]subscription.Application
	commits int // changes that were applied
	failed  error
	seen    map[subscription.ApplicationID]*audit.Committed
	by      *process // that is committing
	kept    []kept   // if the store will be restored
	lost    map[subscription.ApplicationID]*audit.Forgotten
}

func newRecorder(w *world, st store.Store) *recorder {
	return &recorder{Store: st, world: w, states: map[subscription.ApplicationID]subscription.Application{},
		seen: map[subscription.ApplicationID]*audit.Committed{}, lost: map[subscription.ApplicationID]*audit.Forgotten{}}
}

// Load implements subscription.Store. The identity is the world's, so that a run is the same on every store.
func (r *recorder) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := r.Store.Load(ctx, reads...)
	for i := range snapshots {
		snapshots[i].Store = r.world.identity()
	}
	return snapshots, err
}

// Claim implements renewal.Store, with the world's identity as well.
func (r *recorder) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := r.Store.Claim(ctx, asOf, lease, limit)
	for i := range claimed {
		claimed[i].Snapshot.Store = r.world.identity()
	}
	return claimed, err
}

// Commit implements subscription.Store. It checks every change that the store applies a second time, against the
// recorder's own state.
func (r *recorder) Commit(ctx context.Context, changes ...subscription.Change) error {
	given := changes
	changes = make([]subscription.Change, len(given))
	for i := range given {
		changes[i] = given[i].Clone()
	}
	err := r.Store.Commit(ctx, given...)
	lost, known := unapplied(err)
	if !known {
		r.failed = err
		return err
	}
	for i := range changes {
		if !lost[changes[i].Application] {
			r.apply(&changes[i])
		}
	}
	for i := range changes {
		for k := range changes[i].Orders {
			if o := &changes[i].Orders[k]; !lost[changes[i].Application] && changes[i].Places(o.ID) {
				r.world.foreknown(ctx, o)
			}
		}
	}
	return err
}

// Erase implements [subscription.Eraser].
func (r *recorder) Erase(ctx context.Context, c subscription.Change) error {
	erased := c.Clone()
	err := r.Store.(subscription.Eraser).Erase(ctx, c) //nolint:forcetypeassert // nobody asks otherwise
	lost, known := unapplied(err)
	switch {
	case !known:
		r.failed = err
	case !lost[c.Application]:
		r.apply(&erased)
	}
	return err
}

// unapplied returns the applications whose changes a commit did not apply, according to its error. known is false if
// the error doesn't tell.
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
	if err := checked(c, base); err != nil && !r.world.mutant.lax {
		r.world.violatef("invariant", c.Application, "%v", err)
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Type == subscription.EventDecisionFailed {
			r.world.violatef("decision", c.Application, "a decision failed: %s", e.Note)
		}
		r.world.tracef("  %s r%d: %s %s %s %s %s %s %s", c.Application, e.Revision, e.Type, e.Subscription, e.Version,
			e.Status, e.Order, e.Amount, e.Note)
	}
	r.note(c, r.world.now)
	r.watch(c, &base)
	r.states[c.Application] = c.Next
	if r.world.restores > 0 {
		r.kept = append(r.kept, kept{r.world.now, *c})
	}
}

// checked checks a change against the recorder's state. A change without an event may only change the due time; it was
// decided on the stored document, in which a list that is empty here may be nil.
func checked(c *subscription.Change, base subscription.Application) error {
	if len(c.Events) > 0 {
		return c.Check(base)
	}
	base.Revision, base.Due = c.Base+1, c.Next.Due
	if rows := len(c.Orders) + len(c.Entries) + len(c.Receipts) + len(c.Records) + len(c.Refunds) + len(c.Subscriptions); rows > 0 {
		return fmt.Errorf("%w: %d rows without an event", subscription.ErrInvariant, rows)
	}
	if audit.Normal(base) != audit.Normal(c.Next) {
		return fmt.Errorf("%w: more than the due time changes without an event", subscription.ErrInvariant)
	}
	return nil
}

// note records the time of a change that was just committed, its orders, and the usage that it counts.
func (r *recorder) note(c *subscription.Change, now time.Time) {
	all := r.seen[c.Application]
	if all == nil {
		all = audit.NewCommitted()
		r.seen[c.Application] = all
	}
	all.AsOf[c.Next.Revision] = c.Next.AsOf
	for i := range c.Orders {
		o := &c.Orders[i]
		was, known := all.Paid[o.ID]
		if known && c.Places(o.ID) {
			r.world.violatef("key", c.Application, "order %s is placed again by revision %d", o.ID, c.Next.Revision)
		}
		if cause := audit.CauseOf(o); !known {
			all.Asked[cause]++
			all.Rank[o.ID] = all.Asked[cause]
		}
		if !was.IsZero() && !was.Equal(o.PaidAt) {
			r.world.violatef("paid", c.Application, "order %s was paid at %s, and now at %s", o.ID, audit.Stamp(was), audit.Stamp(o.PaidAt))
		}
		all.Paid[o.ID], all.Costs[o.ID] = o.PaidAt, o.Amount.Sign() > 0
		if c.Places(o.ID) {
			all.Account[o.ID] = o.Account
		}
		r.stays(c, all, o.ID, o.Account)
		if o.Status == subscription.OrderCanceling && all.GivenUp[o.ID].IsZero() {
			all.GivenUp[o.ID] = now
		}
	}
	for i := range c.Events {
		if e := &c.Events[i]; e.Note != "" {
			all.Notes[audit.Place{Revision: e.Revision, Index: e.Index}] = e.Note
		}
	}
	for i := range c.Refunds {
		r.stays(c, all, c.Refunds[i].Order, c.Refunds[i].Account)
		all.Refunds = append(all.Refunds, audit.RefundState{Refund: c.Refunds[i].Clone(), Revision: c.Next.Revision})
	}
	for _, u := range c.Records {
		if _, again := all.On[u.ID]; again {
			r.world.violatef("usage", c.Application, "record %s is counted again by revision %d", u.ID, c.Base+1)
		}
		all.On[u.ID] = u.On
		all.By[c.Base+1] = append(all.By[c.Base+1], u.ID)
	}
	for _, x := range c.Next.Counters {
		all.Counters[audit.UsedOn{Product: x.Product, Kind: x.Kind, Day: x.Day}] = x
	}
}

// stays checks that an order, or a refund of it, is of the account that the order was placed with, or of none when it is
// erased.
func (r *recorder) stays(c *subscription.Change, all *audit.Committed, id subscription.OrderID, account subscription.AccountID) {
	if was := all.Account[id]; account != "" && account != was {
		r.world.violatef("account", c.Application, "order %s of %s becomes one of %s by revision %d", id, was, account, c.Next.Revision)
	}
}

// charged reports whether the store has the order and its amount isn't zero.
func (r *recorder) charged(app subscription.ApplicationID, id subscription.OrderID) bool {
	seen := r.seen[app]
	return seen != nil && seen.Costs[id]
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
		if !reflect.DeepEqual(audit.Normal(got[0].Application), audit.Normal(want)) {
			r.world.violatef("store", c.id, "the stored document isn't the one that was committed:\n%+v\n%+v", got[0].Application, want)
		}
	}
}
