package pricing_test

import (
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// The periods of a deal and those beyond it are lines of one total, and only amounts of one currency are added.
// Rule: deal-price, no-mixed-currencies.
func TestPriceDeal(t *testing.T) {
	deal, list := money(t, "150.00 USD"), money(t, "199.00 USD")
	price, err := pricing.PriceDeal("call", deal, 3, list, 0, pricing.HalfUp)
	if err != nil || len(price.Lines) != 1 || price.Lines[0].Kind != pricing.DealLine || price.Amount.String() != "450.00 USD" {
		t.Errorf("within a deal: %+v, %v", price, err)
	}
	price, err = pricing.PriceDeal("call", deal, 1, list, 2, pricing.HalfUp)
	if err != nil || len(price.Lines) != 2 || price.Lines[1].Kind != pricing.RenewalLine || price.Amount.String() != "548.00 USD" {
		t.Errorf("beyond a deal: %+v, %v", price, err)
	}
	if _, err = pricing.PriceDeal("call", deal, 1, money(t, "100 JPY"), 2, pricing.HalfUp); !errors.Is(err, pricing.ErrCurrencyMismatch) {
		t.Errorf("two currencies: %v", err)
	}
	negative := money(t, "-0.01 USD")
	if _, err = pricing.PriceDeal("call", negative, 1, list, 2, pricing.HalfUp); !errors.Is(err, pricing.ErrNegative) {
		t.Errorf("a negative deal: %v", err)
	}
	if _, err = pricing.PriceDeal("call", deal, 1, negative, 2, pricing.HalfUp); !errors.Is(err, pricing.ErrNegative) {
		t.Errorf("a negative list price: %v", err)
	}
	if _, err = pricing.PriceDeal("call", deal, -1, list, 2, pricing.HalfUp); !errors.Is(err, pricing.ErrRatio) {
		t.Errorf("a negative number: %v", err)
	}
}

// What a catalog says about changes at renewal and about offers for several periods; without, there are none.
// Rule: change-at-renewal, offer-for-periods.
func TestCatalogOfChangesAndPeriods(t *testing.T) {
	const text = `{"revision": "1", "zone": "UTC", "products": [
		{"id": "a", "name": "A", "changes": true, "versions": [{"id": "v", "name": "V", "rank": 1,
			"terms": [{"months": 1, "list": {"USD": "10.00"}}],
			"offers": [{"id": "three", "months": 1, "periods": 3, "price": {"USD": "5.00"}}, {"id": "one", "months": 1, "price": {"USD": "5.00"}}]}]},
		{"id": "b", "name": "B", "versions": [{"id": "v", "name": "V", "rank": 1, "terms": [{"months": 1, "list": {"USD": "10.00"}}]}]}
	]}`
	c := catalog(t, text)
	for id, want := range map[pricing.ProductID]bool{"a": true, "b": false} {
		p, err := c.Product(id)
		if err != nil || p.ChangesAtRenewal != want {
			t.Errorf("%s: %+v, %v", id, p, err)
		}
	}
	for _, o := range c.Offers("a", "v") {
		equal(t, string(o.ID), o.Periods, map[pricing.OfferID]int{"three": 3, "one": 0}[o.ID])
	}
}
