package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// chargeOf returns the key of the charge of an order, by its address.
func (cl *client) chargeOf(order string) string {
	cl.t.Helper()
	all, err := cl.c.provider.charges(cl.t.Context(), func(m movement) bool {
		return orderPath(subscription.ApplicationID(m.Charge.Application), subscription.OrderID(m.Charge.Order)) == order
	})
	if err != nil || len(all) != 1 {
		cl.t.Fatalf("%d charges (%v)", len(all), err)
	}
	return all[0].Charge.Key
}

// A chargeback ends the period, and the order, the application card and the activity say so, and what to do; once the
// bank returns the money, the period goes on.
func TestChargebackAndReinstatement(t *testing.T) {
	cl := newClient(t, "cobalt")
	order := cl.latest("cobalt-arena", subscription.PurchaseOrder)
	form := url.Values{"do": {"chargeback"}, "charge": {cl.chargeOf(order)}}
	_, page := cl.post("/demonstration/provider/reversals", form)
	cl.says(page, "The bank took the money back", "something happened to its money 200 OK", "The bank took 129.00 USD")
	reversal := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	_, page = cl.post("/demonstration/provider/reversals", form)
	cl.says(page, "So much isn't left of this charge")
	_, page = cl.get(order)
	cl.says(page, "Payment taken back", "The bank took 129.00 USD back on 16 Sep 2026, 10:00", "If that is a mistake, tell your bank",
		"Chargeback by the bank: the owner of the card disputes the payment", "Renew by hand",
		"The period of Live Lite from 18 Aug 2026 through 17 Sep 2026 was taken back.")
	_, page = cl.get("/")
	cl.says(page, "Interrupted", "The bank took the payment of the period back, so the period ended early, "+
		"and what was left of its minutes is gone",
		"Service was interrupted: the payment of the period was taken back.")
	_, page = cl.get("/activity")
	cl.says(page, "the bank or the payment provider took 129.00 USD back", "package minutes of 18 Aug – 17 Sep 2026 were taken back",
		"was interrupted, since the payment of its period was taken back")
	_, page = cl.get("/orders")
	cl.says(page, "Payment taken back")

	_, page = cl.post("/demonstration/provider/reversals", url.Values{"do": {"reinstated"}, "id": {reversal[1]}})
	cl.says(page, "The bank returned the money", "were taken and returned by the bank")
	_, page = cl.get(order)
	cl.says(page, "The bank took the payment back on", "Reinstated", "was given again")
	_, page = cl.get("/")
	cl.says(page, "Live Lite Application cobalt-arena Active")
}

// takenAndReturned has the bank take the payment of an order back, and return it.
func (cl *client) takenAndReturned(order string) {
	cl.t.Helper()
	_, page := cl.post("/demonstration/provider/reversals", url.Values{"do": {"chargeback"}, "charge": {cl.chargeOf(order)}})
	reversal := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if reversal == nil {
		cl.t.Fatalf("nothing was taken: %s", text(page))
	}
	_, page = cl.post("/demonstration/provider/reversals", url.Values{"do": {"reinstated"}, "id": {reversal[1]}})
	cl.says(page, "The bank returned the money")
}

// Minutes that are given again add to what is left: in the ledger, in the chart and in its sentence.
func TestReinstatedMinutes(t *testing.T) {
	cl := newClient(t, "cobalt")
	_, page := cl.get("/minutes?app=cobalt-arena")
	summary := regexp.MustCompile(`[0-9,]+ are left now, in \d lots?\.`).FindString(text(page))
	cl.takenAndReturned(cl.latest("cobalt-arena", subscription.PurchaseOrder))
	_, page = cl.get("/minutes?app=cobalt-arena")
	cl.says(page, summary)
	for _, row := range []string{`Reinstated \d+ \+[0-9,.]+ `, `Returned \d+ −[0-9,.]+ `} {
		if !regexp.MustCompile(row).MatchString(text(page)) {
			t.Errorf("the ledger has no %q: %s", row, text(page))
		}
	}
	if summary == "" {
		t.Error("the chart says nothing of what is left")
	}
	for _, source := range chartOfApp(t, cl.c, "cobalt-arena").Legend {
		if source.Left < 0 {
			t.Errorf("%s are left of %s", source.Left, source.Source)
		}
	}
	_, page = cl.get("/activity")
	cl.says(page, "package minutes of 18 Aug – 17 Sep 2026 were given again")
}

