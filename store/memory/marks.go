package memory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// marks are how far relays have come.
type marks struct {
	mu     sync.Mutex
	relays map[string]*relay
}

type relay struct {
	mark   store.Mark
	parked map[subscription.ApplicationID]store.Parked
}

// Mark implements [store.Marks].
func (s *Store) Mark(ctx context.Context, name string) (store.Mark, error) {
	if err := ctx.Err(); err != nil {
		return store.Mark{}, err
	}
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	if r := s.marks.relays[name]; r != nil {
		return r.mark, nil
	}
	return store.Mark{}, nil
}

// SetMark implements [store.Marks].
func (s *Store) SetMark(
	ctx context.Context, name string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := store.RelayName(name); err != nil {
		return err
	}
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	r := s.marks.relays[name]
	if r == nil {
		r = &relay{parked: map[subscription.ApplicationID]store.Parked{}}
	}
	if r.mark.Version != is.Version-1 {
		return fmt.Errorf("%w: the mark of relay %s", subscription.ErrConflict, name)
	}
	s.marks.relays = made(s.marks.relays)
	s.marks.relays[name] = r
	is.Until = is.Until.UTC()
	r.mark = is
	for _, app := range goesOn {
		delete(r.parked, app)
	}
	for _, p := range parks {
		p.Next = p.Next.UTC()
		r.parked[p.Application] = p
	}
	return nil
}

// Parked implements [store.Marks].
func (s *Store) Parked(ctx context.Context, name string, at time.Time, limit int) ([]store.Parked, error) {
	due := func(p store.Parked) bool { return !p.Next.After(at) }
	parked, err := s.parked(ctx, name, due)
	slices.SortFunc(parked, func(a, b store.Parked) int {
		return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.Application, b.Application))
	})
	return parked[:min(max(limit, 0), len(parked))], err
}

// ParkedAmong implements [store.Marks].
func (s *Store) ParkedAmong(ctx context.Context, name string, apps []subscription.ApplicationID) ([]store.Parked, error) {
	return s.parked(ctx, name, func(p store.Parked) bool { return slices.Contains(apps, p.Application) })
}

func (s *Store) parked(ctx context.Context, name string, which func(store.Parked) bool) ([]store.Parked, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	var parked []store.Parked
	if r := s.marks.relays[name]; r != nil {
		for _, p := range r.parked {
			if which(p) {
				parked = append(parked, p)
			}
		}
	}
	return parked, nil
}

// DropMark implements [store.Marks].
func (s *Store) DropMark(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	delete(s.marks.relays, name)
	return nil
}

// passed returns the last number that every relay has handled.
func (m *marks) passed() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	passed := int64(math.MaxInt64)
	for _, r := range m.relays {
		passed = min(passed, r.mark.Cursor.Number)
		for _, p := range r.parked {
			passed = min(passed, p.Number-1)
		}
	}
	return passed
}
