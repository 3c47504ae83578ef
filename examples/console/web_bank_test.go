package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

var bankLink = regexp.MustCompile(`href="(/demonstration/bank/[A-Z0-9]+)"`)

// asks has a customer pay by the card whose bank asks, and returns the bank's page and the order's.
func (cl *client) asks(path string, form url.Values) (bank, order string) {
	cl.t.Helper()
	to, quote, _ := cl.orders(path, form)
	_, page := cl.post(to, url.Values{"quote": {quote}, "method": {string(payAsks)}})
	cl.says(page, "Your bank", "Do you want to pay?", "Confirm the payment")
	waiting, err := cl.c.own().pending(cl.t.Context())
	if err != nil || len(waiting) != 1 {
		cl.t.Fatalf("%d charges wait (%v)", len(waiting), err)
	}
	c := waiting[0].Charge
	return waiting[0].Result.Action.Value, orderPath(subscription.ApplicationID(c.Application), subscription.OrderID(c.Order))
}

// Paying by a card whose bank asks leads to the bank, and back to the order with what the owner of the card decided.
func TestBankAsksAtCheckout(t *testing.T) {
	cl := newClient(t, "cobalt")
	form := url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}}
	bank, order := cl.asks("/top-up", form)
	_, page := cl.get(order)
	cl.says(page, "Your bank wants you to confirm this payment", "the order is canceled on 17 Sep 2026, 10:00")
	if !strings.Contains(page, `href="`+bank+`"`) {
		t.Error("the order has no link to the bank")
	}
	_, page = cl.get("/")
	cl.says(page, "A payment for 24.00 USD waits for you")
	_, page = cl.get("/activity")
	cl.says(page, "the bank wants you to confirm the payment. Confirm at your bank")
	other := signedIn(t, cl.c, cl.base, "birch")
	if status, _ := other.get(bank); status != http.StatusNotFound {
		t.Errorf("another customer's bank: status %d", status)
	}
	if _, page := other.get("/demonstration/provider"); strings.Contains(page, bank) {
		t.Error("another customer sees the address of the bank's page")
	}
	_, page = cl.post(bank, url.Values{"answer": {"confirm"}})
	cl.says(page, "You confirmed the payment", "Paid and delivered", "Card ending in 3155")
	_, page = cl.post(bank, url.Values{"answer": {"refuse"}})
	cl.says(page, "The bank had answered before", "Paid and delivered")
	_, page = cl.get(bank)
	cl.says(page, "doesn’t wait for you anymore", "It was confirmed")

	form.Set("quantity", "2")
	bank, _ = cl.asks("/top-up", form)
	_, page = cl.post(bank, url.Values{"answer": {"refuse"}})
	cl.says(page, "You refused the payment", "The payment was declined: it wasn't confirmed at the bank", "Try again")

	bank, order = cl.asks("/top-up", form)
	_, page = cl.post(order+"/cancel", nil)
	cl.says(page, "The order was canceled on 16 Sep 2026, 10:00", "Nothing was charged")
	_, page = cl.post(bank, url.Values{"answer": {"confirm"}})
	cl.saysNot(page, "You confirmed the payment")
	_, page = cl.get(bank)
	cl.says(page, "canceled by the seller")
}

