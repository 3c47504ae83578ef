package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// refunds returns an order's refunds: number, kind, amount, taxes, status.
func (w *world) refunds(id subscription.OrderID) []string {
	w.t.Helper()
	all, err := w.Refunds(w.t.Context(), app, id)
	w.ok(err)
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = fmt.Sprintf("%d %s %s %s", r.Number, r.Kind, r.Amount, r.Status)
		for _, t := range r.Taxes {
			out[i] += fmt.Sprintf(", %s %s", t.Name, t.Amount)
		}
	}
	return out
}

// refund is a refund of part of an order.
func (w *world) refund(id subscription.OrderID, amount string, take subscription.Take) subscription.RefundOrder {
	w.t.Helper()
	c := subscription.RefundOrder{Order: id, Take: take, Note: "goodwill"}
	if amount != "" {
		c.Amount = money(w.t, amount)
	}
	return c
}

// Refunds in three parts give back what was collected, and each tax, to the cent: after each one, the tax given back is the
// tax × what was given back so far / the amount, rounded once. 37.81 × 50.00 / 236.81 = 7.98, 37.81 × 83.33 / 236.81 = 13.30.
// Rule: refund-shares-tax, refund-is-a-row.
func TestRefundSharesTax(t *testing.T) {
	for _, tt := range []struct {
		name, region, currency string
		included               bool
		amounts, want          []string
	}{
		{"on top", "DE", "USD", false, []string{"50.00 USD", "33.33 USD", ""}, []string{
			"1 refund 50.00 USD made, VAT 7.98 USD", "2 refund 33.33 USD made, VAT 5.32 USD", "3 refund 153.48 USD made, VAT 24.51 USD",
		}},
		{"included", "DE", "USD", true, []string{"50.00 USD", "33.33 USD", ""}, []string{
			"1 refund 50.00 USD made, VAT 7.98 USD", "2 refund 33.33 USD made, VAT 5.32 USD", "3 refund 115.67 USD made, VAT 18.47 USD",
		}},
		{"two taxes", "QC", "USD", false, []string{"100.00 USD", ""}, []string{
			"1 refund 100.00 USD made, GST 4.35 USD, QST 8.68 USD", "2 refund 128.80 USD made, GST 5.60 USD, QST 11.17 USD",
		}},
		{"yen on top", "DE", "JPY", false, []string{"1 JPY", "3333 JPY", ""}, []string{
			"1 refund 1 JPY made, VAT 0 JPY", "2 refund 3333 JPY made, VAT 532 JPY", "3 refund 19276 JPY made, VAT 3078 JPY",
		}},
		{"yen included", "DE", "JPY", true, []string{"1 JPY", "3333 JPY", ""}, []string{
			"1 refund 1 JPY made, VAT 0 JPY", "2 refund 3333 JPY made, VAT 532 JPY", "3 refund 15666 JPY made, VAT 2502 JPY",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: taxed(t, tt.included)})
			w.tax(subscription.SetTax{Region: pricing.RegionID(tt.region)})
			c := buy("call", "one-to-one")
			if tt.currency == "JPY" {
				c = buy("live", "lite")
				c.Currency = "JPY"
			}
			bought := w.must(c).Order
			w.at("2025-08-01T10:00:00Z") // another rate is in force
			for _, amount := range tt.amounts {
				w.must(w.refund(bought.ID, amount, subscription.TakeNothing))
			}
			sameLines(t, "refunds", w.refunds(bought.ID), tt.want...)
			o := w.order(bought.ID)
			check(t, "status", o.Status, subscription.OrderPaid)
			check(t, "refunded", o.RefundedAmount, o.Collected)
			check(t, "left", o.Left().Sign(), 0)
			check(t, "the order itself", taxesOf(o.Net(), o.Amount, o.Taxes), taxesOf(bought.Net(), bought.Amount, bought.Taxes))
			check(t, "paid at", o.PaidAt, bought.PaidAt)
			if tt.currency == "USD" {
				_, refunds, net := w.charged()
				check(t, "refunds at the gateway", refunds, len(tt.amounts))
				check(t, "net", net.String(), "0.00 USD")
			}
			w.refuse(subscription.ErrNotRefundable, w.refund(bought.ID, "", subscription.TakeNothing))
		})
	}
}

