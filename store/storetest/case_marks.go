package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// markCases checks what a store remembers of relays, and that what they haven't passed is kept. The cases are skipped if the
// store isn't a [store.Marks].
func markCases() []check {
	return []check{
		{"a mark moves by one version at a time", func(e *env) {
			m := e.marks()
			e.sameMark(m, "mails", store.Mark{})
			one := store.Mark{Cursor: store.Cursor{Feed: "f", Number: 7}, Version: 1, Holder: "me", Until: noon()}
			e.setMark(m, "mails", one)
			e.sameMark(m, "mails", one)
			e.sameMark(m, "books", store.Mark{})
			two := store.Mark{Cursor: store.Cursor{Feed: "f", Number: 9}, Version: 2}
			e.setMark(m, "mails", two)
			for _, version := range []int64{1, 2, 4} {
				bad := store.Mark{Cursor: store.Cursor{Feed: "f", Number: 8}, Version: version}
				parks := []store.Parked{{Application: "a", Number: 8, Next: noon()}}
				if err := m.SetMark(e.ctx, "mails", bad, parks, nil); !errors.Is(err, subscription.ErrConflict) {
					e.Fatalf("SetMark of version %d after 2: %v, want subscription.ErrConflict", version, err)
				}
			}
			e.sameMark(m, "mails", two)
			e.parkedBy(m, "mails", noon().AddDate(1, 0, 0))
		}},
		{"many at once, one moves it", func(e *env) {
			m := e.marks()
			for version := range int64(3) {
				moved := 0
				for _, err := range e.together("marks", 8, func(i int) error {
					return m.SetMark(e.ctx, "mails", store.Mark{Version: version + 1, Holder: string(rune('a' + i))}, nil, nil)
				}) {
					switch {
					case err == nil:
						moved++
					case !errors.Is(err, subscription.ErrConflict):
						e.Fatalf("SetMark: %v", err)
					}
				}
				if moved != 1 {
					e.Fatalf("%d of 8 moved the mark to version %d, want 1", moved, version+1)
				}
			}
		}},
		{"applications are parked, tried, and go on", func(e *env) {
			m := e.marks()
			a := store.Parked{Application: "a", Number: 3, Tries: 1, Next: noon().Add(time.Minute), Reason: "no answer"}
			b := store.Parked{Application: "b", Number: 4, Tries: 1, Next: noon(), Reason: "“down”"}
			e.setMark(m, "mails", store.Mark{Version: 1}, a, b)
			e.setMark(m, "books", store.Mark{Version: 1}, store.Parked{Application: "a", Number: 1, Tries: 9, Next: noon()})
			e.parkedBy(m, "mails", noon().Add(-time.Microsecond))
			e.parkedBy(m, "mails", noon(), b)
			e.parkedBy(m, "mails", noon().Add(time.Minute), b, a)
			e.parkedAmong(m, "mails", appIDs{"a", "c"}, a)
			e.parkedAmong(m, "mails", nil)
			if some, err := m.Parked(e.ctx, "mails", noon().Add(time.Hour), 1); err != nil || len(some) != 1 || some[0].Application != "b" {
				e.Fatalf("Parked with limit 1: %+v, %v", some, err)
			}
			b.Tries, b.Next, b.Number = 2, noon().Add(time.Hour), 5
			if err := m.SetMark(e.ctx, "mails", store.Mark{Version: 2}, []store.Parked{b}, appIDs{"a"}); err != nil {
				e.Fatalf("SetMark: %v", err)
			}
			e.parkedBy(m, "mails", noon().Add(2*time.Hour), b)
		}},
		{"a relay that is dropped is new again", func(e *env) {
			m := e.marks()
			e.setMark(m, "mails", store.Mark{Version: 1}, store.Parked{Application: "a", Number: 3, Next: noon()})
			for range 2 {
				if err := m.DropMark(e.ctx, "mails"); err != nil {
					e.Fatalf("DropMark: %v", err)
				}
				e.sameMark(m, "mails", store.Mark{})
				e.parkedBy(m, "mails", noon())
			}
			e.setMark(m, "mails", store.Mark{Version: 1})
		}},
		{"names that aren't any", func(e *env) {
			m := e.marks()
			for _, name := range []string{"", strings.Repeat("x", 65), "a\x00b", "a\nb"} {
				if err := m.SetMark(e.ctx, name, store.Mark{Version: 1}, nil, nil); !errors.Is(err, subscription.ErrInvalid) {
					e.Fatalf("SetMark of %q: %v, want subscription.ErrInvalid", name, err)
				}
			}
		}},
		{"prune keeps what a relay hasn't passed", func(e *env) { e.prunesBehindRelays(e.marks(), e.feeder(), e.pruner()) }},
		{"a context that has ended", func(e *env) {
			m := e.marks()
			for _, w := range endings() {
				ctx, cancel := w.end(e.ctx)
				_, err := m.Mark(ctx, "mails")
				e.ended("Mark", err, w)
				_, err = m.Parked(ctx, "mails", noon(), 1)
				e.ended("Parked", err, w)
				_, err = m.ParkedAmong(ctx, "mails", appIDs{"a"})
				e.ended("ParkedAmong", err, w)
				e.ended("SetMark", m.SetMark(ctx, "mails", store.Mark{Version: 1}, nil, nil), w)
				e.ended("DropMark", m.DropMark(ctx, "mails"), w)
				cancel()
			}
			e.sameMark(m, "mails", store.Mark{})
		}},
	}
}

