package paymenttest

import (
	"errors"

	"github.com/prepaidkit/prepaid/payment"
)

// idempotencyCases checks that a key moves money at most once, however often and however concurrently it is used.
func idempotencyCases() []check {
	return []check{
		{"a charge collects its amount", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			e.balanced("a", "70.00 USD")
		}},
		{"the same charge again collects nothing and has the same result", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			for range 3 {
				e.same("Charge again", e.paid(c), first)
			}
			e.balanced("a", "70.00 USD")
		}},
		{"the same charge many times at once collects once", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			answers := together(16, func(int) (payment.Result, error) { return e.ask(c) })
			first := e.paid(c)
			for _, a := range answers {
				// An error is allowed, since the outcome was unknown then. A conflict is not, since there was none.
				if errors.Is(a.err, payment.ErrKeyConflict) {
					e.Errorf("concurrent Charge: %v, but all requests have the same content", a.err)
				}
				if a.err == nil {
					e.same("Charge at once", a.result, first)
				}
			}
			e.balanced("a", "70.00 USD")
		}},
		{"another key is another charge, even of the same content", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k1", "a", "30.00 USD")
			e.paid(c)
			c.Key = e.h.Prefix + "k2"
			e.paid(c)
			e.balanced("a", "40.00 USD")
		}},
		{"the same charge again has the same result when the balance is gone", func(e *env) {
			e.deposit("a", "30.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			e.balanced("a", "0.00 USD")
			e.same("Charge again", e.paid(c), first)
			e.balanced("a", "0.00 USD")
		}},
		{"the same charge again after a full refund collects nothing", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			e.given(e.refundOf(c, "r", "30.00 USD"))
			e.same("Charge again", e.paid(c), first)
			e.balanced("a", "100.00 USD")
		}},
		{"the retention is not negative and does not change", func(e *env) {
			before := e.h.Gateway.Retention()
			if before < 0 {
				e.Fatalf("Retention() = %v, want 0 (forever) or more", before)
			}
			e.deposit("a", "100.00 USD")
			e.paid(e.charge("k", "a", "30.00 USD"))
			if after := e.h.Gateway.Retention(); after != before {
				e.Fatalf("Retention() = %v, was %v", after, before)
			}
		}},
	}
}