// An upgrade in the middle of a period, with tax: 312.75 of which 43.14 are tax.
// Rule: refund-shares-tax.
func TestRefundOfATaxedUpgrade(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.at("2025-07-20T10:00:00Z")
	o := w.must(upgrade("group-call")).Order
	for _, amount := range []string{"100.00 USD", "100.00 USD", "112.75 USD"} {
		w.must(w.refund(o.ID, amount, ""))
	}
	sameLines(t, "refunds", w.refunds(o.ID), "1 refund 100.00 USD made, VAT 13.79 USD", "2 refund 100.00 USD made, VAT 13.80 USD", "3 refund 112.75 USD made, VAT 15.55 USD")
	check(t, "version, kept", w.latest("call").Version(), "group-call")
}

// Staff can set a refund's taxes: an exemption that is proved later gives back the tax alone. What follows has no share.
// Rule: refund-shares-tax.
func TestRefundOfTaxAlone(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	o := w.must(buy("call", "one-to-one")).Order
	vat := func(amount string) []pricing.Tax { return []pricing.Tax{{Name: "VAT", Amount: money(t, amount)}} }
	c := w.refund(o.ID, "37.81 USD", "")
	c.Taxes = vat("37.82 USD")
	w.refuse(subscription.ErrInvalid, c)
	c.Taxes = []pricing.Tax{{Name: "GST", Amount: money(t, "1.00 USD")}}
	w.refuse(subscription.ErrInvalid, c)
	c.Taxes = vat("37.81 USD")
	w.must(c)
	w.must(w.refund(o.ID, "", ""))
	sameLines(t, "refunds", w.refunds(o.ID), "1 refund 37.81 USD made, VAT 37.81 USD", "2 refund 199.00 USD made, VAT 0.00 USD")
}

// An order that was delivered for another amount than its own has taxes of what was collected, in proportion, and its refunds give
// back those, to the cent. 37.81 × 400.00 / 236.81 = 63.87, of which 100.00 are a quarter: 15.97.
// Rule: refund-shares-tax, tax-of-what-was-collected.
func TestRefundOfAnotherAmountSharesItsTax(t *testing.T) {
	for _, tt := range []struct {
		name, region    string
		included        bool
		collected, part string
		taxes           string
		want            []string
	}{
		{"more", "DE", false, "400.00 USD", "100.00 USD", "336.13 USD, VAT 19% 63.87 USD, 400.00 USD", []string{
			"1 refund 100.00 USD made, VAT 15.97 USD", "2 refund 300.00 USD made, VAT 47.90 USD",
		}},
		{"less", "DE", false, "100.00 USD", "50.00 USD", "84.03 USD, VAT 19% 15.97 USD, 100.00 USD", []string{
			"1 refund 50.00 USD made, VAT 7.99 USD", "2 refund 50.00 USD made, VAT 7.98 USD",
		}},
		{"more, included", "DE", true, "400.00 USD", "100.00 USD", "336.14 USD, VAT 19% 63.86 USD, 400.00 USD", []string{
			"1 refund 100.00 USD made, VAT 15.97 USD", "2 refund 300.00 USD made, VAT 47.89 USD",
		}},
		// Each rounded by itself, the parts would be 0.43, 0.02 and 0.04.
		{"two taxes", "QC", false, "0.50 USD", "0.30 USD", "0.44 USD, GST 5% 0.02 USD, QST 9.975% 0.04 USD, 0.50 USD", []string{
			"1 refund 0.30 USD made, GST 0.01 USD, QST 0.02 USD", "2 refund 0.20 USD made, GST 0.01 USD, QST 0.02 USD",
		}},
		{"in another currency", "DE", false, "30000 JPY", "10000 JPY", "25210 JPY, VAT 19% 4790 JPY, 30000 JPY", []string{
			"1 refund 10000 JPY made, VAT 1597 JPY", "2 refund 20000 JPY made, VAT 3193 JPY",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: taxed(t, tt.included), gateway: pending})
			w.tax(subscription.SetTax{Region: pricing.RegionID(tt.region)})
			o := w.place(buy("call", "one-to-one"))
			w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: money(t, tt.collected)})
			w.must(subscription.CloseReview{Order: o.ID, Deliver: true})
			for _, amount := range []string{tt.part, ""} {
				c := w.refund(o.ID, amount, "")
				c.Elsewhere = true
				w.must(c)
			}
			sameLines(t, "refunds", w.refunds(o.ID), tt.want...)
			o = w.order(o.ID)
			taxes := o.CollectedTaxes()
			check(t, "taxes", taxesOf(taxes[0].Base, o.Collected, taxes), tt.taxes)
		})
	}
}

