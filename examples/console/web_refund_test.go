package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)
	creditLink  = regexp.MustCompile(`href="(/orders/[^"]+/refunds/\d+)"`)
)

// latest returns the address of an application's latest order of a kind.
func (cl *client) latest(app subscription.ApplicationID, kind subscription.OrderKind) string {
	cl.t.Helper()
	var found subscription.Order
	for o, err := range cl.c.store.Orders(cl.t.Context(), app) {
		if err != nil {
			cl.t.Fatal(err)
		}
		if o.Kind == kind && !o.PlacedAt.Before(found.PlacedAt) {
			found = o
		}
	}
	return orderPath(app, found.ID)
}

// previews asks what a refund would do, and returns what the page says and the form that confirms it.
func (cl *client) previews(order string, form url.Values) (page string, confirm url.Values) {
	cl.t.Helper()
	return cl.foresees(refundPath(order), form)
}

// refundPath returns the address of the refund of an order, by the address of the order.
func refundPath(order string) string {
	app, id, _ := strings.Cut(strings.TrimPrefix(order, "/orders/"), "/")
	return "/staff/apps/" + app + "/refund?order=" + id
}

// refunds previews a refund and confirms it.
func (cl *client) refunds(order string, form url.Values) (preview, page string) {
	cl.t.Helper()
	return cl.acts(refundPath(order), form)
}

// A part of an order goes back with its share of each tax, and a credit note says so; sent twice, it goes back once.
func TestRefundOfAPart(t *testing.T) {
	cl := newClient(t, "cobalt")
	cl.post("/tax", url.Values{"region": {"CA-QC"}})
	cl.saysNot(cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}}), "Refunds")
	order := cl.latest("cobalt-arena", subscription.TopUpOrder)
	preview, confirm := cl.previews(order, url.Values{"amount": {"10"}, "reason": {"a gesture"}})
	cl.says(preview, "27.59 USD of 27.59 USD are with the seller", "Amount 10.00 USD Net 8.70 USD GST 5 % 0.43 USD QST 9.975 % 0.87 USD",
		"Nothing is taken back: the customer keeps what was delivered.")
	var page string
	for range 2 {
		_, page = cl.staff().post(refundPath(order), confirm)
		cl.says(page, "10.00 USD of 27.59 USD went back", "Refund: a gesture",
			"17.59 USD of the 27.59 USD that were collected are with the seller", "Refunded in part", "a refund of 10.00 USD was made")
	}
	if n := strings.Count(page, "Credit note"); n != 1 {
		t.Errorf("%d credit notes", n)
	}
	_, note := cl.get(creditLink.FindStringSubmatch(page)[1])
	cl.says(note, "Credit note No.", "Refund: a gesture 8.70 USD GST 5 % 0.43 USD QST 9.975 % 0.87 USD Returned 10.00 USD")
	_, note = cl.get(order + "/invoice")
	cl.says(note, "Refund: a gesture", "17.59 USD of 27.59 USD are with the seller")
	if status, _ := cl.get(order + "/refunds/2"); status != http.StatusNotFound {
		t.Errorf("a credit note that doesn't exist: status %d", status)
	}
	_, page = cl.refunds(order, url.Values{"take": {"unused"}})
	cl.says(page, "27.59 USD were returned to where they came from: Card ending in 4242", "minutes usable through 30 Sep 2027 were taken back")
	cl.saysNot(page, "The seller’s side")
}

