package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// holds waits until a script's condition is true.
func (v *visitor) holds(what, condition string) {
	v.t.Helper()
	v.do(what, chromedp.WaitReady(chromedp.JSPath("("+condition+") ? document.body : null")))
}

// On a phone, the menu leaves its own button free, and is closed by it, by its own button, and by Escape; with a script
// and without.
func TestBrowserPhoneMenu(t *testing.T) {
	const shown, hidden = `document.getElementById("nav").checkVisibility()`, `!document.getElementById("nav").checkVisibility()`
	for name, script := range map[string]bool{"with a script": true, "without a script": false} {
		t.Run(name, func(t *testing.T) {
			v := visit(t)
			v.do("narrow", chromedp.EmulateViewport(375, 700))
			if !script {
				v.withoutScript()
			}
			v.signsIn("Aurora Learning")
			v.holds("the menu is closed", hidden)
			v.presses("Menu")
			v.holds("the menu is open", shown)
			v.shot("phone-menu")
			v.holds("the button is free", `((b) => {
				const box = b.getBoundingClientRect();
				return b.contains(document.elementFromPoint(box.left + 2, box.top + box.height / 2));
			})(document.querySelector(".menu"))`)
			v.presses("Menu")
			v.holds("the button closes the menu", hidden)
			v.presses("Menu")
			v.holds("the menu is open again", shown)
			v.presses("Close the menu")
			v.holds("the menu's own button closes it", hidden)
			v.presses("Menu")
			v.holds("the menu is open once more", shown)
			v.do("press Escape", chromedp.KeyEvent(kb.Escape))
			v.holds("Escape closes the menu", hidden)
			v.presses("Menu")
			v.clicks("Payment provider")
			v.sees("Webhooks that were sent")
		})
	}
}

// The last link of the menu is in reach on a low window.
func TestBrowserLowWindow(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	for _, height := range []int64{900, 720, 600} {
		v.do("lower", chromedp.EmulateViewport(1280, height))
		v.goes("/")
		v.do("scroll to the end", chromedp.Evaluate[chromedp.Void](`scrollTo(0, document.body.scrollHeight)`))
		v.holds("the last link is visible", `((a) => {
			const box = a.getBoundingClientRect();
			return box.bottom <= innerHeight && a.contains(document.elementFromPoint(box.left + box.width / 2, box.bottom - 2));
		})(document.querySelector(".demo-nav li:last-child a"))`)
	}
}

// fits fails the test for each cell of a table and each text of a chart that isn't within its card, and for each table
// that isn't one anymore for those who listen to it.
func (v *visitor) fits(page string) {
	v.t.Helper()
	const cut = `[...document.querySelectorAll("td, tbody th, tfoot th, .chart text, .bars li > *")].filter((e) => {
		const box = e.getBoundingClientRect(), card = e.closest(".card, fieldset, .notice").getBoundingClientRect();
		return e.checkVisibility() && box.width > 0 && (box.left < card.left || box.right > card.right);
	}).map((e) => e.textContent)`
	const columns = `[...document.querySelectorAll(".scroll td")].filter((e) => e.role !== "cell" || e.closest("tr").role !== "row" ||
		e.closest("table").role !== "table").map((e) => e.textContent)`
	for what, script := range map[string]string{"cut off": cut, "no cell of a table": columns} {
		found, err := run2(v, chromedp.Evaluate[[]string](script))
		if err != nil {
			v.fail("look at "+page, err)
		}
		for _, text := range found {
			v.t.Errorf("%s: %q is %s", page, text, what)
		}
	}
	wide, err := run2(v, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`))
	if err != nil || wide {
		v.t.Errorf("%s is wider than a narrow screen (%v)", page, err)
	}
}

// On a phone, everything is within its card.
func TestBrowserNothingIsCutOff(t *testing.T) {
	v := visit(t)
	v.do("narrow", chromedp.EmulateViewport(375, 700))
	v.signsIn("Aurora Learning")
	for _, page := range []string{
		"/orders", "/minutes?app=aurora-classroom", "/payment", "/activity", "/calculator", "/apps/aurora-classroom/call", "/top-up",
		"/apps/aurora-classroom/pay-as-you-go",
	} {
		v.goes(page)
		v.fits(page)
	}
	v.goes("/orders")
	v.sees("353.42 USD", "Paid")
}

// An invoice is printed by itself, in black on white whatever the screen prefers.
func TestBrowserPrintsInvoice(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/orders")
	v.clicks("Upgrade to Call Group Call")
	v.clicks("Invoice")
	v.do("print", chromedp.EmulateViewport(700, 900), func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
		return chromedp.Void{}, err
	})
	v.shot("print-invoice")
	v.holds("only the invoice is printed", `[...document.querySelectorAll(".top, .side, .noprint")].every((e) => !e.checkVisibility())`)
	v.holds("it is black on white", `getComputedStyle(document.body).color === "rgb(0, 0, 0)" &&
		getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`)
	v.sees("353.42 USD", "Billed to")
}
