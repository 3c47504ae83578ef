package simulation

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file restores the store to an earlier copy of itself, while the gateway, the customers and their keys go on.

// kept is a committed change and its time.
type kept struct {
	at     time.Time
	change subscription.Change
}

// restore restores the store to an earlier state: all processes restart, and customers find out what is missing. Most
// of them repeat it at once.
func (w *world) restore() {
	rng := rand.New(rand.NewPCG(w.current.seed, 4))
	age := time.Duration(rng.Int64N(int64(3 * day)))
	if rng.IntN(3) == 0 {
		age /= 20
	}
	w.putBack(age)
}

// putBack restores the store to its state of that long ago.
func (w *world) putBack(age time.Duration) {
	w.figures.Restores++
	w.tracef("  the store is as it was %s ago", age.Round(time.Second))
	if err := w.store.restore(w.now.Add(-age)); err != nil {
		w.store.failed = err
		return
	}
	// What workers did since then didn't happen.
	w.rounds = slices.DeleteFunc(w.rounds, func(t time.Time) bool { return t.After(w.now.Add(-age - 2*w.skew)) })
	w.failed = w.now
	for _, p := range w.processes() {
		p.dead = true // those that aren't busy restart at the end of the action
	}
	for _, c := range w.customers {
		if err := c.miss(w); err != nil {
			w.store.failed = err
			return
		}
	}
}

// restore builds a store from the changes up to an instant, and replaces the current one.
func (r *recorder) restore(to time.Time) error {
	n, _ := slices.BinarySearchFunc(r.kept, to, func(k kept, to time.Time) int { return k.at.Compare(to) })
	for i := range r.kept[n:] {
		r.forget(&r.kept[n+i].change)
	}
	r.world.figures.ChangesLost += len(r.kept) - n
	r.kept = slices.Clip(r.kept[:n])
	r.Store = r.world.newStore()
	r.states, r.seen = map[subscription.ApplicationID]subscription.Application{}, map[subscription.ApplicationID]*audit.Committed{}
	for i := range r.kept {
		c := r.kept[i].change.Clone()
		if err := write(r.Store, c); err != nil {
			return err
		}
		r.note(&c, r.kept[i].at)
		r.states[c.Application] = c.Next
	}
	return nil
}

// write commits a change as the service would.
func write(st store.Store, c subscription.Change) error {
	if eraser, can := st.(subscription.Eraser); can && c.Erases() {
		return eraser.Erase(context.Background(), c)
	}
	return st.Commit(context.Background(), c)
}

// forget records what is lost with a change.
func (r *recorder) forget(c *subscription.Change) {
	f := r.lost[c.Application]
	if f == nil {
		f = &audit.Forgotten{Orders: map[subscription.OrderID]audit.LostOrder{}}
		r.lost[c.Application] = f
	}
	for _, o := range c.Orders {
		if c.Places(o.ID) {
			f.Orders[o.ID] = audit.LostOrder{Order: o, Rank: r.seen[c.Application].Rank[o.ID]}
		}
	}
}

// miss finds out which of the customer's requests and records are lost, and prepares to send them again.
func (c *customer) miss(w *world) error {
	receipts, counted, err := audit.Stored(context.Background(), w.store, c.known())
	if err != nil {
		return err
	}
	for _, r := range c.requests {
		if _, ok := receipts[r.key]; !ok && r.receipt != nil {
			r.lost, r.receipt, r.final = r.receipt, nil, false
			r.quote = nil // it has expired: the same request is sent with the same key
			if _, back := r.cmd.(subscription.ReturnPackage); back {
				r.final = mix(w.seed, 0, r.key)%2 == 0 // who has the money doesn't ask for it again
			}
			w.figures.ReceiptsLost++
		}
	}
	for _, r := range c.records {
		if r.counted && !counted[r.usage.ID] {
			r.counted, r.final = false, false
		}
	}
	for _, r := range c.requests {
		// Usage that was released with a reservation is sent with that request alone.
		if release, ok := r.cmd.(subscription.Release); ok && release.Used != nil {
			c.record[release.Used.ID].final = true
		}
	}
	w.rest = slices.Insert(w.rest, 0, action{
		at: w.now.Sub(w.start), kind: sendAgain, app: c.index, seed: mix(w.current.seed, uint64(c.index), "again"),
	})
	return nil
}

// again sends most of what is lost, in the original order.
func (c *customer) again(w *world, rng *rand.Rand) {
	for _, r := range c.requests {
		if r.lost != nil && !r.final && rng.IntN(5) > 0 {
			c.send(w, r)
		}
	}
	c.unanswered(w)
}

// handBack refunds what was collected for lost orders that weren't placed again, or that cost nothing when they were
// requested again: people find it in the gateway's statement.
func (w *world) handBack() {
	for _, got := range w.gateway.Collected() {
		app := subscription.ApplicationID(got.Charge.Application)
		id := subscription.OrderID(got.Charge.Order)
		lost, ok := w.store.lost[app].Order(id)
		if ok && left(got).Sign() > 0 && !w.store.charged(app, id) && w.giveBack(lost.Order, got.Charge.Account, left(got)) {
			w.figures.HandedBack++
		}
	}
}

// left returns the part of a collection that didn't go back; it is negative if more was reversed.
func left(c paymenttest.Collection) pricing.Money {
	return minor(c.Amount.Minor()-c.Refunded.Minor()-c.Reversed.Minor(), c.Amount)
}

// unknown reports whether an error about a notification is due to an order that a restored store has lost: it doesn't
// know the order, or knows it as one that cost nothing. Likewise for a refund.
func (w *world) unknown(key string, err error) bool {
	charge, refund := chargeKey(key)
	if refund && w.restores > 0 && errors.Is(err, subscription.ErrInvalid) {
		return true
	}
	app, id, bad := subscription.AttemptID(charge).Parse()
	_, lost := w.store.lost[app].Order(id)
	return bad == nil && lost && !w.store.charged(app, id) &&
		(errors.Is(err, subscription.ErrNotFound) || errors.Is(err, subscription.ErrInvalid))
}
