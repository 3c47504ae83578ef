package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// applicationCases checks that the IDs of all applications are listed in byte order, regardless of concurrent writes
// and of how the loop ends.
func applicationCases() []check {
	return []check{
		{"an empty store has none", func(e *env) { e.lists(nil) }},
		{"in the order of their bytes", func(e *env) {
			ids := appIDs{
				"b", "a", "A", "Z", "z", "é", "e\u0301", "e", "10", "9", "1", "a b", "a-b", "ab", "a", "a ", "a\x01", "_", "~",
				"\u7f8e", "\uffff", "\U0001d11e", "\u00df", "ss", "%", "'", `\`, "\x7f", " a",
			}
			slices.Sort(ids)
			ids = slices.Compact(ids)
			for i := range ids {
				e.stored(ids[i*11%len(ids)]) // the number of IDs is coprime to 11
			}
			e.lists(ids)
		}},
		{"thousands of them, each once", func(e *env) {
			n := 2500
			if e.brief {
				n = 1200
			}
			e.lists(e.population(n))
		}},
		{"each once, however often it changes and whatever rows it has", func(e *env) {
			e.stored("b", "1", "2", "3", "4")
			a := e.stored("a", "1", "2")
			e.apply(a, many(a, 20))
			c := unborn("c")
			e.apply(c, c.dueAt(noon()))
			e.claims(a.document.Due.Add(24*time.Hour), time.Hour, e.expectedOf("a"), e.expectedOf("b"), c)
			e.lists(appIDs{"a", "b", "c"})
		}},
		{"of an account: its own, all of them and in order, and none of another's", func(e *env) { e.listsAccounts() }},
		{"none that was only read, or whose creation didn't hold", func(e *env) {
			e.stored("a")
			e.load(subscription.Read{Application: "b"})
			e.conflict(appIDs{"c"}, small("c", 1, "t"))
			e.lists(appIDs{"a"})
		}},
		{"left early, time after time", func(e *env) {
			ids := e.population(50)
			e.within("leaving a loop early", func() error {
				for i := range 200 {
					seen := 0
					for _, err := range e.store.Applications(e.ctx) {
						if err != nil {
							return err
						}
						seen++
						if seen > i%3 {
							break
						}
					}
				}
				return e.store.Commit(e.ctx, small("z", 0, "after"))
			})
			e.lists(append(ids, "z"))
		}},
		{"left by a panic", func(e *env) {
			ids := e.population(50)
			e.within("a loop that panics", func() error {
				for range 20 {
					func() {
						defer func() { _ = recover() }()
						for _, err := range e.store.Applications(e.ctx) {
							panic(fmt.Sprint("the caller's own: ", err))
						}
					}()
				}
				return e.store.Commit(e.ctx, small("z", 0, "after"))
			})
			e.lists(append(ids, "z"))
		}},
		{"one loop after the other, from one call", func(e *env) {
			ids := e.population(5)
			all := e.store.Applications(e.ctx)
			for range 2 {
				e.same("Applications", rowsOf(e, "Applications", all), ids)
			}
		}},
		{"the store can be called within the loop", func(e *env) { e.callsWithinApplications() }},
		{"while applications are created: none that was there is missing, and none comes twice", func(e *env) {
			e.listsAmidCreations()
		}},
	}
}

// population commits n applications in arbitrary order and returns their IDs in order.
func (e *env) population(n int) appIDs {
	e.Helper()
	ids, batch := make(appIDs, n), make([]subscription.Change, 0, n)
	for i := range ids {
		ids[i] = subscription.ApplicationID(fmt.Sprint("app ", i*i*7919)) // of different lengths
		batch = append(batch, bare(unborn(ids[i])))
	}
	for i := 0; i < len(batch); i += 500 {
		e.commit(batch[i:min(i+500, len(batch))]...)
	}
	slices.Sort(ids)
	return ids
}

// bare returns the next change of x, with only the document and an event.
func bare(x *expected) subscription.Change {
	c := x.next("t")
	c.Orders, c.Entries, c.Receipts, c.Events = nil, nil, nil, c.Events[:1]
	return c
}

// expectedOf returns the expected state of a stored application, which has only a document.
func (e *env) expectedOf(id subscription.ApplicationID) *expected {
	e.Helper()
	return &expected{document: e.load(subscription.Read{Application: id})[0].Application}
}

// listedApplications returns all IDs. It may be called from any goroutine.
func (e *env) listedApplications(ctx context.Context) (appIDs, error) {
	var ids appIDs
	for id, err := range e.store.Applications(ctx) {
		if err != nil {
			return ids, fmt.Errorf("applications: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// lists fails the case unless those are the applications, in that order.
func (e *env) lists(want appIDs) {
	e.Helper()
	got, err := e.listedApplications(e.ctx)
	if err != nil {
		e.Fatalf("%v", err)
	}
	e.same("Applications", got, want)
}

// listsAccounts lists the applications of accounts. One account has several pages of them, and one application moves to
// another account.
func (e *env) listsAccounts() {
	ids := e.population(1200) // of account acme
	owned := func(id subscription.ApplicationID, base int64, account subscription.AccountID) subscription.Change {
		c := small(id, base, "t")
		c.Next.Account = account
		return c
	}
	e.commit(owned("b", 0, "ACME"), owned("a", 0, "ACME"), owned("c", 0, "acme "), owned("d", 0, "%"))
	of := func(account subscription.AccountID, want ...subscription.ApplicationID) {
		e.Helper()
		var got appIDs
		for id, err := range e.store.ApplicationsOf(e.ctx, account) {
			if err != nil {
				e.Fatalf("ApplicationsOf: %v", err)
			}
			got = append(got, id)
			if len(got)%500 == 0 { // the store can be called within the loop
				e.load(subscription.Read{Application: id})
			}
		}
		e.same(fmt.Sprintf("ApplicationsOf %q", account), got, want)
	}
	of("acme", ids...)
	of("ACME", "a", "b")
	of("acme ", "c")
	of("%", "d")
	for _, account := range []subscription.AccountID{"", "nobody", "acm", "a\x00b", "\xff"} {
		of(account)
	}
	e.commit(owned("b", 1, "acme "))
	of("ACME", "a")
	of("acme ", "b", "c")
	for _, w := range endings() {
		ctx, cancel := w.end(e.ctx)
		yields := 0
		for _, err := range e.store.ApplicationsOf(ctx, "acme") {
			yields++
			e.ended("ApplicationsOf", err, w)
		}
		if yields != 1 {
			e.Errorf("ApplicationsOf: %d yields, want one with the error", yields)
		}
		cancel()
	}
}

// callsWithinApplications calls every method of the store from within the loop.
func (e *env) callsWithinApplications() {
	ids := e.population(5)
	var got appIDs
	e.within("calling the store within the loop", func() error {
		for id, err := range e.store.Applications(e.ctx) {
			if err != nil {
				return err
			}
			got = append(got, id)
			if !slices.Contains(ids, id) {
				continue // it may see applications created by the loop
			}
			snapshots, err := e.store.Load(e.ctx, subscription.Read{Application: id})
			if err != nil {
				return fmt.Errorf("load: %w", err)
			}
			follows := (&expected{document: snapshots[0].Application}).next("within")
			if err = e.store.Commit(e.ctx, follows, small("a before "+id, 0, "t"), small("b after "+id, 0, "t")); err != nil {
				return fmt.Errorf("commit: %w", err)
			}
			if _, err = e.store.Claim(e.ctx, noon().Add(time.Hour), time.Minute, 1); err != nil {
				return fmt.Errorf("claim: %w", err)
			}
			if _, err = e.listedApplications(e.ctx); err != nil {
				return err
			}
			for _, l := range listings() {
				if _, err = e.listed(e.ctx, l, id); err != nil {
					return fmt.Errorf("%s: %w", l.name, err)
				}
			}
		}
		return nil
	})
	if !slices.IsSorted(got) {
		e.Errorf("Applications: %q, out of order", got)
	}
	e.same("Applications that were there", slices.DeleteFunc(got, func(id subscription.ApplicationID) bool {
		return !slices.Contains(ids, id)
	}), ids)
}

// listsAmidCreations lists repeatedly while applications are created before, between and after the existing ones. In
// the first loop it creates a batch at every twentieth application; afterward it creates them concurrently.
func (e *env) listsAmidCreations() {
	const created, at = 300, 10
	ids := e.population(200)
	asked, answered := make(chan struct{}), make(chan struct{})
	alone, done := make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(alone) })
	create := func() error {
		defer close(done)
		for n := 0; n < created; n += at {
			batch := make([]subscription.Change, at)
			for j := range batch {
				batch[j] = bare(unborn(subscription.ApplicationID(fmt.Sprintf("%s %d", []string{"a", "app 5", "z"}[j%3], n+j))))
			}
			either(asked, alone)
			if err := e.store.Commit(e.ctx, batch...); err != nil {
				return fmt.Errorf("commit: %w", err)
			}
			either(answered, alone)
		}
		return nil
	}
	list := func() error {
		defer letGo()
		for last := false; !last; letGo() {
			select {
			case <-done:
				last = true
			default:
			}
			var got appIDs
			for id, err := range e.store.Applications(e.ctx) {
				if err != nil {
					return fmt.Errorf("applications: %w", err)
				}
				got = append(got, id)
				select {
				case <-alone:
					continue
				default:
				}
				if len(got)%20 == 0 {
					meet(asked, done)
					meet(answered, done)
				}
			}
			if why := follows(got, ids); why != nil {
				return why
			}
			if last && len(got) != len(ids)+created {
				return fmt.Errorf("%d applications after all commits, want %d", len(got), len(ids)+created)
			}
		}
		return nil
	}
	e.all("creations and loops", e.together("creations and loops", 2, func(i int) error { return []func() error{create, list}[i]() }))
}

// either waits for another goroutine at a channel, or until the other channel is closed.
func either(met, closed <-chan struct{}) {
	select {
	case <-met:
	case <-closed:
	}
}

// meet meets another goroutine at a channel, or waits until the other channel is closed.
func meet(met chan<- struct{}, closed <-chan struct{}) {
	select {
	case met <- struct{}{}:
	case <-closed:
	}
}

// follows returns an error unless a list is in order and has all of the given IDs. It may have others.
func follows(got, ids appIDs) error {
	for i := 1; i < len(got); i++ {
		if got[i-1] >= got[i] {
			return fmt.Errorf("%q is followed by %q", got[i-1], got[i])
		}
	}
	for _, id := range ids {
		if _, found := slices.BinarySearch(got, id); !found {
			return fmt.Errorf("%q is missing", id)
		}
	}
	if slices.Contains(got, "") {
		return errors.New("an empty ID")
	}
	return nil
}
