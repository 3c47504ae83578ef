package customstore

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

var _ store.Store = (*Store)(nil)

// Store keeps applications in a file. It is safe for concurrent use. Use [Open].
type Store struct {
	mu       sync.RWMutex
	identity string
	file     *os.File
	sync     func() error // waits for the disk
	size     int64        // of the file
	broken   error        // why nothing can be committed any more
	apps     map[subscription.ApplicationID]*record
}

// record is what is stored of an application.
type record struct {
	document []byte // as package store/document encodes it
	revision int64
	account  subscription.AccountID
	due      time.Time // zero: never
	leased   time.Time // until when it is hidden from claims

	orders   map[subscription.OrderID]subscription.Order
	placed   []subscription.OrderID // in the order in which they were placed
	receipts map[string]subscription.Receipt
	records  map[string]subscription.UsageRow
	refunds  map[refundID]subscription.Refund
	rows     map[subscription.SubscriptionID]subscription.SubscriptionRow
	entries  []subscription.Entry
	events   []subscription.Event
}

type refundID struct {
	order  subscription.OrderID
	number int
}

// none is the record of an application that doesn't exist.
func none() *record {
	return &record{
		orders: map[subscription.OrderID]subscription.Order{}, receipts: map[string]subscription.Receipt{},
		records: map[string]subscription.UsageRow{}, refunds: map[refundID]subscription.Refund{},
		rows: map[subscription.SubscriptionID]subscription.SubscriptionRow{},
	}
}

// Load implements [subscription.Store].
func (s *Store) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	snapshots := make([]subscription.Snapshot, len(reads))
	for i, read := range reads {
		snapshots[i] = subscription.Snapshot{Store: s.identity, Application: subscription.Application{ID: read.Application}}
		r, exists := s.apps[read.Application]
		if !exists {
			continue
		}
		if err := r.load(read, &snapshots[i]); err != nil {
			return nil, fmt.Errorf("customstore: load %.80q: %w", string(read.Application), err)
		}
	}
	return snapshots, nil
}

// load reads the document, and the rows that are named and exist.
func (r *record) load(read subscription.Read, into *subscription.Snapshot) (err error) {
	if into.Application, err = document.Decode(r.document); err != nil {
		return err
	}
	into.Receipts = those(r.receipts, read.Keys)
	into.Records = those(r.records, read.Records)
	for _, o := range those(r.orders, read.Orders) {
		into.Orders = append(into.Orders, o.Clone())
	}
	into.Refunds = r.refundsOf(func(id subscription.OrderID) bool { return slices.Contains(read.Refunds, id) })
	return nil
}

// those returns the rows of some keys that exist.
func those[K comparable, V any](rows map[K]V, keys []K) []V {
	var found []V
	for _, key := range keys {
		if row, exists := rows[key]; exists {
			found = append(found, row)
		}
	}
	return found
}

// ApplicationsOf implements [subscription.Store].
func (s *Store) ApplicationsOf(ctx context.Context, account subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	return s.applications(ctx, func(r *record) bool { return r.account == account })
}

// applications yields the IDs of those applications that are wanted, in byte order.
func (s *Store) applications(ctx context.Context, wanted func(*record) bool) iter.Seq2[subscription.ApplicationID, error] {
	return list(ctx, s, func() []subscription.ApplicationID {
		var ids []subscription.ApplicationID
		for _, id := range slices.Sorted(maps.Keys(s.apps)) {
			if wanted(s.apps[id]) {
				ids = append(ids, id)
			}
		}
		return ids
	})
}
