package stripe

import (
	"fmt"
	"math"
	"strings"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// decimals lists the currencies that the provider charges in, by the number of decimals of its amounts. Where that differs
// from ISO 4217: ISK and UGX have two, though they have no minor unit, and MGA has none.
//
//nolint:gochecknoglobals // a constant table
var decimals = map[int]string{
	0: "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE " +
		"CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT " +
		"LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN " +
		"QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD " +
		"XCG YER ZAR ZMW",
	3: "BHD JOD KWD OMR TND", // whose last digit must be 0
}

// digitsThere returns the number of decimals of the provider's amounts in a currency.
func digitsThere(c pricing.Currency) (int, bool) {
	if len(c) != 3 {
		return 0, false
	}
	for digits, codes := range decimals {
		if strings.Contains(codes, string(c)) {
			return digits, true
		}
	}
	return 0, false
}

// code returns the provider's name of a currency.
func code(c pricing.Currency) string { return strings.ToLower(string(c)) }

// Amount returns an amount in the provider's minor units, exactly. They are those of ISO 4217 but for ISK and UGX (1 is 100
// there) and MGA (1.00 is 1). It fails with [payment.ErrInvalid] for a currency that the provider doesn't charge in, and for
// an amount that isn't a whole number of its units: MGA with a fraction, and one with three decimals that doesn't end in 0.
func Amount(m pricing.Money) (int64, error) {
	there, ok := digitsThere(m.Currency())
	here, err := m.Currency().Digits()
	if !ok || err != nil {
		return 0, fmt.Errorf("%w: Stripe doesn't charge in %.10q", payment.ErrInvalid, string(m.Currency()))
	}
	amount := m.Minor()
	for ; here < there; here++ {
		if amount > math.MaxInt64/10 || amount < math.MinInt64/10 {
			return 0, fmt.Errorf("%w: %s is too much for Stripe", payment.ErrInvalid, m)
		}
		amount *= 10
	}
	for ; here > there; here-- {
		if amount%10 != 0 {
			return 0, fmt.Errorf("%w: Stripe charges no fractions of %s: %s", payment.ErrInvalid, m.Currency(), m)
		}
		amount /= 10
	}
	if there == 3 && amount%10 != 0 {
		return 0, fmt.Errorf("%w: the last digit of an amount in %s must be 0 for Stripe: %s", payment.ErrInvalid, m.Currency(), m)
	}
	return amount, nil
}

// money is the inverse of Amount.
func money(amount int64, currency stripego.Currency) (pricing.Money, error) {
	c := pricing.Currency(strings.ToUpper(string(currency)))
	there, ok := digitsThere(c)
	here, err := c.Digits()
	if !ok || err != nil {
		return pricing.Money{}, fmt.Errorf("an amount in %.10q", string(currency))
	}
	for ; there < here; there++ {
		if amount > math.MaxInt64/10 || amount < math.MinInt64/10 {
			return pricing.Money{}, fmt.Errorf("too large an amount: %d %s", amount, c)
		}
		amount *= 10
	}
	for ; there > here; there-- {
		if amount%10 != 0 {
			return pricing.Money{}, fmt.Errorf("a fraction of %s: %d", c, amount)
		}
		amount /= 10
	}
	return pricing.FromMinor(amount, c)
}
