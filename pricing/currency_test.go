package pricing_test

import (
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// Amounts have an ISO 4217 currency, and its minor unit determines their rounding.
// Rule: exact-amounts.
func TestCurrencyDigits(t *testing.T) {
	for _, tt := range []struct {
		digits int
		codes  string
	}{
		{0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
		{2, "AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR INR MGA MRU MXN MYR NOK NZD PHP PLN SAR SEK SGD THB TRY TWD UAH USD XCG ZAR ZWG"},
		{3, "BHD IQD JOD KWD LYD OMR TND"},
		{4, "CLF UYW"},
	} {
		for code := range strings.FieldsSeq(tt.codes) {
			digits, err := pricing.Currency(code).Digits()
			if err != nil || digits != tt.digits {
				t.Errorf("%s has %d digits (%v), want %d", code, digits, err, tt.digits)
			}
		}
	}
}

func TestCurrencyUnknown(t *testing.T) {
	for name, code := range map[string]pricing.Currency{
		"none":            "",
		"lower case":      "usd",
		"padded":          "USD ",
		"withdrawn":       "HRK",
		"replaced by XCG": "ANG",
		"replaced by EUR": "BGN",
		"gold":            "XAU",
		"testing":         "XTS",
		"no currency":     "XXX",
		"drawing rights":  "XDR",
		"megabytes":       pricing.Currency(strings.Repeat("USD", 1<<20)),
	} {
		_, err := code.Digits()
		wrapped(t, name, err, pricing.ErrCurrency)
		if err != nil && len(err.Error()) > 100 {
			t.Errorf("%s: the error repeats its input: %d bytes", name, len(err.Error()))
		}
	}
}
