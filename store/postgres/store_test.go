package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

var (
	_ store.Store  = (*postgres.Store)(nil)
	_ store.Pruner = (*postgres.Store)(nil)
)

// The store keeps the contract of all stores.
// Rule: change-is-atomic.
func TestConformance(t *testing.T) {
	t.Parallel()
	p := connect(t)
	empty := emptySchemas(t, p)
	testsize.Shorten(t)
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		return opened(t, p, empty(t), nil)
	})
}

// renews returns a change with a paid renewal of the period from an instant.
func renews(id subscription.ApplicationID, base int64, from time.Time) subscription.Change {
	c := next(id, base)
	c.Orders = []subscription.Order{{
		ID: subscription.OrderID(fmt.Sprintf("%d-renewal", base+1)), Kind: subscription.RenewalOrder, Subscription: "call-1",
		Status: subscription.OrderPaid, Amount: cents(100), PlacedAt: from, ClosedAt: from,
		Deliveries: []subscription.Delivery{{Extend: &subscription.ExtendDelivery{Subscription: "call-1", From: from, Count: 1}}},
	}}
	return c
}

// A period whose payment was taken back can be renewed again. The payment of before can't be reinstated then.
// Rule: one-renewal-per-period.
func TestCommit_renewalOfAPeriodThatWasTakenBack(t *testing.T) {
	s := open(t, connect(t))
	at := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
	moved := func(base int64, takenBack time.Time) subscription.Change {
		c := renews("a", base, at)
		c.Orders[0].ID, c.Orders[0].TakenBackAt = "1-renewal", takenBack
		return c
	}
	commit(t, s, renews("a", 0, at))
	commit(t, s, moved(1, at))
	commit(t, s, moved(2, time.Time{})) // reinstated
	commit(t, s, moved(3, at))
	commit(t, s, renews("a", 4, at))
	err := s.Commit(t.Context(), moved(5, time.Time{}), create("b"))
	var refused *subscription.RefusedError
	if !errors.As(err, &refused) || len(refused.Changes) != 1 || refused.Changes[0].Application != "a" ||
		!errors.Is(err, subscription.ErrInvariant) {
		t.Errorf("%v, want a refusal of a, by ErrInvariant", err)
	}
}

// Two renewals of one period are impossible, even for a change that nothing else is wrong with.
// Rule: one-renewal-per-period.
func TestCommit_secondRenewalOfAPeriodIsRefused(t *testing.T) {
	s := open(t, connect(t))
	at := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
	commit(t, s, renews("a", 0, at), renews("b", 0, at), create("c"))
	err := s.Commit(t.Context(), renews("a", 1, at), renews("b", 1, at.AddDate(0, 1, 0)), next("c", 1))
	var refused *subscription.RefusedError
	if !errors.As(err, &refused) || len(refused.Changes) != 1 || refused.Changes[0].Application != "a" ||
		!errors.Is(err, subscription.ErrInvariant) || errors.Is(err, subscription.ErrConflict) {
		t.Errorf("%v, want a refusal of a, by ErrInvariant", err)
	}
	for id, want := range map[subscription.ApplicationID]int64{"a": 1, "b": 2, "c": 2} {
		if got := revision(t, s, id); got != want {
			t.Errorf("%s has revision %d, want %d", id, got, want)
		}
	}
}

// A batch can have everything that goes wrong at once, and what is right is applied.
func TestCommit_mixedBatch(t *testing.T) {
	s := open(t, connect(t))
	for _, id := range []subscription.ApplicationID{"conflict", "good", "key", "record", "text"} {
		c := keyed(create(id), "taken")
		c.Records = []subscription.UsageRow{{ID: "counted", On: 20_000}}
		commit(t, s, c)
	}
	text := next("text", 1)
	text.Events[0].Note = "\xff"
	record := next("record", 1)
	record.Records = []subscription.UsageRow{{ID: "new", On: 20_000}, {ID: "counted", On: 20_000}}
	unknown := next("unknown status", 0)
	unknown.Orders = []subscription.Order{{ID: "1-x", Kind: subscription.TopUpOrder, Status: "lost", Amount: cents(1)}}
	err := s.Commit(t.Context(),
		next("conflict", 7), keyed(next("good", 1), "new"), keyed(next("key", 1), "taken"), record, text, unknown, create("born"))
	var conflict *subscription.ConflictError
	var refused *subscription.RefusedError
	if !errors.As(err, &conflict) || !errors.As(err, &refused) {
		t.Fatalf("%v, want a conflict and a refusal", err)
	}
	slices.Sort(conflict.Applications)
	if want := []subscription.ApplicationID{"conflict", "key", "record"}; !slices.Equal(conflict.Applications, want) {
		t.Errorf("conflicts %v, want %v", conflict.Applications, want)
	}
	if len(refused.Changes) != 2 || !errors.Is(err, subscription.ErrInvalid) || !errors.Is(err, subscription.ErrInvariant) {
		t.Errorf("%v, want refusals of text and unknown status", refused)
	}
	for id, want := range map[subscription.ApplicationID]int64{"good": 2, "born": 1, "key": 1, "record": 1, "unknown status": 0} {
		if got := revision(t, s, id); got != want {
			t.Errorf("%s has revision %d, want %d", id, got, want)
		}
	}
}

