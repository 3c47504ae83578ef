package subscription_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/subscription"
)

// A record with an invalid ID is refused before the store is called, and the other records are still counted.
func TestBadIDsDontReachTheStore(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	spy := &readSpy{Store: m.store}
	s := sure.Of(subscription.NewService(spy, m.accounts, subscription.StaticCatalog(m.catalog),
		&subscription.Options{Now: func() time.Time { return m.now }}))
	good, bad := m.used("audio", 1), m.used("audio", 1)
	bad.ID = strings.Repeat("x", 65)
	results, err := s.Consume(t.Context(), app, bad, good)
	check(t, "err", err, nil)
	fails(t, results[0].Err, subscription.ErrInvalid)
	check(t, "good", results[1].Counted, true)
	check(t, "asked for", slices.Contains(spy.records, bad.ID), false)
	_, err = s.Do(t.Context(), app, subscription.Release{ID: "a\x00b", Used: &good}, "k")
	fails(t, err, subscription.ErrInvalid)
}

// readSpy is a store that remembers which usage records it was asked about.
type readSpy struct {
	subscription.Store
	records []string
}

func (s *readSpy) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	for _, r := range reads {
		s.records = append(s.records, r.Records...)
	}
	return s.Store.Load(ctx, reads...)
}
