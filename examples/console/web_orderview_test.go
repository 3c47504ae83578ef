package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// The order and the invoice of a renewal of several periods show all of them, and what each of them gives.
func TestRenewalOfSeveralPeriods(t *testing.T) {
	cl := newClient(t, "cobalt")
	page := cl.buys("/apps/cobalt-arena/live/renew", url.Values{"cycles": {"3"}})
	want := []string{"Renewal of Live Lite, 3 periods", "3 periods 18 Sep – 17 Dec 2026", "60,000 in each period"}
	cl.says(page, want...)
	link := invoiceLink.FindStringSubmatch(page)
	if link == nil {
		t.Fatal("no invoice")
	}
	_, page = cl.get(link[1])
	cl.says(page, want...)
}

// An order that was canceled and then paid says that its money went back, when and why, and so does the provider's page.
func TestCanceledThenPaid(t *testing.T) {
	cl := newClient(t, "cobalt")
	to, quote, _ := cl.orders("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	cl.post(to, url.Values{"quote": {quote}, "method": {"transfer"}})
	pending, err := cl.c.own().pending(t.Context())
	if err != nil || len(pending) != 1 {
		t.Fatalf("%d charges wait (%v)", len(pending), err)
	}
	order := orderPath("cobalt-arena", subscription.OrderID(pending[0].Charge.Order))
	_, page := cl.post(order+"/cancel", nil)
	cl.says(page, "The order is being canceled", "Being canceled", "if it was, the money goes back by itself")
	cl.saysNot(page, "was canceled.")
	_, page = cl.post("/demonstration/provider", url.Values{"charge": {pending[0].Charge.Key}, "answer": {"approve"}})
	cl.says(page, "The bank approved the payment, and the money goes back")
	cl.saysNot(page, "the order was delivered")
	_, page = cl.get(order)
	cl.says(page, "The money went back on 16 Sep 2026, 10:00", "It was paid after the order had been canceled",
		"24.00 USD were returned to where they came from: Bank transfer")
}

// After a decline, the first thing to do is what mends it and, once that is done, to try again. A decline that was mended
// by a later order is a matter of the past.
func TestDeclinedOrder(t *testing.T) {
	cl := newClient(t, "cobalt")
	to, quote, _ := cl.orders("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	cl.post("/payment/method", url.Values{"method": {"balance"}})
	cl.post("/payment/deposit", url.Values{"key": {"d1"}, "amount": {"4"}})
	_, page := cl.post(to, url.Values{"quote": {quote}})
	again := regexp.MustCompile(`action="(/orders/[^"]+)/again"`).FindStringSubmatch(page)
	if again == nil {
		t.Fatalf("it can't be tried again: %s", text(page))
	}
	if want := "&amp;amount=20.00"; !strings.Contains(page, want) || !strings.Contains(page, `<button class="second" type="submit">Try again`) {
		t.Errorf("adding 20.00 USD isn't the first thing to do: %s", page)
	}
	cl.post("/payment/deposit", url.Values{"key": {"d2"}, "amount": {"20"}})
	_, page = cl.get(again[1])
	if !strings.Contains(page, `<button type="submit">Try again`) || strings.Contains(page, "Add funds") {
		t.Errorf("trying again isn't the first thing to do: %s", page)
	}
	_, page = cl.post(again[1]+"/again", nil)
	_, page = cl.post(checkoutLink.FindStringSubmatch(page)[1], url.Values{"quote": {quoteField.FindStringSubmatch(page)[1]}})
	cl.says(page, "Paid and delivered", "Way of payment Prepaid balance")
	_, page = cl.get(again[1])
	cl.says(page, "a later order was paid instead")
	cl.saysNot(page, "Try again")
	if strings.Contains(page, "badge bad") {
		t.Error("the order still stands out")
	}
}
