package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// feedCases checks that whoever follows the feed sees every change once, in an order that keeps that of each application.
// The cases are skipped if the store isn't a [store.Feeder].
func feedCases() []check {
	return []check{
		{"an empty feed has two equal ends", func(e *env) {
			f := e.feeder()
			first, last := e.feedEnds(f)
			if first.Feed == "" || first != last || first.Number != 0 {
				e.Fatalf("FeedEnds: %+v and %+v, want two equal ones of a feed at 0", first, last)
			}
			e.sameFeed("of nothing", e.feed(f, store.Cursor{}, 10), nil)
			e.sameFeed("after its end", e.feed(f, last, 10), nil)
		}},
		{"every change with its events, in the order of its application", func(e *env) {
			f := e.feeder()
			a, b := e.stored("a", "1", "2", "3"), e.stored("b", "1")
			e.apply(a, sample("a", 3, 0))
			all := e.follow(f, store.Cursor{}, 2)
			e.follows(all, a, b)
			_, last := e.feedEnds(f)
			if n := len(all); all[n-1].Cursor != last {
				e.Fatalf("the last change is at %+v, and the feed's end is %+v", all[n-1].Cursor, last)
			}
		}},
		{"from every cursor, of any length", func(e *env) {
			f := e.feeder()
			a, b := e.stored("a", "1", "2", "3"), e.stored("b", "1", "2")
			all := e.follow(f, store.Cursor{}, 100)
			e.follows(all, a, b)
			for i := range all {
				for limit := range len(all) + 2 {
					want := all[i+1:]
					e.sameFeed(fmt.Sprint("after change ", i), e.feed(f, all[i].Cursor, limit), want[:min(limit, len(want))])
				}
			}
			e.sameFeed("of no length", e.feed(f, store.Cursor{}, -1), nil)
		}},
		{"of one application", func(e *env) {
			f := e.feeder()
			e.stored("a", "1", "2", "3")
			e.stored("b", "1", "2")
			all := e.follow(f, store.Cursor{}, 100)
			for _, id := range (appIDs{"a", "b", "c"}) {
				own := slices.DeleteFunc(slices.Clone(all), func(c store.FeedChange) bool { return c.Application != id })
				e.sameFeed("of "+string(id), e.feedOf(f, id, store.Cursor{}, 10), own)
				for i := range own {
					e.sameFeed("of "+string(id), e.feedOf(f, id, own[i].Cursor, 1), own[i+1:min(i+2, len(own))])
				}
			}
		}},
		{"what isn't committed has no number", func(e *env) {
			f := e.feeder()
			a := e.stored("a", "1", "2")
			e.conflict(appIDs{"a"}, small("a", 1, "late"))
			e.follows(e.follow(f, store.Cursor{}, 10), a)
		}},
		{"many at once while somebody reads", func(e *env) { e.followsMany(e.feeder()) }},
		{"a cursor of another feed, and one that is ahead", func(e *env) {
			f := e.feeder()
			e.stored("a", "1", "2")
			all := e.follow(f, store.Cursor{}, 10)
			_, last := e.feedEnds(f)
			for _, c := range []store.Cursor{
				{Feed: "another", Number: 1}, {Number: 1}, {Feed: last.Feed, Number: last.Number + 1}, {Feed: last.Feed, Number: -1},
			} {
				e.badCursor(f, c)
			}
			if err := f.NewFeed(e.ctx); err != nil {
				e.Fatalf("NewFeed: %v", err)
			}
			e.badCursor(f, all[0].Cursor)
			if _, now := e.feedEnds(f); now.Feed == last.Feed || now.Feed == "" || now.Number != last.Number {
				e.Fatalf("after NewFeed the feed ends at %+v, and before at %+v", now, last)
			}
			again := e.follow(f, store.Cursor{}, 10)
			if len(again) != len(all) || again[0].Cursor.Number != all[0].Cursor.Number {
				e.Fatalf("after NewFeed there are %d changes, want %d", len(again), len(all))
			}
		}},
		{"a context that has ended", func(e *env) {
			f := e.feeder()
			e.stored("a", "1")
			for _, w := range endings() {
				ctx, cancel := w.end(e.ctx)
				_, err := f.Sequence(ctx, 10)
				e.ended("Sequence", err, w)
				_, err = f.Feed(ctx, store.Cursor{}, 10)
				e.ended("Feed", err, w)
				_, err = f.FeedOf(ctx, "a", store.Cursor{}, 10)
				e.ended("FeedOf", err, w)
				_, _, err = f.FeedEnds(ctx)
				e.ended("FeedEnds", err, w)
				e.ended("NewFeed", f.NewFeed(ctx), w)
				cancel()
			}
		}},
	}
}

// feeder returns the store of the case as a [store.Feeder], and skips the case if it isn't one.
func (e *env) feeder() store.Feeder {
	e.Helper()
	return optional[store.Feeder](e)
}

func (e *env) feedEnds(f store.Feeder) (first, last store.Cursor) {
	e.Helper()
	first, last, err := f.FeedEnds(e.ctx)
	if err != nil {
		e.Fatalf("FeedEnds: %v", err)
	}
	return first, last
}

func (e *env) feed(f store.Feeder, after store.Cursor, limit int) []store.FeedChange {
	e.Helper()
	changes, err := f.Feed(e.ctx, after, limit)
	if err != nil {
		e.Fatalf("Feed after %+v: %v", after, err)
	}
	return changes
}

