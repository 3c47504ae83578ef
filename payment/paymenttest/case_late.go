package paymenttest

import (
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// lateCases checks that a key is remembered for as long as the gateway says.
func lateCases() []check {
	return []check{
		{"the same charge at the end of the retention collects nothing and has the same result", func(e *env) {
			e.patient()
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			e.wait()
			e.same("Lookup", e.found(c.Key), first)
			e.same("Charge again", e.paid(c), first)
			e.balanced("a", "70.00 USD")
		}},
		{"a decline is the same at the end of the retention", func(e *env) {
			e.patient()
			e.unpayable("a")
			c := e.charge("k", "a", "10.00 USD")
			first := e.declined(c)
			e.deposit("a", "100.00 USD")
			e.wait()
			e.same("Charge again", e.declined(c), first)
			e.balanced("a", "104.00 USD")
		}},
		{"the same refund at the end of the retention gives nothing and has the same result", func(e *env) {
			e.patient()
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			ref := e.refundOf(c, "r", "10.00 USD")
			first := e.given(ref)
			e.wait()
			e.same("Refund again", e.given(ref), first)
			e.balanced("a", "80.00 USD")
		}},
		{"a charge whose answer was lost is collected once, also if it is repeated at the end of the retention", func(e *env) {
			e.patient()
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			end := e.fail(true)
			_, _ = e.h.Gateway.Charge(e.ctx, c)
			end()
			e.wait()
			e.paid(c)
			e.balanced("a", "70.00 USD")
		}},
		{"a refund whose answer was lost is given once, also if it is repeated at the end of the retention", func(e *env) {
			e.patient()
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			ref := e.refundOf(c, "r", "10.00 USD")
			end := e.fail(true)
			_, _ = e.h.Gateway.Refund(e.ctx, ref)
			end()
			e.wait()
			e.given(ref)
			e.balanced("a", "80.00 USD")
		}},
	}
}

// longest is the time that the cases let pass if a gateway never forgets.
const longest = 400 * 24 * time.Hour

// patient skips the case if the harness can't let time pass.
func (e *env) patient() {
	e.Helper()
	if e.h.Wait == nil {
		e.Skipf("the harness has no Wait")
	}
}

// wait lets nine tenths of the retention pass, which is what callers rely on.
func (e *env) wait() {
	e.Helper()
	d := e.h.Gateway.Retention()
	if d -= d / 10; d == 0 {
		d = longest
	}
	if err := e.h.Wait(e.ctx, d); err != nil {
		e.Fatalf("Harness.Wait(%v): %v", d, err)
	}
}

// lastPayment checks that a declined charge can't be paid by any other way.
func lastPayment() check {
	return check{"a declined charge is never paid, whoever tries", func(e *env) {
		if e.h.PayDeclined == nil {
			e.Skipf("the harness has no PayDeclined")
		}
		e.unpayable("a")
		c := e.charge("k", "a", "10.00 USD")
		first := e.declined(c)
		e.deposit("a", "100.00 USD")
		_ = e.h.PayDeclined(e.ctx, c.Key) // the provider may refuse it
		e.balanced("a", "104.00 USD")
		r, err := e.h.Gateway.Lookup(e.ctx, c.Key)
		e.answered("Lookup", c.Key, r, err)
		if r.Status == payment.Succeeded {
			e.Fatalf("Lookup(%q): %s, but it was declined", c.Key, r.Status)
		}
		e.same("Lookup", r, first)
	}}
}
