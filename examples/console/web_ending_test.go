package main

import (
	"net/url"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// moves lets time pass until a later instant.
func (cl *client) moves(to time.Time) {
	cl.t.Helper()
	if _, err := cl.c.move(cl.t.Context(), to); err != nil {
		cl.t.Fatal(err)
	}
}

// status is the status of an application's package of Live.
func (cl *client) status(app subscription.ApplicationID) subscription.Status {
	cl.t.Helper()
	a, err := cl.c.service.Application(cl.t.Context(), app)
	if err != nil {
		cl.t.Fatal(err)
	}
	s, _ := a.Latest("live")
	return s.Status
}

// What the end means is told while it is ahead: until when there is service, what becomes of minutes, and until when a
// renewal continues from the end. The period ends with 17 September; the grace time has 24 hours, the retention 60 days.
func TestAnEndAheadIsTold(t *testing.T) {
	cl := newClient(t, "cobalt")
	_, page := cl.get("/")
	means := []string{
		"the paid time runs through 17 Sep 2026. After that, the package stays in service until 19 Sep 2026, 00:00, and nothing is owed",
		"Its minutes expire with 17 Sep 2026. Top-up and free minutes stay until their own end",
		"Renewed by hand until 19 Sep 2026, 00:00, the new period continues from 18 Sep 2026. " +
			"Later, through 17 Nov 2026, a renewal begins on the day of payment.",
	}
	cl.says(page, append(means, "It ends with 17 Sep 2026, since auto-renewal is off")...)
	_, page = cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"yes"}, "key": {"on"}})
	cl.says(page, append(means, "What happens if you turn auto-renewal off?")...)
	cl.saysNot(page, "It ends with")
	_, page = cl.post("/apps/cobalt-arena/live/auto", url.Values{"on": {"no"}, "key": {"off"}})
	cl.says(page, append(means, "Auto-renewal is off", "nothing more is charged", "It ends with 17 Sep 2026")...)
	_, page = cl.get("/upcoming")
	cl.says(page, "18 Sep 2026, 00:00 Live Lite ends , since auto-renewal is off",
		"19 Sep 2026, 00:00 Service of Live Lite stops , if it isn't renewed by then")
}

// Who left owes nothing, and is told what can be done: within the grace time a renewal continues from the end.
func TestWhoLeftIsNoDebtor(t *testing.T) {
	cl := newClient(t, "dogwood")
	_, page := cl.get("/")
	cl.says(page, "Ended, still in service", "Version in force Standard", "It has ended, and is in service until 17 Sep 2026, 00:00",
		"Nothing is owed: auto-renewal was off when the paid time ended, with 15 Sep 2026.", "The minutes of the last period are gone.",
		"Renewed by hand until 17 Sep 2026, 00:00, the new period continues from 16 Sep 2026. Later, through 15 Nov 2026",
		"Live has ended, since auto-renewal was off: nothing is owed.", "Buy another version")
	cl.saysNot(page, "isn't paid", "Past due", "Interrupted", "interrupted", "Update payment")
	_, page = cl.get("/apps/dogwood-waves/live")
	cl.says(page, "Paid until 17 Sep 2026, 00:00, the new period continues from 16 Sep 2026", "Buy another version It begins today", "Pro 999.00 USD for 1 month 800,000 Buy Pro")
	_, page = cl.get("/upcoming")
	cl.says(page, "Service of Live Standard stops")
	cl.saysNot(page, "Live Standard ends")
	cl.buys("/apps/dogwood-waves/live/renew", url.Values{"cycles": {"1"}})
	_, page = cl.get("/")
	cl.says(page, "Active", "16 Sep – 15 Oct 2026", "It ends with 15 Oct 2026, since auto-renewal is off")
}

