package main

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// Lists name the packages that end and that have ended, and nobody else's.
func TestReportsOfPackages(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.staff().get("/staff/reports")
	const head = " Application Package Who pays Paid through Auto-renewal "
	cl.says(page, "Ending within 7 days"+head+"cobalt-arena Live Lite cobalt 17 Sep 2026 off Ended",
		"Ended"+head+"dogwood-waves Live Standard dogwood 15 Sep 2026 off Payments and refunds, September 2026")
	cl.moves(pastEnds().AddDate(0, 0, 13))
	_, page = cl.staff().get("/staff/reports")
	cl.says(page, "Ending within 7 days"+head+"aurora-classroom Call Group Call aurora 4 Oct 2026 on Ended")
}

// A month has its payments and what they sum up to; the next month is beside it.
func TestReportsOfAMonth(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.staff().get("/staff/reports?month=2026-08")
	cl.says(page, "Payments and refunds, August 2026 July 2026 August 2026 September 2026",
		"All products Top-ups 1 48.00 USD 0.00 USD 48.00 USD Call Renewals 2 796.00 USD 0.00 USD 796.00 USD "+
			"Live Purchases 3 927.00 USD 0.00 USD 927.00 USD",
		"Payments, August 2026 Paid For Application Who paid Amount 4 Aug 2026, 00:00 Renewal of Call Group Call aurora-classroom aurora "+
			"597.00 USD 10 Aug 2026, 10:00 Purchase of Live Standard aurora-webinars aurora 399.00 USD",
		"28 Aug 2026, 16:00 Top-up, 2 × 25,000 minutes aurora-classroom aurora 48.00 USD")
	_, page = cl.staff().get("/staff/reports?month=2026-06")
	cl.says(page, "Nothing was paid or refunded in June 2026.")
	for _, wrong := range []string{"2026-13", "2031-01", "x", "2026-1", ""} {
		status, page := cl.staff().get("/staff/reports?month=" + wrong)
		cl.says(page, "Payments and refunds, September 2026 August 2026 September 2026 For")
		if status != http.StatusOK {
			t.Errorf("%q: status %d", wrong, status)
		}
	}
	status, page := cl.staff().get("/staff/reports?month=0001-01")
	cl.says(page, "Nothing was paid or refunded in January 0001.")
	if status != http.StatusOK {
		t.Errorf("the first month: status %d", status)
	}
}

// What is refunded in October of an order of September is October's, and the totals of September stay.
func TestReportsOfRefunds(t *testing.T) {
	cl := newClient(t, "cobalt")
	cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	order := cl.latest("cobalt-arena", subscription.TopUpOrder)
	cl.moves(shanghai(time.October, 1, 9))
	cl.refunds(order, url.Values{"amount": {"4"}, "reason": {"goodwill"}})
	_, page := cl.staff().get("/staff/reports")
	cl.says(page, "Payments and refunds, October 2026", "All products Top-ups 0 0.00 USD 0.00 USD 1 4.00 USD 0.00 USD −4.00 USD",
		"Refunds, October 2026 Placed Order Application Status Amount 1 Oct 2026, 09:00", "cobalt-arena Returned 4.00 USD")
	_, page = cl.staff().get("/staff/reports?month=2026-09")
	cl.says(page, "All products Top-ups 1 24.00 USD 0.00 USD 24.00 USD")
	cl.saysNot(page, "Refunds, September")
}

// Taxes that are in the payments are told beside them, for each currency.
func TestReportsOfTaxes(t *testing.T) {
	c := openSaaS(t)
	cl := signedIn(t, c, serveConsole(t, c), "elm")
	_, page := cl.staff().get("/staff/reports?month=2026-08")
	cl.says(page, "Meet Purchases 2 35.70 EUR 5.70 EUR 35.70 EUR Meet Purchases 1 12.00 USD 1.92 USD 12.00 USD")
}
