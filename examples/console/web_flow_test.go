package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

var (
	invoiceLink = regexp.MustCompile(`href="(/orders/[^"]+/invoice)"`)
	tags        = regexp.MustCompile(`<[^>]*>`)
)

// text is what a page says, without its tags and its line breaks.
func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// orders sends a form that leads to the payment page, and returns that page's address, its quote and what it says.
func (cl *client) orders(path string, form url.Values) (to, quote, says string) {
	cl.t.Helper()
	form.Set("agree", "yes")
	_, page := cl.post(path, form)
	link, field := checkoutLink.FindStringSubmatch(page), quoteField.FindStringSubmatch(page)
	if link == nil || field == nil {
		cl.t.Fatalf("%s leads to no payment page: %s", path, text(page))
	}
	return link[1], field[1], text(page)
}

// buys sends a form that leads to the payment page, pays there, and returns the order's page.
func (cl *client) buys(path string, form url.Values) string {
	cl.t.Helper()
	to, quote, _ := cl.orders(path, form)
	status, page := cl.post(to, url.Values{"quote": {quote}})
	if status != http.StatusOK {
		cl.t.Fatalf("%s: status %d: %s", to, status, text(page))
	}
	return page
}

// says fails the test for each text that a page doesn't have.
func (cl *client) says(page string, want ...string) {
	cl.t.Helper()
	for _, w := range want {
		if !strings.Contains(text(page), w) {
			cl.t.Errorf("the page doesn't say %q: %s", w, text(page))
		}
	}
}

// saysNot fails the test for each text that a page has.
func (cl *client) saysNot(page string, unwanted ...string) {
	cl.t.Helper()
	for _, w := range unwanted {
		if strings.Contains(text(page), w) {
			cl.t.Errorf("the page says %q: %s", w, text(page))
		}
	}
}

// A payment method that is chosen for one order pays that order, and renewals are charged as before.
func TestMethodOfOneOrder(t *testing.T) {
	cl := newClient(t, "cobalt")
	before := cl.collected("cobalt")
	topUp := func(key, how string) string {
		to, quote, says := cl.orders("/top-up", url.Values{"key": {key}, "pack": {"rtc-engine-25k"}, "quantity": {"1"}})
		if !strings.Contains(says, "Renewals are charged to your payment method: Card ending in 4242") {
			t.Errorf("the payment page doesn't say how renewals are paid: %s", says)
		}
		_, page := cl.post(to, url.Values{"quote": {quote}, "method": {how}})
		return page
	}
	cl.says(topUp("one", "transfer"), "The payment has no result yet", "The bank is to confirm it")
	if how, err := cl.c.provider.method(t.Context(), "cobalt"); err != nil || how != payCard {
		t.Errorf("the account pays by %q (%v), want its card", how, err)
	}
	cl.says(topUp("two", "balance"), "The payment was declined: there isn’t enough money")
	if n := cl.collected("cobalt"); n != before {
		t.Errorf("%d charges of the card, want %d", n, before)
	}
	cl.post("/payment/deposit", url.Values{"key": {"d"}, "amount": {"24"}})
	cl.says(topUp("three", "balance"), "Paid and delivered")
	cl.says(topUp("four", "card"), "Paid and delivered")
	cl.says(topUp("five", "cheque"), "Paid and delivered") // isn't offered, so it is paid as usual
	if n := cl.collected("cobalt"); n != before+2 {
		t.Errorf("%d charges of the card, want %d", n, before+2)
	}
}

// Products without minutes aren't compared by usage, and nothing says that they have 0 minutes.
func TestProductsWithoutMinutes(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.get("/calculator?product=chat&hd=20000")
	for id, offered := range map[string]bool{"chat": false, "beauty-ar": false, "call": true, "rtc-engine": true} {
		if got := strings.Contains(page, `<option value="`+id+`"`); got != offered {
			t.Errorf("the calculator offers %s: %t, want %t", id, got, offered)
		}
	}
	cl.says(page, "RTC Engine Lite")
	for _, path := range []string{"/packages?product=chat", "/order?product=chat&version=standard"} {
		_, page := cl.get(path)
		cl.says(page, "3,990.00 USD")
		cl.saysNot(page, " 0 minutes", "price calculator.")
	}
	cl.saysNot(cl.buys("/order", url.Values{"product": {"chat"}, "version": {"standard"}}), "Minutes granted", "Minutes left")
	_, page = cl.get("/products/chat?app=aurora-classroom")
	cl.saysNot(page, "Minutes to spend")
}

