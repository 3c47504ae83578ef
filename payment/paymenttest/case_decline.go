package paymenttest

import "github.com/prepaidkit/prepaid/payment"

// declineCases checks that a decline is a result, not an error, that it moves nothing, and that it is final for its
// key.
func declineCases() []check {
	cases := []check{
		{"too small a balance is a decline with its reason and moves nothing", func(e *env) {
			reason := e.unpayable("a")
			r := e.declined(e.charge("k", "a", "10.00 USD"))
			if r.Reason != reason {
				e.Errorf("declined for %q, want %q", r.Reason, reason)
			}
			e.balanced("a", "4.00 USD")
		}},
		{"a decline is final for its key, also after a deposit", func(e *env) {
			e.unpayable("a")
			c := e.charge("k", "a", "10.00 USD")
			first := e.declined(c)
			e.deposit("a", "100.00 USD")
			e.same("Charge again", e.declined(c), first)
			e.same("Lookup", e.found(c.Key), first)
			e.balanced("a", "104.00 USD")
		}},
		{"a charge of an absent payer is declined for authentication_required, and that is final", func(e *env) {
			if !e.h.Present {
				e.Skipf("the harness has no Present")
			}
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			c.Present = false
			first := e.declined(c)
			if first.Reason != payment.NeedsAuthentication {
				e.Errorf("the reason is %s, want %s", first.Reason, payment.NeedsAuthentication)
			}
			e.same("Charge again", e.declined(c), first)
			e.same("Lookup", e.found(c.Key), first)
			c.Present = true
			r, err := e.h.Gateway.Charge(e.ctx, c)
			e.failed("Charge with another presence", r, err, payment.ErrKeyConflict)
			e.balanced("a", "100.00 USD")
		}},
		{"after a decline and a deposit a new key is collected", func(e *env) {
			e.unpayable("a")
			e.declined(e.charge("k1", "a", "10.00 USD"))
			e.deposit("a", "100.00 USD")
			e.paid(e.charge("k2", "a", "10.00 USD"))
			e.balanced("a", "94.00 USD")
		}},
		{"the whole balance can be spent, and not a cent more", func(e *env) {
			if e.h.Credit {
				e.Skipf("accounts have credit")
			}
			e.deposit("a", "10.00 USD")
			e.declined(e.charge("k1", "a", "10.01 USD"))
			e.paid(e.charge("k2", "a", "10.00 USD"))
			e.declined(e.charge("k3", "a", "0.01 USD"))
			e.balanced("a", "0.00 USD")
		}},
		{"an account that nobody knows is declined, and can pay later with a new key", func(e *env) {
			c := e.charge("k1", "nobody", "10.00 USD")
			e.declined(c)
			e.deposit("nobody", "100.00 USD")
			e.declined(c)
			e.paid(e.charge("k2", "nobody", "10.00 USD"))
			e.balanced("nobody", "90.00 USD")
		}},
		lastPayment(),
	}
	for _, reason := range []payment.Reason{payment.NoPaymentMethod, payment.Suspected} {
		cases = append(cases, check{"declined for " + string(reason), func(e *env) {
			e.deposit("a", "100.00 USD")
			e.decline("a", reason)
			c := e.charge("k", "a", "10.00 USD")
			first := e.declined(c)
			if first.Reason != reason {
				e.Errorf("declined for %q, want %q", first.Reason, reason)
			}
			e.same("Lookup", e.found(c.Key), first)
			e.balanced("a", "100.00 USD")
		}})
	}
	return cases
}
