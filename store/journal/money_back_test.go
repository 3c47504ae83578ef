package journal_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// books compares the postings of a span with those that are wanted.
func (c *customer) books(what, from, to string, want ...string) {
	c.Helper()
	if diff := cmp.Diff(want, c.lines(from, to)); diff != "" {
		c.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// silent has the gateway give no answer, so that orders and refunds wait for what a test tells.
func (c *customer) silent() {
	c.gate.OnCharge = func(context.Context, payment.Charge) (payment.Result, error) {
		return payment.Result{}, context.DeadlineExceeded
	}
	c.gate.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) {
		return payment.Result{}, context.DeadlineExceeded
	}
}

// forgetful has the gateway know another refund by the key of each, so that nobody knows what became of them.
func (c *customer) forgetful() {
	c.gate.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) {
		return payment.Result{}, payment.ErrKeyConflict
	}
}

// place places an order that isn't collected yet.
func (c *customer) place(name string, command subscription.Command) subscription.Order {
	c.Helper()
	c.n++
	out, err := c.Do(context.Background(), app, command, name)
	if !errors.Is(err, subscription.ErrPaymentPending) {
		c.Fatal(err)
	}
	c.names[string(out.Receipt.OrderID)] = name
	o, err := c.Order(context.Background(), app, out.Receipt.OrderID)
	c.must(err)
	return o
}

// tell has the gateway tell of a charge or a refund.
func (c *customer) tell(o subscription.Order, suffix, amount string) {
	c.Helper()
	r := payment.Result{Key: string(o.Attempt) + suffix, Status: payment.Declined, Reason: payment.Other}
	if amount != "" {
		r = payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: testworld.Money(c.TB, amount)}
	}
	_, err := c.Settle(context.Background(), subscription.AttemptID(r.Key), r)
	c.must(err)
}

func (c *customer) dispute(o subscription.Order, status payment.ReversalStatus) {
	c.Helper()
	_, err := c.Reverse(context.Background(), o.Attempt, payment.Reversal{
		ID: "dp_1", Charge: string(o.Attempt), Status: status, Amount: o.Amount,
	})
	c.must(err)
}

// A reversal takes what was used from revenue, the rest from deferred revenue; its reinstatement returns both.
//
// Rule: journal-refunds.
func TestReversal(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "DE", "1000.00 EUR")
	c.at("2025-01-10 10:00")
	o := c.buy("lite", "call", "lite", "EUR")
	c.use(250)
	c.at("2025-01-12 10:00")
	c.dispute(o, payment.Reversed) // 250 of 1,000 minutes are used: 25.00 of 100.00
	c.at("2025-01-20 10:00")
	c.dispute(o, payment.Reinstated)
	c.at("2025-01-20 11:00")
	c.use(150) // 75.00 × 150/750 = 15.00
	c.at("2025-02-20 10:00")
	c.wait()
	c.books("a reversal", "2025-01-12 00:00", "2025-03-01 00:00",
		"01-12 10:00 lite refund/1: VAT > cash 19.00",
		"01-12 10:00 lite refund/1: deferred revenue > cash 75.00",
		"01-12 10:00 lite refund/1: refunds > cash 25.00",
		"01-20 10:00 lite refund/1: cash > VAT 19.00",
		"01-20 10:00 lite refund/1: cash > refunds 25.00",
		"01-20 10:00 lite refund/1: cash > deferred revenue 75.00",
		"01-20 11:00 lite: deferred revenue > usage 15.00",
		"02-20 10:00 lite: deferred revenue > breakage 60.00",
	)
}

// A chargeback in another currency than the order's costs what it takes, and what is taken back with it is breakage.
//
// Rule: journal-refunds.
func TestReversalInAnotherCurrency(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "DE", "1000.00 EUR")
	c.at("2025-01-10 10:00")
	o := c.buy("lite", "call", "lite", "EUR")
	c.use(250)
	c.at("2025-01-12 10:00")
	_, err := c.Reverse(t.Context(), o.Attempt, payment.Reversal{
		ID: "dp_1", Charge: string(o.Attempt), Status: payment.Reversed, Amount: testworld.Money(t, "130.00 USD"),
	})
	c.must(err)
	c.at("2025-02-20 10:00")
	c.wait()
	c.books("a reversal in another currency", "2025-01-12 00:00", "2025-03-01 00:00",
		"01-12 10:00 lite refund/1: refunds > cash 130.00",
		"01-12 10:00 lite: deferred revenue > breakage 75.00",
	)
}

