package paymenttest

import "github.com/prepaidkit/prepaid/payment"

// actionCases checks payments that need the payer.
func actionCases() []check {
	return []check{
		{"a charge that needs the payer is pending with an action, and collects nothing", func(e *env) {
			c := e.waiting("k", "a", "30.00 USD")
			again, err := e.h.Gateway.Charge(e.ctx, c)
			e.waits("Charge again", c.Key, again, err)
			found, err := e.h.Gateway.Lookup(e.ctx, c.Key)
			e.waits("Lookup", c.Key, found, err)
			if again.Reference != found.Reference {
				e.Errorf("the reference is %q, and then %q", again.Reference, found.Reference)
			}
			e.balanced("a", "100.00 USD")
		}},
		{"a payment that the payer confirms collects its amount once", func(e *env) {
			c := e.waiting("k", "a", "30.00 USD")
			e.confirm(c.Key, true)
			first := e.paid(c)
			e.same("Charge again", e.paid(c), first)
			e.same("Lookup", e.found(c.Key), first)
			e.balanced("a", "70.00 USD")
		}},
		{"a payment that the payer refuses is declined for authentication_required", func(e *env) {
			c := e.waiting("k", "a", "30.00 USD")
			e.confirm(c.Key, false)
			first := e.declined(c)
			if first.Reason != payment.NeedsAuthentication {
				e.Errorf("the reason is %s, want %s", first.Reason, payment.NeedsAuthentication)
			}
			e.same("Lookup", e.found(c.Key), first)
			e.balanced("a", "100.00 USD")
		}},
		{"a key that waits for the payer is bound to its content", func(e *env) {
			c := e.waiting("k", "a", "30.00 USD")
			other := c
			other.Present = !c.Present
			r, err := e.h.Gateway.Charge(e.ctx, other)
			e.failed("Charge with another presence", r, err, payment.ErrKeyConflict)
			e.confirm(c.Key, true)
			e.paid(c)
			e.balanced("a", "70.00 USD")
		}},
		{"a payment that waits for the payer has nothing to refund", func(e *env) {
			c := e.waiting("k", "a", "30.00 USD")
			r, err := e.h.Gateway.Refund(e.ctx, e.refundOf(c, "r", "10.00 USD"))
			if err != nil || r.Status != payment.NotFound {
				e.Fatalf("Refund: %s, error %v; want %s", r.Status, err, payment.NotFound)
			}
			e.confirm(c.Key, true)
			e.paid(c)
			e.given(e.refundOf(c, "r", "10.00 USD"))
			e.balanced("a", "80.00 USD")
		}},
	}
}

// waiting charges an account with 100.00 USD and fails the case unless the charge waits for the payer. If that can't be
// arranged, it skips the case.
func (e *env) waiting(key, account, amount string) payment.Charge {
	e.Helper()
	if e.h.NeedPayer == nil || e.h.Confirm == nil {
		e.Skipf("the harness has no NeedPayer and Confirm")
	}
	e.deposit(account, "100.00 USD")
	if err := e.h.NeedPayer(e.ctx, e.h.Prefix+account); err != nil {
		e.Fatalf("Harness.NeedPayer(%q): %v", account, err)
	}
	c := e.charge(key, account, amount)
	c.Present = true
	r, err := e.h.Gateway.Charge(e.ctx, c)
	e.waits("Charge", c.Key, r, err)
	return c
}

// waits fails the case unless an answer says that a charge waits for the payer.
func (e *env) waits(call, key string, r payment.Result, err error) {
	e.Helper()
	e.answered(call, key, r, err)
	if r.Status != payment.Pending || r.Action.IsZero() {
		e.Fatalf("%s(%q): %s with the action %q, want %s with one", call, key, r.Status, r.Action.Kind, payment.Pending)
	}
}

// confirm does what the payer does.
func (e *env) confirm(key string, confirms bool) {
	e.Helper()
	if err := e.h.Confirm(e.ctx, key, confirms); err != nil {
		e.Fatalf("Harness.Confirm(%q, %t): %v", key, confirms, err)
	}
}
