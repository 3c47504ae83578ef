package paymenttest

import (
	"errors"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
)

// conflictCases checks that a key is permanently bound to one content, whatever the outcome of its request.
func conflictCases() []check { return slices.Concat(chargeConflicts(), refundConflicts()) }

func chargeConflicts() []check {
	var cases []check
	for _, other := range []struct {
		name   string
		change func(e *env, c *payment.Charge)
	}{
		{"amount", func(e *env, c *payment.Charge) { c.Amount = e.money("1.00 USD") }},
		{"currency", func(e *env, c *payment.Charge) { c.Amount = e.money("10.00 EUR") }},
		{"account", func(e *env, c *payment.Charge) { c.Account = e.h.Prefix + "b" }},
		{"order", func(_ *env, c *payment.Charge) { c.Order = "another order" }},
		{"application", func(_ *env, c *payment.Charge) { c.Application = "another application" }},
		{"description", func(_ *env, c *payment.Charge) { c.Description = "another description" }},
		{"presence", func(_ *env, c *payment.Charge) { c.Present = !c.Present }},
	} {
		cases = append(cases,
			check{"a key with another " + other.name + " is refused and collects nothing", func(e *env) {
				e.deposit("a", "100.00 USD")
				e.deposit("a", "100.00 EUR")
				e.deposit("b", "100.00 USD")
				c := e.charge("k", "a", "10.00 USD")
				first := e.paid(c)
				changed := c
				other.change(e, &changed)
				r, err := e.ask(changed)
				e.failed("Charge with another "+other.name, r, err, payment.ErrKeyConflict)
				e.balanced("a", "90.00 USD")
				e.balanced("a", "100.00 EUR")
				e.balanced("b", "100.00 USD")
				e.same("Lookup after the conflict", e.found(c.Key), first)
				e.same("Charge after the conflict", e.paid(c), first)
			}},
			check{"a declined key with another " + other.name + " is refused and collects nothing", func(e *env) {
				e.unpayable("a")
				c := e.charge("k", "a", "10.00 USD")
				first := e.declined(c)
				e.deposit("a", "100.00 USD")
				e.deposit("a", "100.00 EUR")
				e.deposit("b", "100.00 USD")
				changed := c
				other.change(e, &changed)
				r, err := e.ask(changed)
				e.failed("Charge of a declined key with another "+other.name, r, err, payment.ErrKeyConflict)
				e.balanced("a", "104.00 USD")
				e.balanced("a", "100.00 EUR")
				e.balanced("b", "100.00 USD")
				e.same("Lookup after the conflict", e.found(c.Key), first)
				e.same("Charge after the conflict", e.declined(c), first)
			}})
	}
	return append(cases,
		check{"two contents of one key at once: one is collected, the other refused", func(e *env) {
			e.deposit("a", "100.00 USD")
			contents := []payment.Charge{e.charge("k", "a", "30.00 USD"), e.charge("k", "a", "50.00 USD")}
			together(8, func(i int) (payment.Result, error) { return e.ask(contents[i%2]) })
			var collected []payment.Charge
			for _, c := range contents {
				r, err := e.ask(c)
				if !errors.Is(err, payment.ErrKeyConflict) {
					e.answered("Charge", c.Key, r, err)
					collected = append(collected, c)
				}
			}
			if len(collected) != 1 {
				e.Fatalf("%d contents of one key were accepted, want 1", len(collected))
			}
			if collected[0] == contents[0] {
				e.balanced("a", "70.00 USD")
			} else {
				e.balanced("a", "50.00 USD")
			}
		}},
	)
}
