package relay_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// delivered records what a handler was given, and checks the promise: of each application every revision, each for the first
// time after the one before it.
type delivered struct {
	revisions map[subscription.ApplicationID]int64
	all       []string
	broken    []string
}

func (d *delivered) take(c store.FeedChange) {
	d.all = append(d.all, fmt.Sprint(c.Application, c.Revision))
	if d.revisions == nil {
		d.revisions = map[subscription.ApplicationID]int64{}
	}
	switch was := d.revisions[c.Application]; {
	case c.Revision == was+1:
		d.revisions[c.Application] = c.Revision
	case c.Revision > was+1:
		d.broken = append(d.broken, fmt.Sprintf("%s: revision %d follows %d", c.Application, c.Revision, was))
	}
	if len(c.Events) == 0 {
		d.broken = append(d.broken, fmt.Sprintf("%s: revision %d has no events", c.Application, c.Revision))
	}
}

// shop is a store with a clock and a relay that can be made to fail.
type shop struct {
	*testing.T

	st    *memory.Store
	now   time.Time
	fails map[subscription.ApplicationID]bool
	got   delivered
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return &shop{T: t, st: memory.New(), now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), fails: map[subscription.ApplicationID]bool{}}
}

var errDown = errors.New("the mail server is\ndown")

func (s *shop) relay(edit func(o *relay.Options)) *relay.Relay {
	s.Helper()
	o := relay.Options{Name: "mails", Store: s.st, Now: func() time.Time { return s.now }, Handle: func(_ context.Context, c store.FeedChange) error {
		if s.fails[c.Application] {
			return errDown
		}
		s.got.take(c)
		return nil
	}}
	if edit != nil {
		edit(&o)
	}
	r, err := relay.New(o)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// change commits the next change of an application.
func (s *shop) change(app subscription.ApplicationID) {
	s.Helper()
	loaded, err := s.st.Load(s.Context(), subscription.Read{Application: app})
	if err != nil {
		s.Fatal(err)
	}
	next := loaded[0].Application
	c := subscription.Change{Application: app, Base: next.Revision, Next: next}
	c.Next.Account, c.Next.Revision = "acme", c.Base+1
	c.Events = []subscription.Event{{Application: app, Revision: c.Base + 1, Type: subscription.EventCreated, At: s.now}}
	if err := s.st.Commit(s.Context(), c); err != nil {
		s.Fatal(err)
	}
}

func (s *shop) once(r *relay.Relay) relay.Stats {
	s.Helper()
	stats, err := r.Once(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return stats
}

func (s *shop) want(stats, want relay.Stats, all ...string) {
	s.Helper()
	if stats != want {
		s.Errorf("%+v, want %+v", stats, want)
	}
	if !slices.Equal(s.got.all, all) {
		s.Errorf("%v, want %v", s.got.all, all)
	}
	if len(s.got.broken) > 0 {
		s.Error(s.got.broken)
	}
	s.got.all = nil
}

// Everything is handled once, in order, also what was there before the relay, and nothing again.
// Rule: relay-waits-behind-what-fails.
func TestRelayHandlesEveryChange(t *testing.T) {
	s := newShop(t)
	r := s.relay(func(o *relay.Options) { o.Batch = 2 })
	s.want(s.once(r), relay.Stats{})
	for _, app := range []subscription.ApplicationID{"a", "b", "a", "a"} {
		s.change(app)
	}
	s.want(s.once(r), relay.Stats{Handled: 4}, "a1", "b1", "a2", "a3")
	s.want(s.once(r), relay.Stats{})
	s.change("b")
	s.want(s.once(s.relay(nil)), relay.Stats{Handled: 1}, "b2")
}

// An application whose change can't be handled waits, and the others go on.
// Rule: relay-waits-behind-what-fails.
func TestRelayParksAnApplication(t *testing.T) {
	s := newShop(t)
	r := s.relay(nil)
	s.fails["a"] = true
	for _, app := range []subscription.ApplicationID{"a", "b", "a", "b"} {
		s.change(app)
	}
	s.want(s.once(r), relay.Stats{Handled: 2, Failed: 1, Waiting: 1}, "b1", "b2")
	parked, err := s.st.Parked(t.Context(), "mails", s.now.Add(time.Hour), 10)
	if err != nil || len(parked) != 1 || parked[0].Reason != `the mail server is\ndown` || !parked[0].Next.Equal(s.now.Add(10*time.Second)) {
		t.Errorf("%+v, %v", parked, err)
	}
	s.change("a")
	s.want(s.once(r), relay.Stats{Waiting: 1})
	s.now = s.now.Add(10 * time.Second)
	s.want(s.once(r), relay.Stats{Failed: 1})
	s.now = s.now.Add(19 * time.Second)
	s.want(s.once(r), relay.Stats{}) // it waits twice as long
	s.fails["a"] = false
	s.now = s.now.Add(time.Second)
	s.change("a")
	s.want(s.once(r), relay.Stats{Handled: 4}, "a1", "a2", "a3", "a4")
	s.change("a")
	s.want(s.once(r), relay.Stats{Handled: 1}, "a5")
}

// A parked application stays behind its first change that fails, and what was handled meanwhile isn't handled again.
// Rule: relay-waits-behind-what-fails.
func TestRelayParksFurtherOn(t *testing.T) {
	s := newShop(t)
	bad := int64(1)
	r := s.relay(func(o *relay.Options) {
		o.Batch = 2
		o.Handle = func(_ context.Context, c store.FeedChange) error {
			if c.Revision == bad {
				return errDown
			}
			s.got.take(c)
			return nil
		}
	})
	for range 6 {
		s.change("a")
	}
	s.want(s.once(r), relay.Stats{Failed: 1, Waiting: 5})
	bad, s.now = 4, s.now.Add(time.Hour)
	s.want(s.once(r), relay.Stats{Handled: 3, Failed: 1}, "a1", "a2", "a3")
	parked, err := s.st.ParkedAmong(t.Context(), "mails", []subscription.ApplicationID{"a"})
	if err != nil || len(parked) != 1 || parked[0].Number != 4 || parked[0].Tries != 1 {
		t.Errorf("%+v, %v", parked, err)
	}
	bad, s.now = 0, s.now.Add(time.Hour)
	s.want(s.once(r), relay.Stats{Handled: 3}, "a4", "a5", "a6")
}

// A second process with the same relay does nothing while the first one works, and takes over when its lease is over.
// Rule: relay-waits-behind-what-fails.
func TestTwoRelaysWithOneName(t *testing.T) {
	s := newShop(t)
	second := s.relay(nil)
	var inner relay.Stats
	s.change("a")
	s.change("b")
	first := s.relay(func(o *relay.Options) {
		o.Handle = func(_ context.Context, c store.FeedChange) error {
			if c.Application == "a" {
				inner = s.once(second) //nolint:contextcheck // the test's
			}
			s.got.take(c)
			return nil
		}
	})
	s.want(s.once(first), relay.Stats{Handled: 2}, "a1", "b1")
	if inner != (relay.Stats{Held: true}) {
		t.Errorf("meanwhile: %+v", inner)
	}
	s.change("a")
	slow := s.relay(func(o *relay.Options) {
		o.Handle = func(_ context.Context, c store.FeedChange) error {
			s.now = s.now.Add(2 * time.Minute)
			inner = s.once(second) //nolint:contextcheck // the test's
			s.got.take(c)
			return nil
		}
	})
	s.want(s.once(slow), relay.Stats{Handled: 1, Held: true}, "a2", "a2")
	if inner != (relay.Stats{Handled: 1}) {
		t.Errorf("after the lease: %+v", inner)
	}
	s.want(s.once(second), relay.Stats{})
}

// A process that goes on working keeps the relay, however many changes there are, and also while it tries a parked application
// again.
// Rule: relay-waits-behind-what-fails.
func TestRelayKeepsItsLease(t *testing.T) {
	s := newShop(t)
	second := s.relay(nil)
	down := true
	first := s.relay(func(o *relay.Options) {
		o.Handle = func(_ context.Context, c store.FeedChange) error {
			if down && c.Application == "a" {
				return errDown
			}
			s.now = s.now.Add(25 * time.Second)
			if other := s.once(second); other != (relay.Stats{Held: true}) { //nolint:contextcheck // the test's
				t.Errorf("%s %d: another process does %+v", c.Application, c.Revision, other)
			}
			s.got.take(c)
			return nil
		}
	})
	for range 6 {
		s.change("a")
	}
	for range 6 {
		s.change("b")
	}
	s.want(s.once(first), relay.Stats{Handled: 6, Failed: 1, Waiting: 5}, "b1", "b2", "b3", "b4", "b5", "b6")
	down, s.now = false, s.now.Add(time.Hour)
	s.want(s.once(first), relay.Stats{Handled: 6}, "a1", "a2", "a3", "a4", "a5", "a6")
	s.want(s.once(second), relay.Stats{})
}

// A process that is stopped keeps what it has handled, and gives the relay back, also while it tries a parked application
// again.
// Rule: relay-waits-behind-what-fails.
func TestRelayIsStopped(t *testing.T) {
	for name, parked := range map[string]bool{"in its turn": false, "parked": true} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			for range 5 {
				s.change("a")
			}
			if s.fails["a"] = parked; parked {
				s.want(s.once(s.relay(nil)), relay.Stats{Failed: 1, Waiting: 4})
				s.fails["a"], s.now = false, s.now.Add(time.Hour)
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			r := s.relay(func(o *relay.Options) {
				o.Handle = func(_ context.Context, c store.FeedChange) error {
					s.got.take(c)
					if c.Revision == 3 {
						stop()
					}
					return nil
				}
			})
			stats, err := r.Once(ctx)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v, want context.Canceled", err)
			}
			s.want(stats, relay.Stats{Handled: 3}, "a1", "a2", "a3")
			s.want(s.once(s.relay(nil)), relay.Stats{Handled: 2}, "a4", "a5")
		})
	}
}

