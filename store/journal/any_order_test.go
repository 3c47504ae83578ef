package journal_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Refunds of an order are placed, forgotten, made, made after all and come back at random. Once none is under way and the rest
// was returned, nothing is payable, and no tax is owed.
//
// Rule: journal-refunds.
func TestRefundsInAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(testsize.Of(400, 20_000)) {
		rng := rand.New(rand.NewPCG(seed, 1))
		c := newCustomer(t, "DE", "1000.00 EUR")
		c.at("2025-01-10 10:00")
		o := c.buy("lite", "call", "lite", "EUR")
		var log []string
		refund := func(amount pricing.Money, elsewhere bool) {
			log = append(log, fmt.Sprintf("refund %s, elsewhere %t", amount, elsewhere))
			c.do("", subscription.RefundOrder{Order: o.ID, Amount: amount, Elsewhere: elsewhere})
		}
		tell := func(r subscription.Refund, status payment.Status) {
			log = append(log, fmt.Sprintf("%d is %s, now %s", r.Number, r.Status, status))
			c.answers(r, status)
		}
		for range 6 + rng.IntN(14) {
			c.now = c.now.Add(time.Hour)
			c.silent()
			if rng.IntN(3) > 0 {
				c.forgetful()
			}
			is, all := c.refundsOf(o)
			if amount := testworld.Money(t, fmt.Sprintf("%d.%02d EUR", rng.IntN(90), 1+rng.IntN(98))); rng.IntN(10) < 3 {
				if over, err := amount.Cmp(is.Left()); err == nil && over <= 0 {
					refund(amount, rng.IntN(3) == 0)
				}
			} else if len(all) > 0 {
				if r := all[rng.IntN(len(all))]; r.Key != "" {
					tell(r, []payment.Status{payment.Succeeded, payment.Declined}[rng.IntN(2)])
				}
			}
		}
		_, all := c.refundsOf(o)
		for _, r := range all {
			if r.Status == subscription.RefundDue {
				c.now = c.now.Add(time.Hour)
				tell(r, payment.Succeeded)
			}
		}
		is, _ := c.refundsOf(o)
		if c.now = c.now.Add(time.Hour); is.Left().Sign() > 0 {
			refund(pricing.Money{}, true)
			is, _ = c.refundsOf(o)
		}
		got, _ := sums(t, c.store, testworld.Instant(t, "2025-03-01 00:00"))
		if slices.ContainsFunc(got, func(sum string) bool {
			return strings.HasPrefix(sum, "refunds payable") || strings.HasPrefix(sum, "VAT") ||
				strings.HasPrefix(sum, "cash") && is.RefundedAmount == is.Collected
		}) {
			t.Fatalf("seed %d: %q after\n%s", seed, got, strings.Join(log, "\n"))
		}
	}
}

// refundsOf returns an order and its refunds.
func (c *customer) refundsOf(o subscription.Order) (subscription.Order, []subscription.Refund) {
	c.Helper()
	is, err := c.Order(c.Context(), app, o.ID)
	c.must(err)
	all, err := c.Refunds(c.Context(), app, o.ID)
	c.must(err)
	return is, all
}

// answers has the gateway tell what has become of a refund.
func (c *customer) answers(r subscription.Refund, status payment.Status) {
	c.Helper()
	answer := payment.Result{Key: r.Key, Status: status}
	switch status {
	case payment.Succeeded:
		answer.Amount = r.Amount
	case payment.Declined:
		answer.Reason = payment.Other
	}
	_, err := c.Settle(c.Context(), subscription.AttemptID(r.Key), answer)
	c.must(err)
}
