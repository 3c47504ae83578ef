package subscription_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/subscription"
)

// Spent top-ups make room for others: a customer can top up for ever, and the document stays small.
// Rule: document-stays-small.
func TestSpentTopUpsMakeRoom(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.use(m.used("audio", 100))
	for range 600 {
		m.must(topUp("call-50"))
		m.use(m.used("audio", 50))
	}
	check(t, "lots", len(m.stored().Lots), 2)
}

// Days are closed whichever way their usage came.
func TestReleaseClosesDays(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	for range 20 {
		m.now = m.now.AddDate(0, 0, 1)
		used := m.used("audio", 1)
		m.must(subscription.Release{ID: "x", Used: &used})
		check(t, "counters", len(m.stored().Counters) <= 3, true)
	}
}

// Usage is owed: its order can't be canceled while it is open.
// Rule: bill-of-unknown-outcome-is-not-repeated.
func TestUsageOrdersAreNotCanceled(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	app := m.stored()
	app.Orders = append(app.Orders, subscription.Order{
		ID: "9-u", Kind: subscription.UsageOrder, Status: subscription.OrderOpen,
	})
	d := subscription.Begin(subscription.Snapshot{Application: app}, m.now)
	check(t, "Cancel", errors.Is(d.Cancel("9-u"), subscription.ErrInvalid), true)
}

// What can't be an ID is refused before the store hears of it, and keeps no other record from being counted.
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
	check(t, "bad", errors.Is(results[0].Err, subscription.ErrInvalid), true)
	check(t, "good", results[1].Counted, true)
	check(t, "asked for", slices.Contains(spy.records, bad.ID), false)
	_, err = s.Do(t.Context(), app, subscription.Release{ID: "a\x00b", Used: &good}, "k")
	check(t, "Release", errors.Is(err, subscription.ErrInvalid), true)
}

// readSpy is a store that remembers which usage records it was asked for.
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

// Held minutes are not used up: a lot is warned of when they are gone, not when they are held.
// Rule: low-balance-warnings.
func TestReservationsDontWarn(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(m.hold("a", 22))
	m.use(m.used("audio", 5))
	check(t, "warned", len(m.noted(subscription.EventLowBalance)), 0)
	m.must(subscription.Release{ID: "a"})
	m.use(m.used("audio", 95))
	sameLines(t, "exhausted", m.noted(subscription.EventLowBalance), "low_balance 0%")
}

// Invariant 7: pay-as-you-go stays on, claims stay claimed, and what is owed is never less than nothing.
// Rule: pay-as-you-go-stays-on.
func TestCheckGuardsClaims(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(subscription.EnablePayAsYouGo{Currency: "USD"})
	m.must(subscription.ClaimFree{Free: "starter"})
	m.use(m.used("audio", 1))
	for name, edit := range map[string]func(a *subscription.Application){
		"pay-as-you-go off":    func(a *subscription.Application) { a.PayAsYouGo = subscription.PayAsYouGo{} },
		"another currency":     func(a *subscription.Application) { a.PayAsYouGo.Currency = "EUR" },
		"claims forgotten":     func(a *subscription.Application) { a.Free = nil },
		"more free minutes":    func(a *subscription.Application) { a.Free[0].Minutes *= 100 },
		"negative excess":      func(a *subscription.Application) { a.Counters[0].Excess = -1 },
		"an order there isn't": func(a *subscription.Application) { a.Counters[0].Order = "1-x" },
		"a lot's claim":        func(a *subscription.Application) { a.Lots[1].Free = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			base := m.stored()
			d := subscription.Begin(subscription.Snapshot{Application: base}, m.now)
			edit(&d.Application)
			d.AddEvent(subscription.Event{Type: subscription.EventAccepted})
			if err := d.Change().Check(base); !errors.Is(err, subscription.ErrInvariant) {
				t.Errorf("Check = %v, want ErrInvariant", err)
			}
		})
	}
}