// marks returns the store of the case as a [store.Marks], and skips the case if it isn't one.
func (e *env) marks() store.Marks {
	e.Helper()
	return optional[store.Marks](e)
}

func (e *env) setMark(m store.Marks, relay string, is store.Mark, parks ...store.Parked) {
	e.Helper()
	if err := m.SetMark(e.ctx, relay, is, parks, nil); err != nil {
		e.Fatalf("SetMark: %v", err)
	}
}

func (e *env) sameMark(m store.Marks, relay string, want store.Mark) {
	e.Helper()
	if got, err := m.Mark(e.ctx, relay); err != nil || got != want {
		e.Fatalf("Mark of %s: %+v, %v, want %+v", relay, got, err, want)
	}
}

func (e *env) parkedBy(m store.Marks, relay string, at time.Time, want ...store.Parked) {
	e.Helper()
	got, err := m.Parked(e.ctx, relay, at, 10)
	if err != nil {
		e.Fatalf("Parked: %v", err)
	}
	if !slices.Equal(got, want) {
		e.Fatalf("Parked of %s at %s: %+v, want %+v", relay, at, got, want)
	}
}

func (e *env) parkedAmong(m store.Marks, relay string, apps appIDs, want ...store.Parked) {
	e.Helper()
	got, err := m.ParkedAmong(e.ctx, relay, apps)
	if err != nil {
		e.Fatalf("ParkedAmong: %v", err)
	}
	if !slices.Equal(got, want) {
		e.Fatalf("ParkedAmong %v of %s: %+v, want %+v", apps, relay, got, want)
	}
}

// prunesBehindRelays checks what stays of changes that relays have or haven't passed, and what a reader is told.
func (e *env) prunesBehindRelays(m store.Marks, f store.Feeder, p store.Pruner) {
	e.Helper()
	ahead := time.Now().Add(time.Hour) // of every number, too
	prune := func() {
		e.Helper()
		if _, err := p.Prune(e.ctx, ahead); err != nil {
			e.Fatalf("Prune: %v", err)
		}
	}
	a, b := e.stored("a", "1", "2", "3"), e.stored("b", "1", "2", "3")
	all := e.follow(f, store.Cursor{}, 10)
	first := all[0].Application // its changes may come first, or alternate
	e.setMark(m, "mails", store.Mark{Version: 1, Cursor: all[3].Cursor})
	e.setMark(m, "books", store.Mark{Version: 1, Cursor: all[5].Cursor}, store.Parked{
		Application: first, Number: all[2].Cursor.Number, Next: noon(),
	})
	prune()
	e.sameFeed("that waits for the one parked", e.feed(f, all[1].Cursor, 10), all[2:])
	if start, _ := e.feedEnds(f); start != all[1].Cursor {
		e.Fatalf("the feed begins at %+v, want %+v", start, all[1].Cursor)
	}
	e.badCursor(f, all[0].Cursor)
	e.sameFeed("from its beginning", e.feed(f, store.Cursor{}, 10), all[2:])
	for i, c := range all {
		kept := len(e.eventsAt(c.Application, c.Revision))
		if want := len(c.Events); i >= 2 && kept != want || i < 2 && kept != 0 {
			e.Fatalf("%d events of change %d are kept, of %d", kept, i, want)
		}
	}
	if err := m.SetMark(e.ctx, "books", store.Mark{Version: 2, Cursor: all[5].Cursor}, nil, appIDs{first}); err != nil {
		e.Fatalf("SetMark: %v", err)
	}
	prune()
	e.sameFeed("that waits for the other relay", e.feed(f, all[3].Cursor, 10), all[4:])
	if err := m.DropMark(e.ctx, "mails"); err != nil {
		e.Fatalf("DropMark: %v", err)
	}
	prune()
	start, end := e.feedEnds(f)
	if start != all[5].Cursor || end != start {
		e.Fatalf("the feed goes from %+v to %+v, want it to be empty after %+v", start, end, all[5].Cursor)
	}
	for _, x := range []*expected{a, b} {
		if n := len(e.events(x.document.ID)); n != 0 {
			e.Fatalf("%d events of %s are kept", n, x.document.ID)
		}
		x.events = nil
		e.apply(x, x.next("later"))
	}
	later := e.follow(f, end, 10)
	if len(later) != 2 || later[0].Cursor.Number <= end.Number {
		e.Fatalf("after it was pruned, the feed has %+v", later)
	}
}

// eventsAt returns the events of a revision.
func (e *env) eventsAt(app subscription.ApplicationID, revision int64) []subscription.Event {
	e.Helper()
	return slices.DeleteFunc(e.events(app), func(n subscription.Event) bool { return n.Revision != revision })
}
