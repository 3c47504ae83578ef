package subscription_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// Trap: texts that take six times their length in JSON fill a document beyond what its parts were reckoned at, and
// what was paid for can't be stored. Whatever characters identifiers contain, what is accepted can be delivered, and
// every document on the way can be stored.
// Rule: document-stays-small.
func TestOddIdentifiersDontOutgrowTheDocument(t *testing.T) {
	for name, fill := range map[string]string{"plain": "x", "quotes": `"`, "backslashes": `\`, "brackets": "<", "not ASCII": "漢"} {
		t.Run(name, func(t *testing.T) {
			m := newMeter(t)
			m.deposit("1000000.00 USD")
			m.must(topup.Buy{Pack: "custom", Minutes: 1000, Currency: "USD", Agreement: agreement})
			m.must(buy("call", "small"))
			stored := func() {
				app := m.stored()
				if _, err := document.Append(nil, &app); err != nil {
					t.Fatalf("the document can't be stored: %v", err)
				}
			}
			refused := 0
			for i := range subscription.MaxReservations { // a minute each
				id := fmt.Sprintf("%03d%s", i, strings.Repeat(fill, 61/len(fill)))
				_, err := m.do(subscription.Reserve{ID: id, Product: "call", Usage: "audio", Minutes: 1, Until: m.now.Add(time.Hour)})
				if errors.Is(err, subscription.ErrTooLarge) {
					refused++
				} else if err != nil {
					t.Fatal(err)
				}
			}
			stored()
			for cycles := 100; cycles > 0; cycles /= 2 {
				_, err := m.do(prepay{Product: "call", Cycles: cycles})
				if err != nil && !errors.Is(err, subscription.ErrTooLarge) {
					t.Fatal(err)
				}
				stored()
			}
			if _, err := m.do(topUp("any-50")); err != nil && !errors.Is(err, subscription.ErrTooLarge) {
				t.Fatal(err)
			}
			stored()
			t.Logf("%d reservations refused, %d cycles", refused, len(m.latest("call").Cycles))
		})
	}
}

// Spent top-ups make room for others: a customer can top up forever, and the document stays small.
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