// What staff set of the taxes is bounded by those of what was collected.
// Rule: refund-shares-tax, tax-of-what-was-collected.
func TestTaxAloneOfAnotherAmount(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false), gateway: pending})
	w.tax(subscription.SetTax{Region: "DE"})
	o := w.place(buy("call", "one-to-one"))
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: money(t, "400.00 USD")})
	w.must(subscription.CloseReview{Order: o.ID, Deliver: true})
	c := w.refund(o.ID, "63.88 USD", "")
	c.Elsewhere, c.Taxes = true, []pricing.Tax{{Name: "VAT", Amount: money(t, "63.88 USD")}}
	w.refuse(subscription.ErrInvalid, c)
	c.Amount, c.Taxes[0].Amount = money(t, "63.87 USD"), money(t, "63.87 USD")
	w.must(c)
	c.Amount, c.Taxes = pricing.Money{}, nil
	w.must(c)
	sameLines(t, "refunds", w.refunds(o.ID), "1 refund 63.87 USD made, VAT 63.87 USD", "2 refund 336.13 USD made, VAT 0.00 USD")
}

// A top-up that was used is refunded as goodwill and stays; of another one what is left is taken back.
// Rule: refund-takes-what-it-says.
func TestRefundOfTopUps(t *testing.T) {
	m := newMeter(t)
	used := m.must(topUp("call-50")).Order
	m.use(m.used("audio", 20))
	fresh := m.must(topUp("any-50")).Order
	m.must(m.refund(used.ID, "", subscription.TakeNothing))
	sameLines(t, "lots", m.lots(), "1 top_up 30/50", "2 top_up 50/50")
	before := m.stored().Revision
	m.must(m.refund(fresh.ID, "", subscription.TakeUnused))
	sameLines(t, "lots", m.lots(), "1 top_up 30/50")
	sameLines(t, "entries", m.ledger(before+1), "refunded 2 50")
	check(t, "taken back", m.order(fresh.ID).TakenBackAt.IsZero(), true)
	m.must(topUp("call-50"))
	m.must(m.refund(m.must(topUp("call-50")).Order.ID, "", subscription.TakeAll))
	sameLines(t, "lots", m.lots(), "1 top_up 30/50", "3 top_up 50/50")
	check(t, "balance", m.balance(), "99994.00 USD")
	m.balanced()
}

// Taking back a package whose period has begun ends the subscription; it can be bought again.
// Rule: refund-takes-what-it-says.
func TestRefundEndsThePackage(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small")).Order
	m.use(m.used("audio", 40))
	m.must(m.refund(bought.ID, "5.00 USD", subscription.TakeAll))
	s := m.latest("call")
	check(t, "status", s.Status, subscription.Refunded)
	check(t, "auto-renewal", s.AutoRenew, false)
	sameLines(t, "lots", m.lots())
	o := m.order(bought.ID)
	check(t, "taken back", o.TakenBackAt, m.now)
	check(t, "left", o.Left().String(), "5.00 USD")
	m.refuse(subscription.ErrNotRefundable, m.refund(bought.ID, "", subscription.TakeAll))
	m.must(m.refund(bought.ID, "", subscription.TakeNothing))
	m.must(buy("call", "large"))
	m.run("2025-12-01T00:00:00Z")
	m.balanced()
}

// What is reserved stays reserved, and is taken back when it is released and wasn't used.
// Rule: reserved-minutes-are-taken-later.
func TestRefundWhileMinutesAreReserved(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small")).Order
	m.must(m.hold("r", 10)) // 40 package minutes
	before := m.stored().Revision
	m.must(m.refund(bought.ID, "", subscription.TakeUnused))
	sameLines(t, "lots", m.lots(), "1 package 0/100 reserved 40")
	u := m.used("hd", 1)
	m.must(subscription.Release{ID: "r"})
	sameLines(t, "entries", m.ledger(before+1), "refunded 1 60", "released 1 40", "refunded 1 40")
	sameLines(t, "used then", m.use(u), "4 short")
	m.run("2025-12-01T00:00:00Z")
	m.balanced()
}

