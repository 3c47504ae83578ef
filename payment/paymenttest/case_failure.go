package paymenttest

import (
	"errors"

	"github.com/prepaidkit/prepaid/payment"
)

// failureCases checks that a provider failure leaves the outcome open, and that repeating the request reveals it.
func failureCases() []check {
	var cases []check
	for _, way := range []struct {
		name string
		acts bool
	}{
		{"before the money moves", false},
		{"after the money has moved", true},
	} {
		cases = append(cases,
			check{"a charge that the provider fails " + way.name + " has no outcome, and collects once in the end", func(e *env) {
				e.deposit("a", "100.00 USD")
				c := e.charge("k", "a", "30.00 USD")
				end := e.fail(way.acts)
				for range 2 {
					r, err := e.h.Gateway.Charge(e.ctx, c)
					e.undecided("Charge", c.Key, r, err)
				}
				end()
				if r := e.found(c.Key); r.Status == payment.Declined {
					e.Fatalf("Lookup after the provider failed: %s for %q", r.Status, r.Reason)
				}
				first := e.paid(c)
				e.same("Lookup", e.found(c.Key), first)
				e.balanced("a", "70.00 USD")
			}},
			check{"a refund that the provider fails " + way.name + " has no outcome, and gives once in the end", func(e *env) {
				e.deposit("a", "100.00 USD")
				c := e.charge("k", "a", "30.00 USD")
				e.paid(c)
				ref := e.refundOf(c, "r", "10.00 USD")
				end := e.fail(way.acts)
				for range 2 {
					r, err := e.h.Gateway.Refund(e.ctx, ref)
					e.undecided("Refund", ref.Key, r, err)
				}
				end()
				e.same("Refund again", e.given(ref), e.given(ref))
				e.balanced("a", "80.00 USD")
			}})
	}
	return append(cases,
		check{"a lookup that the provider fails has no answer, whether the key is known or not", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			end := e.fail(false)
			r, err := e.h.Gateway.Lookup(e.ctx, c.Key)
			e.undecidedOr(first, "Lookup", c.Key, r, err)
			unknown := e.h.Prefix + "never used"
			r, err = e.h.Gateway.Lookup(e.ctx, unknown)
			e.undecided("Lookup", unknown, r, err)
			end()
			e.same("Lookup", e.found(c.Key), first)
		}},
		check{"a charge that is repeated while the provider fails has its result or no outcome", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			first := e.paid(c)
			end := e.fail(false)
			r, err := e.h.Gateway.Charge(e.ctx, c)
			e.undecidedOr(first, "Charge", c.Key, r, err)
			end()
			e.same("Charge again", e.paid(c), first)
			e.balanced("a", "70.00 USD")
		}},
		check{"a decline that is repeated while the provider fails is final", func(e *env) {
			e.unpayable("a")
			c := e.charge("k", "a", "10.00 USD")
			first := e.declined(c)
			end := e.fail(false)
			r, err := e.h.Gateway.Charge(e.ctx, c)
			e.undecidedOr(first, "Charge", c.Key, r, err)
			end()
			e.same("Charge again", e.declined(c), first)
			e.balanced("a", "4.00 USD")
		}},
	)
}

// fail makes the provider fail and returns the function that ends the failure. It skips the case if the harness can't
// do that.
func (e *env) fail(acts bool) (end func()) {
	e.Helper()
	if e.h.Fail == nil {
		e.Skipf("the harness has no Fail")
		return func() {}
	}
	end, err := e.h.Fail(e.ctx, acts)
	if errors.Is(err, errors.ErrUnsupported) {
		e.Skipf("the harness can't arrange a failure with acts = %t", acts)
		return func() {}
	}
	if err != nil {
		e.Fatalf("Harness.Fail(%t): %v", acts, err)
	}
	return end
}

// undecided fails the case unless the answer of a gateway with a failing provider leaves the outcome open.
func (e *env) undecided(call, key string, r payment.Result, err error) {
	e.Helper()
	switch {
	case errors.Is(err, payment.ErrInvalid), errors.Is(err, payment.ErrKeyConflict):
		e.Fatalf("%s(%q) while the provider fails: %v, but the request is valid", call, key, err)
	case err != nil:
		e.failed(call, r, err, err)
		return
	case r.Status != payment.Pending:
		e.Fatalf("%s(%q) while the provider fails: %s %s; want an error, since the outcome is unknown", call, key, r.Status, r.Reason)
	}
	e.answered(call, key, r, err)
}

// undecidedOr is like undecided, for a request whose result was known before: that result may be returned again.
func (e *env) undecidedOr(first payment.Result, call, key string, r payment.Result, err error) {
	e.Helper()
	if err != nil || !sameResult(r, first) {
		e.undecided(call, key, r, err)
	}
}
