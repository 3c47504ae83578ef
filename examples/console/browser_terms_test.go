package main

import "testing"

// What the end means is told before auto-renewal is turned off, while it is off, and once the package has ended; a renewal
// within the grace time continues from the end.
func TestBrowserLeave(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Enable auto-renewal of Live for cobalt-arena")
	v.presses("What happens if you turn auto-renewal off?")
	v.sees("the package stays in service until 19 Sep 2026, 00:00", "Its minutes expire with 17 Sep 2026",
		"Renewed by hand until 19 Sep 2026, 00:00, the new period continues from 18 Sep 2026")
	v.clicks("Disable auto-renewal of Live for cobalt-arena")
	v.sees("Auto-renewal is off", "It ends with 17 Sep 2026, since auto-renewal is off", "Once it has ended, you can also buy another version")
	v.shot("flow-leave")
	v.clicks("Time machine")
	v.clicks("Move ahead by 1 day")
	v.clicks("Move ahead by 1 day")
	v.sees("Live has ended, since auto-renewal was off: nothing is owed.")
	v.clicks("Overview")
	v.sees("Ended, still in service", "It has ended, and is in service until 19 Sep 2026, 00:00", "Buy another version")
	v.misses("isn't paid")
	v.shot("flow-ended")
	v.clicks("Renew")
	v.sees("the new period continues from 18 Sep 2026", "Buy Pro")
	v.do("agree to the renewal", clickID("agree-renew"))
	v.clicks("Renew Now")
	v.clicks("Pay 129.00 USD")
	v.clicks("See the application card")
	v.sees("Active", "18 Sep – 17 Oct 2026")
}

// Who has left buys another version at once, in place of the one that has ended.
func TestBrowserBuyAnotherVersion(t *testing.T) {
	v := visit(t)
	v.signsIn("Dogwood Radio")
	v.clicks("Buy another version")
	v.sees("This purchase takes the place of Live Standard, which has ended", "would continue from 16 Sep 2026")
	v.chooses("Lite")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.clicks("Pay 129.00 USD")
	v.clicks("See the application card")
	v.sees("Lite", "Active", "16 Sep – 15 Oct 2026")
}

// Where the product allows it, a lower plan by the year is chosen for the next period, and undone, with a script and
// without.
func TestBrowserChangeAtRenewal(t *testing.T) {
	v := visitSaaS(t)
	v.signsIn("Elm Studio")
	v.sees("Agreed price", "23.80 EUR for the next period")
	v.clicks("Renew / Upgrade")
	v.sees("Change at the renewal", "Starter for 12 months", "119.00 EUR", "as it is now")
	v.chooses("Starter for 12 months")
	v.clicks("Choose for the next period")
	v.sees("The change was chosen for the next period", "Next period: Starter for 12 months", "begins on 5 Oct 2026")
	v.shows("flow-changed")
	v.clicks("What comes next")
	v.sees("119.00 EUR for Meet Starter, 5 Oct 2026 – 4 Oct 2027", "The change that you chose begins with it")
	v.withoutScript()
	v.clicks("Overview")
	v.clicks("Undo the change of Meet for elm-app at the renewal")
	v.sees("The change was undone", "23.80 EUR, tax included, on 4 Oct 2026")
	v.misses("as you chose")
}

// The seller's staff agrees a price for two periods; the card and what comes next say it, until it is ended.
func TestBrowserDeal(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.goes("/staff/customers/aurora")
	v.clicks("Agree a price for Live of aurora-webinars")
	v.fills("Price of a period, in USD, without tax", "350")
	v.fills("Number of periods", "2")
	v.acts("stays for a year", "Agree the price", "A price of 350.00 USD was agreed for each period of Live Standard: 1 month, 2 further periods.",
		"agreed", "350.00 USD", "list price", "399.00 USD")
	v.sees("The price is agreed", "350.00 USD for each of the next 2 periods")
	v.shows("flow-deal")
	v.becomes("Aurora Learning")
	v.sees("Agreed price", "350.00 USD on 9 Oct 2026")
	v.clicks("What comes next")
	v.sees("350.00 USD for Live Standard, 10 Oct – 9 Nov 2026", "At the agreed price")
	v.becomes(staffPerson)
	v.goes("/staff/customers/aurora")
	v.clicks("End the agreed price for Live of aurora-webinars")
	v.acts("over", "End the agreed price")
	v.sees("The agreed price has ended")
	v.misses("Agreed price:")
}
