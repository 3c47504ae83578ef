package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// pagesOf are the pages of a customer that every other flow passes.
var pagesOf = map[string][]string{
	"Aurora Learning": {
		"/", "/packages", "/packages?product=live", "/order?product=rtc-engine", "/order?product=call&version=trial", "/top-up", "/top-up?pack=custom",
		"/calculator", "/products/call", "/products/chat", "/apps/aurora-classroom/call", "/apps/aurora-classroom/pay-as-you-go",
		"/minutes?app=aurora-classroom", "/upcoming", "/orders", "/payment", "/activity", "/demonstration/clock", "/demonstration/provider", "/nowhere",
	},
	"Birch Clinic": {"/", "/orders", "/products/call", "/minutes"},
	"Cobalt Games": {"/", "/upcoming", "/apps/cobalt-arena/live"},
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
	for name, pages := range pagesOf {
		t.Run(name, func(t *testing.T) {
			v := visit(t)
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
			v.do("narrow", chromedp.EmulateViewport(390, 800))
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

// shows saves a picture of a page that only a flow reaches, and audits it.
func (v *visitor) shows(name string) {
	v.t.Helper()
	v.shot(name)
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
	for name, pages := range pagesOf {
		t.Run(name, func(t *testing.T) {
			v := visit(t)
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
				v.do("narrow", chromedp.EmulateViewport(390, 800))
				v.shot(file + "-narrow")
				wide, err := run2(v, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`))
				if err != nil || wide {
					t.Errorf("%s is wider than a narrow screen (%v)", page, err)
				}
			}
		})
	}
}