// After a reinstatement, the card says why auto-renewal is off, and the end of the package isn't blamed on the chargeback.
func TestAfterReinstatement(t *testing.T) {
	cl := newClient(t, "cobalt")
	const off = "It was turned off by the chargeback on 16 Sep 2026."
	cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"yes"}, "key": {"on"}})
	cl.takenAndReturned(cl.latest("cobalt-arena", subscription.PurchaseOrder))
	_, page := cl.get("/")
	cl.says(page, "Live Lite Application cobalt-arena Active", "Auto-renewal is off . "+off)
	if _, err := cl.c.move(t.Context(), pastEnds().AddDate(0, 0, 5)); err != nil {
		t.Fatal(err)
	}
	_, page = cl.get("/")
	cl.says(page, "It has ended, and is out of service", "auto-renewal was off when the paid time ended, with 17 Sep 2026", off)
	if n := strings.Count(text(page), "Service was interrupted: the payment of the period was taken back."); n != 1 {
		t.Errorf("%d interruptions by the chargeback, want 1", n)
	}
	cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"yes"}, "key": {"on2"}})
	cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"no"}, "key": {"off2"}})
	_, page = cl.get("/")
	cl.saysNot(page, off)
}

// A chargeback of a bank transfer says nothing of a card.
func TestChargebackOfATransfer(t *testing.T) {
	cl := newClient(t, "cobalt")
	to, quote, _ := cl.orders("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	cl.post(to, url.Values{"quote": {quote}, "method": {"transfer"}})
	pending, err := cl.c.own().pending(t.Context())
	if err != nil || len(pending) != 1 {
		t.Fatalf("%d charges wait (%v)", len(pending), err)
	}
	cl.post("/demonstration/provider", url.Values{"charge": {pending[0].Charge.Key}, "answer": {"approve"}})
	cl.post("/demonstration/provider/reversals", url.Values{"do": {"chargeback"}, "charge": {pending[0].Charge.Key}})
	_, page := cl.get(orderPath("cobalt-arena", subscription.OrderID(pending[0].Charge.Order)))
	cl.says(page, "The bank took 24.00 USD back", "Chargeback by the bank: the owner of the bank account disputes the payment")
	cl.saysNot(page, "owner of the card")
}

// A part that the provider refunds by itself leaves what was delivered, and the whole takes it back.
func TestRefundAtTheProvider(t *testing.T) {
	cl := newClient(t, "cobalt")
	order := cl.latest("cobalt-arena", subscription.PurchaseOrder)
	key := cl.chargeOf(order)
	_, page := cl.post("/demonstration/provider/reversals", url.Values{"do": {"given-back"}, "charge": {key}, "amount": {"9.00"}})
	cl.says(page, "The provider returned the money")
	_, page = cl.get(order)
	cl.says(page, "9.00 USD of 129.00 USD went back", "Refund that the payment provider made by itself", "Refunded in part")
	for amount, want := range map[string]string{"0": "Please enter the amount", "500": "So much isn't left"} {
		_, page = cl.post("/demonstration/provider/reversals", url.Values{"do": {"given-back"}, "charge": {key}, "amount": {amount}})
		cl.says(page, want)
	}
	cl.post("/demonstration/provider/reversals", url.Values{"do": {"given-back"}, "charge": {key}})
	_, page = cl.get("/")
	cl.says(page, "Interrupted")
	if status, _ := cl.post("/demonstration/provider/reversals", url.Values{"do": {"nothing"}}); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	// A chargeback that nobody knows of isn't believed, though its notification is signed.
	cl.c.own().hooks.send(t.Context(), notification{Key: key, Reversal: "invented"})
	if sent := cl.c.own().hooks.sent(); sent[0].OK {
		t.Errorf("an invented reversal is answered %s", sent[0].Answer)
	}
}
