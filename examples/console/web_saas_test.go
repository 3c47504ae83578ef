package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// saasPages are the pages of a customer who buys by the catalog of plans, by application.
func saasPages(app string) []string {
	return []string{
		"/", "/packages", "/packages?product=meet", "/order?product=meet", "/order?product=meet&version=company&term=12m", "/top-up", "/calculator",
		"/calculator?product=meet&video=1000", "/products/meet", "/apps/" + app + "/meet", "/apps/" + app + "/pay-as-you-go",
		"/minutes?app=" + app, "/upcoming", "/orders", "/payment", "/tax", "/activity", "/demonstration/clock", "/demonstration/provider",
	}
}

// The console is whole with a catalog of other products, in two currencies, with tax in its prices: nothing on its pages is
// of the sample catalog.
func TestEveryPageWithOtherPlans(t *testing.T) {
	c := openSaaS(t)
	base := serveConsole(t, c)
	for account, other := range map[string]string{"elm": "USD", "fir": "EUR", "gorse": "USD"} {
		cl := signedIn(t, c, base, account)
		for _, path := range saasPages(account + "-app") {
			status, page := cl.get(path)
			if status != http.StatusOK || !strings.Contains(page, "</html>") || strings.Contains(page, "ZgotmplZ") {
				t.Errorf("%s, %s: status %d, and a complete page", account, path, status)
			}
			cl.saysNot(page, "RTC Engine", other, "sample")
		}
	}
}

// The past of another catalog's customers has one who is well, one who owes and one who has left.
func TestPastOfOtherPlans(t *testing.T) {
	c := openSaaS(t)
	for id, want := range map[subscription.ApplicationID]subscription.Status{
		"elm-app": subscription.Active, "fir-app": subscription.PastDue, "gorse-app": subscription.Ended,
	} {
		app, err := c.service.Application(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if s, _ := app.Latest("meet"); s.Status != want {
			t.Errorf("%s is %s, want %s", id, s.Status, want)
		}
	}
}

// A customer signs up in a currency and pays everything in it: a plan, an upgrade with tax in its price, a top-up.
func TestBuyInAnotherCurrency(t *testing.T) {
	c := openSaaS(t)
	cl := signedIn(t, c, serveConsole(t, c), "elm")
	cl.post("/sign-out", nil)
	_, page := cl.get("/sign-in")
	cl.says(page, "Currency of all its orders")
	cl.post("/sign-up", url.Values{"name": {"Hazel"}, "currency": {"USD"}})
	cl.post("/allowlist", nil)
	cl.post("/payment/method", url.Values{"method": {"balance"}})
	cl.post("/payment/deposit", url.Values{"amount": {"300"}, "key": {"d"}})
	cl.post("/tax", url.Values{"region": {"DE"}})
	page = cl.buys("/order", url.Values{"product": {"meet"}, "version": {"starter"}, "term": {"1m"}, "app": {"+"}, "new_app": {"hazel"}})
	// 12.00 / 1.19 = 10.084, and 12.00 − 10.08 = 1.92.
	cl.says(page, "Paid and delivered", "12.00 USD", "VAT 19 % 1.92 USD")
	// (48.00 − 12.00) × 30/30 on the day of the purchase.
	cl.says(cl.buys("/apps/hazel/meet/upgrade", url.Values{"to": {"team"}}), "Paid and delivered", "36.00 USD")
	cl.says(cl.buys("/top-up", url.Values{"app": {"hazel"}, "pack": {"meet-1000"}, "quantity": {"2"}}), "Paid and delivered", "24.00 USD")
	_, page = cl.get("/payment")
	cl.says(page, "228.00 USD", "Amount to add, in USD") // 300 − 12 − 36 − 24
	_, page = cl.get("/apps/hazel/pay-as-you-go")
	cl.says(page, "15.00 USD")
	_, page = cl.post("/apps/hazel/pay-as-you-go", url.Values{"agree": {"yes"}})
	cl.says(page, "Pay-as-you-go is enabled")
}

// Minutes are used, and money goes back, as with any catalog: in the order's currency, and with the tax that is in it.
func TestRefundInAnotherCurrency(t *testing.T) {
	cl := saasClient(t, "elm")
	order := cl.latest("elm-app", subscription.RenewalOrder)
	preview, page := cl.refunds(order, url.Values{"amount": {"11.90"}})
	cl.says(preview, "Amount 11.90 EUR Net 10.00 EUR VAT 19 % 1.90 EUR")
	cl.says(page, "11.90 EUR of 23.80 EUR")
	_, page = cl.get("/demonstration/provider")
	cl.says(page, "Amount of charge 0 to return, in EUR")
	_, page = cl.post("/apps/elm-app/usage", url.Values{"product": {"meet"}, "kind": {"audio"}, "minutes": {"100"}})
	cl.says(page, "The usage was counted", "−25") // an audio minute takes a quarter of a package minute
}
