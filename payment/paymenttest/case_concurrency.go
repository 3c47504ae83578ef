package paymenttest

import (
	"strconv"

	"github.com/prepaidkit/prepaid/payment"
)

// concurrencyCases checks that concurrent requests leave the accounts consistent. The cases are most useful with the
// race detector.
func concurrencyCases() []check {
	return []check{
		{"charges at once never spend more than the balance", func(e *env) {
			if e.h.Credit {
				e.Skipf("accounts have credit")
			}
			e.deposit("a", "50.00 USD")
			charges := e.charges(12, "a", "10.00 USD")
			succeeded := e.succeeded(together(len(charges), func(i int) (payment.Result, error) {
				return e.ask(charges[i])
			}))
			if succeeded != 5 {
				e.Errorf("%d charges of 10.00 succeeded on a balance of 50.00, want 5", succeeded)
			}
			e.balanced("a", "0.00 USD")
		}},
		{"charges of several accounts at once stay with their accounts", func(e *env) {
			accounts := []string{"a", "b", "c", "d"}
			var charges []payment.Charge
			for _, account := range accounts {
				e.deposit(account, "100.00 USD")
				charges = append(charges, e.charges(4, account, "10.00 USD")...)
			}
			e.succeeded(together(len(charges), func(i int) (payment.Result, error) { return e.ask(charges[i]) }))
			for _, account := range accounts {
				e.balanced(account, "60.00 USD")
			}
		}},
		{"refunds at once never give back more than the charge", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "50.00 USD")
			e.paid(c)
			refunds := make([]payment.Refund, 12)
			for i := range refunds {
				refunds[i] = e.refundOf(c, "r"+strconv.Itoa(i), "10.00 USD")
			}
			succeeded := e.succeeded(together(len(refunds), func(i int) (payment.Result, error) {
				return e.refund(refunds[i])
			}))
			if succeeded != 5 {
				e.Errorf("%d refunds of 10.00 succeeded of a charge of 50.00, want 5", succeeded)
			}
			e.balanced("a", "100.00 USD")
		}},
		{"charges, repetitions, lookups and refunds at once add up", func(e *env) {
			e.deposit("a", "1000.00 USD")
			charges := e.charges(8, "a", "10.00 USD")
			refunds := make([]payment.Refund, len(charges))
			for i, c := range charges {
				refunds[i] = e.refundOf(c, "r"+c.Key, "4.00 USD")
			}
			together(4*len(charges), func(i int) (payment.Result, error) {
				n := i / 4
				switch i % 4 {
				case 0, 1:
					return e.ask(charges[n])
				case 2:
					return e.h.Gateway.Lookup(e.ctx, charges[n].Key)
				default:
					return e.refund(refunds[n])
				}
			})
			for i := range charges {
				e.paid(charges[i])
				e.given(refunds[i]) // the first attempt may have come before its charge
			}
			e.balanced("a", "952.00 USD")
		}},
	}
}

// charges returns n charges of one account, each with its own key.
func (e *env) charges(n int, account, amount string) []payment.Charge {
	e.Helper()
	charges := make([]payment.Charge, n)
	for i := range charges {
		charges[i] = e.charge(account+"-"+strconv.Itoa(i), account, amount)
	}
	return charges
}

// succeeded counts the successful answers. It fails the case if an answer isn't final.
func (e *env) succeeded(answers []answer) int {
	e.Helper()
	n := 0
	for _, a := range answers {
		if a.err != nil || !a.result.Status.Final() {
			e.Fatalf("a concurrent call returned %+v, error %v", a.result, a.err)
		}
		if a.result.Status == payment.Succeeded {
			n++
		}
	}
	return n
}