// The better offer is chosen for a customer who is entitled to it, and the payment page says what the renewal costs.
func TestBestOfferAndRenewalPrice(t *testing.T) {
	cl := newClient(t, "cobalt")
	chosen := regexp.MustCompile(`name="offer" id="o-([a-z-]+)"[^>]* checked`)
	for query, want := range map[string]string{
		"app=%2B&version=one-to-one":                          "first-month", // a new application
		"app=cobalt-arena&version=one-to-one":                 "first-month",
		"app=cobalt-arena&version=one-to-one&term=1m&offer=":  "list", // as it was chosen
		"app=cobalt-arena&version=one-to-one&offer=of-before": "first-month",
	} {
		_, page := cl.get("/order?product=call&" + query)
		if got := chosen.FindStringSubmatch(page); len(got) < 2 || got[1] != want {
			t.Errorf("%s: %q is chosen, want %s", query, got, want)
		}
	}
	form := url.Values{"product": {"call"}, "version": {"one-to-one"}, "shown": {"yes"}, "auto": {"yes"}}
	_, _, says := cl.orders("/order", form)
	cl.says(says, "99.00 USD", "Renews on 15 Oct 2026 for 199.00 USD, unless you turn auto-renewal off before")
	cl.buys("/order", form)
	_, _, says = cl.orders("/apps/cobalt-arena/call/upgrade", url.Values{"to": {"group-call"}})
	cl.says(says, "Renews on 15 Oct 2026 for 597.00 USD")
	_, _, says = cl.orders("/apps/cobalt-arena/call/renew", url.Values{"cycles": {"2"}})
	cl.says(says, "Renews on 15 Dec 2026 for 199.00 USD")
	_, _, says = cl.orders("/apps/cobalt-arena/call/renew", url.Values{"cycles": {"24"}})
	cl.says(says, "Renews on 15 Oct 2028 for 199.00 USD")
	_, _, says = cl.orders("/apps/cobalt-arena/live/renew", url.Values{"cycles": {"1"}})
	cl.saysNot(says, "Renews on") // auto-renewal is off
}

// A renewal that was paid in another tab isn't paid again for the same price without telling that it is one more.
func TestRenewalInTwoTabs(t *testing.T) {
	cl := newClient(t, "cobalt")
	first, firstQuote, _ := cl.orders("/apps/cobalt-arena/live/renew", url.Values{"key": {"tab1"}, "cycles": {"1"}})
	second, secondQuote, _ := cl.orders("/apps/cobalt-arena/live/renew", url.Values{"key": {"tab2"}, "cycles": {"1"}})
	_, page := cl.post(first, url.Values{"quote": {firstQuote}})
	cl.says(page, "Paid and delivered")
	_, page = cl.post(second, url.Values{"quote": {secondQuote}})
	cl.says(page, "This renewal was just paid in another order. The new quote, for 129.00 USD too, is for one more renewal: "+
		"the next period now begins on 18 Oct 2026.", "Nothing was charged for this quote.", "See the order that was paid")
	cl.saysNot(page, "timed out", "it is now 129.00 USD")
	_, page = cl.post(second, url.Values{"quote": {quoteField.FindStringSubmatch(page)[1]}})
	cl.says(page, "Paid and delivered", "18 Oct – 17 Nov 2026")
}

