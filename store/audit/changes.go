package audit

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// change is what is kept of one change: its events, without those that were pruned, and its entries.
type change struct {
	revision int64
	events   []subscription.Event
	entries  []subscription.Entry
	whole    bool // no event of it was pruned
}

// changes reads the events, the entries and the feed side by side, one change at a time, and checks each of them.
func (b *book) changes(
	events iter.Seq2[subscription.Event, error], entries iter.Seq2[subscription.Entry, error], fed iter.Seq2[int64, error],
) error {
	for i := range b.app.Counters {
		c := &b.app.Counters[i]
		b.ledger.taken[usedOn{c.Product, c.Kind, c.Day}] = 0
	}
	e := pull(events, func(e *subscription.Event) int64 { return e.Revision })
	defer e.stop()
	n := pull(entries, func(e *subscription.Entry) int64 { return e.Revision })
	defer n.stop()
	f := pull(fed, func(r *int64) int64 { return *r })
	defer f.stop()
	var c change
	feed := fedSoFar{}
	for e.more() || n.more() {
		c = change{revision: e.at(), events: c.events[:0], entries: c.entries[:0]}
		if !e.more() || n.more() && n.at() < c.revision {
			c.revision = n.at()
		}
		c.events = e.take(c.revision, c.events)
		c.entries = n.take(c.revision, c.entries)
		b.change(&c)
		for f.more() && f.at() <= c.revision {
			b.fed(&feed, f.at())
			f.next()
		}
		feed.skipped(&c)
	}
	for ; f.more(); f.next() {
		b.fed(&feed, f.at())
	}
	return errors.Join(e.err, n.err, f.err)
}

// change checks one change.
func (b *book) change(c *change) {
	l := &b.log
	if c.revision < 1 || c.revision > b.app.Revision {
		b.addf(Finding{Kind: Events}, "there are %d events and %d entries of revision %d, and the application is at %d", len(c.events),
			len(c.entries), c.revision, b.app.Revision)
	}
	b.sequence(c)
	for i := range c.events {
		b.clock(&l.eventsAt, c.events[i].At, &c.events[i])
	}
	for i := range c.entries {
		e := &c.entries[i]
		if e.Application != b.id || e.Index != i {
			b.addf(Finding{Kind: Minutes, Lot: e.Lot}, "entry %d of revision %d has the index %d", i, c.revision, e.Index)
		}
		b.clock(&l.entriesAt, e.At, nil)
		b.enter(e)
	}
	for i := range c.events {
		b.event(&c.events[i], c)
	}
	b.bought(c)
	b.lapses(c)
	if c.whole {
		b.explained(c)
	}
}

// sequence checks that no event is missing. Pruning removes the oldest, perhaps in the middle of a change.
func (b *book) sequence(c *change) {
	l := &b.log
	if len(c.events) == 0 {
		if l.begun && !l.reset {
			b.addf(Finding{Kind: Events}, "the change of revision %d has %d entries and no event", c.revision, len(c.entries))
		}
		return
	}
	first := c.events[0].Index
	c.whole = first == 0
	if first != 0 && l.begun && !l.reset {
		b.addf(Finding{Kind: Events}, "the events of revision %d begin with number %d", c.revision, first)
	}
	if c.revision == 1 && c.whole {
		l.complete = true
	}
	for i := range c.events {
		e := &c.events[i]
		if e.Application != b.id || e.Index != first+i {
			b.addf(Finding{Kind: Events}, "event %d of revision %d follows %d", e.Index, c.revision, first+i-1)
			c.whole = false
			break
		}
	}
	if created := c.events[0].Type == subscription.EventCreated; created && c.revision != 1 || c.revision == 1 && c.whole && !created {
		b.addf(Finding{Kind: Events}, "revision %d begins with %s", c.revision, c.events[0].Type)
	}
	l.begun = true
}

// clock checks that time doesn't run backward, unless the clock was reset. Once it was, pruning may remove events between others.
func (b *book) clock(last *time.Time, at time.Time, e *subscription.Event) {
	l := &b.log
	switch {
	case e != nil && e.Type == subscription.EventClockReset:
		l.reset = true
	case at.Before(*last) && !l.reset && l.complete:
		what := "an entry"
		if e != nil {
			what = string(e.Type)
		}
		b.addf(Finding{Kind: Time}, "%s at %s follows what was at %s", what, stamp(at), stamp(*last))
	case at.Before(*last):
		l.reset = true // by an event that was pruned
	}
	*last = at
}

// puller reads a sequence with one value of look-ahead.
type puller[T any] struct {
	pull     func() (T, error, bool)
	stop     func()
	revision func(*T) int64
	value    T
	ok       bool
	err      error
}

func pull[T any](seq iter.Seq2[T, error], revision func(*T) int64) *puller[T] {
	p := &puller[T]{revision: revision}
	p.pull, p.stop = iter.Pull2(seq)
	p.next()
	return p
}

func (p *puller[T]) next() {
	p.value, p.err, p.ok = p.pull()
	p.ok = p.ok && p.err == nil
}

func (p *puller[T]) more() bool { return p.ok }

// at returns the revision of the next value.
func (p *puller[T]) at() int64 { return p.revision(&p.value) }

// take appends the values of a revision.
func (p *puller[T]) take(revision int64, to []T) []T {
	for p.more() && p.at() == revision {
		to = append(to, p.value)
		p.next()
	}
	return to
}

// none is a feed without changes.
func none(func(int64, error) bool) {}

// feed yields the revisions of an application's changes that are in a feed.
func feed(ctx context.Context, s store.Feeder, id subscription.ApplicationID) iter.Seq2[int64, error] {
	const page = 200
	return func(yield func(int64, error) bool) {
		var after store.Cursor
		for {
			some, err := s.FeedOf(ctx, id, after, page)
			if err != nil {
				yield(0, err)
				return
			}
			for i := range some {
				if !yield(some[i].Revision, nil) {
					return
				}
				after = some[i].Cursor
			}
			if len(some) < page {
				return
			}
		}
	}
}

// fedSoFar is how far the feed was compared with the changes.
type fedSoFar struct {
	last   int64 // the last revision that is in the feed
	passed int64 // the last change that isn't
}

// skipped notes a change that the feed doesn't have, or not yet: the first are pruned, and the last may not have a number.
func (s *fedSoFar) skipped(c *change) {
	if s.last != 0 && s.last < c.revision && len(c.events) > 0 && s.passed == 0 {
		s.passed = c.revision
	}
}

// fed checks that the feed has the changes in order and skips none.
func (b *book) fed(s *fedSoFar, revision int64) {
	switch {
	case revision <= s.last:
		b.addf(Finding{Kind: Feed}, "the change of revision %d follows that of %d in the feed", revision, s.last)
	case s.passed != 0 && !b.log.reset:
		b.addf(Finding{Kind: Feed}, "the feed has revision %d, and skips %d", revision, s.passed)
	case revision > b.app.Revision:
		b.addf(Finding{Kind: Feed}, "the feed has revision %d, and the application is at %d", revision, b.app.Revision)
	}
	s.last, s.passed = revision, 0
}
