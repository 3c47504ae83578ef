package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// gated is a memory store that counts commits and runs the test's hook before each.
type gated struct {
	*memory.Store
	before  func(ctx context.Context, n int64) error
	commits atomic.Int64
}

func (g *gated) Commit(ctx context.Context, changes ...subscription.Change) error {
	n := g.commits.Add(1)
	if g.before != nil {
		if err := g.before(ctx, n); err != nil {
			return err
		}
	}
	return g.Store.Commit(ctx, changes...)
}

// holdFirst blocks the first commit until the channel that it returns is closed.
func (g *gated) holdFirst() chan struct{} {
	release := make(chan struct{})
	g.before = func(_ context.Context, n int64) error {
		if n == 1 {
			<-release
		}
		return nil
	}
	return release
}

// busy is an application with 100 minutes of call on a gated store, for concurrent use.
func busy(t *testing.T, now time.Time) (*subscription.Service, *gated) {
	t.Helper()
	st := &gated{Store: memory.New()}
	accounts := balance.New(nil)
	cat := catalog(t, "minutes.json")
	s := sure.Of(subscription.NewService(st, accounts, subscription.StaticCatalog(cat), &subscription.Options{
		Now: func() time.Time { return now }, Conflicts: 10_000,
	}))
	ctx := context.Background()
	for _, err := range []error{
		accounts.Open(ctx, string(acme)),
		accounts.Deposit(ctx, string(acme), "d", money(t, "100000.00 USD")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, cmd := range []subscription.Command{subscription.Create{Account: acme}, buy("call", "small")} {
		if _, err := s.Do(ctx, app, cmd, strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	st.commits.Store(0)
	return s, st
}

func usage(id string, kind pricing.UsageKindID, at time.Time, seconds int64) subscription.Usage {
	return subscription.Usage{ID: id, Product: "call", Kind: kind, At: at, Seconds: seconds}
}

var morning = time.Date(2025, time.July, 10, 10, 0, 0, 0, time.UTC)

// A hundred concurrent callers consume from one application: none sees a conflict, each gets its own results, and
// exactly what fits is counted. Other commands succeed meanwhile.
// Rule: batches-change-nothing.
func TestHundredCallersOfOneApplication(t *testing.T) {
	s, st := busy(t, morning)
	var refused, counted atomic.Int64
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			for j := range 3 {
				id := fmt.Sprintf("%d-%d", i, j)
				results, err := s.Consume(t.Context(), app,
					usage(id, "audience-audio", morning, 60), usage(id, "audience-audio", morning, 60), usage(id+"x", "8k", morning, 60))
				if err != nil || len(results) != 3 || results[0].ID != id || results[2].ID != id+"x" ||
					!errors.Is(results[2].Err, pricing.ErrUnknownKind) {
					t.Errorf("caller %d: %+v, %v", i, results, err)
					return
				}
				if results[0].Counted {
					counted.Add(1)
					if !results[1].Duplicate || results[0].Deducted != 500 {
						t.Errorf("caller %d: %+v", i, results)
					}
				} else {
					refused.Add(1)
				}
			}
		})
	}
	for i := range 20 {
		wg.Go(func() {
			if _, err := s.Do(t.Context(), app, subscription.AutoRenew{Product: "call", On: i%2 == 0}, fmt.Sprint("auto", i)); err != nil {
				t.Errorf("a concurrent command: %v", err)
			}
		})
	}
	wg.Wait()
	check(t, "counted", counted.Load(), 200)
	check(t, "refused", refused.Load(), 100)
	a, err := s.Application(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "left", a.Lots[0].Remaining, 0)
	check(t, "seconds", a.Counters[0].Seconds, 200*60)
	t.Logf("%d commits for 300 calls and 20 commands", st.commits.Load())
}

// Calls that arrive while a change is being committed become one change, in the order of arrival. The queue is handed
// over to a waiting caller, and is removed when nobody waits.
// Rule: batches-change-nothing.
func TestCallersAreCoalescedInOrder(t *testing.T) {
	s, st := busy(t, morning)
	synctest.Test(t, func(t *testing.T) {
		release := st.holdFirst()
		results := make([][]subscription.UsageResult, 10)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				results[i], _ = s.Consume(t.Context(), app, usage(strconv.Itoa(i), "audio", morning, int64(10+i)))
			})
			synctest.Wait() // until it is waiting
		}
		close(release)
		wg.Wait()
		check(t, "commits", st.commits.Load(), 2)
		var got []string
		sum := int64(0)
		var want []string
		for i := range 10 {
			got = append(got, told(results[i])...)
			before := pricing.RoundedMinutes(sum)
			sum += int64(10 + i)
			want = append(want, strconv.FormatInt(pricing.RoundedMinutes(sum)-before, 10))
		}
		sameLines(t, "deducted, in the order of arrival", got, want...)
		synctest.Wait()
		if _, err := s.Consume(t.Context(), app, usage("more", "audio", morning, 60)); err != nil {
			t.Error(err)
		}
		check(t, "commits", st.commits.Load(), 3)
	})
}