// What a reservation holds of minutes that were taken back can still be used when it is released; the rest is taken then.
// Rule: reserved-minutes-are-taken-later.
func TestRefundWhileReservedMinutesAreUsed(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small")).Order
	m.must(m.hold("r", 10)) // 40 package minutes
	before := m.stored().Revision
	m.must(m.refund(bought.ID, "", subscription.TakeUnused))
	u := m.used("hd", 3)
	m.must(subscription.Release{ID: "r", Used: &u})
	sameLines(t, "entries", m.ledger(before+1), "refunded 1 60", "released 1 40", "consumed 1 12 call hd 2025-07-10",
		"refunded 1 28")
	sameLines(t, "lots", m.lots(), "1 package 0/100")
	m.run("2025-12-01T00:00:00Z")
	m.balanced()
}

// Cycles paid ahead go last first, each for its share of the order's amount: 30.00 for three, of which one has begun.
// Rule: cycles-ahead-go-last-first.
func TestRefundOfCyclesAhead(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small")).Order
	ahead := m.must(renewal.Renew{Product: "call", Cycles: 3}).Order
	ends := func() string { return m.latest("call").End().Format("2006-01-02") }
	check(t, "end", ends(), "2025-11-10")
	m.refuse(subscription.ErrNotRefundable, m.refund(bought.ID, "", subscription.TakeAll))
	m.refuse(subscription.ErrNotRefundable, subscription.RefundOrder{Order: ahead.ID, Cycles: 4})
	m.must(subscription.RefundOrder{Order: ahead.ID, Cycles: 2, KeepAutoRenew: true})
	check(t, "end", ends(), "2025-09-10")
	check(t, "auto-renewal", m.latest("call").AutoRenew, true)
	check(t, "taken back", m.order(ahead.ID).TakenBackAt.IsZero(), true)
	m.must(subscription.RefundOrder{Order: ahead.ID, Cycles: 1})
	check(t, "end", ends(), "2025-08-10")
	check(t, "auto-renewal", m.latest("call").AutoRenew, false)
	check(t, "taken back", m.order(ahead.ID).TakenBackAt, m.now)
	sameLines(t, "refunds", m.refunds(ahead.ID), "1 refund 20.00 USD made", "2 refund 10.00 USD made")
	check(t, "status", m.latest("call").Status, subscription.Active)
	m.must(m.refund(bought.ID, "", subscription.TakeAll)) // nothing builds on it now
	check(t, "status", m.latest("call").Status, subscription.Refunded)
}

// A third of an amount that isn't divisible by three, and the last one takes the rest.
// Rule: cycles-ahead-go-last-first.
func TestRefundOfCyclesAheadTakesTheRest(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	o := w.must(renewal.Renew{Product: "call", Cycles: 3}).Order // 597.00 and 113.43 of tax
	check(t, "amount", o.Amount.String(), "710.43 USD")
	w.must(w.refund(o.ID, "0.01 USD", ""))
	for range 3 {
		w.must(subscription.RefundOrder{Order: o.ID, Cycles: 1})
	}
	sameLines(t, "refunds", w.refunds(o.ID), "1 refund 0.01 USD made, VAT 0.00 USD", "2 refund 236.81 USD made, VAT 37.81 USD",
		"3 refund 236.81 USD made, VAT 37.81 USD", "4 refund 236.80 USD made, VAT 37.81 USD")
}

// A renewal that is refunded, and then paid again automatically, has another order with another key: the provider can't
// replay the success of the first.
// Rule: one-renewal-per-period, refund-key-is-its-own.
func TestRefundedRenewalIsOrderedUnderAnotherKey(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.run("2025-08-09T12:00:00Z") // renewed a day ahead
	first := m.orders()[1]
	check(t, "kind", first.Kind, subscription.RenewalOrder)
	m.must(subscription.RefundOrder{Order: first.ID, Cycles: 1, KeepAutoRenew: true})
	m.run("2025-08-10T12:00:00Z")
	var renewals []subscription.Order
	for _, o := range m.orders() {
		if o.Kind == subscription.RenewalOrder {
			renewals = append(renewals, o)
		}
	}
	if len(renewals) != 2 || renewals[0].Attempt == renewals[1].Attempt {
		t.Fatalf("renewals = %+v", renewals)
	}
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-09-10")
	charges, refunds, net := m.charged()
	check(t, "charges", charges, 3)
	check(t, "refunds", refunds, 1)
	check(t, "net", net.String(), "20.00 USD")
}

