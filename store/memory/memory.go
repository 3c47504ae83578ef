package memory

import (
	"context"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/internal/tally"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

var (
	_ store.Store  = (*Store)(nil)
	_ store.Pruner = (*Store)(nil)
)

// shards is how many locks there are. Applications of one shard wait for each other.
const shards = 64

// Store keeps applications in memory. It is safe for concurrent use. The zero value is not ready: use [New].
type Store struct {
	seed   maphash.Seed
	claims atomic.Uint64
	shards [shards]shard
}

type shard struct {
	mu   sync.RWMutex
	apps map[subscription.ApplicationID]*record
	due  queue
}

// record is one application with its rows. Entries and events are only ever appended to.
type record struct {
	document subscription.Application
	orders   map[subscription.OrderID]subscription.Order
	placed   []subscription.OrderID // the orders as they were placed
	receipts map[string]receipt
	records  map[string]pricing.Date // the usage that was counted, and for which day
	entries  [][]subscription.Entry  // of one change each, so that nothing is moved when more are appended
	events   [][]subscription.Event  // likewise
	wake     time.Time               // when it can be claimed: its due time, or the end of its lease if that is later
	place    int                     // in the shard's queue, from 1; 0: not in it
}

// receipt is what a receipt has besides its application and key. Its order is not stored.
type receipt struct {
	kind     string
	digest   subscription.Digest
	revision int64
	at       time.Time
	order    subscription.OrderID
}

// New returns an empty store.
func New() *Store {
	s := &Store{seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].apps = map[subscription.ApplicationID]*record{}
	}
	return s
}

func (s *Store) shard(id subscription.ApplicationID) *shard {
	return &s.shards[maphash.String(s.seed, string(id))%shards]
}

// Load implements [subscription.Store].
func (s *Store) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	snapshots := make([]subscription.Snapshot, len(reads))
	for i, read := range reads {
		snapshots[i] = s.shard(read.Application).load(read)
	}
	return snapshots, nil
}

func (sh *shard) load(read subscription.Read) subscription.Snapshot {
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	r, ok := sh.apps[read.Application]
	if !ok {
		return subscription.Snapshot{Application: subscription.Application{ID: read.Application}}
	}
	out := subscription.Snapshot{Application: r.document.Clone()}
	for _, key := range read.Keys {
		if row, ok := r.receipts[key]; ok {
			out.Receipts = append(out.Receipts, subscription.Receipt{
				Application: read.Application, Key: key, Kind: row.kind, Digest: row.digest, Revision: row.revision,
				At: row.at, OrderID: row.order,
			})
		}
	}
	for _, id := range read.Records {
		if _, counted := r.records[id]; counted {
			out.Records = append(out.Records, id)
		}
	}
	for _, id := range read.Orders {
		if o, ok := r.orders[id]; ok {
			out.Orders = append(out.Orders, o.Clone())
		}
	}
	return out
}

// Commit implements [subscription.Store].
func (s *Store) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := tally.Once(changes); err != nil {
		return err
	}
	held := make([]bool, len(changes))
	each(len(changes), func(i int) { held[i] = s.shard(changes[i].Application).commit(&changes[i]) })
	var out tally.Outcome
	for i := range changes {
		if !held[i] {
			out.Conflict(changes[i].Application)
		}
	}
	return out.Err()
}

// commit applies a change and reports whether it held.
func (sh *shard) commit(c *subscription.Change) bool {
	next := c.Next.Clone()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	r := sh.apps[c.Application]
	if r == nil {
		r = &record{
			orders: map[subscription.OrderID]subscription.Order{}, receipts: map[string]receipt{},
			records: map[string]pricing.Date{},
		}
	}
	if r.document.Revision != c.Base {
		return false
	}
	for i := range c.Receipts {
		if _, taken := r.receipts[c.Receipts[i].Key]; taken {
			return false
		}
	}
	for _, record := range c.Records {
		if _, counted := r.records[record.ID]; counted {
			return false
		}
	}
	sh.apps[c.Application] = r
	r.document = next
	r.wake = next.Due
	sh.due.update(r)
	for _, o := range c.Orders {
		if _, known := r.orders[o.ID]; !known {
			r.placed = append(r.placed, o.ID)
		}
		r.orders[o.ID] = o.Clone()
	}
	for i := range c.Receipts {
		row := &c.Receipts[i]
		r.receipts[row.Key] = receipt{row.Kind, row.Digest, row.Revision, row.At, row.OrderID}
	}
	for _, record := range c.Records {
		r.records[record.ID] = record.On
	}
	if len(c.Entries) > 0 {
		r.entries = append(r.entries, slices.Clone(c.Entries))
	}
	if len(c.Events) > 0 {
		r.events = append(r.events, slices.Clone(c.Events))
	}
	return true
}

// Applications implements [store.Store].
func (s *Store) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return rows(ctx, s.applications)
}

// applications returns all IDs, in order.
func (s *Store) applications() []subscription.ApplicationID {
	var ids []subscription.ApplicationID
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.RLock()
		ids = slices.AppendSeq(ids, maps.Keys(sh.apps))
		sh.mu.RUnlock()
	}
	slices.Sort(ids)
	return ids
}

// Orders implements [store.Store].
func (s *Store) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return rows(ctx, func() []subscription.Order {
		return view(s, app, func(r *record) []subscription.Order {
			orders := make([]subscription.Order, len(r.placed))
			for i, id := range r.placed {
				orders[i] = r.orders[id].Clone()
			}
			return orders
		})
	})
}

// Entries implements [store.Store].
func (s *Store) Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	return rows(ctx, func() []subscription.Entry {
		return view(s, app, func(r *record) []subscription.Entry { return slices.Concat(r.entries...) })
	})
}

// Events implements [store.Store].
func (s *Store) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	return rows(ctx, func() []subscription.Event {
		return view(s, app, func(r *record) []subscription.Event { return slices.Concat(r.events...) })
	})
}

// view reads an application's rows under its lock; none if there is no such application.
func view[T any](s *Store, app subscription.ApplicationID, read func(*record) []T) []T {
	sh := s.shard(app)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if r, ok := sh.apps[app]; ok {
		return read(r)
	}
	return nil
}

// rows yields what get returns, and looks at ctx before each row, and once where there is none.
func rows[T any](ctx context.Context, get func() []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if err := ctx.Err(); err != nil {
			yield(zero, err)
			return
		}
		for _, row := range get() {
			if err := ctx.Err(); err != nil {
				yield(zero, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