// What follows the mark is gone: the relay says so, changes nothing, and goes on where it is told to.
// Rule: cursor-is-of-one-feed.
func TestRelayOfAnotherFeed(t *testing.T) {
	s := newShop(t)
	r := s.relay(nil)
	s.fails["a"] = true
	s.change("a")
	s.change("b")
	s.want(s.once(r), relay.Stats{Handled: 1, Failed: 1}, "b1")
	if err := s.st.NewFeed(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Once(t.Context()); !errors.Is(err, store.ErrCursor) || subscription.CodeOf(err) != "cursor" {
			t.Errorf("%v, want store.ErrCursor", err)
		}
	}
	if err := r.Run(t.Context()); !errors.Is(err, store.ErrCursor) {
		t.Errorf("%v, want store.ErrCursor", err)
	}
	_, last, err := s.st.FeedEnds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Restart(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	s.fails["a"] = false
	s.got.revisions = map[subscription.ApplicationID]int64{"a": 1, "b": 1}
	s.change("a")
	s.want(s.once(r), relay.Stats{Handled: 1}, "a2")
}

// Run goes on until its context ends, and what it had handled by then is recorded.
// Rule: relay-waits-behind-what-fails.
func TestRelayRuns(t *testing.T) {
	s := newShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	var told []relay.Stats
	r := s.relay(func(o *relay.Options) {
		o.Poll = time.Millisecond
		o.Report = func(stats relay.Stats, err error) {
			if told = append(told, stats); err != nil {
				t.Errorf("told of %v", err)
			}
		}
		o.Handle = func(_ context.Context, c store.FeedChange) error {
			s.got.take(c)
			if c.Application == "b" {
				cancel()
			}
			return nil
		}
	})
	for _, app := range []subscription.ApplicationID{"a", "a", "b", "c"} {
		s.change(app)
	}
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	s.want(s.once(s.relay(nil)), relay.Stats{Handled: 1}, "a1", "a2", "b1", "c1")
	if want := []relay.Stats{{Handled: 3}}; !slices.Equal(told, want) {
		t.Errorf("told of %+v, want %+v", told, want)
	}
}

// A store that fails doesn't end Run, which tells of it.
// Rule: relay-waits-behind-what-fails.
func TestRelayTellsOfErrors(t *testing.T) {
	s := newShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	failures := 2
	st := &faulty{s.st, func() (bool, bool) {
		failures--
		return failures >= 0, false
	}}
	var told []error
	r := s.relay(func(o *relay.Options) {
		o.Store, o.Poll = st, time.Millisecond
		o.Report = func(stats relay.Stats, err error) {
			if told = append(told, err); stats.Handled > 0 {
				cancel()
			}
		}
	})
	s.change("a")
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(told) != 3 || !errors.Is(told[0], errFault) || !errors.Is(told[1], errFault) || told[2] != nil {
		t.Errorf("told of %v, want two failures and a success", told)
	}
}

func TestNewRelayRefuses(t *testing.T) {
	st, handle := memory.New(), func(context.Context, store.FeedChange) error { return nil }
	for name, o := range map[string]relay.Options{
		"nothing": {}, "no name": {Store: st, Handle: handle}, "no store": {Name: "mails", Handle: handle}, "no handler": {Name: "mails", Store: st},
		"batch": {Name: "mails", Store: st, Handle: handle, Batch: 1001}, "lease": {Name: "mails", Store: st, Handle: handle, Lease: -1},
	} {
		if _, err := relay.New(o); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%s: %v, want subscription.ErrInvalid", name, err)
		}
	}
}

