package pricing

import "fmt"

// Package is the price and the minutes of one period of a package. The price of a period that was paid for is the one
// recorded with it: a list price, or that of an offer or a deal. Any other is the list price.
type Package struct {
	Price   Money `json:"price"`
	Minutes int64 `json:"minutes"` // whole package minutes
}

// rate returns the price of p. It returns an error if the price is not in currency c, or if the price or the minutes
// are negative.
func (p Package) rate(c Currency) (Rate, error) {
	if p.Price.currency != c {
		return Rate{}, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, p.Price.currency, c)
	}
	if p.Minutes < 0 {
		return Rate{}, fmt.Errorf("%w: %d minutes", ErrNegative, p.Minutes)
	}
	return p.Price.Rate()
}

// PricePurchase returns the price of n periods of a package as a single line: n × price. It returns the errors of
// [Money.Rate] and [Total], which has [ErrRatio] for a negative n.
func PricePurchase(item string, price Money, n int, mode Rounding) (Price, error) {
	return priceTimes(PurchaseLine, item, price, n, mode)
}

// PriceRenewal returns the price of n further periods of a package as a single line: n × price. It returns the errors of
// [PricePurchase].
func PriceRenewal(item string, price Money, n int, mode Rounding) (Price, error) {
	return priceTimes(RenewalLine, item, price, n, mode)
}

// PriceDeal returns the price of n further periods at the price of a deal, and of beyond more at list price, if there are
// any, as one line each. It returns the errors of [PricePurchase], and [ErrCurrencyMismatch].
func PriceDeal(item string, deal Money, n int, list Money, beyond int, mode Rounding) (Price, error) {
	if beyond == 0 {
		return priceTimes(DealLine, item, deal, n, mode)
	}
	if deal.currency != list.currency {
		return Price{}, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, deal.currency, list.currency)
	}
	unit, err := deal.Rate()
	if err != nil {
		return Price{}, err
	}
	full, err := list.Rate()
	if err != nil {
		return Price{}, err
	}
	return Total(deal.currency, mode, []Line{
		{Kind: DealLine, Item: item, Unit: unit, Times: Ratio{int64(n), 1}},
		{Kind: RenewalLine, Item: item, Unit: full, Times: Ratio{int64(beyond), 1}},
	})
}

func priceTimes(kind LineKind, item string, price Money, n int, mode Rounding) (Price, error) {
	unit, err := price.Rate()
	if err != nil {
		return Price{}, err
	}
	return Total(price.currency, mode, []Line{{Kind: kind, Item: item, Unit: unit, Times: Ratio{int64(n), 1}}})
}
