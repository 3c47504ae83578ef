package paymenttest

import (
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// amountCases checks that an amount is positive, exact and in one currency.
func amountCases() []check {
	var cases []check
	for _, bad := range []struct{ name, amount string }{
		{"zero", "0.00 USD"},
		{"negative", "-5.00 USD"},
		{"missing", ""},
	} {
		cases = append(cases,
			check{"a charge whose amount is " + bad.name + " is invalid and does not use its key up", func(e *env) {
				e.deposit("a", "100.00 USD")
				c := e.charge("k", "a", bad.amount)
				r, err := e.ask(c)
				e.failed("Charge", r, err, payment.ErrInvalid)
				e.balanced("a", "100.00 USD")
				e.paid(e.charge("k", "a", "30.00 USD"))
				e.balanced("a", "70.00 USD")
			}},
			check{"a refund whose amount is " + bad.name + " is invalid and does not use its key up", func(e *env) {
				e.deposit("a", "100.00 USD")
				c := e.charge("k", "a", "30.00 USD")
				e.paid(c)
				r, err := e.refund(e.refundOf(c, "r", bad.amount))
				e.failed("Refund", r, err, payment.ErrInvalid)
				e.balanced("a", "70.00 USD")
				e.given(e.refundOf(c, "r", "30.00 USD"))
				e.balanced("a", "100.00 USD")
			}})
	}
	return append(cases,
		check{"one currency does not pay for another", func(e *env) {
			if e.h.Credit {
				e.Skipf("accounts have credit")
			}
			e.deposit("a", "100.00 USD")
			e.declined(e.charge("k", "a", "10.00 EUR"))
			e.balanced("a", "100.00 USD")
			e.balanced("a", "0.00 EUR")
		}},
		check{"currencies are kept apart", func(e *env) {
			if e.h.OneCurrency {
				e.Skipf("the gateway has one currency")
			}
			e.deposit("a", "100.00 USD")
			e.deposit("a", "100.00 EUR")
			e.deposit("a", "100 JPY")
			e.paid(e.charge("k1", "a", "10.00 USD"))
			e.paid(e.charge("k2", "a", "20.00 EUR"))
			e.paid(e.charge("k3", "a", "30 JPY"))
			e.balanced("a", "90.00 USD")
			e.balanced("a", "80.00 EUR")
			e.balanced("a", "70 JPY")
		}},
		check{"the smallest amounts are exact", func(e *env) {
			e.deposit("a", "1.00 USD")
			for _, key := range []string{"k1", "k2", "k3"} {
				e.paid(e.charge(key, "a", "0.01 USD"))
			}
			e.balanced("a", "0.97 USD")
			if e.h.OneCurrency {
				return
			}
			e.deposit("a", "5 JPY")
			e.paid(e.charge("k4", "a", "1 JPY"))
			e.balanced("a", "4 JPY")
		}},
		check{"an absurd amount does not wrap around", func(e *env) {
			if e.h.Credit {
				e.Skipf("accounts have credit")
			}
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "1.00 USD")
			most, err := pricing.FromMinor(1<<63-1, c.Amount.Currency())
			if err != nil {
				e.Fatalf("paymenttest: %v", err)
			}
			c.Amount = most
			e.declined(c)
			e.balanced("a", "100.00 USD")
		}},
	)
}
