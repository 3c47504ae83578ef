package main

import (
	"bytes"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/subscription"
)

// overStripe runs a test on a console that collects over the fake of Stripe, on two stores.
func overStripe(t *testing.T, account string, test func(cl *client)) {
	t.Helper()
	for _, store := range []string{"memory", "sqlite"} {
		t.Run(store, func(t *testing.T) {
			where := store
			if store == "sqlite" {
				testsize.Full(t)
				where = "sqlite:" + filepath.Join(t.TempDir(), "console.db")
			}
			c := openStripe(t, where)
			test(signedIn(t, c, serveConsole(t, c), account))
		})
	}
}

// stripe is the console's provider.
func (c *console) stripe() *stripeProvider {
	p, _ := c.provider.(*stripeProvider)
	return p
}

// holds chooses a card.
func (cl *client) holds(how method) string {
	cl.t.Helper()
	_, page := cl.post("/payment/method", url.Values{"method": {string(how)}})
	cl.says(page, "The payment method was changed")
	return page
}

// plays does something on the provider's page.
func (cl *client) plays(form url.Values) string {
	cl.t.Helper()
	_, page := cl.post("/demonstration/provider/reversals", form)
	return page
}

var idField = regexp.MustCompile(`name="id" value="([^"]+)"`)

// id returns the first reversal or refund on the provider's page.
func (cl *client) id(page string) string {
	cl.t.Helper()
	found := idField.FindStringSubmatch(page)
	if found == nil {
		cl.t.Fatalf("no reversal or refund: %s", text(page))
	}
	return found[1]
}

// pack is the form of a top-up for 24.00 USD.
func pack() url.Values { return url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}} }

// The notifications of the past, when nobody listened, are sent once the console is served.
func TestStripeNotificationsOfThePast(t *testing.T) {
	c := openStripe(t, "memory")
	before := len(c.provider.outbox().Waiting)
	cl := signedIn(t, c, serveConsole(t, c), "birch")
	_, page := cl.get("/demonstration/provider")
	cl.says(page, "payment_intent.payment_failed 204 No Content")
	cl.saysNot(page, "wait to be sent", "no answer")
	if before == 0 {
		t.Error("the past has no notifications")
	}
}

// The customers' past is paid by cards, and nothing of it fails but what is meant to.
func TestStripePast(t *testing.T) {
	overStripe(t, "birch", func(cl *client) {
		_, page := cl.get("/")
		cl.says(page, "Past due", "was declined: there isn’t enough money", "199.00 USD")
		for app, want := range map[subscription.ApplicationID]subscription.Status{
			"aurora-classroom": subscription.Active, "aurora-webinars": subscription.Active, "birch-visits": subscription.PastDue,
			"cobalt-arena": subscription.Active, "dogwood-waves": subscription.Ended,
		} {
			found, err := cl.c.service.Application(cl.t.Context(), app)
			if err != nil || len(found.Subscriptions) == 0 {
				cl.t.Fatalf("%s has no package (%v)", app, err)
			}
			if got := found.Subscriptions[len(found.Subscriptions)-1].Status; got != want {
				cl.t.Errorf("%s is %s, want %s", app, got, want)
			}
		}
	})
}

// Every page is complete, and those without a meaning say so.
func TestStripeEveryPage(t *testing.T) {
	c := openStripe(t, "memory")
	base := serveConsole(t, c)
	for account, name := range map[string]string{"aurora": "Aurora Learning", "birch": "Birch Clinic", "cobalt": "Cobalt Games", staffID: staffPerson} {
		cl := signedIn(t, c, base, account)
		for _, path := range pagesOf[name] {
			want := http.StatusOK
			if path == "/nowhere" {
				want = http.StatusNotFound
			}
			status, page := cl.get(path)
			if status != want || !strings.Contains(page, "</html>") || strings.Contains(page, "ZgotmplZ") {
				t.Errorf("%s, %s: status %d, want %d, and a complete page", account, path, status, want)
			}
			cl.saysNot(page, "bank transfer", "Bank transfer")
		}
	}
	cl := signedIn(t, c, base, "aurora")
	_, page := cl.get("/payment")
	cl.says(page, "There is no prepaid balance", "Card ending in 3155, whose bank asks you to confirm")
	cl.saysNot(page, "Add funds", "Statement of the balance")
	if status, _ := cl.post("/payment/deposit", url.Values{"amount": {"500"}, "key": {"k"}}); status != http.StatusNotFound {
		t.Errorf("a deposit: status %d", status)
	}
	_, page = cl.staff().post("/staff/health", url.Values{"do": {"audit"}})
	cl.says(page, "No finding in 5 applications")
}

