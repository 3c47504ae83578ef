package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

func clickID(id string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.ID(id)) }

// doubleClicks clicks twice, as fast as a hand could.
func (v *visitor) doubleClicks(name string) {
	v.t.Helper()
	v.do("double click "+name, chromedp.WaitReady(find(clickable, name)), chromedp.Evaluate[chromedp.Void](`window.before = true`),
		chromedp.ScrollIntoView(find(clickable, name)))
	box, err := run2(v, chromedp.Dimensions(find(clickable, name)))
	if err != nil {
		v.fail("find "+name, err)
	}
	x, y := (box.Content[0]+box.Content[4])/2, (box.Content[1]+box.Content[5])/2
	v.do("double click "+name, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for clicks := int64(1); clicks <= 2; clicks++ {
			for _, what := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
				if _, err := cdp.Call(ctx, t, input.DispatchMouseEvent, input.DispatchMouseEventParams{
					Type: what, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: clicks,
				}); err != nil {
					return chromedp.Void{}, err
				}
			}
		}
		return chromedp.Void{}, nil
	}, arrived())
}

// topsUp reaches the payment page of a top-up of 25,000 minutes, which could be bought any number of times.
func (v *visitor) topsUp() {
	v.t.Helper()
	v.goes("/top-up")
	v.chooses("I have read and agree")
	v.clicks("Buy Now")
	v.sees("Confirm and pay", "24.00 USD")
}

// Two clicks on Pay, or on the button before it, pay once, with a script and without.
func TestBrowserDoubleClickPaysOnce(t *testing.T) {
	for name, script := range map[string]bool{"with a script": true, "without a script": false} {
		t.Run(name, func(t *testing.T) {
			v := visit(t)
			v.signsIn("Cobalt Games")
			if !script {
				v.withoutScript()
			}
			before := v.paid("cobalt")
			v.goes("/top-up")
			v.chooses("I have read and agree")
			v.doubleClicks("Buy Now")
			v.sees("Confirm and pay")
			v.doubleClicks("Pay 24.00 USD")
			v.sees("Paid and delivered")
			if n := v.paid("cobalt"); n != before+1 {
				t.Errorf("%d payments, want %d", n, before+1)
			}
		})
	}
}

// Two tabs with one quote pay once: the second one shows the order of the first.
func TestBrowserTwoTabsPayOnce(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	before := v.paid("cobalt")
	v.topsUp()
	where, err := run2(v, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	second := v.anotherTab()
	second.goes(where[len(v.base):])
	second.sees("Confirm and pay")
	v.clicks("Pay 24.00 USD")
	v.sees("Paid and delivered")
	second.clicks("Pay 24.00 USD")
	second.sees("This request was made before", "nothing was paid twice", "Paid and delivered")
	if n := v.paid("cobalt"); n != before+1 {
		t.Errorf("%d payments, want %d", n, before+1)
	}
}

// Two tabs that order the same package each on their own: the second one can't, and says why.
func TestBrowserTwoTabsOfTheSameProduct(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	second := v.anotherTab()
	for _, tab := range []*visitor{v, second} {
		tab.goes("/order?product=call&version=one-to-one")
		tab.chooses("List price")
		tab.chooses("I have read and agree")
		tab.clicks("Subscribe Now")
		tab.sees("Confirm and pay")
	}
	v.clicks("Pay 199.00 USD")
	v.sees("Paid and delivered")
	second.clicks("Pay 199.00 USD")
	second.sees("This application has a package of this product")
}

// After paying, the back button leads to the order that was paid, not to another payment.
func TestBrowserBackButtonPaysOnce(t *testing.T) {
	for name, script := range map[string]bool{"with a script": true, "without a script": false} {
		t.Run(name, func(t *testing.T) {
			v := visit(t)
			v.signsIn("Cobalt Games")
			if !script {
				v.withoutScript()
			}
			before := v.paid("cobalt")
			v.topsUp()
			v.clicks("Pay 24.00 USD")
			v.sees("Paid and delivered")
			v.do("go back", chromedp.NavigateBack())
			v.sees("This request was made before", "Paid and delivered")
			if n := v.paid("cobalt"); n != before+1 {
				t.Errorf("%d payments, want %d", n, before+1)
			}
		})
	}
}

// After a form was refused, the back button leads to the form, and forward to what was said of it.
func TestBrowserBackFromAProblem(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.goes("/top-up")
	v.clicks("Buy Now")
	v.sees("Please accept the agreement")
	v.do("go back", chromedp.NavigateBack())
	v.sees("Top-up packages", "24.00 USD")
	v.misses("Please accept the agreement")
	v.do("go forward", chromedp.NavigateForward())
	v.sees("Please accept the agreement")
}
