package main

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// staffPerson is who signs in as the seller's staff.
const staffPerson = "the seller’s staff"

// pagesOf are the pages of a customer that every other flow passes.
var pagesOf = map[string][]string{
	"Aurora Learning": {
		"/", "/packages", "/packages?product=live", "/order?product=rtc-engine", "/order?product=call&version=trial", "/top-up", "/top-up?pack=custom",
		"/calculator", "/products/call", "/products/chat", "/apps/aurora-classroom/call", "/apps/aurora-classroom/pay-as-you-go", "/apps/aurora-classroom/auto-top-up",
		"/minutes?app=aurora-classroom", "/upcoming", "/orders", "/payment", "/tax", "/activity", "/demonstration/clock", "/demonstration/provider", "/nowhere",
	},
	staffPerson: {
		"/staff", "/staff/find", "/staff/find?q=nobody", "/staff/customers/aurora", "/staff/customers/birch", "/staff/apps/aurora-classroom/gift",
		"/staff/apps/aurora-classroom/correct", "/staff/apps/birch-visits/retry?see=yes&reason=x", "/staff/apps/aurora-classroom/account",
		"/staff/apps/cobalt-arena/close?see=yes&reason=x", "/staff/apps/cobalt-arena/deal?product=live&see=yes&price=99&periods=2&reason=x",
		"/staff/apps/aurora-webinars/cancel-renewal?product=live&see=yes&reason=x", "/minutes?app=aurora-classroom", "/upcoming?account=aurora",
		"/activity?account=aurora", "/orders?account=aurora", "/staff/import", "/staff/mails", "/staff/reports", "/staff/reports?month=2026-08",
		"/staff/books", "/staff/books?month=2026-07", "/staff/health", "/demonstration/clock", "/demonstration/provider", "/nowhere",
	},
	"Birch Clinic": {"/", "/orders", "/products/call", "/minutes"},
	"Cobalt Games": {
		"/", "/upcoming", "/apps/cobalt-arena/live", "/demonstration/provider",
	},
	"Dogwood Radio": {"/", "/upcoming", "/apps/dogwood-waves/live", "/order?product=live&app=dogwood-waves"},
}

// plansOf are pages of customers of the catalog of plans.
var plansOf = map[string][]string{
	"Elm Studio": {"/", "/order?product=meet&version=team", "/apps/elm-app/meet", "/upcoming"},
}

// allPages are those of all customers, of either catalog.
func allPages() map[string][]string {
	all := maps.Clone(pagesOf)
	maps.Copy(all, plansOf)
	return all
}

// visitBy opens a browser at a console that has a customer.
func visitBy(t *testing.T, name string) *visitor {
	t.Helper()
	if _, plans := plansOf[name]; plans {
		return visitSaaS(t)
	}
	return visit(t)
}

// Every page, in light and dark and on a narrow screen, has no finding of axe-core.
func TestBrowserAccessibility(t *testing.T) {
	file := os.Getenv("PREPAID_AXE")
	if file == "" {
		t.Skip("NOT TESTED, since PREPAID_AXE names no axe.min.js")
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, pages := range allPages() {
		t.Run(name, func(t *testing.T) {
			v := visitBy(t, name)
			v.goes("/sign-in")
			v.audit(string(axe), "/sign-in")
			v.signsIn(name)
			for _, page := range pages {
				v.goes(page)
				v.audit(string(axe), page)
			}
		})
	}
}

// audit runs axe-core on the page as it is, in both color schemes.
func (v *visitor) audit(axe, page string) {
	v.t.Helper()
	const script = `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations.flatMap((x) =>
		x.nodes.map((n) => x.id + ": " + n.failureSummary.replace(/\s+/g, " ") + " " + n.html.slice(0, 300))))`
	for _, scheme := range []string{"light", "dark", "narrow"} {
		if scheme == "narrow" {
			v.scheme("light")
			v.do("narrow", chromedp.EmulateViewport(375, 800))
		} else {
			v.scheme(scheme)
		}
		v.do("load axe", chromedp.Evaluate[chromedp.Void](axe))
		found, err := run2(v, chromedp.Evaluate[[]string](script, chromedp.EvalAwaitPromise))
		if err != nil {
			v.fail("run axe", err)
		}
		for _, finding := range found {
			v.t.Errorf("%s, %s: %s", page, scheme, finding)
		}
	}
	v.do("widen", chromedp.EmulateViewport(1280, 900))
}

// shows saves pictures of a page that only a flow reaches, looks whether it fits a narrow screen, and audits it.
func (v *visitor) shows(name string) {
	v.t.Helper()
	v.shot(name)
	v.scheme("dark")
	v.shot(name + "-dark")
	v.scheme("light")
	v.do("narrow", chromedp.EmulateViewport(375, 800))
	v.fits(name)
	v.shot(name + "-narrow")
	v.do("widen", chromedp.EmulateViewport(1280, 900))
	if file := os.Getenv("PREPAID_AXE"); file != "" {
		axe, err := os.ReadFile(file)
		if err != nil {
			v.t.Fatal(err)
		}
		v.audit(string(axe), name)
	}
}

// Every page is saved as a picture, if PREPAID_SCREENSHOTS names a directory: wide and light, wide and dark, and narrow.
func TestBrowserScreenshots(t *testing.T) {
	if os.Getenv("PREPAID_SCREENSHOTS") == "" {
		t.Skip("NOT TESTED, since PREPAID_SCREENSHOTS names no directory")
	}
	for name, pages := range allPages() {
		t.Run(name, func(t *testing.T) {
			v := visitBy(t, name)
			v.goes("/sign-in")
			v.shot("sign-in")
			v.signsIn(name)
			for _, page := range pages {
				file := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(page), "-")
				file = fmt.Sprintf("%s-%s", strings.ToLower(strings.Fields(name)[0]), file)
				v.do("widen", chromedp.EmulateViewport(1280, 900))
				v.goes(page)
				v.shot(file)
				v.scheme("dark")
				v.shot(file + "-dark")
				v.scheme("light")
				v.do("narrow", chromedp.EmulateViewport(375, 800))
				v.shot(file + "-narrow")
				wide, err := run2(v, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`))
				if err != nil || wide {
					t.Errorf("%s is wider than a narrow screen (%v)", page, err)
				}
			}
		})
	}
}