// A caller whose context is canceled doesn't affect others. If it is still waiting, its records aren't counted; if its
// change is being committed, they may be. When all callers have left, the work is abandoned.
func TestCallersThatGoAway(t *testing.T) {
	s, st := busy(t, morning)
	synctest.Test(t, func(t *testing.T) {
		hold := map[int64]chan struct{}{1: make(chan struct{}), 2: make(chan struct{})}
		st.before = func(ctx context.Context, n int64) error {
			if hold[n] == nil {
				return nil
			}
			select {
			case <-hold[n]:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var errs [5]error
		var cancels [5]context.CancelFunc
		var wg sync.WaitGroup
		start := func(i int) {
			ctx, cancel := context.WithCancel(t.Context())
			cancels[i] = cancel
			wg.Go(func() { _, errs[i] = s.Consume(ctx, app, usage(fmt.Sprint("r", i), "audio", morning, 60)) })
			synctest.Wait()
		}
		for i := range 4 {
			start(i)
		}
		cancels[1]() // is waiting for the first change
		synctest.Wait()
		cancels[0]() // is the first change
		synctest.Wait()
		cancels[2]() // is being committed with 3
		synctest.Wait()
		close(hold[2])
		synctest.Wait()
		for i, want := range []error{context.Canceled, context.Canceled, context.Canceled, nil} {
			if !errors.Is(errs[i], want) {
				t.Errorf("caller %d: %v, want %v", i, errs[i], want)
			}
		}
		a, err := s.Application(t.Context(), app)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "2 and 3 were counted", a.Counters[0].Seconds, 120)

		next := st.commits.Load()
		hold[next+1], hold[next+2] = make(chan struct{}), make(chan struct{})
		start(0)
		start(1)
		cancels[0]()
		synctest.Wait() // 1 is being committed, alone
		cancels[1]()
		wg.Wait()
		synctest.Wait()
		if results, err := s.Consume(t.Context(), app, usage("r1", "audio", morning, 60)); err != nil || !results[0].Counted {
			t.Errorf("after all have left: %+v, %v", results, err)
		}
		for _, cancel := range cancels {
			if cancel != nil {
				cancel()
			}
		}
	})
}

// After a conflict with another change the call is decided again, and callers don't see the conflict.
func TestConflictsAreRetried(t *testing.T) {
	s, st := busy(t, morning)
	other := sure.Of(subscription.NewService(st.Store, balance.New(nil), subscription.StaticCatalog(catalog(t, "minutes.json")),
		&subscription.Options{Now: func() time.Time { return morning }}))
	st.before = func(ctx context.Context, n int64) error {
		if n > 3 {
			return nil
		}
		_, err := other.Consume(ctx, app, usage(fmt.Sprint("other", n), "audio", morning, 30))
		return err
	}
	results, err := s.Consume(t.Context(), app, usage("mine", "audio", morning, 30), usage("other2", "audio", morning, 30))
	if err != nil {
		t.Fatal(err)
	}
	sameLines(t, "results, after three others", told(results), "0", "duplicate")
	check(t, "commits", st.commits.Load(), 4)
}

// A store's error reaches every caller whose records were in the change, and later calls aren't affected. The same
// holds for a panic.
func TestFaultsDontStopTheQueue(t *testing.T) {
	s, st := busy(t, morning)
	fault := errors.New("disk full")
	st.before = func(_ context.Context, n int64) error {
		switch n {
		case 1:
			return fault
		case 2:
			panic(fault)
		}
		return nil
	}
	if _, err := s.Consume(t.Context(), app, usage("a", "audio", morning, 60)); !errors.Is(err, fault) {
		t.Errorf("first: %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_, _ = s.Consume(t.Context(), app, usage("a", "audio", morning, 60))
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	results, err := s.Consume(ctx, app, usage("a", "audio", morning, 60))
	if err != nil || !results[0].Counted {
		t.Errorf("afterward: %+v, %v", results, err)
	}
}

// Calls that don't fit in one change become several changes, in order.
func TestCallersBeyondABatch(t *testing.T) {
	s, st := busy(t, morning)
	synctest.Test(t, func(t *testing.T) {
		release := st.holdFirst()
		var counted atomic.Int64
		var wg sync.WaitGroup
		for i, size := range []int{1, subscription.MaxUsageBatch - 1, 1, 1, subscription.MaxUsageBatch} {
			records := make([]subscription.Usage, size)
			for j := range records {
				records[j] = usage(fmt.Sprint(i, "-", j), "audio", morning, 1)
			}
			wg.Go(func() {
				results, err := s.Consume(t.Context(), app, records...)
				if err != nil || len(results) != size {
					t.Errorf("%d results, %v", len(results), err)
				}
				for _, r := range results {
					if r.Counted {
						counted.Add(1)
					}
				}
			})
			synctest.Wait()
		}
		close(release)
		wg.Wait()
		check(t, "changes of 1, 9,999 and 1; what is left of the package fits no more", st.commits.Load(), 2)
		check(t, "seconds that fit", counted.Load(), 100*60)
	})
}

// A bound service, which works in the caller's transaction, doesn't coalesce calls.
func TestBoundServiceConsumes(t *testing.T) {
	s, st := busy(t, morning)
	results, err := s.Bind(st).Consume(t.Context(), app, usage("a", "audio", morning, 60))
	if err != nil || !slices.Equal(told(results), []string{"1"}) {
		t.Errorf("%v, %v", told(results), err)
	}
}

// Applications don't wait for each other.
func TestQueuesAreOfOneApplication(t *testing.T) {
	s, st := busy(t, morning)
	if _, err := s.Do(t.Context(), "other", subscription.Create{Account: acme}, "create"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(t.Context(), "other", buy("call", "small"), "buy"); err != nil {
		t.Fatal(err)
	}
	st.commits.Store(0)
	synctest.Test(t, func(t *testing.T) {
		release := st.holdFirst()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = s.Consume(t.Context(), app, usage("a", "audio", morning, 60)) })
		synctest.Wait()
		if _, err := s.Consume(t.Context(), "other", usage("a", "audio", morning, 60)); err != nil {
			t.Error(err)
		}
		close(release)
		wg.Wait()
	})
}