// A new customer sets a card up: a customer and a setup intent are made, and the card becomes the customer's default.
func TestStripeSetup(t *testing.T) {
	overStripe(t, "birch", func(cl *client) {
		cl.post("/sign-out", nil)
		cl.post("/sign-up", url.Values{"name": {"Elder Press"}})
		cl.post("/allowlist", nil)
		to, _, says := cl.orders("/order", url.Values{"product": {"call"}, "version": {"one-to-one"}, "new_app": {"press"}})
		if !strings.Contains(says, "No payment method is bound") {
			cl.t.Errorf("the checkout says %s", says)
		}
		_, page := cl.post("/payment/method", url.Values{"method": {string(payCard)}, "return": {to}})
		cl.says(page, "The payment method was changed", "It is charged to your payment method: Card ending in 4242")
		quote := quoteField.FindStringSubmatch(page)
		_, page = cl.post(to, url.Values{"quote": {quote[1]}})
		cl.says(page, "Paid and delivered", "Card ending in 4242", "pi_fake")
		payer, err := cl.c.stripe().payer(cl.t.Context(), "elder-press")
		if got := cl.c.stripe().fake.Collected(payer.Customer, "usd"); err != nil || got != 9900 {
			cl.t.Errorf("%d was collected (%v)", got, err)
		}
		_, page = cl.get("/demonstration/provider")
		cl.says(page, "setup_intent.succeeded 204 No Content", "payment_intent.succeeded 204 No Content")
		for _, refused := range []method{payNothing, payBalance, payTransfer, "pm_card_visa"} {
			_, page := cl.post("/payment/method", url.Values{"method": {string(refused)}})
			cl.says(page, "Please choose a payment method")
		}
	})
}

// asksStripe buys with the card that needs its owner, and returns the bank's page and the order's.
func (cl *client) asksStripe(form url.Values) (bank, order string) {
	cl.t.Helper()
	page := cl.buys("/top-up", form)
	cl.says(page, "Your bank", "Do you want to pay?", "Card ending in 3155")
	order = cl.latest("cobalt-arena", subscription.TopUpOrder)
	return bankPage + cl.c.stripe().intent(cl.chargeOf(order)), order
}

// The card's owner confirms a payment at the bank, or refuses to, or the order is canceled before.
func TestStripeAsks(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		cl.holds(payAsks)
		bank, order := cl.asksStripe(pack())
		_, page := cl.get(order)
		cl.says(page, "Your bank wants you to confirm this payment")
		if !strings.Contains(page, `href="`+bank+`"`) {
			cl.t.Error("the order has no link to the bank")
		}
		other := signedIn(t, cl.c, cl.base, "birch")
		if status, _ := other.get(bank); status != http.StatusNotFound {
			cl.t.Errorf("another customer's bank: status %d", status)
		}
		if status, _ := cl.get(bankPage + "pi_unknown"); status != http.StatusNotFound {
			cl.t.Errorf("a bank's page of nothing: status %d", status)
		}
		_, page = cl.post(bank, url.Values{"answer": {"confirm"}})
		cl.says(page, "You confirmed the payment", "Paid and delivered", "Card ending in 3155")
		_, page = cl.post(bank, url.Values{"answer": {"refuse"}})
		cl.says(page, "The bank had answered before", "Paid and delivered")

		two := url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"2"}}
		bank, _ = cl.asksStripe(two)
		_, page = cl.post(bank, url.Values{"answer": {"refuse"}})
		cl.says(page, "You refused the payment", "The payment was declined: it wasn't confirmed at the bank", "Try again")

		bank, order = cl.asksStripe(pack())
		_, page = cl.post(order+"/cancel", nil)
		cl.says(page, "The order was canceled", "Nothing was charged")
		_, page = cl.post(bank, url.Values{"answer": {"confirm"}})
		cl.saysNot(page, "You confirmed the payment")
	})
}

