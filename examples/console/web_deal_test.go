package main

import (
	"net/url"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// The seller's staff agrees a price for two periods: the page foretells the charges, and the card, the renewal, its
// invoice and what comes next say it. Cobalt pays 129.00 by list.
func TestDeal(t *testing.T) {
	cl := newClient(t, "cobalt")
	cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"yes"}, "key": {"on"}})
	const path = "/staff/apps/cobalt-arena/deal?product=live"
	form := url.Values{"price": {"99"}, "until": {"periods"}, "periods": {"2"}, "reason": {"stays"}}
	preview, page := cl.acts(path, form)
	cl.says(preview, "A price of 99.00 USD was agreed for each period of Live Lite: 1 month, 2 further periods.", "Reason, for the books stays",
		"18 Sep – 17 Oct 2026 17 Sep 2026 agreed 99.00 USD", "18 Oct – 17 Nov 2026 17 Oct 2026 agreed 99.00 USD",
		"18 Nov – 17 Dec 2026 17 Nov 2026 list price 129.00 USD")
	cl.says(page, "The price is agreed", "Agreed price: 99.00 USD for each of the next 2 periods")
	n := 0
	for e, err := range cl.c.store.Events(t.Context(), "cobalt-arena") {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == subscription.EventDeal {
			n++
			if e.By != staffName || e.Why != "stays" {
				t.Errorf("agreed by %q because %q", e.By, e.Why)
			}
		}
	}
	if n != 1 {
		t.Errorf("agreed %d times, want once", n)
	}
	_, page = cl.get("/")
	cl.says(page, "Agreed price 99.00 USD for each of the next 2 periods", "Next charge 99.00 USD")
	_, page = cl.get("/apps/cobalt-arena/live?cycles=3") // 2 × 99.00 + 129.00
	cl.says(page, "Renewal at the agreed price 99.00 × 2 198.00 USD", "327.00 USD", "further ones are at list price")
	_, page = cl.get("/upcoming")
	cl.says(page, "99.00 USD for Live Lite, 18 Sep – 17 Oct 2026 At the agreed price")
	cl.moves(pastEnds().AddDate(0, 0, 3))
	order := cl.latest("cobalt-arena", subscription.RenewalOrder)
	_, page = cl.get(order + "/invoice")
	cl.says(page, "Live Lite Renewal at the agreed price 99.00 USD")
	_, page = cl.get("/")
	cl.says(page, "99.00 USD for the next period")

	_, page = cl.acts("/staff/apps/cobalt-arena/end-deal?product=live", url.Values{"reason": {"misunderstood"}})
	cl.says(page, "The agreed price has ended")
	_, page = cl.get("/activity")
	cl.saysNot(page, "misunderstood", "stays")
	cl.says(page, "The agreed price of 99.00 USD for Live Lite has ended, since the seller ended it.")
	_, page = cl.get("/")
	cl.says(page, "Next charge 129.00 USD")
	cl.saysNot(page, "Agreed price")
}

// A price can be agreed for good, and be zero; without auto-renewal the page says what a renewal by hand costs.
func TestDealForGood(t *testing.T) {
	cl := newClient(t, "cobalt")
	preview, _ := cl.acts("/staff/apps/cobalt-arena/deal?product=live", url.Values{"price": {"0"}, "until": {"good"}})
	cl.says(preview, "Auto-renewal is off. The next period, renewed by hand, is Lite for 1 month and costs 0.00 USD")
	_, page := cl.get("/")
	cl.says(page, "Agreed price 0.00 USD for every further period")
}

// What can't be agreed is said, and nothing is agreed on a state that wasn't shown.
func TestDealRefused(t *testing.T) {
	cl := newClient(t, "cobalt")
	const path = "/staff/apps/cobalt-arena/deal?product=live"
	for _, tt := range []struct {
		form url.Values
		want string
	}{
		{url.Values{"price": {"x"}}, "Please enter the price of a period"},
		{url.Values{"price": {"-1"}}, "Please enter the price of a period"},
		{url.Values{"price": {"9"}, "periods": {"0"}}, "Please enter a number of periods"},
		{url.Values{"price": {"9"}, "periods": {"1001"}}, "Please enter a number of periods"},
	} {
		page, confirm := cl.foresees(path, tt.form)
		cl.says(page, tt.want)
		if len(confirm) > 0 {
			t.Errorf("%v can be agreed", tt.form)
		}
		_, page = cl.staff().post(path, tt.form)
		cl.says(page, tt.want)
	}
	_, confirm := cl.foresees(path, url.Values{"price": {"9"}, "periods": {"1"}, "for": {"lite/1m"}})
	confirm.Set("revision", "1")
	_, page := cl.staff().post(path, confirm)
	cl.says(page, "Something has happened since", "Nothing was done. Look again at what it does.")
	_, page = cl.staff().get("/staff/customers/cobalt")
	cl.saysNot(page, "Agreed price")
	cl = saasClient(t, "elm") // whose catalog charges nothing below 0.50
	page, _ = cl.foresees("/staff/apps/elm-app/deal?product=meet", url.Values{"price": {"0.10"}, "periods": {"1"}, "for": {"team/1m"}})
	cl.says(page, "too small to be charged")
}
