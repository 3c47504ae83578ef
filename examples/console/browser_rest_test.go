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
	v.clicks("Top-up packages")
	v.sees("25,000 minutes", "250,000 minutes", "1,000,000 minutes")
	v.chooses("250,000 minutes")
	v.fills("Quantity", "3")
	v.sees("227.00 × 3", "681.00 USD", "750,000 minutes")
	v.chooses("I have read and agree")
	v.clicks("Buy Now")
	v.sees("Buy 750,000 minutes", "750,000, once", "12 months, to the end of the month")
	v.clicks("Pay 681.00 USD")
	v.sees("Paid and delivered", "Top-up, 3 × 250,000 minutes")
	v.clicks("See the minutes")
	v.sees("Top-up", "750,000")

	v.clicks("Buy a top-up package")
	v.fills("Minutes, in steps of 1,000, from 1,000 to 1,000,000,000", "30,000") // which chooses it
	v.sees("0.96 × 30,000/1,000", "28.80 USD")
	v.chooses("25,000 minutes")
	v.sees("24.00 USD")
	v.fills("Minutes, in steps of 1,000", "30,500")
	v.sees("This size isn't sold")
	v.chooses("I have read and agree")
	v.clicks("Buy Now")
	v.sees("This size isn't sold")
	v.fills("Minutes, in steps of 1,000", "31,000")
	v.sees("29.76 USD")
	v.misses("This size isn't sold")
	v.fills("Name of the new application", "Cobalt Two") // chooses it, too
	v.do("see it chosen", chromedp.WaitReady(chromedp.CSS("#app-new:checked")))
	v.do("choose the first one", clickID("app-cobalt-arena"))
	v.clicks("Buy Now")
	v.clicks("Pay 29.76 USD")
	v.sees("Paid and delivered", "Top-up, 31,000 minutes")
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
	v.sees("0.96 × 105,000/1,000", "100.80 USD")
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
	v.sees("October 2026", "597.00 USD for Call Group Call, 5 Oct – 4 Nov 2026", "300,000 minutes are granted for Call", "399.00 USD for Live",
		"Charges: 5,976.00 USD")
}

// An order shows what its amount is made of, how it was paid, and an invoice.
func TestBrowserOrders(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("Orders")
	v.sees("Upgrade to Call Group Call", "Renewal of Call Group Call", "Top-up, 2 × 25,000 minutes", "Purchase of Call 1-to-1 Call")
	v.clicks("Upgrade to Call Group Call")
	v.sees("(597.00 − 99.00) × 22/31 days", "353.4193…", "353.42 USD", "Payment attempt", "Key at the provider", "was ordered", "was paid")
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

// Minutes that were used beyond what is there are beside the minutes, and a band of the chart.
func TestBrowserOverdraft(t *testing.T) {
	v := visitSaaS(t)
	v.signsIn("Elm Studio")
	v.clicks("Minutes")
	v.sees("0 owed, 300 left of 300")
	v.selects("Kind", "Video")
	v.fills("Minutes of usage", "4,780") // 4,680 are left
	v.clicks("Use them")
	v.sees("The usage was counted", "100 owed, 200 left of 300", "Used beyond what is there, to be repaid")
	v.shows("flow-overdraft")
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

// Packs are bought automatically once that is turned on and too few minutes are left, and no more once it is off.
func TestBrowserAutoTopUp(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Automatic top-up for cobalt-arena")
	v.sees("It is off unless you turn it on")
	v.selects("Product", "Live")
	v.fills("Buy when fewer minutes are left than", "none")
	v.chooses("I have read and agree")
	v.clicks("Turn on automatic top-up")
	v.sees("Please check the numbers")
	v.fills("Buy when fewer minutes are left than", "900,000")
	v.clicks("Turn on automatic top-up")
	v.sees("The automatic top-up is on", "Live is topped up automatically", "0 of 1")
	v.clicks("Time machine")
	v.clicks("To the next thing that is due")
	v.goes("/apps/cobalt-arena/auto-top-up")
	v.sees("1 of 1")
	v.clicks("Orders")
	v.sees("Top-up, 25,000 minutes")
	v.goes("/apps/cobalt-arena/auto-top-up")
	v.clicks("Turn off for Live")
	v.sees("The automatic top-up is off")
	v.misses("Live is topped up automatically")
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
	v.chooses("List price")
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