// What a refund takes back is told before, and an order that stands in the way is named, with a link.
func TestRefundThatTakesBack(t *testing.T) {
	cl := newClient(t, "cobalt")
	cl.buys("/order", url.Values{"product": {"call"}, "version": {"one-to-one"}})
	cl.buys("/apps/cobalt-arena/call/upgrade", url.Values{"to": {"group-call"}})
	purchase, upgrade := cl.latest("cobalt-arena", subscription.PurchaseOrder), cl.latest("cobalt-arena", subscription.UpgradeOrder)
	page, _ := cl.previews(purchase, url.Values{"take": {"all"}})
	cl.says(page, "The refund is refused. The reason: it was upgraded. Take that order back first")
	if !strings.Contains(page, `<a href="`+upgrade+`">See Upgrade to Call Group Call</a>`) || strings.Contains(page, "data-once") {
		t.Errorf("there is no link to the upgrade, or a button to confirm: %s", page)
	}
	_, page = cl.staff().post(refundPath(purchase), url.Values{"take": {"all"}, "key": {"forced"}, "reason": {"x"}})
	cl.says(page, "The refund is refused")
	preview, page := cl.refunds(upgrade, url.Values{"take": {"all"}})
	cl.says(preview, "The upgrade was undone. The package is Call 1-to-1 Call again.", "200,000 upgrade minutes of")
	cl.says(page, "What was delivered was taken back on 16 Sep 2026", "498.00 USD were returned")
	preview, _ = cl.refunds(purchase, url.Values{"take": {"all"}})
	cl.says(preview, "Call was returned", "100,000 package minutes of")
	_, page = cl.get("/products/call?app=cobalt-arena")
	cl.says(page, "Returned", "Period that was returned 16 Sep – 15 Oct 2026", "Buy again")
	cl.saysNot(page, "Current period", "Days left", "Paid through", "Version in force")
}

// Periods that haven't begun go back one by one, with their share of the money.
func TestRefundOfPeriodsAhead(t *testing.T) {
	cl := newClient(t, "cobalt")
	cl.buys("/apps/cobalt-arena/live/renew", url.Values{"cycles": {"3"}})
	order := cl.latest("cobalt-arena", subscription.RenewalOrder)
	page, _ := cl.previews(order, url.Values{"take": {"ahead"}, "cycles": {""}})
	cl.says(page, "Please enter a number of periods", "Number of periods, at most 3")
	page, _ = cl.previews(order, url.Values{"amount": {"-3"}})
	cl.says(page, "Please enter the amount to refund")
	page, _ = cl.previews(order, url.Values{"take": {"ahead"}, "cycles": {"4"}})
	cl.says(page, "The refund is refused. The reason: it has fewer periods that haven't begun.")
	preview, confirm := cl.previews(order, url.Values{"take": {"ahead"}, "cycles": {"2"}})
	cl.says(preview, "Amount 258.00 USD", "The period of Live Lite from 18 Nov 2026 through 17 Dec 2026 was taken back",
		"The period of Live Lite from 18 Oct 2026 through 17 Nov 2026 was taken back")
	cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"yes"}, "key": {"meanwhile"}})
	_, page = cl.staff().post(refundPath(order), confirm)
	cl.says(page, "Something has happened since", "Auto-renewal of Live was turned off")
	_, page = cl.refunds(order, url.Values{"take": {"ahead"}, "cycles": {"2"}})
	cl.says(page, "258.00 USD of 387.00 USD went back")
	_, page = cl.staff().get(refundPath(order))
	cl.says(page, "Number of periods, at most 1")
	_, page = cl.get("/products/live?app=cobalt-arena")
	cl.says(page, "Paid through 17 Oct 2026", "Auto-renewal is off")
}

// A refund that its bank refuses later is told, and can be made again.
func TestRefundThatFails(t *testing.T) {
	cl := newClient(t, "cobalt")
	cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	order := cl.latest("cobalt-arena", subscription.TopUpOrder)
	cl.refunds(order, url.Values{})
	_, page := cl.get("/demonstration/provider")
	refund := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
	if refund == nil {
		t.Fatalf("no refund: %s", text(page))
	}
	form := url.Values{"do": {"refund-failed"}, "id": {refund[1]}}
	_, page = cl.post("/demonstration/provider/reversals", form)
	cl.says(page, "The refund failed", "200 OK")
	_, page = cl.post("/demonstration/provider/reversals", form)
	cl.says(page, "So much isn't left of this charge")
	_, page = cl.get(order)
	cl.says(page, "A refund of 24.00 USD failed", "Refund. It failed: the bank refused it", "Refund failed")
	_, page = cl.refunds(order, url.Values{"elsewhere": {"yes"}})
	cl.says(page, "The money went back on 16 Sep 2026", "0.00 USD of the 24.00 USD")
}
