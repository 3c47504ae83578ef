package renewal_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// slow is a store whose commits take a while. It counts how many are in progress at once.
type slow struct {
	renewal.Store
	busy    atomic.Int64
	commits atomic.Int64
	fail    error // of every commit except the first
	mu      sync.Mutex
	most    int64
}

func (s *slow) Commit(ctx context.Context, changes ...subscription.Change) error {
	busy := s.busy.Add(1)
	defer s.busy.Add(-1)
	s.mu.Lock()
	s.most = max(s.most, busy)
	s.mu.Unlock()
	time.Sleep(time.Second)
	if s.commits.Add(1) > 1 && s.fail != nil {
		return s.fail
	}
	return s.Store.Commit(ctx, changes...)
}

// Concurrent batches have the same result as sequential ones, and are limited by the options.
func TestBatchesInParallel(t *testing.T) {
	one := newFleet(t, 60, setup{})
	one.work()
	one.at("2025-01-31T00:00:00Z")
	want := one.work()
	synctest.Test(t, func(t *testing.T) {
		for _, parallel := range []int{1, 3} {
			f := newFleet(t, 60, setup{})
			f.work()
			f.at("2025-01-31T00:00:00Z")
			st := &slow{Store: f.store}
			worker := f.workerOn(st, &renewal.Options{Policy: f.policy, Batch: 9, Parallel: parallel, Concurrency: 3})
			stats, err := worker.Once(t.Context())
			f.ok(err)
			check(t, "paid", stats.Paid, want.Paid)
			check(t, "commits under way at a time", st.most, int64(parallel))
			if diff := cmp.Diff(one.books(), f.books()); diff != "" {
				t.Errorf("%d in parallel: books (-sequential +parallel):\n%s", parallel, diff)
			}
		}
	})
}

// If everything fits into one batch, no second batch is started; there is only one more claim.
func TestOneBatchIsOneLoop(t *testing.T) {
	f := newFleet(t, 8, setup{})
	f.work()
	f.at("2025-01-31T00:00:00Z")
	st := &slow{Store: f.store}
	worker := f.workerOn(st, &renewal.Options{Policy: f.policy, Batch: 9, Parallel: 8})
	synctest.Test(t, func(t *testing.T) {
		_, err := worker.Once(t.Context())
		f.ok(err)
	})
	check(t, "commits under way at a time", st.most, int64(1))
}

// If one batch fails because of the store, the others stop after their current batch, and the caller gets that error.
func TestFaultEndsAllBatches(t *testing.T) {
	f := newFleet(t, 60, setup{})
	f.work()
	f.at("2025-01-31T00:00:00Z")
	st := &slow{Store: f.store, fail: errStore}
	worker := f.workerOn(st, &renewal.Options{Policy: f.policy, Batch: 5, Parallel: 3})
	synctest.Test(t, func(t *testing.T) {
		stats, err := worker.Once(t.Context())
		if !errors.Is(err, errStore) {
			t.Errorf("Once = %+v, %v", stats, err)
		}
		if stats.Claimed > 20 {
			t.Errorf("%d claimed, of batches of 5, after the store had failed", stats.Claimed)
		}
	})
	f.now = f.now.Add(time.Hour)
	f.work()
	calm := newFleet(t, 60, setup{})
	calm.work()
	calm.at("2025-01-31T01:00:00Z")
	calm.work()
	check(t, "charges", len(f.charges()), len(calm.charges()))
}
