package memory

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// feed holds the numbers of all changes. Every change is numbered as it is committed, under the lock of its shard.
type feed struct {
	mu       sync.RWMutex
	identity string
	pruned   int64 // the last number that isn't kept
	lines    []line
}

// line is a change, whose number follows from its place.
type line struct {
	application subscription.ApplicationID
	revision    int64
	at          time.Time
}

// number gives a committed change its number and returns it.
func (f *feed) number(app subscription.ApplicationID, revision int64) int64 {
	at := time.Now().UTC().Truncate(time.Microsecond) //nolint:forbidigo // the store's clock, as in a database
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, line{app, revision, at})
	return f.pruned + int64(len(f.lines))
}

// ends returns the first and the last cursor, under the lock.
func (f *feed) ends() (first, last store.Cursor) {
	return store.Cursor{Feed: f.identity, Number: f.pruned},
		store.Cursor{Feed: f.identity, Number: f.pruned + int64(len(f.lines))}
}

// after returns at most limit lines after a cursor as changes without events.
func (f *feed) after(after store.Cursor, limit int) ([]store.FeedChange, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	first, last := f.ends()
	if err := after.After(first, last); err != nil {
		return nil, err
	}
	from := max(after.Number, first.Number)
	changes := make([]store.FeedChange, 0, min(int64(max(limit, 0)), last.Number-from))
	for n := from; n < last.Number && len(changes) < limit; n++ {
		l := &f.lines[n-f.pruned]
		changes = append(changes, store.FeedChange{
			Cursor: store.Cursor{Feed: f.identity, Number: n + 1}, Application: l.application, Revision: l.revision, At: l.at,
		})
	}
	return changes, nil
}

// Sequence implements [store.Feeder]. Changes are numbered as they are committed.
func (*Store) Sequence(ctx context.Context, _ int) (int, error) { return 0, ctx.Err() }

// Feed implements [store.Feeder].
func (s *Store) Feed(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	changes, err := s.feed.after(after, limit)
	for i := range changes {
		c := &changes[i]
		c.Events = view(s, c.Application, func(r *record) []subscription.Event { return r.eventsOf(c.Revision) })
	}
	return changes, err
}

// FeedOf implements [store.Feeder].
func (s *Store) FeedOf(
	ctx context.Context, app subscription.ApplicationID, after store.Cursor, limit int,
) ([]store.FeedChange, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.feed.mu.RLock()
	first, last := s.feed.ends()
	s.feed.mu.RUnlock()
	if err := after.After(first, last); err != nil {
		return nil, err
	}
	from := max(after.Number, first.Number)
	return view(s, app, func(r *record) []store.FeedChange {
		var changes []store.FeedChange
		at := sort.Search(len(r.numbers), func(i int) bool { return r.numbers[i] > from })
		for i := at; i < len(r.numbers) && r.numbers[i] <= last.Number && len(changes) < limit; i++ {
			revision := r.document.Revision - int64(len(r.numbers)-1-i)
			changes = append(changes, store.FeedChange{
				Cursor: store.Cursor{Feed: first.Feed, Number: r.numbers[i]}, Application: app, Revision: revision,
				At: s.feed.at(r.numbers[i]), Events: r.eventsOf(revision),
			})
		}
		return changes
	}), nil
}

// at returns when a number was given.
func (f *feed) at(number int64) time.Time {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if i := number - f.pruned - 1; i >= 0 && i < int64(len(f.lines)) {
		return f.lines[i].at
	}
	return time.Time{}
}

// eventsOf returns the events of a revision.
func (r *record) eventsOf(revision int64) []subscription.Event {
	i, found := slices.BinarySearchFunc(r.events, revision, func(events []subscription.Event, revision int64) int {
		return int(max(min(events[0].Revision-revision, 1), -1))
	})
	if !found {
		return nil
	}
	return slices.Clone(r.events[i])
}

// FeedEnds implements [store.Feeder].
func (s *Store) FeedEnds(ctx context.Context) (first, last store.Cursor, err error) {
	if err := ctx.Err(); err != nil {
		return first, last, err
	}
	s.feed.mu.RLock()
	defer s.feed.mu.RUnlock()
	first, last = s.feed.ends()
	return first, last, nil
}

// NewFeed implements [store.Feeder].
func (s *Store) NewFeed(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.identity = storeid.New()
	return nil
}

// prune forgets the lines before an instant that every relay has passed, and returns the number that the last of these had.
func (f *feed) prune(before time.Time, passed int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for n < len(f.lines) && f.lines[n].at.Before(before) && f.pruned+int64(n) < passed {
		n++
	}
	f.lines = append([]line(nil), f.lines[n:]...)
	f.pruned += int64(n)
	return f.pruned
}
