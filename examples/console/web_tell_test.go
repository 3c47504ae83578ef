package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// An interruption names the order that nobody paid, and leads to it.
func TestInterruptionNamesTheOrder(t *testing.T) {
	cl := newClient(t, "birch")
	_, page := cl.get("/")
	cl.says(page, "The package is in service until 17 Sep 2026, 00:00", "The minutes of the period that ended are gone",
		"what they don't cover is refused")
	cl.post("/payment/method", url.Values{"method": {"transfer"}})
	if _, err := cl.c.move(t.Context(), pastEnds().AddDate(0, 0, 2)); err != nil {
		t.Fatal(err)
	}
	app, err := cl.c.service.Application(t.Context(), "birch-visits")
	if err != nil || len(app.Orders) != 1 {
		t.Fatalf("%d orders wait (%v)", len(app.Orders), err)
	}
	waits := app.Orders[0]
	_, page = cl.get("/")
	cl.says(page, "Service was interrupted: order "+string(waits.ID)+" for 199.00 USD still waited for its payment", "confirm or cancel order")
	if n := strings.Count(page, `href="`+orderPath("birch-visits", waits.ID)+`"`); n < 2 {
		t.Errorf("%d links to the order", n)
	}
	cl.saysNot(page, "Nobody paid", "Nothing is deleted", "Next charge")
	_, page = cl.get("/apps/birch-visits/call")
	cl.says(page, "Nothing else can be ordered for this package until it is paid or canceled: confirm or cancel order "+string(waits.ID))
	if renew, upgrade := strings.Index(page, `id="renew"`), strings.Index(page, `id="upgrade"`); renew < 0 || renew > upgrade {
		t.Error("renewing, which comes first, isn't first on the page")
	}
}

// What happened to minutes is told in the words of people: which ones, and what is left beside them.
func TestActivityNamesMinutes(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.get("/activity?app=aurora-classroom")
	cl.says(page, "300,000 package minutes of 5 Sep – 4 Oct 2026 were granted.",
		"The free minutes of 5 Sep – 4 Oct 2026 are used up. Beside them, 293,384 package minutes and 50,000 top-up minutes are left.",
		"50,000 top-up minutes usable through 31 Aug 2027 were granted.", "Top-up for 48.00 USD was paid",
		"The free minutes of 5 Aug – 4 Sep 2026, used up before, left the list of lots.")
	cl.saysNot(page, " lot ", "Lot ")
	_, page = cl.get("/orders")
	cl.says(page, "Top-up, 2 × 25,000 minutes")
}

// Formulas have thousands separators, and what needs no formula has none.
func TestFormulas(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.get("/orders")
	upgrade := regexp.MustCompile(`<a href="([^"]+)">Upgrade to Call`).FindStringSubmatch(page)
	if upgrade == nil {
		t.Fatal("no upgrade")
	}
	_, page = cl.get(upgrade[1])
	cl.says(page, "(597.00 − 99.00) × 22/31 days 353.4193… 353.42 USD")
	page = cl.buys("/order", url.Values{"product": {"rtc-engine"}, "version": {"standard"}, "term": {"12m"}})
	cl.says(page, "RTC Engine Standard Package 2,990.00 USD Total") // no formula, and no value before rounding
	_, page = cl.get("/upcoming")
	cl.saysNot(page, "597.00 = 597.00")
}

// The next thing that is due is offered from the beginning, and after every change; and something happens then.
func TestNextThingThatIsDue(t *testing.T) {
	cl := newClient(t, "cobalt")
	at := regexp.MustCompile(`name="at" value="(\d+)"`)
	for range 6 {
		cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}}) // after which the application is due at once
		_, page := cl.get("/demonstration/clock")
		cl.says(page, "Move ahead by", "To the next thing that is due")
		before := cl.c.clock.now()
		_, page = cl.post("/demonstration/clock", url.Values{"at": {at.FindStringSubmatch(page)[1]}, "step": {"next"}})
		cl.says(page, "What happened since")
		cl.saysNot(page, "Nothing was due")
		if !cl.c.clock.now().After(before) {
			t.Errorf("the clock is still at %s", before)
		}
	}
}

// A decline that another attempt can't mend says what does, and a new payment method is tried at once.
func TestHardDecline(t *testing.T) {
	cl := newClient(t, "birch")
	if err := cl.c.provider.setMethod(t.Context(), "birch", payNothing); err != nil {
		t.Fatal(err)
	}
	if _, err := cl.c.move(t.Context(), pastEnds().Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, page := cl.get("/")
	cl.says(page, "It isn't charged again, because no payment method is bound. Choose another payment method",
		"It isn't tried again until you report another payment method.")
	_, page = cl.get("/payment")
	cl.saysNot(page, "No payment method")
	cl.post("/payment/method", url.Values{"method": {"card"}})
	_, page = cl.get("/")
	cl.says(page, "1-to-1 Call Application birch-visits Active")
}

// The minutes page says that free minutes count every kind alike, and others don't.
func TestFreeMinutesAreTold(t *testing.T) {
	_, page := newClient(t, "aurora").get("/minutes?app=aurora-classroom")
	cl := newClient(t, "cobalt")
	cl.says(page, "Free minutes count every kind of usage alike", "such as 4 for a minute of HD video")
	_, page = cl.get("/minutes?app=cobalt-arena")
	cl.says(page, "Free minutes count every kind of usage alike")
	_, page = saasClient(t, "elm").get("/minutes?app=elm-app")
	cl.saysNot(page, "Free minutes")
}

// A checkout says the dates that it gives if it is paid today: of several periods, and of top-up minutes.
func TestCheckoutDates(t *testing.T) {
	cl := newClient(t, "cobalt")
	_, _, says := cl.orders("/apps/cobalt-arena/live/renew", url.Values{"cycles": {"2"}})
	cl.says(says, "Dates 18 Sep – 17 Nov 2026")
	_, _, says = cl.orders("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	cl.says(says, "Valid 12 months, to the end of the month", "Usable, if they are paid today 16 Sep 2026 – 30 Sep 2027")
}

// Small texts: two decimals for money, the way of payment on the invoice, and what is only a demonstration.
func TestSmallTexts(t *testing.T) {
	cl := newClient(t, "cobalt")
	_, page := cl.get("/apps/cobalt-arena/pay-as-you-go")
	cl.says(page, "0.50 USD", "3.99 USD")
	cl.saysNot(page, "0.5 USD")
	_, page = cl.get("/top-up?pack=custom")
	cl.says(page, "0.908 USD", "0.96 USD")
	page = cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"2"}})
	_, page = cl.get(invoiceLink.FindStringSubmatch(page)[1])
	cl.says(page, "Top-up, 2 × 25,000 minutes", "Way of payment Card ending in 4242")
	_, page = cl.get("/problem?problem=not_eligible")
	cl.says(page, "Contact us Demonstration: your account is added at once.")
}
