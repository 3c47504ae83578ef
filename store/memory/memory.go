package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

var (
	_ store.Store  = (*Store)(nil)
	_ store.Pruner = (*Store)(nil)
	_ store.Feeder = (*Store)(nil)
	_ store.Marks  = (*Store)(nil)

	_ store.ProviderKeys = (*Store)(nil)

	_ subscription.Eraser = (*Store)(nil)
)

// shards is the number of locks. Applications in the same shard wait for each other.
const shards = 64

// Store keeps applications in memory. It is safe for concurrent use. The zero value is not usable; use [New].
type Store struct {
	id     string // the store's identity
	seed   maphash.Seed
	claims atomic.Uint64
	shards [shards]shard
	feed   feed
	marks  marks
	keys   providerKeys
}

type shard struct {
	mu   sync.RWMutex
	apps map[subscription.ApplicationID]*record
	of   map[subscription.AccountID][]subscription.ApplicationID
	due  queue
	feed *feed
}

// record is one application with its rows. Entries and events are append-only.
type record struct {
	document subscription.Application
	orders   map[subscription.OrderID]*subscription.Order // nil: none
	placed   []subscription.OrderID                       // in the order in which they were placed
	receipts map[string]receipt                           // nil: none
	records  map[string]counted                           // counted usage records; nil: none
	refunds  []subscription.Refund                        // in the order in which they were first written
	rows     []subscription.SubscriptionRow
	entries  [][]subscription.Entry // one slice per change, so appending moves nothing
	events   [][]subscription.Event // likewise
	numbers  []int64                // in the feed, of the last revisions
	wake     time.Time              // when it can be claimed: the later of its due time and the end of its lease
	place    int                    // position in the shard's queue, from 1; 0: not queued
}

// counted is a usage record without its ID.
type counted struct {
	on     pricing.Date
	digest int64
}

// receipt is a receipt without its application and key.
type receipt struct {
	kind     string
	digest   subscription.Digest
	revision int64
	at       time.Time
	order    subscription.OrderID
}

// New returns an empty store with a new identity.
func New() *Store {
	s := &Store{id: storeid.New(), seed: maphash.MakeSeed()}
	s.feed.identity = storeid.New()
	for i := range s.shards {
		s.shards[i].apps = map[subscription.ApplicationID]*record{}
		s.shards[i].of = map[subscription.AccountID][]subscription.ApplicationID{}
		s.shards[i].feed = &s.feed
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
		snapshots[i].Store = s.id
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
		if c, ok := r.records[id]; ok {
			out.Records = append(out.Records, subscription.UsageRow{ID: id, On: c.on, Digest: c.digest})
		}
	}
	for _, id := range read.Orders {
		if o, ok := r.orders[id]; ok {
			out.Orders = append(out.Orders, o.Clone())
		}
	}
	if len(read.Refunds) > 0 {
		out.Refunds = r.returned(func(id subscription.OrderID) bool { return slices.Contains(read.Refunds, id) })
	}
	return out
}

// returned returns copies of the refunds of some orders, by order and number.
func (r *record) returned(of func(id subscription.OrderID) bool) []subscription.Refund {
	var refunds []subscription.Refund
	for i := range r.refunds {
		if of(r.refunds[i].Order) {
			refunds = append(refunds, r.refunds[i].Clone())
		}
	}
	slices.SortFunc(refunds, func(a, b subscription.Refund) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Number, b.Number))
	})
	return refunds
}

// Commit implements [subscription.Store].
func (s *Store) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := commitresult.OnePerApplication(changes); err != nil {
		return err
	}
	became := make([]error, len(changes))
	each(len(changes), func(i int) { became[i] = s.shard(changes[i].Application).commit(&changes[i]) })
	var out commitresult.Result
	for i, err := range became {
		switch {
		case errors.Is(err, subscription.ErrConflict):
			out.Conflict(changes[i].Application)
		case err != nil:
			out.Refuse(changes[i].Application, err)
		}
	}
	return out.Err()
}