// Money that is under review or comes too late waits in suspense.
//
// Rule: journal-refunds.
func TestSuspense(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "DE", "1000.00 EUR")
	c.silent()
	c.at("2025-01-10 10:00")
	late := c.place("late", buying("beauty", "basic"))
	c.do("", subscription.Cancel{Order: late.ID})
	c.at("2025-01-11 10:00")
	c.tell(late, "", "35.70 EUR")
	c.at("2025-01-12 10:00")
	c.tell(late, "/refund", "35.70 EUR")
	c.at("2025-01-13 10:00")
	less := c.place("less", buying("call", "lite")) // 119.00
	c.tell(less, "", "118.99 EUR")
	c.at("2025-01-14 10:00")
	// VAT 19.00 × 118.99/119.00 = 18.9984 → 19.00
	c.do("", subscription.CloseReview{Order: less.ID, Deliver: true})
	c.books("suspense", "2025-01-01 00:00", "2025-01-15 00:00",
		"01-11 10:00 late: cash > suspense 35.70",
		"01-11 10:00 late refund/1: suspense > refunds payable 35.70",
		"01-12 10:00 late refund/1: refunds payable > cash 35.70",
		"01-13 10:00 less: cash > suspense 118.99",
		"01-14 10:00 less: suspense > VAT 19.00",
		"01-14 10:00 less: suspense > deferred revenue 99.99",
	)
}

// What is owed of taxes for an order that was delivered for another amount is nothing once all of it has gone back.
//
// Rule: journal-refunds, tax-of-what-was-collected.
func TestTaxOfAnotherAmount(t *testing.T) {
	t.Parallel()
	for collected, want := range map[string][]string{ // of 119.00 with a VAT of 19.00
		"200.00 EUR": { // 19.00 × 200.00/119.00 = 31.93, of which 40.00 are a fifth
			"01-10 10:00 other: cash > suspense 200.00",
			"01-11 10:00 other: suspense > VAT 31.93",
			"01-11 10:00 other: suspense > deferred revenue 168.07",
			"01-12 10:00 other refund/1: VAT > refunds payable 6.39",
			"01-12 10:00 other refund/1: refunds > refunds payable 33.61",
			"01-13 10:00 other refund/2: VAT > refunds payable 25.54",
			"01-13 10:00 other refund/2: deferred revenue > refunds payable 134.46",
			"01-13 10:00 other: deferred revenue > refunds 33.61",
		},
		"60.00 EUR": { // 9.58
			"01-10 10:00 other: cash > suspense 60.00",
			"01-11 10:00 other: suspense > VAT 9.58",
			"01-11 10:00 other: suspense > deferred revenue 50.42",
			"01-12 10:00 other refund/1: VAT > refunds payable 6.39",
			"01-12 10:00 other refund/1: refunds > refunds payable 33.61",
			"01-13 10:00 other refund/2: VAT > refunds payable 3.19",
			"01-13 10:00 other refund/2: deferred revenue > refunds payable 16.81",
			"01-13 10:00 other: deferred revenue > refunds 33.61",
		},
		"7000 JPY": { // 1118
			"01-10 10:00 other: cash > suspense 7000",
			"01-11 10:00 other: suspense > VAT 1118",
			"01-11 10:00 other: suspense > deferred revenue 5882",
			"01-12 10:00 other refund/1: VAT > refunds payable 6",
			"01-12 10:00 other refund/1: refunds > refunds payable 34",
			"01-13 10:00 other refund/2: VAT > refunds payable 1112",
			"01-13 10:00 other refund/2: deferred revenue > refunds payable 5848",
			"01-13 10:00 other: deferred revenue > refunds 34",
		},
	} {
		c := newCustomer(t, "DE", "1000.00 EUR")
		c.silent()
		c.at("2025-01-10 10:00")
		o := c.place("other", buying("call", "lite"))
		c.tell(o, "", collected)
		c.at("2025-01-11 10:00")
		c.do("", subscription.CloseReview{Order: o.ID, Deliver: true})
		_, currency, _ := strings.Cut(collected, " ")
		part := map[string]string{"EUR": "40.00 EUR", "JPY": "40 JPY"}[currency]
		c.at("2025-01-12 10:00")
		c.do("", subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(t, part)})
		c.at("2025-01-13 10:00")
		c.do("", subscription.RefundOrder{Order: o.ID, Take: subscription.TakeAll})
		c.books(collected, "2025-01-01 00:00", "2025-03-01 00:00", want...)
	}
}

// buying is a purchase of a month without auto-renewal, in euros.
func buying(product pricing.ProductID, version pricing.VersionID) subscription.Purchase {
	return subscription.Purchase{Product: product, Version: version, Term: pricing.Months(1), Currency: "EUR", NoAutoRenew: true}
}

