package renewal_test

import (
	"fmt"
	"testing"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

func deal(tb testing.TB, price string, periods int) subscription.SetDeal {
	tb.Helper()
	return subscription.SetDeal{Product: "call", Price: money(tb, price), Periods: periods, Reason: "contract 7"}
}

// left returns how many periods the deal has left, 0 if there is none.
func (w *world) left() int {
	w.t.Helper()
	if d := w.latest("call").Deal; d != nil {
		return d.Left
	}
	return 0
}

// A deal is the price of so many further periods, or of all that follow. Another price than the last one is announced, when
// the deal begins and when it has ended.
// Rule: deal-price, price-change-is-announced, preview-foretells.
func TestDealByItself(t *testing.T) {
	for _, tt := range []struct {
		name    string
		deal    subscription.SetDeal
		charges []string
		left    int
		told    []string
	}{
		{"for two periods", deal(t, "150.00 USD", 2), []string{"150.00", "150.00", "199.00", "199.00"}, 0, []string{
			"2025-01-25 00:00 price_changed 150.00 USD", "2025-03-25 00:00 price_changed 199.00 USD",
		}},
		{"for good", deal(t, "150.00 USD", 0), []string{"150.00", "150.00", "150.00", "150.00"}, -1, []string{
			"2025-01-25 00:00 price_changed 150.00 USD",
		}},
		{"at nothing", deal(t, "0.00 USD", 1), []string{"0.00", "199.00", "199.00", "199.00"}, 0, []string{
			"2025-01-25 00:00 price_changed 0.00 USD", "2025-02-22 00:00 price_changed 199.00 USD",
		}},
		{"above the list price", deal(t, "250.00 USD", 1), []string{"250.00", "199.00", "199.00", "199.00"}, 0, []string{
			"2025-01-25 00:00 price_changed 250.00 USD", "2025-02-22 00:00 price_changed 199.00 USD",
		}},
		{"of another version", subscription.SetDeal{Product: "call", Version: "group-call", Price: money(t, "9.00 USD")},
			[]string{"199.00", "199.00", "199.00", "199.00"}, -1, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.must(tt.deal)
			var foretold []string
			for u := range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, instant(t, "2025-05-01T00:00:00Z")) {
				if !u.Charge.IsZero() {
					foretold = append(foretold, u.Charge.Amount())
				}
			}
			w.run("2025-05-01T00:00:00Z")
			var charged []string
			for _, o := range w.orders()[1:] {
				charged = append(charged, o.Amount.Amount())
				e := o.Deliveries[0].Extend
				check(t, "dealt", e.Dealt, o.Lines[0].Kind == pricing.DealLine)
				check(t, "the price is recorded", e.Price, o.Amount)
			}
			same(t, "charges", charged, tt.charges)
			same(t, "foretold", foretold, tt.charges)
			check(t, "left", w.left(), tt.left)
			same(t, "announced", w.log(subscription.EventPriceChange), tt.told)
		})
	}
}

// A period counts when it is paid: neither an attempt that is declined nor an open order takes one.
// Rule: deal-price.
func TestDealCountsWhatIsPaid(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(deal(t, "150.00 USD", 2))
	w.drain()
	w.run("2025-02-01T12:00:00Z")
	check(t, "after six declines", w.left(), 2)
	w.deposit("1000.00 USD")
	w.must(renewal.Renew{Product: "call"})
	check(t, "paid by hand", w.left(), 1)
	same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -199.00 USD", "2025-02-01 12:00 -150.00 USD"})
	w.run("2025-03-02T00:00:00Z")
	check(t, "used up", w.left(), 0)
	same(t, "its end", w.log(subscription.EventDealEnded), []string{
		"2025-02-28 00:00 deal_ended 150.00 USD all its periods are paid for",
	})
}

