package storetest_test

import (
	"context"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// broken is an honest store with one or two calls replaced by what somebody once got wrong.
type broken struct {
	*memory.Store
	load    func(context.Context, ...subscription.Read) ([]subscription.Snapshot, error)
	commit  func(context.Context, ...subscription.Change) error
	orders  func(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Order, error]
	entries func(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Entry, error]
	events  func(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Event, error]
	refunds func(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Refund, error]
	rows    func(context.Context, subscription.ApplicationID) iter.Seq2[subscription.SubscriptionRow, error]
	clock   func(context.Context) (time.Time, error)
	claim   func(context.Context, time.Time, time.Duration, int) ([]renewal.Claimed, error)
	apps    func(context.Context) iter.Seq2[subscription.ApplicationID, error]
	of      func(context.Context, subscription.AccountID) iter.Seq2[subscription.ApplicationID, error]
	prune   func(context.Context, time.Time) (store.Pruned, error)
	erase   func(context.Context, subscription.Change) error
	feed    func(context.Context, store.Cursor, int) ([]store.FeedChange, error)
	feedOf  func(context.Context, subscription.ApplicationID, store.Cursor, int) ([]store.FeedChange, error)
	ends    func(context.Context) (store.Cursor, store.Cursor, error)
	newFeed func(context.Context) error
	setMark func(context.Context, string, store.Mark, []store.Parked, []subscription.ApplicationID) error
	mark    func(context.Context, string) (store.Mark, error)
	parked  func(context.Context, string, time.Time, int) ([]store.Parked, error)
	among   func(context.Context, string, []subscription.ApplicationID) ([]store.Parked, error)
	drop    func(context.Context, string) error
	keyOf   func(context.Context, string) (string, error)
	bind    func(context.Context, string, string) (string, error)
	find    func(context.Context, store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error]
	pays    func(context.Context, time.Time, time.Time) iter.Seq2[subscription.Order, error]
	places  func(context.Context, time.Time, time.Time) iter.Seq2[subscription.Refund, error]
	totals  func(context.Context, time.Time, time.Time) ([]store.Total, error)
	mu      sync.Mutex
}

func (b *broken) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if b.load != nil {
		return b.load(ctx, reads...)
	}
	return b.Store.Load(ctx, reads...)
}

func (b *broken) Commit(ctx context.Context, changes ...subscription.Change) error {
	if b.commit != nil {
		return b.commit(ctx, changes...)
	}
	return b.Store.Commit(ctx, changes...)
}

func (b *broken) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	if b.orders != nil {
		return b.orders(ctx, app)
	}
	return b.Store.Orders(ctx, app)
}

func (b *broken) Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	if b.entries != nil {
		return b.entries(ctx, app)
	}
	return b.Store.Entries(ctx, app)
}

func (b *broken) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	if b.events != nil {
		return b.events(ctx, app)
	}
	return b.Store.Events(ctx, app)
}

func (b *broken) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	if b.refunds != nil {
		return b.refunds(ctx, app)
	}
	return b.Store.Refunds(ctx, app)
}

func (b *broken) Subscriptions(
	ctx context.Context, app subscription.ApplicationID,
) iter.Seq2[subscription.SubscriptionRow, error] {
	if b.rows != nil {
		return b.rows(ctx, app)
	}
	return b.Store.Subscriptions(ctx, app)
}

// Clock implements [subscription.Clocked], which the store in memory isn't.
func (b *broken) Clock(ctx context.Context) (time.Time, error) {
	if b.clock != nil {
		return b.clock(ctx)
	}
	return time.Now().UTC(), ctx.Err()
}

func (b *broken) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if b.claim != nil {
		return b.claim(ctx, asOf, lease, limit)
	}
	return b.Store.Claim(ctx, asOf, lease, limit)
}

func (b *broken) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	if b.apps != nil {
		return b.apps(ctx)
	}
	return b.Store.Applications(ctx)
}

func (b *broken) ApplicationsOf(ctx context.Context, a subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	if b.of != nil {
		return b.of(ctx, a)
	}
	return b.Store.ApplicationsOf(ctx, a)
}

func (b *broken) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	if b.prune != nil {
		return b.prune(ctx, before)
	}
	return b.Store.Prune(ctx, before)
}

func (b *broken) Erase(ctx context.Context, c subscription.Change) error {
	if b.erase != nil {
		return b.erase(ctx, c)
	}
	return b.Store.Erase(ctx, c)
}

