package memory

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

var (
	_ store.Store         = (*Store)(nil)
	_ store.Pruner        = (*Store)(nil)
	_ store.Reports       = (*Store)(nil)
	_ store.Feeder        = (*Store)(nil)
	_ store.Marks         = (*Store)(nil)
	_ store.ProviderKeys  = (*Store)(nil)
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