// An upgrade that is taken back returns the version, the price and the minutes of every period to what they were.
// Rule: upgrade-can-be-undone.
func TestRefundOfAnUpgrade(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small")).Order
	m.must(renewal.Renew{Product: "call"})
	before := m.latest("call")
	m.at("2025-07-25T10:00:00Z") // 16/31 of 20.00 and of 200 minutes, and 20.00 for the cycle ahead
	up := m.must(subscription.Upgrade{Product: "call", To: "large", Agreement: agreement}).Order
	check(t, "amount", up.Amount.String(), "30.32 USD")
	m.use(m.used("audio", 110)) // 100 of the package, 10 of the upgrade
	m.refuse(subscription.ErrNotRefundable, m.refund(bought.ID, "", subscription.TakeAll))
	m.must(m.refund(up.ID, "", subscription.TakeAll))
	if diff := cmp.Diff(before.Cycles, m.latest("call").Cycles, exactly); diff != "" {
		t.Errorf("periods (-before +after):\n%s", diff)
	}
	check(t, "version", m.latest("call").Version(), "small")
	check(t, "taken back", m.order(up.ID).TakenBackAt, m.now)
	check(t, "auto-renewal", m.latest("call").AutoRenew, true)
	sameLines(t, "lots", m.lots(), "1 package 0/100")
	again := m.must(subscription.Upgrade{Product: "call", To: "large", Agreement: agreement}).Order
	check(t, "again", again.Amount.String(), "30.32 USD")
	m.run("2025-12-01T00:00:00Z")
	m.balanced()
}

// What stands in the way is named, and bad input changes nothing.
// Rule: refund-names-what-stands-in-the-way.
func TestRefundRefuses(t *testing.T) {
	w := newWorld(t, setup{})
	bought := w.must(buy("call", "one-to-one")).Order
	first := w.must(upgrade("group-call")).Order
	second := w.must(upgrade("stadium")).Order
	_, err := w.do(w.refund(first.ID, "", subscription.TakeAll))
	fails(t, err, subscription.ErrNotRefundable)
	obstacle, ok := errors.AsType[*subscription.ObstacleError](err)
	if !ok || obstacle.Order != first.ID || obstacle.By != second.ID {
		t.Errorf("%#v isn't about %s, or doesn't name %s", err, first.ID, second.ID)
	}
	check(t, "text", err.Error(), fmt.Sprintf("subscription: not refundable: order %s: a later upgrade builds on it: order %s", first.ID, second.ID))
	trial := w.must(subscription.Purchase{Product: "live", Version: "trial", Term: pricing.Days(14), Currency: "USD", Agreement: agreement}).Order
	other := w.refund(bought.ID, "1 JPY", "")
	for name, tt := range map[string]struct {
		cmd  subscription.RefundOrder
		want error
	}{
		"more than is left":      {w.refund(bought.ID, "199.01 USD", ""), subscription.ErrNotRefundable},
		"another currency":       {other, subscription.ErrInvalid},
		"nothing":                {w.refund(bought.ID, "0.00 USD", ""), subscription.ErrInvalid},
		"an unknown take":        {w.refund(bought.ID, "", "half"), subscription.ErrInvalid},
		"cycles that are kept":   {subscription.RefundOrder{Order: bought.ID, Take: subscription.TakeNothing, Cycles: 1}, subscription.ErrInvalid},
		"no cycles ahead":        {subscription.RefundOrder{Order: bought.ID, Cycles: 1}, subscription.ErrNotRefundable},
		"negative cycles":        {subscription.RefundOrder{Order: bought.ID, Cycles: -1}, subscription.ErrInvalid},
		"cycles of an upgrade":   {subscription.RefundOrder{Order: second.ID, Cycles: 1}, subscription.ErrNotRefundable},
		"an order for nothing":   {w.refund(trial.ID, "", ""), subscription.ErrNotRefundable},
		"an unknown order":       {w.refund("k-0", "", ""), subscription.ErrNotFound},
		"a note that is no text": {subscription.RefundOrder{Order: bought.ID, Note: "\xff"}, subscription.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) { w.t = t; w.refuse(tt.want, tt.cmd) })
	}
}

