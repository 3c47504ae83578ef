package stripe_test

import (
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
)

// The provider's minor units differ from ISO 4217 for some currencies: a hundredth, or a hundred times, isn't collected.
// What is no whole number of its units is refused before anything is sent, and what was collected reads back as it was.
// Rule: provider-minor-units.
func TestAmount(t *testing.T) {
	for text, want := range map[string]int64{
		"12.34 USD": 1234, "0.01 EUR": 1, "99.00 HUF": 9900, "99.50 TWD": 9950, "5 JPY": 5, "500 KRW": 500, "7 CLP": 7, "9 VND": 9,
		"3 XAF": 3, "3 XOF": 3, "3 XPF": 3, "3 BIF": 3, "3 DJF": 3, "3 GNF": 3, "3 KMF": 3, "3 PYG": 3, "3 RWF": 3, "3 VUV": 3,
		"5 ISK": 500, "1200 UGX": 120000, // two decimals there, none here
		"3000.00 MGA": 3000, // none there, two here
		"1.230 KWD":   1230, "1.000 BHD": 1000, "0.010 JOD": 10, "5.120 OMR": 5120, "7.000 TND": 7000,
	} {
		got, err := stripe.Amount(amount(t, text))
		if err != nil || got != want {
			t.Errorf("Amount(%s) = %d, error %v; want %d", text, got, err, want)
		}
		if want > 99_999_999 {
			continue
		}
		w := open(t, nil)
		must(t, w.card("acme", stripefake.Good))
		c := order(t, "k")
		c.Amount = amount(t, text)
		r, err := w.gateway.Charge(t.Context(), c)
		if err != nil || !r.Paid(c.Amount) {
			t.Errorf("%s: collected %s, error %v", text, r.Amount, err)
		}
	}
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Good))
	w.fake.SetFaults(func(method, path string) stripefake.Fault {
		t.Errorf("%s %s was sent", method, path)
		return stripefake.None
	})
	for _, text := range []string{
		"1.231 KWD", "0.001 BHD", "0.005 TND", "3000.20 MGA", "0.01 MGA", // no whole number there
		"1.00 IRR", "1.00 KPW", "1.0000 CLF", "1.000 IQD", "1.000 LYD", "1.00 CUP", // not charged there
		"9223372036854775807 ISK",
	} {
		if got, err := stripe.Amount(amount(t, text)); !errors.Is(err, payment.ErrInvalid) {
			t.Errorf("Amount(%s) = %d, error %v", text, got, err)
		}
		c := order(t, "k")
		c.Amount = amount(t, text)
		if r, err := w.gateway.Charge(t.Context(), c); !errors.Is(err, payment.ErrInvalid) {
			t.Errorf("Charge of %s: %+v, error %v", text, r, err)
		}
		ref := payment.Refund{Key: "r", Charge: "k", Account: "acme", Amount: c.Amount}
		if r, err := w.gateway.Refund(t.Context(), ref); !errors.Is(err, payment.ErrInvalid) {
			t.Errorf("Refund of %s: %+v, error %v", text, r, err)
		}
	}
}

// What the provider can't have meant is an error, and not an amount.
// Rule: provider-minor-units.
func TestMoney(t *testing.T) {
	for _, tt := range []struct {
		amount   int64
		currency string
		want     string
	}{
		{1234, "usd", "12.34 USD"}, {500, "isk", "5 ISK"}, {3000, "mga", "3000.00 MGA"}, {1230, "kwd", "1.230 KWD"},
		{501, "isk", ""}, {550, "ugx", ""}, {1, "xyz", ""}, {1, "", ""}, {1 << 62, "mga", ""},
	} {
		got, err := stripe.Money(tt.amount, tt.currency)
		if (err == nil) != (tt.want != "") || err == nil && got.String() != tt.want {
			t.Errorf("%d %s is %s, error %v; want %q", tt.amount, tt.currency, got, err, tt.want)
		}
	}
}
