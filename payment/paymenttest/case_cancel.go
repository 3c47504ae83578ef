package paymenttest

import (
	"context"

	"github.com/prepaidkit/prepaid/payment"
)

// cancelCases checks a gateway that is a [payment.Canceler].
func cancelCases() []check {
	return []check{
		{"a charge that waits for the payer is canceled, and never collected", func(e *env) {
			e.canceler()
			c := e.waiting("k", "a", "30.00 USD")
			first := e.canceled(c.Key)
			e.same("Lookup", e.found(c.Key), first)
			e.same("Charge again", e.declined(c), first)
			_ = e.h.Confirm(e.ctx, c.Key, true) // too late, which the provider may say
			e.same("Lookup after a late confirmation", e.found(c.Key), first)
			e.balanced("a", "100.00 USD")
			e.deposit("a", "1.00 USD") // another key can be paid
			e.paid(e.charge("another", "a", "10.00 USD"))
			e.balanced("a", "91.00 USD")
		}},
		{"canceling again changes nothing", func(e *env) {
			e.canceler()
			c := e.waiting("k", "a", "30.00 USD")
			first := e.canceled(c.Key)
			e.same("Cancel again", e.canceled(c.Key), first)
			e.balanced("a", "100.00 USD")
		}},
		{"canceling what was paid returns the payment, and nothing goes back", func(e *env) {
			e.canceler()
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			r, err := e.cancel(c.Key)
			e.answered("Cancel", c.Key, r, err)
			e.same("Cancel", r, first)
			e.same("Charge again", e.paid(c), first)
			e.balanced("a", "70.00 USD")
			e.given(e.refundOf(c, "r", "30.00 USD"))
		}},
		{"canceling what was declined returns the decline", func(e *env) {
			e.canceler()
			e.unpayable("a")
			c := e.charge("k", "a", "10.00 USD")
			first := e.declined(c)
			r, err := e.cancel(c.Key)
			e.answered("Cancel", c.Key, r, err)
			e.same("Cancel", r, first)
		}},
		{"canceling an unknown key finds nothing, and doesn't use it", func(e *env) {
			g := e.canceler()
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			r, err := g.Cancel(e.ctx, c.Key)
			e.answered("Cancel", c.Key, r, err)
			if r.Status != payment.NotFound {
				e.Fatalf("Cancel of an unknown key: %s, want %s", r.Status, payment.NotFound)
			}
			e.paid(c)
			e.balanced("a", "70.00 USD")
		}},
		{"canceling a bad key is invalid", func(e *env) {
			g := e.canceler()
			r, err := g.Cancel(e.ctx, "")
			e.failed("Cancel of no key", r, err, payment.ErrInvalid)
		}},
		{"a cancellation whose context is canceled leaves a charge that can be canceled", func(e *env) {
			g := e.canceler()
			c := e.waiting("k", "a", "30.00 USD")
			ctx, cancel := context.WithCancel(e.ctx)
			cancel()
			e.givenUp("Cancel", context.Canceled)(g.Cancel(ctx, c.Key))
			e.canceled(c.Key)
			e.balanced("a", "100.00 USD")
		}},
		{"a charge that is canceled while it is made is either paid or never", func(e *env) {
			g := e.canceler()
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.agree(c, together(8, func(i int) (payment.Result, error) {
				if i%2 == 0 {
					return g.Cancel(e.ctx, c.Key)
				}
				return e.h.Gateway.Charge(e.ctx, c)
			}))
		}},
		{"a charge that is canceled while the payer confirms it is either paid or never", func(e *env) {
			g := e.canceler()
			c := e.waiting("k", "a", "30.00 USD")
			e.agree(c, together(8, func(i int) (payment.Result, error) {
				if i%2 == 0 {
					return g.Cancel(e.ctx, c.Key)
				}
				_ = e.h.Confirm(e.ctx, c.Key, true) // it may be too late
				return e.h.Gateway.Lookup(e.ctx, c.Key)
			}))
		}},
	}
}

// canceler returns the gateway as a Canceler, or skips the case.
func (e *env) canceler() payment.Canceler {
	e.Helper()
	g, ok := e.h.Gateway.(payment.Canceler)
	if !ok {
		e.Skipf("the gateway is no payment.Canceler")
	}
	return g
}

// cancel cancels a charge, again while it is pending.
func (e *env) cancel(key string) (payment.Result, error) {
	g := e.canceler()
	return e.settled(func() (payment.Result, error) { return g.Cancel(e.ctx, key) })
}

// canceled cancels a charge and fails the case unless it is declined for that.
func (e *env) canceled(key string) payment.Result {
	e.Helper()
	r, err := e.cancel(key)
	e.answered("Cancel", key, r, err)
	if r.Status != payment.Declined || r.Reason != payment.Canceled {
		e.Fatalf("Cancel(%q): %s %s, want %s %s", key, r.Status, r.Reason, payment.Declined, payment.Canceled)
	}
	return r
}

// agree fails the case unless all final answers about a charge of 30.00 USD are the same, and the books of account a, which
// had 100.00 USD, say so too.
func (e *env) agree(c payment.Charge, answers []answer) {
	e.Helper()
	last, err := e.settled(func() (payment.Result, error) { return e.h.Gateway.Charge(e.ctx, c) })
	e.answered("Charge", c.Key, last, err)
	for _, a := range answers {
		e.answered("Cancel or Charge", c.Key, a.result, a.err)
		if a.result.Status.Final() {
			e.same("an answer at that time", a.result, last)
		}
	}
	switch last.Status {
	case payment.Succeeded:
		e.balanced("a", "70.00 USD")
	case payment.Declined:
		e.balanced("a", "100.00 USD")
	case payment.Pending, payment.NotFound:
		e.Fatalf("in the end, the charge is %s", last.Status)
	}
}
