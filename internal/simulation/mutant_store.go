package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// storeMutants are defects between a process and the store.
func storeMutants() []mutant {
	return []mutant{
		{
			name: "charge-first", what: "the gateway is called before the order is committed",
			wrap: chargeFirst,
		},
		{
			name: "lease-as-lock", what: "what was claimed is never claimed again until it is committed",
			wrap: onClaim(leaseAsLock),
		},
		{
			name: "overdue-forgotten", what: "what was due hours ago is not claimed any more",
			wrap: onClaim(overdueForgotten),
		},
		{
			name: "stale-commit", what: "a change is applied although the revision has moved",
			below: staleCommits,
		},
		{
			name: "settled-twice", what: "a paid order that is notified again is delivered again",
			wrap: settledTwice,
		},
		{
			name: "chained-periods", what: "the next period is counted from the last one, not from the anchor",
			wrap: onCommit(chainedPeriods),
		},
		{
			name: "minutes-for-nothing", what: "an order that is placed adds minutes before it is paid",
			wrap: onCommit(minutesForNothing),
		},
		{
			name: "event-lost", what: "the expiry of a lot is not recorded",
			wrap: onCommit(eventsLost(subscription.EventLotExpired)),
		},
		{
			name: "receipts-lost", what: "a request that is repeated is taken for a new one",
			wrap: receiptsLost,
		},
		{
			name: "off-ignored", what: "a subscription whose renewal was turned off is left on",
			wrap: onCommit(offIgnored),
		},
	}
}

// onCommit makes a mutant that modifies each change before it is committed.
func onCommit(mutate func(w *world, c *subscription.Change)) wrapper {
	return func(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
		return &mutantCommit{st, func(_ context.Context, c *subscription.Change) { mutate(w, c) }}, gw
	}
}

type mutantCommit struct {
	store.Store
	mutate func(ctx context.Context, c *subscription.Change)
}

// Commit implements subscription.Store.
func (s *mutantCommit) Commit(ctx context.Context, changes ...subscription.Change) error {
	mutated := make([]subscription.Change, len(changes))
	for i := range changes {
		mutated[i] = changes[i].Clone()
		s.mutate(ctx, &mutated[i])
	}
	return s.Store.Commit(ctx, mutated...)
}

func chargeFirst(_ *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
	return &mutantCommit{st, func(ctx context.Context, c *subscription.Change) {
		for i := range c.Events {
			if c.Events[i].Type != subscription.EventOrderPlaced {
				continue
			}
			if o, ok := c.Next.OpenOrder(c.Events[i].Order); ok {
				_, _ = gw.Charge(ctx, chargeOf(&o))
			}
		}
	}}, gw
}

func staleCommits(w *world, st store.Store) store.Store {
	return &mutantCommit{st, func(_ context.Context, c *subscription.Change) { staleCommit(w, c) }}
}

func staleCommit(w *world, c *subscription.Change) {
	revision := w.store.states[c.Application].Revision
	c.Base, c.Next.Revision = revision, revision+1
	renumber(c)
}

func renumber(c *subscription.Change) {
	for i := range c.Events {
		c.Events[i].Revision, c.Events[i].Index = c.Base+1, i
	}
	for i := range c.Entries {
		c.Entries[i].Revision, c.Entries[i].Index = c.Base+1, i
	}
	for i := range c.Receipts {
		c.Receipts[i].Revision = c.Base + 1
	}
}

// lotOf returns a lot of the change's next document, or nil.
func lotOf(c *subscription.Change, id subscription.LotID) *subscription.Lot {
	i := slices.IndexFunc(c.Next.Lots, func(l subscription.Lot) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Next.Lots[i]
}

// tells reports whether a change has an event of a type.
func tells(c *subscription.Change, t subscription.EventType) bool {
	return slices.ContainsFunc(c.Events, func(e subscription.Event) bool { return e.Type == t })
}

func chainedPeriods(w *world, c *subscription.Change) {
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		if zone, err := w.catalog().ZoneOf(s.Zone); err == nil {
			last := s.Cycles[len(s.Cycles)-1].Period.Start
			s.Anchor, s.Next = pricing.Anchor{Date: zone.DateOf(last), Term: s.Anchor.Term}, 1
		}
	}
}

