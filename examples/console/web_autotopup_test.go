package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// The page tells what is on, and sending its form twice turns it on once.
func TestAutoTopUpPage(t *testing.T) {
	cl := newClient(t, "cobalt")
	on := url.Values{
		"key": {"one"}, "product": {"live"}, "pack": {"rtc-engine-25k"}, "below": {"1,000"}, "per_period": {"2"}, "agree": {"yes"},
	}
	for range 2 {
		status, page := cl.post("/apps/cobalt-arena/auto-top-up", on)
		if status != http.StatusOK || !strings.Contains(page, "The automatic top-up is on") || !strings.Contains(page, "0 of 2") {
			t.Fatalf("status %d: %s", status, page)
		}
	}
	app, err := cl.c.service.Application(t.Context(), "cobalt-arena")
	if err != nil {
		t.Fatal(err)
	}
	top, _ := app.AutoTopUp("live")
	if want := (subscription.AutoTopUp{
		Product: "live", Pack: "rtc-engine-25k", Currency: "USD", Quantity: 1, Below: subscription.Minutes(1000), PerPeriod: 2,
		Agreement: cl.c.catalog.AgreementVersion(),
	}); top != want {
		t.Errorf("%+v, want %+v", top, want)
	}
	_, page := cl.post("/apps/cobalt-arena/auto-top-up", url.Values{"key": {"two"}, "product": {"live"}, "off": {"yes"}})
	if !strings.Contains(page, "The automatic top-up is off") || strings.Contains(page, "is topped up automatically") {
		t.Errorf("it is still on: %s", page)
	}
}

// Why nothing is bought is told in words.
func TestStandstill(t *testing.T) {
	for says, top := range map[string]subscription.AutoTopUp{
		"": {}, "report another payment method": {Stopped: payment.LostOrStolen}, "next period": {Obstacle: "limit"},
		"new agreement": {Obstacle: "agreement_required"}, "at present": {Obstacle: "not_on_sale"}, "tried again later": {Attempts: 1},
	} {
		if got := standstill(&top); !strings.Contains(got, says) || (got == "") != (says == "") {
			t.Errorf("%+v: %q, want %q", top, got, says)
		}
	}
}
