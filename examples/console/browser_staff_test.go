package main

import (
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// acts fills in an action's reason, reads what it would do, and confirms it.
func (v *visitor) acts(why, button string, does ...string) {
	v.t.Helper()
	v.fills("Reason, for the books", why)
	v.clicks("See what it does")
	v.sees("What it does")
	v.sees(does...)
	v.clicks(button)
}

// calls finds a customer by what they say on the telephone.
func (v *visitor) calls(says string) {
	v.t.Helper()
	v.fills("Find a customer", says)
	v.clicks("Find")
}

// A day at the seller's desk: what waits in the morning, a customer who calls, all that is done for them, a chargeback, and what
// closes the day.
func TestBrowserStaffDay(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.sees("3 things wait for a person", "Packages that aren’t paid", "Call 1-to-1 Call is past due", "10 hours", "No order is under review.",
		"No bank or provider has taken money back.", "The last 24 hours")
	v.misses("Package subscription") // which is a customer's
	v.shows("day-work")

	v.clicks("Call 1-to-1 Call is past due")
	v.sees("Birch Clinic", "billing@birch.example", "Prepaid balance, 52.00 USD", "Past due", "Declined", "Your renewal failed", "Staff did nothing")
	v.shows("day-customer")
	v.fills("A note about this call", "pays tomorrow")
	v.clicks("Keep the note")
	v.sees("The note was kept", "the seller's staff: pays tomorrow")

	order, err := v.latestOrder("aurora-classroom")
	if err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{string(order.ID), string(order.Attempt), "billing@aurora.example", "aurora-webinars", "Aurora"} {
		v.calls(says)
		v.sees("Aurora Learning")
	}
	v.calls("nobody we know")
	v.sees("Nothing is found for “nobody we know”")
	v.calls("cobalt")
	v.sees("Cobalt Games", "Application cobalt-arena", "11,104")

	v.clicks("Give minutes of cobalt-arena")
	v.fills("Minutes to give", "many")
	v.fills("Reason, for the books", "an outage")
	v.clicks("See what it does")
	v.sees("Please choose a product")
	v.chooses("Live")
	v.clicks("See what it does")
	v.sees("Please enter a number of minutes")
	v.fills("Minutes to give", "500")
	v.acts("an outage", "Give the minutes", "Nothing is charged or returned", "11,104, then 11,604")
	v.sees("The minutes were given", "11,604", "an outage")

	v.clicks("Correct usage of cobalt-arena")
	v.selects("What was counted", "15 Sep 2026: Live")
	v.fills("Minutes of usage to take back", "100")
	v.acts("a test of theirs", "Correct the usage", "11,604, then 11,804")
	v.sees("The usage was corrected", "11,804", "a test of theirs")

	v.clicks("Turn auto-renewal on for Live of cobalt-arena")
	v.acts("they stay", "Turn auto-renewal on", "129.00 USD", "17 Sep 2026")
	v.clicks("Agree a price for Live of cobalt-arena")
	v.fills("Price of a period", "99")
	v.acts("they stay", "Agree the price", "agreed", "99.00 USD", "list price")
	v.sees("The price is agreed", "99.00 USD on 17 Sep 2026")
	v.clicks("Cancel at the period’s end for Live of cobalt-arena")
	v.acts("they leave", "Turn auto-renewal off", "Auto-renewal of Live was turned off")
	v.sees("Auto-renewal is off", "they leave")

	v.clicks("Purchase of Live Lite")
	v.clicks("Refund")
	v.fills("Amount to refund", "29")
	v.acts("goodwill", "Refund", "29.00 USD", "the payment provider, to where it came from")
	v.sees("The refund was made", "29.00 USD of 129.00 USD went back", "Refund: goodwill")
	v.shows("day-refund")

	v.calls("birch")
	v.clicks("Retry payments of birch-visits")
	v.acts("money was added", "Try again now", "199.00 USD for Call 1-to-1 Call")
	v.sees("The payments were tried again", "money was added")

	v.clicks("Payment provider")
	v.clicks("Chargeback")
	v.sees("The bank took the money back")
	v.clicks("Work")
	v.sees("Dispute or accept the chargeback of Purchase of Live Lite", "100.00 USD", "Live Lite is interrupted", "Refunded", "129.00 USD")
	v.shows("day-chargeback")
	v.presses("Mark as done")
	v.fills("What was decided", "accepted")
	v.clicks("Done")
	v.sees("It is marked as done", "No bank or provider has taken money back.")
	v.calls("cobalt")
	v.sees("Taken by the bank", "Decided: accepted", "goodwill")
	v.shows("day-customer-evening")

	v.clicks("Reports")
	v.sees("Refunds, September 2026", "29.00 USD", "100.00 USD")
	v.clicks("Health")
	v.clicks("Run the audit")
	v.sees("No finding in 5 applications")
	v.clicks("Compare with the statement")
	v.sees("No difference in")
	v.shows("day-health")
	v.clicks("Books")
	v.sees("Postings, September 2026", "All postings of September 2026 as CSV")
	v.holds("the file has today's refund", `(() => {
		const get = new XMLHttpRequest();
		get.open("GET", document.querySelector("a[download][href*='postings.csv']").href, false);
		get.send();
		return get.responseText.split("\n").some((row) => /^2026-09-16,.*cash,29\.00,USD/.test(row));
	})()`)
	v.clicks("Work")
	v.misses("The store is to be audited")
	v.becomes("Cobalt Games")
	v.misses("Reports")
	v.goes("/staff")
	v.sees("This page is for somebody else")
}

// latestOrder returns the latest order of an application.
func (v *visitor) latestOrder(app subscription.ApplicationID) (last subscription.Order, err error) {
	v.t.Helper()
	for o, err := range v.c.store.Orders(v.t.Context(), app) {
		if err != nil {
			return last, err
		}
		last = o
	}
	return last, nil
}

// The seller's staff gives minutes and changes who pays; the customer sees the minutes, and the new one the application.
func TestBrowserStaff(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.goes("/staff/apps/aurora-classroom/gift")
	v.chooses("Live")
	v.fills("Minutes to give", "1,500")
	v.acts("an outage", "Give the minutes", "50,000, then 51,500")
	v.sees("The minutes were given")
	v.clicks("All activity")
	v.sees("The seller gave minutes.")
	v.goes("/staff/apps/aurora-classroom/account")
	v.selects("New account", "Cobalt Games")
	v.acts("a merger", "Change the account", "Another account pays from now on.")
	v.sees("Another account pays from now on", "Cobalt Games")
	v.becomes("Cobalt Games")
	v.clicks("Minutes")
	v.sees("aurora-classroom")
}

// A customer who has left is closed and erased, once somebody is sure.
func TestBrowserStaffErases(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.goes("/staff/apps/cobalt-arena")
	v.clicks("Close the application of cobalt-arena")
	v.acts("left", "Close for good", "The application was closed for good.")
	v.sees("Please confirm that it can't be undone", "The application was closed for good.")
	v.chooses("It can’t be undone")
	v.clicks("Close for good")
	v.sees("The application is closed", "Closed on 16 Sep 2026")
	v.shows("flow-closed")
	v.clicks("Erase what identifies a person of cobalt-arena")
	v.fills("Reason, for the books", "their wish")
	v.clicks("See what it does")
	v.chooses("It can’t be undone")
	v.clicks("Erase for good")
	v.sees("What identifies a person was erased", "IDs and amounts stay", "Erased customer")
	v.shows("flow-erased")
}

// A file is checked without storing anything, and then imported. What doesn't fit waits for a person.
func TestBrowserStaffImports(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.clicks("Import")
	v.fills("The file, as CSV", importHeader()+"\n"+
		"moved-1,aurora,call,one-to-one,1m,USD,2026-08-31,2026-09-30,4321,150.00,yes\n"+
		"moved-2,nobody,call,one-to-one,1m,USD,2026-08-31,2026-09-30,4321,150.00,yes\n")
	v.fills("The other system", "the old one")
	v.fills("Reason for the import", "migration")
	v.clicks("Check the file")
	v.sees("1 to import, nothing is stored yet", "Refused: The account is no customer here")
	v.shows("flow-import")
	v.clicks("Import 1")
	v.sees("1 imported", "There before: 0. Refused: 1.")
	v.clicks("Work")
	v.clicks("Line 3, moved-2: The account is no customer here")
	v.sees("1 line of the last import doesn’t fit")
	v.goes("/staff/customers/aurora")
	v.sees("moved-1", "31 Aug – 29 Sep 2026", "4,321")
}