// A refund that fails stays payable until another one repeats it.
//
// Rule: journal-refunds.
func TestFailedRefund(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "DE", "1000.00 EUR")
	c.at("2025-01-10 10:00")
	o := c.do("pack", topup.Buy{Pack: "p500", Currency: "EUR"}) // 60.00 and 11.40
	c.silent()
	half := subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(t, "35.70 EUR"), Take: subscription.TakeUnused}
	c.at("2025-01-11 10:00")
	c.do("", half)
	c.at("2025-01-12 10:00")
	c.tell(o, "/refund", "35.70 EUR")
	c.at("2025-01-13 10:00")
	c.tell(o, "/refund", "") // it came back
	c.at("2025-01-14 10:00")
	// 35.70 of 47.60 are still payable. VAT 11.40 × 47.60/71.40 = 7.60, of which 7.60 × 11.90/47.60 = 1.90 are new.
	c.do("", subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(t, "47.60 EUR"), Elsewhere: true})
	c.books("a refund that failed", "2025-01-11 00:00", "2025-01-15 00:00",
		"01-11 10:00 pack refund/1: VAT > refunds payable 5.70",
		"01-11 10:00 pack refund/1: deferred revenue > refunds payable 30.00",
		"01-11 10:00 pack: deferred revenue > breakage 30.00",
		"01-12 10:00 pack refund/1: refunds payable > cash 35.70",
		"01-13 10:00 pack refund/1: cash > refunds payable 35.70",
		"01-14 10:00 pack refund/2: refunds payable > cash 35.70",
		"01-14 10:00 pack refund/2: VAT > cash 1.90",
		"01-14 10:00 pack refund/2: refunds > cash 10.00",
	)
}