// Each declined card says why, collects nothing, and another one is charged when the order is tried again.
func TestStripeDeclined(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		payer, err := cl.c.stripe().payer(cl.t.Context(), "cobalt")
		if err != nil {
			cl.t.Fatal(err)
		}
		before := cl.c.stripe().fake.Collected(payer.Customer, "usd")
		for how, why := range map[method]string{
			payBadCard: "The payment was declined", payEmpty: "there isn’t enough money", payExpired: "the payment method has expired",
			payStolen: "reported",
		} {
			cl.holds(how)
			page := cl.buys("/top-up", pack())
			cl.says(page, "The payment was declined", why, "Change the payment method", how.name())
		}
		if got := cl.c.stripe().fake.Collected(payer.Customer, "usd"); got != before {
			cl.t.Errorf("%d was collected", got-before)
		}
		order := cl.latest("cobalt-arena", subscription.TopUpOrder)
		cl.holds(payCard)
		_, page := cl.post(order+"/again", nil)
		link, quote := checkoutLink.FindStringSubmatch(page), quoteField.FindStringSubmatch(page)
		_, page = cl.post(link[1], url.Values{"quote": {quote[1]}})
		cl.says(page, "Paid and delivered")
		if got := cl.c.stripe().fake.Collected(payer.Customer, "usd"); got != before+2400 {
			cl.t.Errorf("%d was collected", got-before)
		}
	})
}

// A payment whose bank answers later waits, and is settled by a notification.
func TestStripeSlow(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		cl.holds(paySlow)
		for answer, want := range map[string]string{"approve": "The bank approved the payment", "decline": "The bank declined the payment"} {
			page := cl.buys("/top-up", pack())
			cl.says(page, "The payment has no result yet")
			key := cl.chargeOf(cl.latest("cobalt-arena", subscription.TopUpOrder))
			form := url.Values{"charge": {key}, "answer": {answer}}
			_, page = cl.post("/demonstration/provider", form)
			cl.says(page, want)
			_, page = cl.post("/demonstration/provider", form)
			cl.says(page, "The bank had answered before")
		}
	})
}

// A renewal by the worker with a card that needs its owner is declined; the owner renews by hand, and confirms.
func TestStripeRenewalAsks(t *testing.T) {
	overStripe(t, "birch", func(cl *client) {
		page := cl.holds(payAsks)
		cl.says(page, "Renewal of Call 1-to-1 Call for 199.00 USD was declined: it wasn't confirmed at the bank")
		_, page = cl.get("/")
		cl.says(page, "Past due", "renew by hand at once")
		cl.moves(cl.c.clock.now().Add(12 * time.Hour))
		page = cl.buys("/apps/birch-visits/call/renew", url.Values{"cycles": {"1"}})
		cl.says(page, "Do you want to pay?", "199.00 USD")
		order := cl.latest("birch-visits", subscription.RenewalOrder)
		_, page = cl.post(bankPage+cl.c.stripe().intent(cl.chargeOf(order)), url.Values{"answer": {"confirm"}})
		cl.says(page, "You confirmed the payment", "Paid and delivered")
		_, page = cl.get("/")
		cl.says(page, "Active")
		cl.saysNot(page, "Past due")
	})
}

// A card that works makes the worker try at once what had been declined.
func TestStripeRenewal(t *testing.T) {
	overStripe(t, "birch", func(cl *client) {
		page := cl.holds(payCard)
		cl.says(page, "for 199.00 USD was paid")
		cl.moves(cl.c.clock.now().AddDate(0, 2, 0))
		_, page = cl.get("/")
		cl.says(page, "Active")
	})
}

// A refund is made; when it fails later, it is told, and made in another way.
func TestStripeRefunds(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		cl.buys("/top-up", pack())
		order := cl.latest("cobalt-arena", subscription.TopUpOrder)
		_, page := cl.refunds(order, url.Values{"amount": {"10"}, "reason": {"a gesture"}})
		cl.says(page, "10.00 USD of 24.00 USD went back")
		_, page = cl.refunds(order, url.Values{"take": {"unused"}})
		cl.says(page, "24.00 USD were returned to where they came from: Card ending in 4242")
		_, page = cl.get("/demonstration/provider")
		cl.says(page, "refund.created 204 No Content")
		form := url.Values{"do": {"refund-failed"}, "id": {cl.id(page)}}
		page = cl.plays(form)
		cl.says(page, "The refund failed", "refund.failed 204 No Content")
		page = cl.plays(form)
		cl.says(page, "So much isn't left of this charge")
		_, page = cl.get(order)
		cl.says(page, "It failed: the bank refused it")
		_, page = cl.refunds(order, url.Values{"elsewhere": {"yes"}})
		cl.says(page, "0.00 USD of the 24.00 USD")
		if got := cl.c.stripe().fake.Taken(cl.c.stripe().intent(cl.chargeOf(order))); len(got) != 2 || got[0].Keeps() || !got[1].Keeps() {
			cl.t.Errorf("the provider has %+v", got)
		}
	})
}