// commit applies a change. It returns [subscription.ErrConflict], or the reason why the change is refused.
func (sh *shard) commit(c *subscription.Change) error {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.apply(c)
}

// apply is commit under the lock.
func (sh *shard) apply(c *subscription.Change) error {
	r := sh.apps[c.Application]
	if r == nil {
		r = &record{}
	}
	if err := r.holds(c); err != nil {
		return err
	}
	if sh.apps[c.Application] == nil || r.document.Account != c.Next.Account {
		sh.assign(c.Application, r.document.Account, c.Next.Account)
	}
	sh.apps[c.Application] = r
	for i := range c.Orders {
		r.order(&c.Orders[i])
	}
	r.keep(&c.Next)
	r.wake = c.Next.Due
	sh.due.update(r)
	for i := range c.Receipts {
		row := &c.Receipts[i]
		r.receipts = made(r.receipts)
		r.receipts[row.Key] = receipt{row.Kind, row.Digest, row.Revision, row.At, row.OrderID}
	}
	for _, record := range c.Records {
		r.records = made(r.records)
		r.records[record.ID] = counted{record.On, record.Digest}
	}
	if len(c.Entries) > 0 {
		r.entries = append(r.entries, slices.Clone(c.Entries))
	}
	if len(c.Events) > 0 {
		r.events = append(r.events, slices.Clone(c.Events))
	}
	for _, refund := range c.Refunds {
		same := func(x subscription.Refund) bool { return x.Order == refund.Order && x.Number == refund.Number }
		put(&r.refunds, refund.Clone(), same)
	}
	for _, row := range c.Subscriptions {
		put(&r.rows, row, func(x subscription.SubscriptionRow) bool { return x.ID == row.ID })
	}
	r.numbers = append(r.numbers, sh.feed.number(c.Application, c.Next.Revision))
	return nil
}

// assign records that an application moved to another account.
func (sh *shard) assign(id subscription.ApplicationID, was, is subscription.AccountID) {
	same := func(other subscription.ApplicationID) bool { return other == id }
	if rest := slices.DeleteFunc(sh.of[was], same); len(rest) > 0 {
		sh.of[was] = rest
	} else {
		delete(sh.of, was)
	}
	sh.of[is] = append(sh.of[is], id)
}

// order writes an order's row.
func (r *record) order(o *subscription.Order) {
	row := r.orders[o.ID]
	if row == nil {
		row = new(subscription.Order)
		r.orders = made(r.orders)
		r.orders[o.ID] = row
		r.placed = append(r.placed, o.ID)
	}
	*row = kept(row, o)
}

// holds returns nil if a change can be applied, or the reason why it can't.
func (r *record) holds(c *subscription.Change) error {
	if r.document.Revision != c.Base {
		return subscription.ErrConflict
	}
	for i := range c.Receipts {
		if _, taken := r.receipts[c.Receipts[i].Key]; taken {
			return subscription.ErrConflict
		}
	}
	for _, record := range c.Records {
		if _, counted := r.records[record.ID]; counted {
			return subscription.ErrConflict
		}
	}
	for i := range c.Orders {
		if id := c.Orders[i].ID; c.Places(id) {
			if _, exists := r.orders[id]; exists {
				return fmt.Errorf("%w: order %s", subscription.ErrExists, id)
			}
		}
	}
	return nil
}

// made returns a map, which is made if there is none: most records have no rows of some kinds.
func made[K comparable, V any](rows map[K]V) map[K]V {
	if rows == nil {
		return map[K]V{}
	}
	return rows
}

// put replaces the row that is the same, or appends one.
func put[T any](rows *[]T, row T, same func(T) bool) {
	if i := slices.IndexFunc(*rows, same); i >= 0 {
		(*rows)[i] = row
		return
	}
	*rows = append(*rows, row)
}