// The tax of a refund that failed isn't given back twice, nor is any left, whatever repeats it: of 19.00 in 119.00, 0.16 go back
// with 1.00, 2.23 with the next 14.00, and 16.61 with the rest.
//
// Rule: journal-refunds.
func TestTaxOfAFailedRefund(t *testing.T) {
	t.Parallel()
	part := func(o subscription.Order, amount string) subscription.RefundOrder {
		return subscription.RefundOrder{Order: o.ID, Amount: testworld.Money(t, amount), Elsewhere: amount == "1.00 EUR"}
	}
	for name, tt := range map[string]struct {
		then func(c *customer, o subscription.Order)
		want []string
	}{
		"the rest is refunded": {func(c *customer, o subscription.Order) {
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
		}, []string{"deferred revenue -100.00", "refunds 100.00"}},
		"a part of it is repeated, and then the rest": {func(c *customer, o subscription.Order) {
			c.do("", part(o, "5.00 EUR"))
			c.tell(o, "/refund/3", "5.00 EUR")
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
		}, []string{"deferred revenue -100.00", "refunds 100.00"}},
		"a chargeback that is reinstated, and then the rest": {func(c *customer, o subscription.Order) {
			c.dispute(o, payment.Reversed)
			c.dispute(o, payment.Reinstated)
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
		}, []string{"deferred revenue -88.39", "refunds 88.39"}},
		"it is made after all": {func(c *customer, o subscription.Order) {
			c.tell(o, "/refund/2", "14.00 EUR")
		}, []string{"cash 104.00", "deferred revenue -100.00", "VAT -16.61", "refunds 12.61"}},
		"a part of it is repeated, it is made after all, and then the rest": {func(c *customer, o subscription.Order) {
			c.do("", part(o, "5.00 EUR"))
			c.tell(o, "/refund/3", "5.00 EUR")
			c.at("2025-01-13 10:00")
			c.tell(o, "/refund/2", "14.00 EUR")
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
		}, []string{"deferred revenue -100.00", "refunds 100.00"}},
		"all of it is repeated, and then it is made after all": {func(c *customer, o subscription.Order) {
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
			c.at("2025-01-13 10:00")
			c.tell(o, "/refund/2", "14.00 EUR")
		}, []string{"cash -14.00", "deferred revenue -100.00", "refunds 114.00"}},
		"all of it is repeated, it is made after all, and comes back": {func(c *customer, o subscription.Order) {
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
			c.at("2025-01-13 10:00")
			c.tell(o, "/refund/2", "14.00 EUR")
			c.at("2025-01-14 10:00")
			c.tell(o, "/refund/2", "")
		}, []string{"deferred revenue -100.00", "refunds 100.00"}},
		"a part of it is repeated, it is made after all, comes back, and then the rest": {func(c *customer, o subscription.Order) {
			c.do("", part(o, "5.00 EUR"))
			c.tell(o, "/refund/3", "5.00 EUR")
			c.at("2025-01-13 10:00")
			c.tell(o, "/refund/2", "14.00 EUR")
			c.at("2025-01-14 10:00")
			c.tell(o, "/refund/2", "")
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
		}, []string{"deferred revenue -100.00", "refunds 100.00"}},
		"all of it is repeated, it is made after all, and the other one fails": {func(c *customer, o subscription.Order) {
			c.do("", part(o, "14.00 EUR"))
			c.at("2025-01-13 10:00")
			c.tell(o, "/refund/2", "14.00 EUR")
			c.at("2025-01-14 10:00")
			c.tell(o, "/refund/3", "")
		}, []string{"cash 104.00", "deferred revenue -100.00", "VAT -16.61", "refunds 12.61"}},
		"a part of it is repeated, it is made after all, the other one fails, and then the rest": {func(c *customer, o subscription.Order) {
			c.do("", part(o, "5.00 EUR"))
			c.at("2025-01-13 10:00")
			c.tell(o, "/refund/2", "14.00 EUR")
			c.at("2025-01-14 10:00")
			c.tell(o, "/refund/3", "")
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
		}, []string{"deferred revenue -100.00", "refunds 100.00"}},
		"all of it is repeated, and it is made after all at that instant": {func(c *customer, o subscription.Order) {
			c.do("", subscription.RefundOrder{Order: o.ID, Elsewhere: true})
			c.tell(o, "/refund/2", "14.00 EUR")
		}, []string{"cash -14.00", "deferred revenue -100.00", "refunds 114.00"}},
	} {
		c := newCustomer(t, "DE", "1000.00 EUR")
		c.at("2025-01-10 10:00")
		o := c.buy("lite", "call", "lite", "EUR")
		c.forgetful()
		c.at("2025-01-11 10:00")
		c.do("", part(o, "1.00 EUR"))
		c.do("", part(o, "14.00 EUR"))
		c.silent()
		c.at("2025-01-12 10:00")
		tt.then(c, o)
		got, _ := sums(t, c.store, testworld.Instant(t, "2025-02-01 00:00"))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Periods ahead are deferred until they begin. An upgrade adds to them, and a refund of some takes theirs alone.
//
// Rule: journal-postings.
func TestPeriodsAhead(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "", "5000.00 EUR")
	c.at("2025-01-01 10:00")
	c.buy("lite", "call", "lite", "EUR")
	ahead := c.do("ahead", renewal.Renew{Product: "call", Cycles: 3}) // 100.00 each
	c.do("", subscription.RefundOrder{Order: ahead.ID, Cycles: 1})
	// 31 of 31 days: 200.00 and 2,000 minutes; 200.00 and 2,000 minutes for each of the two ahead.
	c.do("upgrade", subscription.Upgrade{Product: "call", To: "pro"})
	c.use(3000)
	c.at("2025-02-01 00:00")
	c.wait()
	c.at("2025-02-02 10:00")
	c.use(1500) // half of February's 3,000: 50.00 of 100.00, 100.00 of 200.00
	c.at("2025-03-02 10:00")
	c.wait() // the other half
	c.books("periods ahead", "2025-01-01 00:00", "2025-03-03 00:00",
		"01-01 10:00 lite: cash > deferred revenue 100.00",
		"01-01 10:00 ahead: cash > deferred revenue 300.00",
		"01-01 10:00 upgrade: cash > deferred revenue 600.00",
		"01-01 10:00 lite: deferred revenue > usage 100.00",
		"01-01 10:00 upgrade: deferred revenue > usage 200.00",
		"01-01 10:00 ahead refund/1: refunds payable > cash 100.00",
		"01-01 10:00 ahead refund/1: deferred revenue > refunds payable 100.00",
		"02-02 10:00 ahead: deferred revenue > usage 50.00",
		"02-02 10:00 upgrade: deferred revenue > usage 100.00",
		"03-02 10:00 ahead: deferred revenue > breakage 50.00",
		"03-02 10:00 upgrade: deferred revenue > breakage 100.00",
	)
}

// Usage that is corrected was earned once: the minutes that return are worth nothing. A bill is earned at once, and gifts are
// nothing.
//
// Rule: journal-postings.
func TestWhatIsWorthNothing(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "", "5000.00 EUR")
	c.at("2025-01-01 10:00")
	c.buy("lite", "call", "lite", "EUR")
	c.use(1000)
	_, err := c.Consume(t.Context(), app, subscription.Usage{ID: "less", Product: "call", Kind: "audio", At: c.now, Seconds: -60 * 400})
	c.must(err)
	c.use(400)
	c.do("", subscription.Gift{Products: []pricing.ProductID{"call"}, Minutes: 100, Validity: pricing.Validity{Months: 1}})
	c.use(100)
	c.do("", subscription.EnablePayAsYouGo{Currency: "EUR"})
	c.use(300) // 300 of 1,000 minutes for 50.00: 15.00
	c.at("2025-01-03 10:00")
	c.wait()
	c.names["u-1"] = "bill"
	c.books("a correction, a gift and a bill", "2025-01-01 00:00", "2025-01-04 00:00",
		"01-01 10:00 lite: cash > deferred revenue 100.00",
		"01-01 10:00 lite: deferred revenue > usage 100.00",
		"01-03 10:00 bill: cash > bills 15.00",
	)
}