// A refund can fail, also after it succeeded. Its money is left with the order again, and a person repeats it under another
// key.
// Rule: failed-refund-is-left-again, refund-key-is-its-own.
func TestRefundFailsAfterItSucceeded(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.gate.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount}, nil // for now
	}
	m.must(m.refund(o.ID, "", ""))
	m.gate.OnRefund = nil
	key := subscription.AttemptID(string(o.Attempt) + "/refund")
	failed := payment.Result{Key: string(key), Status: payment.Declined, Reason: "account_closed"}
	for range 2 { // told twice
		settled, err := m.Settle(t.Context(), key, failed)
		m.ok(err)
		check(t, "left", settled.Left().String(), "10.00 USD")
	}
	check(t, "events", m.count(subscription.EventRefundFailed), 1)
	made := payment.Result{Key: string(key), Status: payment.Succeeded, Amount: o.Amount}
	settled, err := m.Settle(t.Context(), key, made) // the old news, late
	m.ok(err)
	check(t, "left", settled.Left().String(), "10.00 USD")
	m.must(m.refund(o.ID, "", ""))
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 10.00 USD failed", "2 refund 10.00 USD made")
	check(t, "left", m.order(o.ID).Left().String(), "0.00 USD")
}

// A refund that the gateway doesn't answer stays due, and a worker makes it, once.
// Rule: refund-is-a-row.
func TestRefundIsMadeByTheWorker(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	asked := 0
	m.gate.OnRefund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
		asked++
		if asked == 1 {
			return payment.Result{}, errors.New("gateway is down")
		}
		return m.accounts.Refund(ctx, r)
	}
	r := m.must(m.refund(o.ID, "4.00 USD", ""))
	check(t, "figure", r.Order.RefundedAmount.String(), "4.00 USD")
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 4.00 USD due")
	check(t, "balance", m.balance(), "99990.00 USD")
	m.run("2025-07-10T12:00:00Z")
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 4.00 USD made")
	check(t, "balance", m.balance(), "99994.00 USD")
	check(t, "asked", asked, 2)
}

// Money that was returned by other means is recorded, and the gateway isn't asked.
// Rule: refund-is-a-row.
func TestRefundElsewhere(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	c := m.refund(o.ID, "3.00 USD", "")
	c.Elsewhere = true
	m.must(c)
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 3.00 USD made")
	check(t, "balance", m.balance(), "99990.00 USD")
	check(t, "left", m.order(o.ID).Left().String(), "7.00 USD")
}

// The sums of a month, by payments and by refunds, don't change when something of it is refunded later.
// Rule: closed-month-stays.
func TestClosedMonthStays(t *testing.T) {
	w := newWorld(t, setup{})
	o := w.must(buy("call", "one-to-one")).Order
	w.at("2025-07-20T10:00:00Z")
	w.must(w.refund(o.ID, "50.00 USD", ""))
	july := func() string {
		end := instant(t, "2025-08-01T00:00:00Z")
		paid, back := money(t, "0.00 USD"), money(t, "0.00 USD")
		for _, o := range w.orders() {
			if !o.PaidAt.IsZero() && o.PaidAt.Before(end) {
				var err error
				paid, err = paid.Add(o.Amount)
				w.ok(err)
			}
			refunds, err := w.Refunds(t.Context(), app, o.ID)
			w.ok(err)
			for _, r := range refunds {
				if r.Status == subscription.RefundMade && r.ClosedAt.Before(end) {
					back, err = back.Add(r.Amount)
					w.ok(err)
				}
			}
		}
		return fmt.Sprintf("%s paid, %s back", paid, back)
	}
	check(t, "July", july(), "199.00 USD paid, 50.00 USD back")
	w.at("2025-08-03T10:00:00Z")
	w.must(w.refund(o.ID, "", subscription.TakeAll))
	check(t, "July, later", july(), "199.00 USD paid, 50.00 USD back")
}

// The same key refunds once, also if its answer was lost.
// Rule: one-key-one-content.
func TestRefundUnderTheSameKey(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	for range 2 {
		r, err := m.Do(t.Context(), app, m.refund(o.ID, "4.00 USD", ""), "refund")
		m.ok(err)
		check(t, "figure", r.Order.RefundedAmount.String(), "4.00 USD")
	}
	_, err := m.Do(t.Context(), app, m.refund(o.ID, "5.00 USD", ""), "refund")
	fails(t, err, subscription.ErrKeyReused)
	check(t, "balance", m.balance(), "99994.00 USD")
}