// faulty is a store that fails at random, before or after it has done what it was asked for.
type faulty struct {
	*memory.Store
	fail func() (before, after bool)
}

var errFault = errors.New("no answer from the store")

func (f *faulty) SetMark(ctx context.Context, name string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error {
	before, after := f.fail()
	if before {
		return errFault
	}
	err := f.Store.SetMark(ctx, name, is, parks, goesOn)
	if after {
		return errFault
	}
	return err
}

func (f *faulty) Feed(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
	if before, _ := f.fail(); before {
		return nil, errFault
	}
	return f.Store.Feed(ctx, after, limit)
}

// Whatever fails, and however two processes take turns, nothing is skipped, and at the end everything is handled.
// Rule: relay-waits-behind-what-fails.
func TestRelaySkipsNothing(t *testing.T) {
	for seed := range uint64(300) {
		s, rng := newShop(t), rand.New(rand.NewPCG(seed, 7))
		quiet := false
		chance := func(percent int) bool { return !quiet && rng.IntN(100) < percent }
		st := &faulty{s.st, func() (bool, bool) { return chance(5), chance(5) }}
		edit := func(o *relay.Options) {
			o.Store, o.Batch = st, 1+rng.IntN(5)
			o.Handle = func(_ context.Context, c store.FeedChange) error {
				if chance(10) {
					s.now = s.now.Add(time.Duration(rng.IntN(90)) * time.Second)
				}
				if chance(15) {
					return errDown
				}
				s.got.take(c)
				return nil
			}
		}
		relays := []*relay.Relay{s.relay(edit), s.relay(edit)}
		apps := []subscription.ApplicationID{"a", "b", "c", "d"}
		want := map[subscription.ApplicationID]int64{}
		for range 60 {
			for range rng.IntN(4) {
				app := apps[rng.IntN(len(apps))]
				s.change(app)
				want[app]++
			}
			s.now = s.now.Add(time.Duration(rng.IntN(60)) * time.Second)
			if _, err := relays[rng.IntN(2)].Once(t.Context()); err != nil && !errors.Is(err, errFault) {
				t.Fatal(err)
			}
			if chance(5) {
				if _, err := s.st.Prune(t.Context(), time.Now().Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
		}
		quiet = true
		for range 3 {
			s.now = s.now.Add(2 * time.Hour)
			s.once(relays[0])
		}
		for app, n := range want {
			if s.got.revisions[app] != n {
				t.Errorf("seed %d: %s has %d changes, of which %d were handled", seed, app, n, s.got.revisions[app])
			}
		}
		if len(s.got.broken) > 0 {
			t.Fatalf("seed %d: %v", seed, s.got.broken)
		}
	}
}
