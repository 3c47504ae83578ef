package paymenttest

import "github.com/prepaidkit/prepaid/payment"

// refundConflicts checks that a refund's key is bound to one content too, even if the refund was declined.
func refundConflicts() []check {
	var cases []check
	for _, other := range []struct {
		name   string
		change func(e *env, r *payment.Refund)
	}{
		{"amount", func(e *env, r *payment.Refund) { r.Amount = e.money("11.00 USD") }},
		{"currency", func(e *env, r *payment.Refund) { r.Amount = e.money("10.00 EUR") }},
		{"charge", func(e *env, r *payment.Refund) { r.Charge = e.h.Prefix + "k2" }},
		{"account", func(e *env, r *payment.Refund) { r.Account = e.h.Prefix + "b" }},
		{"reason", func(_ *env, r *payment.Refund) { r.Reason = "another reason" }},
	} {
		cases = append(cases, check{"a refund's key with another " + other.name + " is refused and gives nothing back", func(e *env) {
			right := e.sold()
			first := e.given(right)
			changed := right
			other.change(e, &changed)
			r, err := e.refund(changed)
			e.failed("Refund with another "+other.name, r, err, payment.ErrKeyConflict)
			e.same("Refund after the conflict", e.given(right), first)
			e.gaveBack("10.00 USD")
		}})
	}
	for _, wrong := range []struct {
		name   string
		reason payment.Reason
		change func(e *env, r *payment.Refund)
	}{
		{"too large an amount", payment.ExceedsCharge, func(e *env, r *payment.Refund) { r.Amount = e.money("30.01 USD") }},
		{"another charge", payment.ExceedsCharge, func(e *env, r *payment.Refund) { r.Charge = e.h.Prefix + "small" }},
		{"another account", payment.Mismatch, func(e *env, r *payment.Refund) { r.Account = e.h.Prefix + "b" }},
		{"another currency", payment.Mismatch, func(e *env, r *payment.Refund) { r.Amount = e.money("10.00 EUR") }},
	} {
		cases = append(cases, check{"a refund's key that was declined for " + wrong.name + " is not put right", func(e *env) {
			right := e.sold()
			declined := right
			wrong.change(e, &declined)
			first := e.refusedFor(declined, wrong.reason)
			r, err := e.refund(right)
			e.failed("Refund of a declined key, put right", r, err, payment.ErrKeyConflict)
			e.gaveBack("0.00 USD")
			e.same("Refund after the conflict", e.refused(declined), first)
			right.Key = e.h.Prefix + "r2"
			e.given(right)
			e.gaveBack("10.00 USD")
		}})
	}
	return append(cases, check{"a refund's key that was declined for a declined charge is not put right", func(e *env) {
		e.unpayable("a")
		c := e.charge("k", "a", "10.00 USD")
		e.declined(c)
		ref := e.refundOf(c, "r", "10.00 USD")
		first := e.exceeding(ref)
		e.deposit("a", "100.00 USD")
		d := e.charge("k2", "a", "10.00 USD")
		e.paid(d)
		right := ref
		right.Charge = d.Key
		r, err := e.refund(right)
		e.failed("Refund of a declined key, put right", r, err, payment.ErrKeyConflict)
		e.balanced("a", "94.00 USD")
		e.same("Refund after the conflict", e.refused(ref), first)
	}})
}

// sold makes "a" pay 30.00 USD with each of the keys k and k2, and 1.00 USD with the key small. It returns a refund
// with the key r of 10.00 USD of the first charge.
func (e *env) sold() payment.Refund {
	e.Helper()
	e.deposit("a", "100.00 USD")
	e.deposit("a", "100.00 EUR")
	e.deposit("b", "100.00 USD")
	c := e.charge("k", "a", "30.00 USD")
	e.paid(c)
	e.paid(e.charge("k2", "a", "30.00 USD"))
	e.paid(e.charge("small", "a", "1.00 USD"))
	return e.refundOf(c, "r", "10.00 USD")
}

// gaveBack fails the case unless exactly that amount was refunded in total.
func (e *env) gaveBack(amount string) {
	e.Helper()
	all, err := e.money("39.00 USD").Add(e.money(amount))
	if err != nil {
		e.Fatalf("paymenttest: %v", err)
	}
	e.balanced("a", all.String())
	e.balanced("a", "100.00 EUR")
	e.balanced("b", "100.00 USD")
}
