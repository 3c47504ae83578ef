package subscription_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// The defaults of a service are usable.
func TestDefaultsOfAServiceAreUsable(t *testing.T) {
	accounts := balance.New(nil)
	s := sure.Of(subscription.NewService(memory.New(), accounts, subscription.StaticCatalog(catalog(t, "catalog.json")), nil))
	before := time.Now()
	r, err := s.Do(t.Context(), app, subscription.Create{Account: acme}, "k")
	if err != nil {
		t.Fatal(err)
	}
	if r.Receipt.At.Before(before.Add(-time.Second)) || r.Receipt.At.After(time.Now()) || r.Receipt.At.Location() != time.UTC || r.Receipt.At.Nanosecond()%1000 != 0 {
		t.Errorf("At = %s, want now in UTC, to the microsecond", r.Receipt.At)
	}
	q, err := s.Quote(t.Context(), app, buy("call", "one-to-one"))
	if err != nil {
		t.Fatal(err)
	}
	midnight := q.At.Truncate(24 * time.Hour).Add(24 * time.Hour) // the catalog's zone is UTC, and a quote ends with its day
	check(t, "quote life", q.ExpiresAt.Sub(q.At), min(15*time.Minute, midnight.Sub(q.At)))
}