func minutesForNothing(_ *world, c *subscription.Change) {
	placed := slices.IndexFunc(c.Events, func(e subscription.Event) bool { return e.Type == subscription.EventOrderPlaced })
	if placed < 0 || len(c.Next.Lots) == 0 {
		return
	}
	l := &c.Next.Lots[0]
	l.Granted += 1000
	l.Remaining += 1000
	c.Entries = append(c.Entries, subscription.Entry{
		Application: c.Application, At: c.Events[placed].At, Kind: subscription.EntryGranted, Lot: l.ID, Quantity: 1000, Order: l.Order,
	})
	renumber(c)
}

// eventsLost leaves the events of a type out, unless they are the only ones.
func eventsLost(t subscription.EventType) func(*world, *subscription.Change) {
	return func(_ *world, c *subscription.Change) {
		c.Events = slices.DeleteFunc(c.Events, func(e subscription.Event) bool { return e.Type == t && len(c.Events) > 1 })
		renumber(c)
	}
}

func offIgnored(_ *world, c *subscription.Change) {
	for _, e := range c.Events {
		for i := range c.Next.Subscriptions {
			if s := &c.Next.Subscriptions[i]; e.Type == subscription.EventAutoRenewOff && e.Subscription == s.ID {
				s.AutoRenew = true
			}
		}
	}
}

// onClaim makes a mutant that drops some of the claims.
func onClaim(leave func(w *world, app *subscription.Application, asOf time.Time) bool) wrapper {
	return func(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
		return &mutantClaim{st, w, leave}, gw
	}
}

type mutantClaim struct {
	store.Store
	world *world
	leave func(w *world, app *subscription.Application, asOf time.Time) bool
}

// Claim implements renewal.Store.
func (s *mutantClaim) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, asOf, lease, limit)
	return slices.DeleteFunc(claimed, func(c renewal.Claimed) bool {
		return s.leave(s.world, &c.Snapshot.Application, asOf)
	}), err
}

// leaseAsLock drops what was claimed before at the same revision.
func leaseAsLock(w *world, app *subscription.Application, _ time.Time) bool {
	if w.locked == nil {
		w.locked = map[subscription.ApplicationID]int64{}
	}
	if w.locked[app.ID] == app.Revision {
		return true
	}
	w.locked[app.ID] = app.Revision
	return false
}

func overdueForgotten(_ *world, app *subscription.Application, asOf time.Time) bool {
	return app.Due.Before(asOf.Add(-20 * time.Hour))
}

// closedHidden doesn't load canceled orders.
type closedHidden struct{ store.Store }

// Load implements subscription.Store.
func (s *closedHidden) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := s.Store.Load(ctx, reads...)
	for i := range snapshots {
		for k := range snapshots[i].Orders {
			if o := &snapshots[i].Orders[k]; o.Status == subscription.OrderDeclined {
				o.Status = subscription.OrderRefunded // there is nothing to do
			}
		}
	}
	return snapshots, err
}

// closedReopened loads canceled orders as open.
type closedReopened struct{ store.Store }

// Load implements subscription.Store.
func (s *closedReopened) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	return reopened(ctx, s.Store, reads, subscription.OrderDeclined)
}

func settledTwice(_ *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
	return &paidReopened{st}, gw
}

// paidReopened loads paid orders as open.
type paidReopened struct{ store.Store }

// Load implements subscription.Store.
func (s *paidReopened) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	return reopened(ctx, s.Store, reads, subscription.OrderPaid)
}

func reopened(
	ctx context.Context, st store.Store, reads []subscription.Read, was subscription.OrderStatus,
) ([]subscription.Snapshot, error) {
	snapshots, err := st.Load(ctx, reads...)
	for i := range snapshots {
		for k := range snapshots[i].Orders {
			if o := &snapshots[i].Orders[k]; o.Status == was {
				o.Status, o.Collected, o.Delivered = subscription.OrderOpen, pricing.Money{}, subscription.Delivered{}
			}
		}
	}
	return snapshots, err
}

func receiptsLost(_ *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
	forget := func(_ context.Context, c *subscription.Change) { c.Receipts = nil }
	return &mutantCommit{st, forget}, gw
}