// An order that nobody confirms is canceled after the hours that the catalog allows.
func TestBankAsksInVain(t *testing.T) {
	cl := newClient(t, "cobalt")
	_, order := cl.asks("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	if _, err := cl.c.move(t.Context(), cl.c.clock.now().AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	_, page := cl.get(order)
	cl.says(page, "The order was canceled on 17 Sep 2026, 10:00", "The reason: the customer didn't confirm the payment in time")
}

// renewsByAsking has Birch's renewal wait for its payer.
func renewsByAsking(t *testing.T) *client {
	t.Helper()
	cl := newClient(t, "birch")
	_, page := cl.post("/payment/method", url.Values{"method": {string(payAsks)}})
	cl.says(page, "The payment method was changed")
	_, page = cl.get("/")
	cl.says(page, "The renewal for 199.00 USD waits for you. Your bank wants you to confirm it, until 17 Sep 2026, 00:00",
		"Pay by hand in another way", "Past due")
	return cl
}

// An automatic renewal waits for its payer until the grace time ends, and is in service at once when it is confirmed.
func TestRenewalWaitsForThePayer(t *testing.T) {
	cl := renewsByAsking(t)
	_, page := cl.get("/")
	_, page = cl.post(bankLink.FindStringSubmatch(page)[1], url.Values{"answer": {"confirm"}})
	cl.says(page, "You confirmed the payment", "Paid and delivered", "Renewal of Call 1-to-1 Call")
	_, page = cl.get("/")
	cl.says(page, "Active")
	cl.saysNot(page, "waits for you")
}

func TestRenewalWaitsInVain(t *testing.T) {
	cl := renewsByAsking(t)
	if _, err := cl.c.move(t.Context(), shanghai(9, 17, 1)); err != nil {
		t.Fatal(err)
	}
	_, page := cl.get("/")
	cl.says(page, "Interrupted")
	cl.saysNot(page, "Confirm at your bank")
	_, page = cl.get(cl.latest("birch-visits", subscription.RenewalOrder))
	cl.says(page, "The order was canceled", "didn't confirm the payment in time")
}

// Paying by hand in another way replaces the renewal that waits, which is never charged then.
func TestRenewalByHandInstead(t *testing.T) {
	cl := renewsByAsking(t)
	waits := cl.latest("birch-visits", subscription.RenewalOrder)
	_, page := cl.get("/apps/birch-visits/call")
	cl.says(page, "The renewal for 199.00 USD waits for you", "Renew Now")
	to, quote, _ := cl.orders("/apps/birch-visits/call/renew", url.Values{"cycles": {"1"}})
	_, page = cl.post(to, url.Values{"quote": {quote}, "method": {string(payCard)}})
	cl.says(page, "Paid and delivered", "Card ending in 4242")
	_, page = cl.get(waits)
	cl.says(page, "The order was canceled", "Nothing was charged")
	_, page = cl.get("/")
	cl.says(page, "Active")
	result, err := cl.c.provider.Lookup(t.Context(), cl.chargeOf(waits))
	if err != nil || result.Status != payment.Declined || result.Reason != payment.Canceled {
		t.Errorf("the charge that waited is %s %s (%v)", result.Status, result.Reason, err)
	}
}

// A card that has expired isn't tried again: the card, the order and the payment page say so, and another method is tried
// at once.
func TestExpiredCard(t *testing.T) {
	cl := newClient(t, "birch")
	_, page := cl.post("/payment/method", url.Values{"method": {string(payExpired)}})
	const why = "because the payment method has expired"
	cl.says(page, "Call 1-to-1 Call of birch-visits isn’t charged again by itself", why, "tried at once")
	_, page = cl.get("/")
	cl.says(page, "It isn't charged again, "+why)
	attempts := len(regexp.MustCompile("was declined").FindAllString(page, -1))
	if _, err := cl.c.move(t.Context(), shanghai(9, 16, 22)); err != nil {
		t.Fatal(err)
	}
	_, page = cl.get("/")
	if n := len(regexp.MustCompile("was declined").FindAllString(page, -1)); n != attempts {
		t.Errorf("%d attempts, want %d", n, attempts)
	}
	_, page = cl.get(cl.latest("birch-visits", subscription.RenewalOrder))
	cl.says(page, "The payment was declined: the payment method has expired", "Change the payment method")
	cl.post("/payment/method", url.Values{"method": {string(payCard)}})
	_, page = cl.get("/")
	cl.says(page, "Active")
	_, page = cl.get("/payment")
	cl.saysNot(page, "isn’t charged again")
}