func (e *env) feedOf(f store.Feeder, app subscription.ApplicationID, after store.Cursor, limit int) []store.FeedChange {
	e.Helper()
	changes, err := f.FeedOf(e.ctx, app, after, limit)
	if err != nil {
		e.Fatalf("FeedOf %.80q after %+v: %v", string(app), after, err)
	}
	return changes
}

func (e *env) badCursor(f store.Feeder, after store.Cursor) {
	e.Helper()
	if changes, err := f.Feed(e.ctx, after, 10); !errors.Is(err, store.ErrCursor) || len(changes) > 0 {
		e.Fatalf("Feed after %+v: %d changes, %v, want store.ErrCursor", after, len(changes), err)
	}
	if changes, err := f.FeedOf(e.ctx, "a", after, 10); !errors.Is(err, store.ErrCursor) || len(changes) > 0 {
		e.Fatalf("FeedOf after %+v: %d changes, %v, want store.ErrCursor", after, len(changes), err)
	}
}

// follow numbers what has no number, and returns all changes after a cursor, read so many at a time.
func (e *env) follow(f store.Feeder, after store.Cursor, limit int) []store.FeedChange {
	e.Helper()
	for {
		n, err := f.Sequence(e.ctx, limit)
		if err != nil || n > limit {
			e.Fatalf("Sequence: %d, %v", n, err)
		}
		if n == 0 {
			break
		}
	}
	var all []store.FeedChange
	for {
		some := e.feed(f, after, limit)
		if len(some) == 0 {
			return all
		}
		next := some[len(some)-1].Cursor
		if next.Number <= after.Number {
			e.Fatalf("Feed after %+v ends at %+v", after, next)
		}
		all, after = append(all, some...), next
	}
}

// follows fails the case unless changes are all those of some applications, in the order of each.
func (e *env) follows(changes []store.FeedChange, all ...*expected) {
	e.Helper()
	revision := map[subscription.ApplicationID]int64{}
	for i := range changes {
		c := &changes[i]
		revision[c.Application]++
		if c.Revision != revision[c.Application] {
			e.Fatalf("change %d is revision %d of %s, want %d", i, c.Revision, c.Application, revision[c.Application])
		}
		if i > 0 && (c.Cursor.Number <= changes[i-1].Cursor.Number || c.Cursor.Feed != changes[i-1].Cursor.Feed) || c.Cursor.Number <= 0 {
			e.Fatalf("change %d has the cursor %+v", i, c.Cursor)
		}
		if c.At.IsZero() || i > 0 && c.At.Before(changes[i-1].At.Add(-time.Minute)) || c.At.Location() != time.UTC {
			e.Fatalf("change %d has its number since %s", i, c.At)
		}
	}
	for _, x := range all {
		id := x.document.ID
		if revision[id] != x.document.Revision {
			e.Fatalf("the feed has %d changes of %s, want %d", revision[id], id, x.document.Revision)
		}
		var events []subscription.Event
		for i := range changes {
			if changes[i].Application == id {
				events = append(events, changes[i].Events...)
			}
		}
		e.same("events of "+string(id)+" in the feed", events, x.events)
		delete(revision, id)
	}
	if len(revision) > 0 {
		e.Fatalf("the feed has changes of others: %v", revision)
	}
}

func (e *env) sameFeed(what string, got, want []store.FeedChange) {
	e.Helper()
	if len(got) != len(want) {
		e.Fatalf("the feed %s has %d changes, want %d", what, len(got), len(want))
	}
	for i := range got {
		g, w := got[i], want[i]
		if g.Cursor != w.Cursor || g.Application != w.Application || g.Revision != w.Revision || !g.At.Equal(w.At) {
			e.Fatalf("the feed %s has %+v as change %d, want %+v", what, g, i, w)
		}
		e.same("events of the feed "+what, g.Events, w.Events)
	}
}

// followsMany checks that a reader misses nothing of what many commit meanwhile, and that several may number it.
func (e *env) followsMany(f store.Feeder) {
	e.Helper()
	const writers, changes = 8, 25
	apps := make([]*expected, writers)
	for i := range apps {
		apps[i] = unborn(subscription.ApplicationID("app " + strconv.Itoa(i)))
	}
	done := make(chan struct{})
	var all []store.FeedChange
	var twice []store.FeedChange
	read := func(into *[]store.FeedChange) error {
		for after, last := (store.Cursor{}), false; ; {
			select {
			case <-done:
				last = true
			default:
			}
			for n := 1; n > 0; {
				var err error
				if n, err = f.Sequence(e.ctx, 7); err != nil {
					return fmt.Errorf("numbers: %w", err)
				}
			}
			some, err := f.Feed(e.ctx, after, 7)
			switch {
			case err != nil:
				return fmt.Errorf("a page of the feed: %w", err)
			case len(some) > 0 && some[len(some)-1].Cursor.Number <= after.Number:
				return fmt.Errorf("a page after %+v ends at %+v", after, some[len(some)-1].Cursor)
			case len(some) > 0:
				*into = append(*into, some...)
				after = some[len(some)-1].Cursor
			case last:
				return nil
			}
		}
	}
	write := func(x *expected) error {
		for n := range changes {
			c := x.next("key " + strconv.Itoa(n))
			if err := e.store.Commit(e.ctx, c); err != nil {
				return err
			}
			x.apply(c)
		}
		return nil
	}
	readers := make(chan error, 2)
	go func() { readers <- read(&all) }()
	go func() { readers <- read(&twice) }()
	e.all("Commit", e.together("many commits", writers, func(i int) error { return write(apps[i]) }))
	close(done)
	e.within("two readers", func() error { return errors.Join(<-readers, <-readers) })
	e.follows(all, apps...)
	e.sameFeed("of another reader", twice, all)
}
