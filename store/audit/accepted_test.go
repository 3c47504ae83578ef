package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// An order that a person accepted another amount for is as it should be, and so are the taxes of its refunds, also once its events
// are pruned. What was collected is a finding if nobody accepted it, and a share of a tax that isn't in it.
// Rule: audit-finds-only-what-is-wrong, tax-of-what-was-collected.
func TestAcceptedAmount(t *testing.T) {
	const prices = `{"revision": "1", "zone": "UTC", "tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]},
		"products": [{"id": "call", "name": "Call", "versions": [
			{"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "minutes": 1000, "list": {"EUR": "100.00"}}]}]}]}`
	for _, collected := range []string{"200.00 EUR", "60.00 EUR", "7000 JPY"} {
		for _, wait := range []time.Duration{0, time.Hour} { // at the instant of its payment, or later
			t.Run(fmt.Sprint(collected, " after ", wait), func(t *testing.T) {
				cat, err := pricing.ParseCatalog(strings.NewReader(prices))
				check(err)
				gate := &testworld.Gateway{Gateway: balance.New(nil), OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
					return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: testworld.Money(t, collected)}, nil
				}}
				st := &source{Store: memory.New()}
				w := newWorld(t, st, gate, cat)
				w.do(subscription.SetTax{Region: "DE"})
				o, err := w.ask(subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "EUR"})
				if subscription.CodeOf(err) != "review" {
					t.Fatal(err)
				}
				w.now = w.now.Add(wait)
				w.do(subscription.CloseReview{Order: o.ID, Deliver: true})
				part := testworld.Money(t, map[bool]string{true: "40 JPY", false: "40.00 EUR"}[strings.HasSuffix(collected, "JPY")])
				w.do(subscription.RefundOrder{Order: o.ID, Amount: part, Elsewhere: true})
				w.do(subscription.RefundOrder{Order: o.ID, Take: subscription.TakeAll, Elsewhere: true})
				for _, f := range findings(t, st, &audit.Options{Catalogs: []*pricing.Catalog{cat}}) {
					t.Error(f)
				}
				for _, kind := range []audit.Kind{audit.Payment, audit.Share} {
					st.orders = func(id subscription.ApplicationID, yield func(subscription.Order, error) bool) {
						for o, err := range st.Store.Orders(t.Context(), id) {
							if kind == audit.Payment {
								o.Collected = pricing.Money{}
							} else {
								o.Taxes[0].Amount = testworld.Money(t, "18.00 EUR")
							}
							if !yield(o, err) {
								return
							}
						}
					}
					if all := findings(t, st, nil); !found(all, kind) {
						t.Errorf("%s: found %v", kind, all)
					}
				}
				st.orders = nil
				if wait > 0 {
					_, err := st.Prune(t.Context(), w.now.Add(time.Hour))
					check(err)
					for _, f := range findings(t, st, nil) {
						t.Errorf("pruned: %s", f)
					}
				}
			})
		}
	}
}

func found(all []audit.Finding, kind audit.Kind) bool {
	for _, f := range all {
		if f.Kind == kind {
			return true
		}
	}
	return false
}
