package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Top-up packages come in three sizes and more, each in any quantity, and in a size of one's own.
func TestBrowserTopUp(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Package subscription")
	v.clicks("RTC Engine Top-Up Package")
	v.sees("25,000 minutes", "250,000 minutes", "1,000,000 minutes")
	v.chooses("250,000 minutes")
	v.fills("Quantity", "3")
	v.sees("227.00 × 3", "681.00 USD", "750,000 minutes")
	v.chooses("I have read and agree")
	v.clicks("Buy Now")
	v.sees("Buy 750,000 minutes", "750,000, once", "12 months, to the end of the month")
	v.clicks("Pay 681.00 USD")
	v.sees("Paid and delivered", "Top-up of 250,000 minutes")
	v.clicks("See the minutes")
	v.sees("Top-up", "750,000")

	v.clicks("Buy a top-up package")
	v.chooses("A size of your own")
	v.fills("Minutes, in steps of 1,000", "30,000")
	v.sees("0.96 × 30000/1000", "28.80 USD")
	v.fills("Minutes, in steps of 1,000", "30,500")
	v.sees("This size isn't sold")
	v.fills("Minutes, in steps of 1,000", "31,000")
	v.sees("29.76 USD")
	v.chooses("I have read and agree")
	v.clicks("Buy Now")
	v.clicks("Pay 29.76 USD")
	v.sees("Paid and delivered", "Top-up of your own size")
}

// The calculator compares the ways of paying as the sliders move, and a number can be typed.
func TestBrowserCalculator(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("Price calculator")
	v.sees("85,000", "Top-up packages alone", "81.60 USD", "RTC Engine Lite + pay-as-you-go", "133.91 USD")
	v.fills("HD video", "25,000")
	v.sees("105,000")
	v.selects("Product", "Call")
	v.sees("Call 1-to-1 Call")
	v.presses("How each price is computed")
	v.sees("0.96 × 105000/1000", "100.80 USD")
	slider := chromedp.CSS(`[data-for="k-audio"]`)
	v.do("move the slider", chromedp.Focus(slider), chromedp.SendKeys(slider, kb.ArrowRight))
	v.sees("106,000")
	v.shows("flow-calculator")
	v.clicks("See the packages")
	v.sees("1-to-1 Call")
}

// What comes next is a timeline of charges with their formulas, and of grants.
func TestBrowserWhatComesNext(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("What comes next")
	v.sees("October 2026", "597.00 USD for Call, 5 Oct – 4 Nov 2026", "300,000 minutes are granted for Call", "399.00 USD for Live",
		"Charges: 5,976.00 USD")
}

// An order shows what its amount is made of, how it was paid, and an invoice.
func TestBrowserOrders(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("Orders")
	v.sees("Upgrade to Call Group Call", "Renewal of Call Group Call", "Top-up of 25,000 minutes", "Purchase of Call 1-to-1 Call")
	v.clicks("Upgrade to Call Group Call")
	v.sees("(597.00 − 99.00) × 22/31", "10956/31", "353.42 USD", "Payment attempt", "Key at the provider", "was ordered", "was paid")
	v.clicks("Invoice")
	v.sees("Billed to", "Aurora Learning", "353.42 USD", "14 Jul 2026")
	v.sees("Print")
	v.shows("flow-invoice")
	v.clicks("Back to the order")
	v.sees("Lines")
}

// Minutes are a burn-down of lots, with their ledger; usage is taken in their order, and what they don't cover is
// refused.
func TestBrowserMinutes(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Minutes")
	v.sees("What was left at the end of each day", "Ledger", "Live audience, HD", "Granted")
	v.clicks("Claim 10,000 free minutes a month")
	v.sees("Free minutes are yours", "Free")
	v.selects("Kind", "HD video")
	v.fills("Minutes of usage", "1,000")
	v.clicks("Use them")
	v.sees("The usage was counted", "−1,000") // free minutes count every kind alike
	v.fills("Minutes of usage", "900,000")
	v.clicks("Use them")
	v.sees("Not enough minutes are left", "Nothing of it was counted")
	v.clicks("Buy a top-up package")
	v.sees("Select the size")
}

// Pay-as-you-go is enabled once its terms are accepted.
func TestBrowserPayAsYouGo(t *testing.T) {
	v := visit(t)
	v.signsIn("Birch Clinic")
	v.clicks("Enable pay-as-you-go for birch-visits")
	v.sees("It can't be turned off again", "HD video", "3.99 USD")
	v.clicks("Enable pay-as-you-go")
	v.sees("Please accept the agreement")
	v.chooses("I have read and agree")
	v.clicks("Enable pay-as-you-go")
	v.sees("Pay-as-you-go is enabled", "pay-as-you-go for what exceeds it")
}

// Everything that pays works without scripts.
func TestBrowserWithoutScript(t *testing.T) {
	v := visit(t)
	v.withoutScript()
	v.signsUp("Gale Radio")
	v.clicks("Payment")
	v.fills("Amount to add, in USD", "2000")
	v.clicks("Add funds")
	v.bindsBalance()
	v.orders("1-to-1 Call")
	v.fills("Name of the new application", "gale")
	v.clicks("Update the price")
	v.sees("199.00 USD")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.clicks("Pay 199.00 USD")
	v.sees("Paid and delivered")
	v.clicks("See the application card")
	v.clicks("Renew / Upgrade")
	v.sees("(597.00 − 199.00) × 30/30", "398.00 USD")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now to the upgrade")
	v.clicks("Pay 398.00 USD")
	v.sees("Paid and delivered")
	v.goes("/apps/gale/call")
	v.chooses("I have read and agree")
	v.clicks("Renew Now")
	v.clicks("Pay 597.00 USD")
	v.sees("Paid and delivered")
	v.clicks("Top-up packages")
	v.chooses("250,000 minutes")
	v.fills("Quantity", "2")
	v.clicks("Update the price")
	v.sees("454.00 USD")
	v.chooses("I have read and agree")
	v.clicks("Buy Now")
	v.clicks("Pay 454.00 USD")
	v.sees("Paid and delivered")
	v.clicks("Price calculator")
	v.fills("Audio", "6000")
	v.clicks("Compare")
	v.sees("86,000")
	v.clicks("Time machine")
	v.clicks("Move ahead by 1 month")
	v.sees("What happened since")
	if n := v.paid("gale-radio"); n != 4 {
		t.Errorf("%d payments, want 4", n)
	}
}

// The keyboard alone reaches the content, and a choice.
func TestBrowserKeyboard(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/order?product=rtc-engine&version=lite")
	v.do("skip to the content", chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	v.do("tab to the applications, and choose the next", chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.ArrowDown),
		chromedp.WaitReady(chromedp.CSS(`#app-aurora-webinars:checked`)))
	v.do("tab to the name", chromedp.KeyEvent(kb.Tab))
	v.do("tab to the versions, and choose the next", chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.ArrowDown),
		chromedp.WaitReady(chromedp.CSS(`#v-standard:checked`)))
	v.sees("299.00 USD")
}
