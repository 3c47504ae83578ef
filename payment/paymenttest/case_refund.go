package paymenttest

import "github.com/prepaidkit/prepaid/payment"

// refundCases checks that a refund moves money at most once per key, and that refunds never exceed the collected
// amount.
func refundCases() []check {
	return []check{
		{"a whole charge is given back", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			e.given(e.refundOf(c, "r", "30.00 USD"))
			e.balanced("a", "100.00 USD")
		}},
		{"a charge is given back in parts, and never more than all of it", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			e.given(e.refundOf(c, "r1", "10.00 USD"))
			e.given(e.refundOf(c, "r2", "15.00 USD"))
			e.balanced("a", "95.00 USD")
			e.exceeding(e.refundOf(c, "r3", "5.01 USD"))
			e.balanced("a", "95.00 USD")
			e.given(e.refundOf(c, "r4", "5.00 USD"))
			e.exceeding(e.refundOf(c, "r5", "0.01 USD"))
			e.balanced("a", "100.00 USD")
		}},
		{"more than the charge is refused, whatever else the account paid", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k1", "a", "30.00 USD")
			e.paid(c)
			e.paid(e.charge("k2", "a", "50.00 USD"))
			e.exceeding(e.refundOf(c, "r", "30.01 USD"))
			e.balanced("a", "20.00 USD")
		}},
		{"the same refund again gives nothing and has the same result", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			ref := e.refundOf(c, "r", "10.00 USD")
			first := e.given(ref)
			for range 3 {
				e.same("Refund again", e.given(ref), first)
			}
			e.balanced("a", "80.00 USD")
		}},
		{"the same refund many times at once gives once", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			ref := e.refundOf(c, "r", "10.00 USD")
			answers := together(16, func(int) (payment.Result, error) { return e.refund(ref) })
			first := e.given(ref)
			for _, a := range answers {
				if a.err == nil {
					e.same("Refund at once", a.result, first)
				}
			}
			e.balanced("a", "80.00 USD")
		}},
		{"a refused refund is final for its key", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			ref := e.refundOf(c, "r", "31.00 USD")
			first := e.exceeding(ref)
			e.same("Refund again", e.refused(ref), first)
			e.balanced("a", "70.00 USD")
		}},
		{"of a charge that nobody knows is not found, which isn't final, and succeeds once the charge has", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			ref := e.refundOf(c, "r", "30.00 USD")
			for range 2 {
				r, err := e.refund(ref)
				e.answered("Refund", ref.Key, r, err)
				if r.Status != payment.NotFound {
					e.Fatalf("Refund of an unknown charge: %s, want %s", r.Status, payment.NotFound)
				}
			}
			e.balanced("a", "100.00 USD")
			e.paid(c)
			e.given(ref)
			e.balanced("a", "100.00 USD")
		}},
		{"of a declined charge is refused, for it collected nothing", func(e *env) {
			e.unpayable("a")
			c := e.charge("k", "a", "10.00 USD")
			e.declined(c)
			ref := e.refundOf(c, "r", "10.00 USD")
			first := e.exceeding(ref)
			e.same("Refund again", e.refused(ref), first)
			e.balanced("a", "4.00 USD")
		}},
		{"to another account is refused", func(e *env) {
			e.deposit("a", "100.00 USD")
			e.deposit("b", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			ref := e.refundOf(c, "r", "30.00 USD")
			ref.Account = e.h.Prefix + "b"
			e.mismatched(ref)
			e.balanced("a", "70.00 USD")
			e.balanced("b", "100.00 USD")
		}},
		{"in another currency is refused", func(e *env) {
			e.deposit("a", "100.00 USD")
			e.deposit("a", "100.00 EUR")
			c := e.charge("k", "a", "30.00 USD")
			e.paid(c)
			e.mismatched(e.refundOf(c, "r", "30.00 EUR"))
			e.balanced("a", "70.00 USD")
			e.balanced("a", "100.00 EUR")
		}},
		{"what was given back can be spent", func(e *env) {
			e.deposit("a", "30.00 USD")
			c := e.charge("k1", "a", "30.00 USD")
			e.paid(c)
			e.given(e.refundOf(c, "r", "30.00 USD"))
			e.paid(e.charge("k2", "a", "30.00 USD"))
			e.balanced("a", "0.00 USD")
		}},
	}
}

// exceeding fails the case unless r is declined because it exceeds the remainder of the charge.
func (e *env) exceeding(r payment.Refund) payment.Result {
	e.Helper()
	return e.refusedFor(r, payment.ExceedsCharge)
}

// mismatched fails the case unless r is declined because its account or currency differs from the charge's.
func (e *env) mismatched(r payment.Refund) payment.Result {
	e.Helper()
	return e.refusedFor(r, payment.Mismatch)
}

func (e *env) refusedFor(r payment.Refund, reason payment.Reason) payment.Result {
	e.Helper()
	got := e.refused(r)
	if got.Reason != reason {
		e.Errorf("Refund(%q): declined for %q, want %q", r.Key, got.Reason, reason)
	}
	return got
}
