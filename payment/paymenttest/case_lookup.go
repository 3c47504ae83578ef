package paymenttest

import "github.com/prepaidkit/prepaid/payment"

// lookupCases checks that Lookup returns the true outcome and moves nothing.
func lookupCases() []check {
	return []check{
		{"an unknown key is not found, and that is no error", func(e *env) {
			key := e.h.Prefix + "never used"
			if r := e.found(key); r.Status != payment.NotFound {
				e.Fatalf("Lookup of an unknown key: %s, want %s", r.Status, payment.NotFound)
			}
		}},
		{"looking a key up does not use it up", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.found(c.Key)
			e.balanced("a", "100.00 USD")
			e.paid(c)
			e.balanced("a", "70.00 USD")
		}},
		{"after a charge it has the charge's result and moves nothing", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			for range 3 {
				e.same("Lookup", e.found(c.Key), first)
			}
			e.balanced("a", "70.00 USD")
		}},
		{"each key has its own result", func(e *env) {
			e.deposit("a", "100.00 USD")
			one, two := e.charge("k1", "a", "10.00 USD"), e.charge("k2", "a", "20.00 USD")
			first, second := e.paid(one), e.paid(two)
			e.same("Lookup of the second", e.found(two.Key), second)
			e.same("Lookup of the first", e.found(one.Key), first)
		}},
		{"a refund does not change what became of the charge", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			e.given(e.refundOf(c, "r", "30.00 USD"))
			e.same("Lookup", e.found(c.Key), first)
		}},
		{"while charges are made, it is never a final answer that changes", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			answers := together(8, func(i int) (payment.Result, error) {
				if i == 0 {
					return e.ask(c)
				}
				return e.h.Gateway.Lookup(e.ctx, c.Key)
			})
			last := e.paid(c)
			for _, a := range answers {
				if a.err == nil && a.result.Status.Final() {
					e.same("Lookup at once", a.result, last)
				}
			}
			e.balanced("a", "70.00 USD")
		}},
	}
}
