package audit_test

import (
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
	accounts := balance.New(nil)
	check(accounts.Open(t.Context(), "acme"))
	check(accounts.Deposit(t.Context(), "acme", "opening", testworld.Money(t, "100.00 USD")))
	st := memory.New()
	w := newWorld(t, st, accounts, testworld.Catalog(t, "../../subscription/testdata/minutes.json"))
	reserve := subscription.Reserve{ID: "call-1", Product: "call", Usage: "audio", Minutes: 5, Until: w.now.Add(24 * time.Hour)}
	another := reserve
	another.ID = "call-2"
	for _, c := range []subscription.Command{
		topup.Buy{Pack: "call-50", Currency: "USD", Quantity: 1, Agreement: testworld.Agreement},
		reserve, another, subscription.Release{ID: "call-1"}, subscription.Release{ID: "call-2"}, subscription.Close{}, subscription.Erase{},
	} {
		w.now = w.now.Add(time.Minute)
		w.do(c)
	}
	for _, f := range findings(t, st, nil) {
		t.Error(f)
	}
}
