package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/prepaidkit/prepaid/subscription"
)

// concurrencyCases checks that concurrent writers leave each application with one complete history.
func concurrencyCases() []check {
	return []check{
		{"one of many creations of an application wins", func(e *env) { e.race(1, 16) }},
		{"one of many changes on one base wins, revision after revision", func(e *env) { e.race(10, 16) }},
		{"changes of different applications all win", func(e *env) {
			const writers, revisions = 16, 10
			all := make([]*expected, writers)
			e.all("different applications", e.together("different applications", writers, func(i int) error {
				all[i] = unborn(subscription.ApplicationID(fmt.Sprintf("app %d", i)))
				for range revisions {
					c := all[i].next("t")
					if err := e.store.Commit(e.ctx, c); err != nil {
						return err
					}
					all[i].apply(c)
				}
				return nil
			}))
			e.holds(all...)
		}},
		{"one key from many at once has one receipt", func(e *env) { e.raceForKey() }},
		{"no change is lost among many that are tried until they win", func(e *env) {
			const writers, each = 8, 10
			e.all("changes", e.together("changes", writers, func(i int) error {
				for n := range each {
					tag := fmt.Sprintf("%d-%d", i, n)
					if _, err := e.insist("a", func(x *expected) subscription.Change { return x.next(tag) }); err != nil {
						return err
					}
				}
				return nil
			}))
			e.complete("a", writers*each)
		}},
		{"batches that overlap in every order", func(e *env) { e.overlap() }},
		{"a snapshot's rows are its document's", func(e *env) { e.readsAmidCommits() }},
	}
}

// race has writers attempt one change each on the same base, revision after revision.
func (e *env) race(revisions int64, writers int) {
	a := unborn("a")
	for base := range revisions {
		changes := make([]subscription.Change, writers)
		for i := range changes {
			changes[i] = small("a", base, fmt.Sprint("writer ", i))
		}
		errs := e.together("changes on one base", writers, func(i int) error { return e.store.Commit(e.ctx, changes[i]) })
		won := -1
		for i, err := range errs {
			switch {
			case err == nil && won >= 0:
				e.Fatalf("base %d: writers %d and %d both succeeded", base, won, i)
			case err == nil:
				won = i
			case conflicting(err, "a") != "":
				e.Fatalf("Commit: %s", conflicting(err, "a"))
			}
		}
		if won < 0 {
			e.Fatalf("base %d: no writer succeeded", base)
		}
		a.apply(changes[won])
		e.holds(a)
	}
}

// insist loads, decides and commits until the change is applied, and returns it. It stops if decide returns a zero
// change.
func (e *env) insist(app subscription.ApplicationID, decide func(x *expected) subscription.Change) (subscription.Change, error) {
	for range 10000 {
		snapshots, err := e.store.Load(e.ctx, subscription.Read{Application: app, Keys: []string{"k"}})
		if err != nil {
			return subscription.Change{}, fmt.Errorf("load: %w", err)
		}
		c := decide(&expected{document: snapshots[0].Application, receipts: snapshots[0].Receipts})
		if c.IsZero() {
			return c, nil
		}
		err = e.store.Commit(e.ctx, c)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, subscription.ErrConflict) {
			return c, fmt.Errorf("commit: %w, want success or a conflict", err)
		}
	}
	return subscription.Change{}, errors.New("10,000 conflicts in a row")
}

// raceForKey has many goroutines make the same keyed request, as retries would.
func (e *env) raceForKey() {
	var applied atomic.Int64
	e.all("one key", e.together("one key", 16, func(i int) error {
		c, err := e.insist("a", func(x *expected) subscription.Change {
			if len(x.receipts) > 0 {
				return subscription.Change{}
			}
			c := x.next(fmt.Sprint("writer ", i))
			c.Receipts[0].Key = "k"
			return c
		})
		if !c.IsZero() {
			applied.Add(1)
		}
		return err
	}))
	if n := applied.Load(); n != 1 {
		e.Fatalf("%d requests with the same key were applied, want 1", n)
	}
	e.complete("a", 1)
	// Writers that don't look up the key first are refused too.
	blind := small("a", 1, "blind")
	blind.Receipts[0].Key = "k"
	for i, err := range e.together("one key", 16, func(int) error { return e.store.Commit(e.ctx, blind) }) {
		if why := conflicting(err, "a"); why != "" {
			e.Fatalf("writer %d: %s", i, why)
		}
	}
	e.complete("a", 1)
}

// complete fails the case unless the application is at that revision and has the rows of all revisions.
func (e *env) complete(app subscription.ApplicationID, revision int64) {
	e.Helper()
	got := e.load(subscription.Read{Application: app})[0].Application
	if got.Revision != revision {
		e.Fatalf("%q is at revision %d, want %d", app, got.Revision, revision)
	}
	orders, entries, events := e.orders(app), e.entries(app), e.events(app)
	x := unborn(app)
	for i := range revision {
		if int(i) >= len(orders) {
			e.Fatalf("Orders of %q: %d, want %d", app, len(orders), revision)
		}
		x.apply(small(app, i, orders[i].Reference)) // the reference is the tag
	}
	e.same("the document", got, x.document)
	e.same("Orders", orders, x.orders)
	e.same("Entries", entries, x.entries)
	e.same("Events", events, x.events)
}

// overlap commits batches of the same applications in different orders, and retries those that conflict. The store must
// not deadlock.
func (e *env) overlap() {
	const writers, apps, rounds = 6, 8, 6
	e.all("overlapping batches", e.together("overlapping batches", writers, func(i int) error {
		for n := range rounds {
			var ids appIDs
			for j := range apps {
				ids = append(ids, subscription.ApplicationID(fmt.Sprint("app ", (j*(2*(i%4)+1)+i)%apps)))
			}
			if err := e.insistOn(ids, fmt.Sprintf("%d-%d", i, n)); err != nil {
				return err
			}
		}
		return nil
	}))
	for j := range apps {
		e.complete(subscription.ApplicationID(fmt.Sprint("app ", j)), writers*rounds)
	}
}

// insistOn commits a change of each application, in batches, until all are applied.
func (e *env) insistOn(ids appIDs, tag string) error {
	for range 10000 {
		reads := make([]subscription.Read, len(ids))
		for i, id := range ids {
			reads[i].Application = id
		}
		snapshots, err := e.store.Load(e.ctx, reads...)
		if err != nil {
			return fmt.Errorf("load: %w", err)
		}
		batch := make([]subscription.Change, len(ids))
		for i, s := range snapshots {
			batch[i] = small(ids[i], s.Application.Revision, tag)
		}
		err = e.store.Commit(e.ctx, batch...)
		var conflict *subscription.ConflictError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &conflict):
			return fmt.Errorf("commit: %w, want success or a conflict", err)
		case len(conflict.Applications) == 0:
			return errors.New("a conflict that names no application")
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(id subscription.ApplicationID) bool {
			return !slices.Contains(conflict.Applications, id)
		})
	}
	return errors.New("10,000 conflicts in a row")
}