// A dispute takes the money and what was delivered; it is won, which gives both back, or lost.
func TestStripeDispute(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		order := cl.latest("cobalt-arena", subscription.PurchaseOrder)
		key := cl.chargeOf(order)
		page := cl.plays(url.Values{"do": {"chargeback"}, "charge": {key}, "amount": {"5"}})
		cl.says(page, "A chargeback takes all that is left here")
		page = cl.plays(url.Values{"do": {"chargeback"}, "charge": {key}})
		cl.says(page, "The bank took the money back", "charge.dispute.funds_withdrawn 204 No Content", "The bank took 129.00 USD")
		_, page = cl.get(order)
		cl.says(page, "Payment taken back", "Chargeback by the bank: the owner of the card disputes the payment")
		_, page = cl.get("/")
		cl.says(page, "Interrupted")
		_, page = cl.get("/demonstration/provider")
		page = cl.plays(url.Values{"do": {"reinstated"}, "id": {cl.id(page)}})
		cl.says(page, "The bank returned the money", "were taken and returned by the bank")
		_, page = cl.get("/")
		cl.says(page, "Live Lite Application cobalt-arena Active")

		page = cl.plays(url.Values{"do": {"chargeback"}, "charge": {key}})
		lost := url.Values{"do": {"lost"}, "id": {cl.id(page)}}
		page = cl.plays(lost)
		cl.says(page, "The bank keeps the money", "were taken by the bank for good", "charge.dispute.closed 204 No Content")
		cl.says(cl.plays(lost), "So much isn't left of this charge")
		_, page = cl.get(order)
		cl.says(page, "Payment taken back")
	})
}

// What is refunded on the provider's pages is on the order too, and no more than what is left can be.
func TestStripeRefundElsewhere(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		order := cl.latest("cobalt-arena", subscription.PurchaseOrder)
		key := cl.chargeOf(order)
		page := cl.plays(url.Values{"do": {"given-back"}, "charge": {key}, "amount": {"9.00"}})
		cl.says(page, "The provider returned the money", "9.00 USD were refunded at the provider")
		_, page = cl.get(order)
		cl.says(page, "9.00 USD of 129.00 USD went back", "Refund that the payment provider made by itself")
		for _, too := range []url.Values{
			{"do": {"given-back"}, "charge": {key}, "amount": {"120.01"}}, {"do": {"given-back"}, "charge": {"no/such/key"}},
		} {
			cl.says(cl.plays(too), "So much isn't left of this charge")
		}
		cl.plays(url.Values{"do": {"given-back"}, "charge": {key}})
		_, page = cl.get("/")
		cl.says(page, "Interrupted")
		for _, nothing := range []string{"nothing", "approve"} {
			if status, _ := cl.post("/demonstration/provider/reversals", url.Values{"do": {nothing}}); status != http.StatusNotFound {
				cl.t.Errorf("%s: status %d", nothing, status)
			}
		}
	})
}