// opens returns what opens stores of which each is damaged.
func opens(damage func(b *broken)) func() store.Store {
	return func() store.Store {
		b := &broken{Store: memory.New()}
		damage(b)
		return b
	}
}

// edits is the damage of [broken.edits].
func edits(edit func(c *subscription.Change)) func(b *broken) {
	return func(b *broken) { b.edits(edit) }
}

// revision returns what is stored, whatever ctx is.
func (b *broken) revision(app subscription.ApplicationID) int64 {
	s, _ := b.Store.Load(context.Background(), subscription.Read{Application: app})
	return s[0].Application.Revision
}

// edits makes the store commit other changes than it is given.
func (b *broken) edits(edit func(c *subscription.Change)) {
	b.commit = func(ctx context.Context, changes ...subscription.Change) error {
		edited := make([]subscription.Change, len(changes))
		for i := range changes {
			edited[i] = changes[i].Clone()
			edit(&edited[i])
		}
		return b.Store.Commit(ctx, edited...)
	}
}

// shows makes the store return other snapshots than it has.
func (b *broken) shows(edit func(s *subscription.Snapshot)) {
	b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
		snapshots, err := b.Store.Load(ctx, reads...)
		for i := range snapshots {
			edit(&snapshots[i])
		}
		return snapshots, err
	}
}

// renames makes the store see other application IDs, keys and order IDs than it is given.
func (b *broken) renames(rename func(string) string) {
	b.edits(func(c *subscription.Change) {
		c.Application = subscription.ApplicationID(rename(string(c.Application)))
		for i := range c.Receipts {
			c.Receipts[i].Key = rename(c.Receipts[i].Key)
		}
		for i := range c.Orders {
			c.Orders[i].ID = subscription.OrderID(rename(string(c.Orders[i].ID)))
		}
		for i := range c.Refunds {
			c.Refunds[i].Order = subscription.OrderID(rename(string(c.Refunds[i].Order)))
		}
	})
	b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
		renamed := make([]subscription.Read, len(reads))
		for i, r := range reads {
			renamed[i].Application = subscription.ApplicationID(rename(string(r.Application)))
			for _, k := range r.Keys {
				renamed[i].Keys = append(renamed[i].Keys, rename(k))
			}
			for _, o := range r.Orders {
				renamed[i].Orders = append(renamed[i].Orders, subscription.OrderID(rename(string(o))))
			}
			for _, o := range r.Refunds {
				renamed[i].Refunds = append(renamed[i].Refunds, subscription.OrderID(rename(string(o))))
			}
		}
		return b.Store.Load(ctx, renamed...)
	}
}

// listed makes the rows of an application what change makes of them.
func listed[T any](
	list func(context.Context, subscription.ApplicationID) iter.Seq2[T, error], change func([]T) []T,
) func(context.Context, subscription.ApplicationID) iter.Seq2[T, error] {
	return func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) {
			var rows []T
			for row, err := range list(ctx, app) {
				if err != nil {
					yield(row, err)
					return
				}
				rows = append(rows, row)
			}
			for _, row := range change(rows) {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// flaw is something that a store can get wrong, and a part of the suite that must find it.
type flaw struct {
	name   string
	damage func(b *broken)
	caught string // what the names of the cases begin with, one of which must fail
}

// The suite detects each flaw of a store with one of its cases.
// Rule: change-is-atomic.
func TestSuiteCatchesBrokenStores(t *testing.T) {
	testsize.Full(t) // some of them need the largest cases
	for _, f := range slices.Concat(
		commitFlaws, placedFlaws, twiceFlaws, loadFlaws, identityFlaws, recordFlaws, refundFlaws, loadedRefundFlaws, clockFlaws, rowFlaws, timeFlaws, listFlaws, applicationFlaws, contextFlaws, aliasingFlaws, textFlaws,
		refusalFlaws, raceFlaws, claimFlaws, leaseFlaws, pruneFlaws, eraseFlaws, feedFlaws, markFlaws, providerKeyFlaws, reportFlaws, simulationFlaws,
	) {
		t.Run(f.name, func(t *testing.T) {
			suite.Catch(t, storetest.Cases(), f.caught, func(name string) suite.Verdict {
				return storetest.Judge(t.Context(), name, opens(f.damage), 300*time.Millisecond)
			})
		})
	}
}