// Once the grace time has passed, a renewal begins on the day of payment.
func TestAfterTheGraceTime(t *testing.T) {
	cl := newClient(t, "dogwood")
	cl.moves(pastEnds().AddDate(0, 0, 2))
	_, page := cl.get("/")
	cl.says(page, "It has ended, and is out of service", "Service stopped on 17 Sep 2026, 00:00", "Renewed by hand through 15 Nov 2026",
		"Live is out of service: it had ended, and the grace time has passed.")
	cl.saysNot(page, "Version in force", "still in service")
	_, page = cl.post("/apps/dogwood-waves/live/auto", url.Values{"on": {"yes"}, "key": {"late"}})
	cl.says(page, "Auto-renewal is on, and nothing is charged yet")
	_, page = cl.get("/apps/dogwood-waves/live")
	cl.says(page, "A new period begins on the day of payment.")
	_, _, says := cl.orders("/apps/dogwood-waves/live/renew", url.Values{"cycles": {"1"}})
	cl.says(says, "1 month, from the day of payment")
	cl.saysNot(says, "after the time that is paid")
}

// Turned on again within the grace time, auto-renewal charges the next period at once; turned off while that isn't paid,
// nothing is owed any more.
func TestAutoRenewalWithinTheGraceTime(t *testing.T) {
	cl := newClient(t, "dogwood")
	if err := cl.c.provider.setMethod(t.Context(), "dogwood", payBadCard); err != nil {
		t.Fatal(err)
	}
	_, page := cl.post("/apps/dogwood-waves/live/auto", url.Values{"on": {"yes"}, "key": {"on"}})
	cl.says(page, "Past due", "the next period is due", "was declined",
		"What happens if you turn auto-renewal off?", "The package has ended then, and nothing is owed any more")
	_, page = cl.post("/apps/dogwood-waves/live/auto", url.Values{"on": {"no"}, "key": {"off"}})
	cl.says(page, "Ended, still in service", "Nothing is owed, and no payment is tried again")
	_, page = cl.get(cl.latest("dogwood-waves", subscription.RenewalOrder))
	cl.says(page, "The payment was declined", "It isn't tried again, since auto-renewal was turned off: nothing is owed.")
	cl = newClient(t, "dogwood") // whose card works
	for range 2 {                // sent twice, it is one payment
		cl.post("/apps/dogwood-waves/live/auto", url.Values{"on": {"yes"}, "key": {"again"}})
	}
	_, page = cl.get("/")
	cl.says(page, "Live Standard Application dogwood-waves Active", "16 Sep – 15 Oct 2026")
	if n := cl.collected("dogwood"); n != 2 { // the purchase, and this renewal
		t.Errorf("%d charges, want 2", n)
	}
}

// Another version is bought at once in place of a package that has ended, and the page says so.
func TestBuyInPlaceOfWhatHasEnded(t *testing.T) {
	cl := newClient(t, "dogwood")
	_, page := cl.get("/order?product=live&version=lite")
	cl.says(page, "This purchase takes the place of Live Standard, which has ended",
		"A renewal of Live Standard until 17 Sep 2026, 00:00 would continue from 16 Sep 2026.")
	cl.buys("/order", url.Values{"product": {"live"}, "app": {"dogwood-waves"}, "version": {"lite"}})
	_, page = cl.get("/")
	cl.says(page, "Live Lite Application dogwood-waves Active")
	if got := cl.status("dogwood-waves"); got != subscription.Active {
		t.Errorf("the package is %s", got)
	}
}

// Who owes is told what is owed and that service is interrupted; another version can be bought then, too.
func TestWhoOwesIsNoLeaver(t *testing.T) {
	cl := newClient(t, "birch")
	_, page := cl.get("/")
	cl.says(page, "Past due", "The next period isn't paid", "The package is in service until 17 Sep 2026, 00:00")
	cl.saysNot(page, "Nothing is owed:", "It has ended")
	cl.moves(pastEnds().AddDate(0, 0, 1))
	if err := cl.c.provider.setMethod(t.Context(), "birch", payCard); err != nil {
		t.Fatal(err)
	}
	_, page = cl.get("/")
	cl.says(page, "Service is interrupted", "Buy another version")
	cl.saysNot(page, "has ended", "still in service")
	_, page = cl.get("/order?product=call&app=birch-visits")
	cl.says(page, "This purchase takes the place of Call 1-to-1 Call, which is interrupted. It begins today")
	cl.buys("/order", url.Values{"product": {"call"}, "app": {"birch-visits"}, "version": {"group-call"}})
	_, page = cl.get("/")
	cl.says(page, "Call Group Call Application birch-visits Active")
}
