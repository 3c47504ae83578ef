package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// An upgrade goes to a higher version, for the difference with its formula, and is in force at once.
func TestBrowserUpgrade(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("Live")
	v.clicks("aurora-webinars")
	v.sees("Version in force", "Standard", "24 days")
	v.clicks("Renew / Upgrade")
	v.sees("Trial", "A trial comes before a paid version only", "Lite", "An upgrade goes to a higher version only", "In force",
		"(999.00 − 399.00) × 24/30", "480.00 USD", "440,000")
	v.shows("flow-upgrade")
	v.clicks("Subscribe Now to the upgrade")
	v.sees("Please accept the agreement")
	v.chooses("Pro")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now to the upgrade")
	v.sees("Confirm and pay", "Upgrade to Live Pro", "440,000, at once", "(999.00 − 399.00) × 24/30", "480.00 USD")
	v.clicks("Pay 480.00 USD")
	v.sees("Paid and delivered", "Upgrade to Live Pro")
	v.clicks("See the application card")
	v.sees("Version in force", "Pro", "10 Sep – 9 Oct 2026", "657,572")
	v.clicks("Renew / Upgrade")
	v.sees("There is no version to upgrade to now")
}

// Packages that can't be upgraded say so.
func TestBrowserNotUpgradable(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/order?product=beauty-ar&version=lite")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.clicks("Pay 199.00 USD")
	v.clicks("See the application card")
	v.clicks("Renew / Upgrade")
	v.sees("Not offered: This package can't be upgraded", "There is no version to upgrade to now")
}

// A quote that is no longer valid is explained and made again, and nothing is charged before the new one was seen.
func TestBrowserStaleQuoteIsQuotedAgain(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/apps/aurora-webinars/live")
	v.chooses("Pro")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now to the upgrade")
	v.sees("480.00 USD")
	before := v.paid("aurora")

	other := v.anotherTab()
	other.goes("/demonstration/clock")
	other.clicks("Move ahead by 1 day")
	other.sees("17 Sep 2026, 10:00")

	v.clicks("Pay 480.00 USD")
	v.sees("The quote was no longer valid, so it was made again", "It was 480.00 USD", "it is now 460.00 USD",
		"(999.00 − 399.00) × 23/30")
	v.shows("flow-stale")
	if n := v.paid("aurora"); n != before {
		t.Errorf("%d payments, want %d", n, before)
	}
	v.clicks("Pay 460.00 USD")
	v.sees("Paid and delivered")
}

// Renewing by hand adds periods to the time that is paid.
func TestBrowserRenewByHand(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Live")
	v.clicks("Renew / Upgrade")
	v.sees("Renewing early loses nothing", "through 17 Sep 2026")
	v.fills("Number of periods of 1 month", "2")
	v.sees("129.00 × 2", "258.00 USD")
	v.clicks("Renew Now")
	v.sees("Please accept the agreement", "258.00 USD")
	v.do("have the focus on the box", chromedp.WaitReady(chromedp.CSS("#agree-renew:focus")))
	v.shows("flow-agreement")
	v.do("agree to the renewal", clickID("agree-renew"))
	v.misses("Please accept the agreement")
	v.clicks("Renew Now")
	v.sees("Renew Live Lite", "2 × 1 month, after the time that is paid", "258.00 USD")
	v.clicks("Pay 258.00 USD")
	v.sees("Paid and delivered")
	v.clicks("See the application card")
	v.sees("Paid through", "17 Nov 2026")
}

// Auto-renewal is turned on and off on the application card, and what comes next follows it.
func TestBrowserAutoRenewal(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.sees("Auto-renewal is off")
	v.clicks("What comes next")
	v.sees("Live Lite ends, since auto-renewal is off")
	v.clicks("Live")
	v.clicks("Enable auto-renewal of Live for cobalt-arena")
	v.sees("Auto-renewal is on", "It is charged to your payment method", "129.00 USD on 17 Sep 2026")
	v.clicks("What comes next")
	v.sees("129.00 USD")
	v.misses("since auto-renewal is off")
	v.clicks("Live")
	v.clicks("Disable auto-renewal of Live for cobalt-arena")
	v.sees("Auto-renewal is off", "The package ends with the period that is paid")
	v.clicks("Activity")
	v.sees("Auto-renewal of Live", "was turned on", "was turned off")
}

// Auto-renewal can be turned off as the package is bought.
func TestBrowserBuyWithoutAutoRenewal(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/order?product=conference&version=standard")
	v.chooses("Auto-renewal: renew for the next period")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.sees("off")
	v.clicks("Pay 329.00 USD")
	v.clicks("See the application card")
	v.sees("Auto-renewal is off")
}

// A service that was interrupted says why, and goes on once it is renewed by hand.
func TestBrowserInterruption(t *testing.T) {
	v := visit(t)
	v.signsIn("Birch Clinic")
	v.sees("Past due", "The next period isn't paid", "The minutes of the period that ended are gone")
	v.presses("Why?")
	v.sees("was declined: there isn’t enough money")
	v.clicks("Time machine")
	v.clicks("Move ahead by 1 day")
	v.sees("What happened since 16 Sep 2026, 10:00", "was interrupted, since the next period wasn't paid in time", "yours")
	v.shows("flow-machine")
	v.clicks("Overview")
	v.sees("Interrupted", "Service is interrupted", "The minutes of the package expired with its period", "no payment for the next period had succeeded", "was declined: there isn’t enough money")
	v.shows("flow-interrupted")
	v.clicks("Update payment")
	v.fills("Amount to add, in USD", "200")
	v.clicks("Add funds")
	v.clicks("Call")
	v.clicks("Renew / Upgrade")
	v.sees("A new period begins on the day of payment", "The package is out of service. Renew it first")
	v.chooses("I have read and agree")
	v.clicks("Renew Now")
	v.clicks("Pay 199.00 USD")
	v.sees("Paid and delivered")
	v.clicks("See the application card")
	v.sees("Active", "17 Sep – 16 Oct 2026", "100,000")
}

// The worker does what is due as the clock moves: it tries a renewal again once there are funds, reminds, and renews.
func TestBrowserTimeMachine(t *testing.T) {
	v := visit(t)
	v.signsIn("Birch Clinic")
	v.clicks("Payment")
	v.fills("Amount to add, in USD", "1000")
	v.clicks("Add funds")
	v.clicks("Time machine")
	v.sees("Demonstration only", "Time stands still here until you move it")
	v.clicks("To the next thing that is due")
	v.sees("Renewal of Call 1-to-1 Call for 199.00 USD was paid", "Call is in service")
	v.clicks("Move ahead by 1 month")
	v.sees("Reminder: Call", "yours")
	v.clicks("Switch customer")
	v.clicks("Sign in as Cobalt Games")
	v.sees("Ended", "It has ended, and is out of service", "Service stopped on 19 Sep 2026, 00:00")
}