// An order that nobody says is placed may be new, and the last of one ID counts, placed or not.
func TestCommit_ordersOfAnyID(t *testing.T) {
	s := open(t, connect(t))
	order := func(id subscription.OrderID, note string) subscription.Order {
		return subscription.Order{ID: id, Kind: subscription.TopUpOrder, Status: subscription.OrderOpen, Amount: cents(1), Note: note}
	}
	first, second := create("a"), next("a", 1)
	first.Orders = []subscription.Order{order("mine", "1"), order("2-early", "0"), order("2-early", "1")}
	places(&first)
	second.Orders = []subscription.Order{order("mine", "2"), order("2-early", "2"), order("2-new", "2"), order("2-new", "3")}
	commit(t, s, first)
	commit(t, s, second)
	var got []string
	for o, err := range s.Orders(t.Context(), "a") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(o.ID, " ", o.Note))
	}
	if want := []string{"mine 2", "2-early 2", "2-new 3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A document of a later format spoils neither a batch of claims nor another application.
// Rule: formats-are-read-forever.
func TestDocumentOfALaterFormat(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	commit(t, s, create("a"), create("b"), create("c"))
	run(t, p, name, `UPDATE {schema}.applications SET document = '{"format":999,"id":"b"}' WHERE id = 'b'`)
	claimed, err := s.Claim(t.Context(), time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), time.Hour, 10)
	if err != nil || len(claimed) != 3 {
		t.Fatalf("%d claimed, %v", len(claimed), err)
	}
	for _, c := range claimed {
		var format *document.FormatError
		if unreadable := c.Application == "b"; unreadable != (c.Err != nil) || unreadable && !errors.As(c.Err, &format) {
			t.Errorf("%s: %v", c.Application, c.Err)
		}
	}
	_, err = s.Load(t.Context(), subscription.Read{Application: "a"}, subscription.Read{Application: "b"})
	var format *document.FormatError
	if !errors.As(err, &format) || format.Format != 999 {
		t.Errorf("Load: %v, want a *document.FormatError", err)
	}
	if got := revision(t, s, "c"); got != 1 {
		t.Errorf("revision %d of c, want 1", got)
	}
}

// Stores of several processes share a schema: each claim and each revision goes to one of them.
func TestSeveralPools(t *testing.T) {
	const apps = 300
	p := connect(t)
	first, name := openNamed(t, p, nil)
	stores := []*postgres.Store{first, opened(t, connect(t), name, nil), opened(t, connect(t), name, nil)}
	changes := make([]subscription.Change, apps)
	for i := range changes {
		changes[i] = create(app(i))
	}
	commit(t, first, changes...)
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	var (
		mu    sync.Mutex
		seen  = map[subscription.ApplicationID]int{}
		wait  sync.WaitGroup
		fails []error
	)
	for _, s := range stores {
		wait.Go(func() {
			for range 2 * apps {
				claimed, err := s.Claim(t.Context(), now, time.Hour, 7)
				mu.Lock()
				for i := range claimed {
					seen[claimed[i].Application]++
				}
				enough := len(seen) == apps
				if err != nil {
					fails = append(fails, err)
				}
				mu.Unlock()
				if enough || err != nil {
					return
				}
			}
		})
	}
	wait.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(seen) != apps || len(fails) > 0 {
		t.Errorf("%d of %d were claimed, %v", len(seen), apps, fails)
	}
}

// Claims go on from the last one, and come back to what became due behind it.
func TestClaim_comesBack(t *testing.T) {
	s := open(t, connect(t))
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	at := func(id subscription.ApplicationID, base int64, due time.Time) subscription.Change {
		c := next(id, base)
		c.Next.Due = due
		return c
	}
	changes := make([]subscription.Change, 200)
	for i := range changes {
		changes[i] = at(app(i), 0, now.AddDate(0, 0, i-300))
	}
	commit(t, s, changes...)
	claim := func(asOf time.Time) subscription.ApplicationID {
		t.Helper()
		claimed, err := s.Claim(t.Context(), asOf, time.Hour, 1)
		if err != nil || len(claimed) != 1 {
			t.Fatalf("%d claimed, %v", len(claimed), err)
		}
		return claimed[0].Application
	}
	if first := claim(now); first != app(0) {
		t.Fatalf("%s came first", first)
	}
	commit(t, s, at("behind", 0, now.AddDate(-1, 0, 0)))
	came := false
	for range 20 {
		came = came || claim(now) == "behind"
	}
	if !came {
		t.Error("what became due behind the last claim isn't claimed within 20")
	}
	if again := claim(now.Add(time.Hour)); again != "behind" && again != app(0) {
		t.Errorf("%s was claimed as the first lease ended", again)
	}
}
