package main

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// saasClient signs a customer of the catalog of plans in.
func saasClient(t *testing.T, account string) *client {
	t.Helper()
	c := openSaaS(t)
	return signedIn(t, c, serveConsole(t, c), account)
}

// choice returns what the page of a package offers for a label: the value that a form sends for it.
func (cl *client) choice(path, label string) string {
	cl.t.Helper()
	_, page := cl.get(path)
	for _, found := range regexp.MustCompile(`name="next" id="[^"]+" value="([^"]+)"[^>]*><label[^>]*>([^<]+)`).FindAllStringSubmatch(page, -1) {
		if strings.TrimSpace(html.UnescapeString(found[2])) == label {
			return found[1]
		}
	}
	cl.t.Fatalf("%s isn't offered: %s", label, text(page))
	return ""
}

// A lower plan by the year is chosen for the next period at the price that was shown, is undone, and is chosen again; sent
// twice, it is one change. It begins with the renewal. The period of Team ends with 4 October.
func TestChangeAtRenewal(t *testing.T) {
	cl := saasClient(t, "elm")
	_, page := cl.get("/apps/elm-app/meet")
	cl.says(page, "Change at the renewal", "nothing is charged before 5 Oct 2026", "Starter for 1 month 11.90 EUR 1,000",
		"Starter for 12 months 119.00 EUR 12,000", "Team for 1 month as it is now 23.80 EUR agreed 6,000", "Company for 12 months 2,380.00 EUR")
	form := url.Values{"next": {cl.choice("/apps/elm-app/meet", "Starter for 12 months")}, "key": {"n1"}}
	for range 2 {
		_, page = cl.post("/apps/elm-app/meet/next", form)
		cl.says(page, "The change was chosen for the next period", "Next period: Starter for 12 months , as you chose",
			"It costs 119.00 EUR, tax included, and begins on 5 Oct 2026", "Next charge 119.00 EUR", "The agreed price of 23.80 EUR ends with it")
	}
	n := 0
	for e, err := range cl.c.store.Events(t.Context(), "elm-app") {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == subscription.EventChangePlanned {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the change was chosen %d times, want 1", n)
	}
	_, page = cl.get("/upcoming")
	cl.says(page, "119.00 EUR for Meet Starter, 5 Oct 2026 – 4 Oct 2027 The change that you chose begins with it")
	_, page = cl.get("/apps/elm-app/meet")
	cl.says(page, "It is Starter for 12 months, as you chose. The price is the list price.", "Number of periods of 12 months", "An upgrade undoes the change")
	_, page = cl.post("/apps/elm-app/meet/next", url.Values{"next": {"undo"}, "key": {"u1"}})
	cl.says(page, "The change was undone", "Next charge 23.80 EUR")
	cl.saysNot(page, "as you chose")
	_, page = cl.get("/activity")
	cl.says(page, "Meet Starter for 12 months was chosen for the next period, which costs 119.00 EUR.",
		"The change to Meet Starter at the renewal was dropped: undone by the customer.")

	form.Set("key", "n2")
	cl.post("/apps/elm-app/meet/next", form)
	cl.moves(cl.c.clock.now().AddDate(0, 1, 0))
	_, page = cl.get("/")
	cl.says(page, "Meet Starter Application elm-app Active", "5 Oct 2026 – 4 Oct 2027")
	cl.saysNot(page, "as you chose", "Agreed price")
	_, page = cl.get("/activity")
	cl.says(page, "The package changes to Meet Starter for 12 months, as it was chosen")
}

// A price that wasn't shown isn't agreed to, and what isn't offered isn't chosen.
func TestChangeAtRenewalRefused(t *testing.T) {
	cl := saasClient(t, "elm")
	for value, want := range map[string]string{
		"starter/12m/11800": "The price has changed since it was shown", "nothing/12m/1": "The price has changed since it was shown",
		"": "Please choose a version and a term",
	} {
		_, page := cl.post("/apps/elm-app/meet/next", url.Values{"next": {value}, "key": {"k"}})
		cl.says(page, want)
		cl.saysNot(page, "as you chose")
	}
	cl = newClient(t, "aurora") // by a catalog that doesn't allow it
	_, page := cl.get("/apps/aurora-classroom/call")
	cl.saysNot(page, "Change at the renewal")
	_, page = cl.post("/apps/aurora-classroom/call/next", url.Values{"next": {"undo"}, "key": {"k"}})
	cl.says(page, "Another version or term can't be chosen for the renewal")
}

// An upgrade drops what was chosen for the next period, and the activity says so.
func TestUpgradeDropsTheChange(t *testing.T) {
	cl := saasClient(t, "elm")
	value := cl.choice("/apps/elm-app/meet", "Starter for 1 month")
	cl.post("/apps/elm-app/meet/next", url.Values{"next": {value}, "key": {"n"}})
	cl.buys("/apps/elm-app/meet/upgrade", url.Values{"to": {"company"}})
	_, page := cl.get("/activity")
	cl.says(page, "The change to Meet Starter at the renewal was dropped: the package was upgraded.")
	_, page = cl.get("/")
	cl.says(page, "Meet Company Application elm-app Active")
	cl.saysNot(page, "as you chose", "Agreed price")
}

// Who left can choose another plan for a renewal by hand; it is bought as it was chosen.
func TestChangeByWhoLeft(t *testing.T) {
	cl := saasClient(t, "gorse")
	value := cl.choice("/apps/gorse-app/meet", "Team for 1 month")
	_, page := cl.post("/apps/gorse-app/meet/next", url.Values{"next": {value}, "key": {"n"}})
	cl.says(page, "as you chose, if you renew by hand. It costs 47.60 EUR")
	page = cl.buys("/apps/gorse-app/meet/renew", url.Values{"cycles": {"1"}})
	cl.says(page, "Paid and delivered", "Renewal of Meet Team", "47.60 EUR")
	_, page = cl.get("/")
	cl.says(page, "Meet Team Application gorse-app Active")
}

// An offer for several periods is told before it is bought, on the card, and in what comes next: three months at 24.00,
// then 48.00 each.
func TestOfferForSeveralPeriods(t *testing.T) {
	cl := saasClient(t, "elm")
	cl.post("/sign-out", nil)
	cl.post("/sign-up", url.Values{"name": {"Hazel"}, "currency": {"USD"}})
	cl.post("/allowlist", nil)
	cl.post("/payment/method", url.Values{"method": {"card"}})
	const offer = "24.00 USD for each of the first 3 periods, then the list price, 48.00 USD today"
	_, page := cl.get("/packages")
	cl.says(page, offer)
	_, page = cl.get("/order?product=meet&version=team")
	cl.says(page, offer)
	form := url.Values{"product": {"meet"}, "version": {"team"}, "term": {"1m"}, "app": {"+"}, "new_app": {"hazel"}, "offer": {"three-months"}}
	form.Set("best", "three-months")
	to, quote, says := cl.orders("/order", form)
	cl.says(says, offer, "Dates, if it is paid today 16 Sep – 15 Oct 2026", "24.00 USD")
	cl.post(to, url.Values{"quote": {quote}})
	_, page = cl.get("/")
	cl.says(page, "Agreed price 24.00 USD for each of the next 2 periods", "Next charge 24.00 USD")
	_, page = cl.get("/upcoming")
	cl.says(page, "24.00 USD for Meet Team, 16 Oct – 15 Nov 2026 At the agreed price", "24.00 USD for Meet Team, 16 Nov – 15 Dec 2026 At the agreed price",
		"48.00 USD for Meet Team, 16 Dec 2026 – 15 Jan 2027")
}