// Renewals ahead are at the deal's price as far as it goes, and at list price beyond it: two lines, and every period keeps
// its own price. What is taken back of them costs what it cost.
// Rule: deal-price, cycles-ahead, cycles-ahead-go-last-first.
func TestDealAhead(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(deal(t, "150.00 USD", 3))
	o := w.must(renewal.Renew{Product: "call", Cycles: 2}).Order
	check(t, "within it", o.Amount.String(), "300.00 USD")
	check(t, "lines", len(o.Lines), 1)
	check(t, "left", w.left(), 1)
	o = w.must(renewal.Renew{Product: "call", Cycles: 3}).Order
	check(t, "beyond it", o.Amount.String(), "548.00 USD")
	var lines []string
	for _, l := range o.Lines {
		lines = append(lines, fmt.Sprint(l.Kind, " ", l.Item, " ", l.Formula(), " = ", l.Amount))
	}
	same(t, "lines", lines, []string{
		"deal call/one-to-one 150.00 = 150.00 USD", "renewal call/one-to-one 199.00 × 2 = 398.00 USD",
	})
	check(t, "left", w.left(), 0)
	var prices []string
	for _, c := range w.latest("call").Cycles {
		prices = append(prices, c.Price.Amount())
	}
	same(t, "prices", prices, []string{"199.00", "150.00", "150.00", "150.00", "199.00", "199.00"})

	for _, want := range []string{"199.00 USD", "199.00 USD", "150.00 USD"} {
		w.must(subscription.RefundOrder{Order: o.ID, Cycles: 1, KeepAutoRenew: true})
		refunds, err := w.Refunds(t.Context(), app, o.ID)
		w.ok(err)
		check(t, "refund", refunds[len(refunds)-1].Amount.String(), want)
	}
	check(t, "no period is given back", w.left(), 0)
}

// A refund of several periods at once, with tax on top: each period's part of the total.
// Rule: cycles-ahead-go-last-first, deal-price.
func TestRefundBeyondADealIsTaxed(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, `"service": {`,
		`"tax": {"included": false, "regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]}]}, "service": {`)})
	w.must(subscription.SetTax{Region: "DE"})
	w.must(buy("call", "one-to-one"))
	w.must(deal(t, "99.99 USD", 1))
	o := w.must(renewal.Renew{Product: "call", Cycles: 3}).Order
	// 99.99 + 2 × 199.00 = 497.99; 19 % are 94.6181.
	check(t, "amount", o.Amount.String(), "592.61 USD")
	e := o.Deliveries[0].Extend
	check(t, "totals", e.Total.String()+" "+e.Beyond.Total.String(), "118.99 USD 236.81 USD")
	check(t, "recorded", w.latest("call").Cycles[1].Total.String()+" "+w.latest("call").Cycles[3].Total.String(), "118.99 USD 236.81 USD")
	w.must(subscription.RefundOrder{Order: o.ID, Cycles: 2})
	refunds, err := w.Refunds(t.Context(), app, o.ID)
	w.ok(err)
	// 592.61 × 398.00 / 497.99 = 473.6215...
	check(t, "refund", refunds[0].Amount.String(), "473.62 USD")
	check(t, "left", sure.Of(w.Order(t.Context(), app, o.ID)).Left().String(), "118.99 USD")
}

// An offer for several periods is a deal for those that follow the purchase.
// Rule: offer-for-periods, price-change-is-announced.
func TestOfferForPeriods(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, `"id": "first-month",`, `"id": "first-month", "periods": 3,`)})
	p := buy("call", "one-to-one")
	p.Offer = "first-month"
	quote, err := w.Quote(t.Context(), app, p)
	w.ok(err)
	check(t, "the quote has the deal", quote.Deliveries[0].Extend.Deal.Left, 2)
	_, err = w.Confirm(t.Context(), app, p, quote, "buy")
	w.ok(err)
	check(t, "left", w.left(), 2)
	w.run("2025-05-01T00:00:00Z")
	same(t, "charges", w.charges(), []string{
		"2025-01-01 10:00 -99.00 USD", "2025-01-31 00:00 -99.00 USD", "2025-02-28 00:00 -99.00 USD", "2025-03-31 00:00 -199.00 USD",
		"2025-04-30 00:00 -199.00 USD",
	})
	same(t, "deal", w.log(subscription.EventDeal, subscription.EventDealEnded, subscription.EventPriceChange), []string{
		"2025-01-01 10:00 deal_made 99.00 USD 1 month, 2 further periods: offer first-month",
		"2025-02-28 00:00 deal_ended 99.00 USD all its periods are paid for",
		"2025-03-25 00:00 price_changed 199.00 USD",
	})
}