// An application that has a package of the product isn't chosen by itself. The best offer follows the application, until
// the customer chooses another one.
func TestOfferFollowsTheApplication(t *testing.T) {
	cl := newClient(t, "birch")
	chosen := func(query string) (app, offer string) {
		_, page := cl.get("/order?product=call&version=one-to-one" + query)
		for _, field := range []struct {
			name string
			to   *string
		}{{"app", &app}, {"offer", &offer}} {
			if m := regexp.MustCompile(`name="` + field.name + `" id="[^"]*" value="([^"]*)" checked`).FindStringSubmatch(page); m != nil {
				*field.to = html.UnescapeString(m[1])
			}
		}
		return app, offer
	}
	for query, want := range map[string][2]string{
		"": {"+", "first-month"}, "&app=birch-visits": {"birch-visits", ""},
		"&app=%2B&new_app=dune&term=1m&offer=&best=":            {"+", "first-month"}, // it had list price for another application
		"&app=%2B&term=1m&offer=&best=first-month":              {"+", ""},            // as it was chosen
		"&app=%2B&term=1m&offer=":                               {"+", ""},
		"&app=birch-visits&offer=first-month&best=first-month":  {"birch-visits", ""},
		"&app=birch-visits&term=1m&offer=first-month&best=none": {"birch-visits", "first-month"},
	} {
		app, offer := chosen(query)
		if got := [2]string{app, offer}; got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	form := url.Values{
		"product": {"call"}, "version": {"one-to-one"}, "app": {"+"}, "new_app": {"dune"}, "term": {"1m"}, "offer": {""}, "best": {""},
	}
	_, _, says := cl.orders("/order", form)
	cl.says(says, "Pay 99.00 USD")
}

// Who pays by the balance is told what it lacks for what is charged next, and who pays by card isn't told to keep it.
func TestBalanceThatLacks(t *testing.T) {
	cl := newClient(t, "cobalt")
	on := func(key string) string {
		_, page := cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"yes"}, "key": {key}})
		return page
	}
	page := on("card")
	cl.says(page, "Auto-renewal is on", "It is charged to your payment method.")
	cl.saysNot(page, "Keep your balance sufficient")
	lacking := func(want ...string) {
		t.Helper()
		for _, path := range []string{"/", "/upcoming"} {
			_, page := cl.get(path)
			cl.says(page, want...)
			if len(want) == 0 {
				cl.saysNot(page, "Your balance doesn't suffice")
			}
		}
	}
	lacking()
	cl.post("/payment/method", url.Values{"method": {"balance"}})
	cl.says(on("balance"), "Keep your balance sufficient")
	cl.post("/payment/deposit", url.Values{"key": {"d1"}, "amount": {"100"}})
	lacking("129.00 USD for Live of cobalt-arena are due on ", "the balance is 100.00 USD, and 29.00 USD are missing", "Add funds")
	if _, page := cl.get("/"); !strings.Contains(page, `href="/payment?amount=29.00"`) {
		t.Error("there is no link to add what is missing")
	}
	cl.post("/payment/deposit", url.Values{"key": {"d2"}, "amount": {"29"}})
	lacking()
}

// Before the payment method is changed, the page says what is then charged at once; after it, what was, with its order.
func TestMethodChangeTellsWhatItCharges(t *testing.T) {
	cl := newClient(t, "birch")
	_, page := cl.get("/payment")
	cl.says(page, "199.00 USD for Call 1-to-1 Call of birch-visits are tried at once")
	_, page = cl.post("/payment/method", url.Values{"method": {"bad_card"}})
	cl.says(page, "Renewal of Call 1-to-1 Call for 199.00 USD was declined: ", "are tried at once")
	to := "/orders/birch-visits/some"
	_, page = cl.post("/payment/method", url.Values{"method": {"card"}, "return": {to}})
	cl.says(page, "The payment method was changed", "Renewal of Call 1-to-1 Call for 199.00 USD was paid.", "tried at once", "See the order")
	if order := cl.latest("birch-visits", subscription.RenewalOrder); !strings.Contains(page, `href="`+order+`"`) {
		t.Errorf("there is no link to %s", order)
	}
	if !strings.Contains(page, `href="`+to+`"`) {
		t.Error("there is no link back")
	}
	cl.saysNot(page, "are tried at once")
	_, page = cl.post("/payment/method", url.Values{"method": {"balance"}})
	cl.says(page, "The payment method was changed")
	cl.saysNot(page, "USD was paid")
}
