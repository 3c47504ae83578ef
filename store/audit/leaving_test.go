package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// The events of an erased application don't name its reservations any more, of which several were open at once.
// Rule: audit-finds-only-what-is-wrong.
func TestErasedReservations(t *testing.T) {
	now := testworld.Instant(t, "2025-07-10T04:00:00Z")
	cat := testworld.Catalog(t, "../../subscription/testdata/minutes.json")
	accounts := balance.New(nil)
	check(accounts.Open(t.Context(), "acme"))
	check(accounts.Deposit(t.Context(), "acme", "opening", testworld.Money(t, "100.00 USD")))
	st := memory.New()
	s, err := subscription.NewService(st, accounts, subscription.StaticCatalog(cat), &subscription.Options{Now: func() time.Time { return now }})
	check(err)
	reserve := subscription.Reserve{ID: "call-1", Product: "call", Usage: "audio", Minutes: 5, Until: now.Add(24 * time.Hour)}
	another := reserve
	another.ID = "call-2"
	for n, c := range []subscription.Command{
		subscription.Create{Account: "acme"},
		topup.Buy{Pack: "call-50", Currency: "USD", Quantity: 1, Agreement: testworld.Agreement},
		reserve, another, subscription.Release{ID: "call-1"}, subscription.Release{ID: "call-2"}, subscription.Close{}, subscription.Erase{},
	} {
		now = now.Add(time.Minute)
		_, err := s.Do(t.Context(), "app", c, fmt.Sprint("k-", n))
		check(err)
	}
	for _, f := range findings(t, st, nil) {
		t.Error(f)
	}
}