// A change of version or term ends the deal, unless it names the new one.
// Rule: deal-price, change-at-renewal.
func TestDealAndChange(t *testing.T) {
	named := subscription.SetDeal{Product: "call", Version: "group-call", Price: money(t, "500.00 USD"), Periods: 2}
	year := subscription.SetDeal{Product: "call", Term: pricing.Months(12), Price: money(t, "1000.00 USD")}
	for _, tt := range []struct {
		name   string
		deal   subscription.SetDeal
		change subscription.Command
		want   []string
		left   int
		ended  []string
	}{
		{"another version", deal(t, "150.00 USD", 0), change("group-call", pricing.Term{}), []string{
			"[2025-02-01 2025-03-01) group-call 597.00 USD", "[2025-03-01 2025-04-01) group-call 597.00 USD",
		}, 0, []string{"2025-01-31 00:00 deal_ended 150.00 USD another version or term"}},
		{"the version that it names", named, change("group-call", pricing.Term{}), []string{
			"[2025-02-01 2025-03-01) group-call 500.00 USD", "[2025-03-01 2025-04-01) group-call 500.00 USD",
		}, 0, []string{"2025-02-28 00:00 deal_ended 500.00 USD all its periods are paid for"}},
		{"another term", deal(t, "150.00 USD", 0), change("", pricing.Months(12)), []string{
			"[2025-02-01 2026-02-01) one-to-one 1990.00 USD",
		}, 0, []string{"2025-01-31 00:00 deal_ended 150.00 USD another version or term"}},
		{"the term that it names", year, change("", pricing.Months(12)), []string{
			"[2025-02-01 2026-02-01) one-to-one 1000.00 USD",
		}, -1, nil},
		{"an upgrade", deal(t, "150.00 USD", 0), subscription.Upgrade{Product: "call", To: "group-call"}, []string{
			"[2025-02-01 2025-03-01) group-call 597.00 USD", "[2025-03-01 2025-04-01) group-call 597.00 USD",
		}, 0, []string{"2025-01-01 10:00 deal_ended 150.00 USD another version or term"}},
		{"an upgrade to the version that it names", named, subscription.Upgrade{Product: "call", To: "group-call"}, []string{
			"[2025-02-01 2025-03-01) group-call 500.00 USD", "[2025-03-01 2025-04-01) group-call 500.00 USD",
		}, 0, []string{"2025-02-28 00:00 deal_ended 500.00 USD all its periods are paid for"}},
		{"no change", named, nil, []string{
			"[2025-02-01 2025-03-01) one-to-one 199.00 USD", "[2025-03-01 2025-04-01) one-to-one 199.00 USD",
		}, 2, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: changeable(t)})
			w.must(buy("call", "one-to-one"))
			w.must(tt.deal)
			if tt.change != nil {
				w.must(tt.change)
			}
			w.run("2025-03-20T00:00:00Z")
			same(t, "periods", w.bought()[1:], tt.want)
			check(t, "left", w.left(), tt.left)
			same(t, "ended", w.log(subscription.EventDealEnded), tt.ended)
		})
	}
}

// The credit of an upgrade is the price that was recorded, that of the deal too; the new price is the list price.
// Rule: deal-price, credit-is-the-price-paid.
func TestUpgradeFromADealPrice(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(deal(t, "150.00 USD", 0))
	w.run("2025-02-15T00:00:00Z")
	quote, err := w.Quote(t.Context(), app, subscription.Upgrade{Product: "call", To: "group-call"})
	w.ok(err)
	check(t, "formula", quote.Lines[0].Formula(), "(597.00 − 150.00) × 14/28")
	check(t, "amount", quote.Amount.String(), "223.50 USD")
}

// A deal that a later catalog makes too small to charge costs the least, and one of zero stays so.
// Rule: deal-price, least-charge.
func TestDealBelowALaterLeast(t *testing.T) {
	for price, want := range map[string]string{"0.40 USD": "0.50 USD", "0.00 USD": "0.00 USD", "0.60 USD": "0.60 USD"} {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.must(deal(t, price, 0))
		w.catalog = catalog(t, `"service": {`, `"charges": {"USD": {"least": "0.50"}}, "service": {`)
		w.run("2025-02-02T00:00:00Z")
		check(t, price, w.orders()[1].Amount.String(), want)
		check(t, "agreed", w.latest("call").Deal.Price.String(), price)
	}
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(deal(t, "0.02 USD", 0))
	w.catalog = catalog(t, `"service": {`, `"charges": {"USD": {"step": "0.05"}}, "service": {`)
	w.run("2025-02-02T00:00:00Z")
	check(t, "below half of a later step", w.orders()[1].Amount.String(), "0.05 USD")
}
