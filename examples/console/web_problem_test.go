package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// An order that is refused leaves no application behind.
func TestRefusedOrderCreatesNoApplication(t *testing.T) {
	cl := newClient(t, "aurora")
	cl.post("/sign-out", nil)
	cl.post("/sign-up", url.Values{"name": {"Dune Radio"}})
	for path, form := range map[string]url.Values{
		"/order":  {"product": {"call"}, "version": {"one-to-one"}},
		"/top-up": {"pack": {"custom"}, "minutes": {"30000"}},
	} {
		form.Set("agree", "yes")
		form.Set("app", "+")
		form.Set("new_app", "dune")
		_, page := cl.post(path, form)
		cl.says(page, "isn't on the seller's allowlist")
		if apps, err := cl.c.applications(t.Context(), customer{ID: "dune-radio"}); err != nil || len(apps) > 0 {
			t.Errorf("%s: %d applications (%v)", path, len(apps), err)
		}
	}
	cl.post("/allowlist", nil)
	cl.orders("/order", url.Values{"product": {"call"}, "version": {"one-to-one"}, "app": {"+"}, "new_app": {"dune"}})
	if apps, err := cl.c.applications(t.Context(), customer{ID: "dune-radio"}); err != nil || len(apps) != 1 {
		t.Errorf("%d applications (%v), want 1", len(apps), err)
	}
}

// The answer to a form is always a redirect, so that going back leads to the form. Its page has what was typed, and tells
// the problem.
func TestProblemsAreRedirects(t *testing.T) {
	cl := newClient(t, "cobalt")
	follow := cl.http.CheckRedirect
	for _, tt := range []struct {
		path string
		form url.Values
		to   string // the page, and some of its query
		says string
	}{
		{"/order", url.Values{"product": {"call"}, "app": {"+"}, "new_app": {"dune"}}, "/order?new_app=dune", "Please accept the agreement"},
		{"/order", url.Values{"product": {"call"}, "app": {"+"}, "agree": {"yes"}}, "/order?agree=yes", "Please name the new application"},
		{"/order", url.Values{"product": {"live"}, "app": {"cobalt-arena"}, "version": {"pro"}, "agree": {"yes"}}, "/order?version=pro", "has a package of this product"},
		{"/top-up", url.Values{"pack": {"custom"}, "minutes": {"30500"}, "agree": {"yes"}}, "/top-up?minutes=30500", "This size isn't sold"},
		{"/apps/cobalt-arena/live/renew", url.Values{"cycles": {"3"}}, "/apps/cobalt-arena/live?cycles=3&form=renew", "Please accept"},
		{"/apps/cobalt-arena/live/upgrade", url.Values{"to": {"lite"}, "agree": {"yes"}}, "/apps/cobalt-arena/live?form=upgrade", "higher version only"},
		{"/apps/cobalt-arena/pay-as-you-go", nil, "/apps/cobalt-arena/pay-as-you-go", "Please accept the agreement"},
		{"/apps/cobalt-arena/auto-top-up", url.Values{"below": {"x"}}, "/apps/cobalt-arena/auto-top-up?below=x", "Please check the numbers"},
		{"/apps/cobalt-arena/auto-top-up", url.Values{"below": {"5"}, "per_period": {"1"}}, "/apps/cobalt-arena/auto-top-up?below=5", "Please accept"},
		{"/apps/cobalt-arena/auto-top-up", url.Values{
			"below": {"5"}, "per_period": {"1"}, "agree": {"yes"}, "product": {"live"}, "pack": {"nothing"},
		}, "/apps/cobalt-arena/auto-top-up?pack=nothing", "This isn't for sale"},
		{"/apps/cobalt-arena/usage", url.Values{"minutes": {"x"}}, "/minutes?app=cobalt-arena", "Please enter a number of minutes"},
		{"/payment/deposit", url.Values{"amount": {"x"}}, "/payment?amount=x", "Please enter an amount"},
		{"/payment/method", url.Values{"method": {"none"}}, "/payment", "Please choose a payment method"},
		{"/sign-up", url.Values{"name": {"Cobalt"}}, "/sign-in?name=Cobalt", "There is a customer of this name"},
		{"/sign-up", url.Values{"name": {"!"}}, "/sign-in?name=%21", "Please enter a name"},
	} {
		cl.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r := cl.request(http.MethodPost, tt.path, strings.NewReader(tt.form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := cl.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		cl.http.CheckRedirect = follow
		got, err := resp.Location()
		want, errWant := url.Parse(tt.to)
		if err != nil || errWant != nil || resp.StatusCode != http.StatusSeeOther || got.Path != want.Path {
			t.Errorf("%s: status %d, to %v, want %s", tt.path, resp.StatusCode, got, tt.to)
			continue
		}
		for name := range want.Query() {
			if got.Query().Get(name) != want.Query().Get(name) {
				t.Errorf("%s leads to %v, want %s", tt.path, got, tt.to)
			}
		}
		_, page := cl.get(got.RequestURI())
		cl.says(page, tt.says)
	}
	_, page := cl.get("/problem?problem=you_owe_us")
	cl.says(page, "There is no such page")
}

// The message about the agreement stands beside its box, which has the focus.
func TestMissingAgreementIsBesideItsBox(t *testing.T) {
	cl := newClient(t, "cobalt")
	_, page := cl.post("/apps/cobalt-arena/live/renew", url.Values{"cycles": {"3"}})
	for _, want := range []string{
		`id="agree-renew" name="agree" value="yes" aria-invalid="true" aria-describedby="agree-renew-missing" data-mend autofocus`,
		`id="agree-renew-missing"`, `id="agree-upgrade" name="agree" value="yes">`, `name="cycles" type="number" min="1" max="120" value="3"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if n := strings.Count(page, "Please accept the agreement"); n != 1 {
		t.Errorf("the message is there %d times", n)
	}
}

// Without a script, a field that is filled in is the choice that it belongs to.
func TestFilledFieldIsTheChoice(t *testing.T) {
	cl := newClient(t, "cobalt")
	_, _, says := cl.orders("/top-up", url.Values{
		"app": {"cobalt-arena"}, "new_app": {"Cobalt Two"}, "pack": {"rtc-engine-25k"}, "quantity": {"1"}, "minutes": {"31,000"},
	})
	cl.says(says, "Application cobalt-two", "Buy 31,000 minutes")
	_, page := cl.get("/top-up?pack=rtc-engine-25k")
	cl.says(page, "Minutes, in steps of 1,000, from 1,000 to 1,000,000,000", "24.00 USD")
	_, page = cl.get("/top-up?pack=custom")
	cl.says(page, "28.80 USD")
}

// Codes that a customer can cause by no mistake of ours are explained, too.
func TestExplainedCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		says string
	}{
		{pricing.ErrBelowLeast, "too small to be charged"},
		{pricing.ErrUnknownRegion, "The tax of this account isn't known"},
		{subscription.ErrTooLarge, "Too much is going on"},
	} {
		if n := noticeOf(explain(fmt.Errorf("order: %w", tt.err))); n == nil || !strings.Contains(n.Title, tt.says) {
			t.Errorf("%v is explained as %v", tt.err, n)
		}
	}
}