// Notifications that are held change nothing until they are sent; those that are sent again change nothing.
func TestStripeNotifications(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		const path = "/demonstration/provider/notifications"
		cl.holds(payAsks)
		_, page := cl.post(path, url.Values{"do": {"hold"}})
		cl.says(page, "Notifications are held", "They are held.")
		bank, order := cl.asksStripe(pack())
		_, page = cl.post(bank, url.Values{"answer": {"confirm"}})
		cl.says(page, "It is done, and the console hasn’t heard of it", "Your bank wants you to confirm this payment")
		_, page = cl.get("/demonstration/provider")
		cl.says(page, "wait to be sent: payment_intent.created of pi_fake", "payment_intent.succeeded of pi_fake")
		_, page = cl.post(path, url.Values{"do": {"release"}})
		cl.says(page, "Notifications are sent", "payment_intent.succeeded 204 No Content")
		cl.saysNot(page, "wait to be sent", "They are held.")
		_, page = cl.get(order)
		cl.says(page, "Paid and delivered")

		count := func() (n int) {
			for _, err := range cl.c.store.Events(cl.t.Context(), "cobalt-arena") {
				if err != nil {
					cl.t.Fatal(err)
				}
				n++
			}
			return n
		}
		before := count()
		_, page = cl.post(path, url.Values{"do": {"repeat"}})
		cl.says(page, "The notifications were sent once more")
		if after := count(); after != before {
			cl.t.Errorf("%d events more", after-before)
		}
		for _, nothing := range []string{"", "burn"} {
			if status, _ := cl.post(path, url.Values{"do": {nothing}}); status != http.StatusNotFound {
				cl.t.Errorf("%q: status %d", nothing, status)
			}
		}
	})
}

// The worker finds out by asking what a held notification would have told.
func TestStripeWorkerAsks(t *testing.T) {
	overStripe(t, "cobalt", func(cl *client) {
		cl.holds(payAsks)
		cl.post("/demonstration/provider/notifications", url.Values{"do": {"hold"}})
		bank, order := cl.asksStripe(pack())
		cl.post(bank, url.Values{"answer": {"confirm"}})
		cl.moves(cl.c.clock.now().Add(time.Hour))
		_, page := cl.get(order)
		cl.says(page, "Paid and delivered")
	})
}

// A notification needs the provider's signature.
func TestStripeWebhook(t *testing.T) {
	c := openStripe(t, "memory")
	cl := signedIn(t, c, serveConsole(t, c), "cobalt")
	body := []byte(`{"object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_unknown"}}}`)
	for secret, want := range map[string]int{"guess": http.StatusBadRequest, stripeSecret: http.StatusInternalServerError} {
		r := cl.request(http.MethodPost, "/webhooks/payments", bytes.NewReader(body))
		r.Header.Set("Stripe-Signature", stripefake.Sign(body, secret, time.Now()))
		if status, _ := cl.send(r); status != want {
			t.Errorf("signed by %s: status %d, want %d", secret, status, want)
		}
	}
}

// The fake forgets the payments when the console stops, so its database isn't used again, nor one of the other provider.
func TestStripeStartsOver(t *testing.T) {
	dir := t.TempDir()
	own, fake := "sqlite:"+filepath.Join(dir, "own.db"), "sqlite:"+filepath.Join(dir, "fake.db")
	openConsole(t, own).closed()
	openStripe(t, fake).closed()
	for _, tt := range []struct {
		says string
		args []string
	}{
		{"another provider's", []string{"-stripe-fake", "-store", own}},
		{"another provider's", []string{"-store", fake}},
		{"forgot the payments", []string{"-stripe-fake", "-store", fake}},
	} {
		var out, errs bytes.Buffer
		if status := run(t.Context(), append(tt.args, "-addr", "127.0.0.1:0"), &out, &errs); status != noStart || !strings.Contains(errs.String(), tt.says) {
			t.Errorf("%v: status %d, says %q", tt.args, status, errs.String())
		}
	}
	s := settings{store: fake, addr: "127.0.0.1:0", reset: true, stripe: true}
	c, listener, err := begin(t.Context(), s, openConsole(t, "memory").log)
	if err != nil {
		t.Fatal(err)
	}
	c.closed()
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
}

// Another catalog's customers pay by card too, in its currencies.
func TestStripeSaaS(t *testing.T) {
	c := openCatalogOf(t, "memory", "../catalog/saas.json", withStripe())
	cl := signedIn(t, c, serveConsole(t, c), "fir")
	_, page := cl.get("/")
	cl.says(page, "Past due", "there isn’t enough money")
	_, page = cl.get("/demonstration/provider")
	key := cl.chargeOf(cl.latest("fir-app", subscription.PurchaseOrder))
	cl.says(page, "Left", "Chargeback")
	cl.says(cl.plays(url.Values{"do": {"chargeback"}, "charge": {key}}), "The bank took the money back")
	_, page = cl.get(cl.latest("fir-app", subscription.PurchaseOrder))
	cl.says(page, "Payment taken back")
}
