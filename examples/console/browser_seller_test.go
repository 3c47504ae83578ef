package main

import "testing"

// The mail server is down while something happens: mails wait, application by application, and follow once it is up again.
func TestBrowserMails(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.clicks("Mails")
	v.sees("Your renewal failed", "To Birch Clinic")
	v.clicks("Switch the mail server off")
	v.sees("The mail server is down", "Mails wait until it is up again")
	v.goes("/demonstration/clock")
	v.clicks("1 day")
	v.clicks("Mails")
	v.sees("Parked", "birch-visits", "the mail server doesn't answer")
	v.shows("flow-mails-parked")
	v.clicks("Switch the mail server on")
	v.sees("What waited was sent", "Service is interrupted")
	v.misses("Parked")
	v.shows("flow-mails")
}

// Staff sees whose package ends and who has left, and what was paid and refunded in a month.
func TestBrowserReports(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.clicks("Reports")
	v.sees("Ending within 7 days", "cobalt-arena", "Ended", "dogwood-waves")
	v.clicks("August 2026")
	v.sees("Payments and refunds, August 2026", "Purchases", "927.00 USD")
	v.shows("flow-reports")
	v.clicks("dogwood-waves")
	v.sees("Dogwood Radio")
}

// Staff sees what was earned in each month, and the postings behind it.
func TestBrowserBooks(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.clicks("Books")
	v.sees("Paid for and not delivered yet", "1,271.69 USD", "Revenue 849.02 USD", "Breakage 148.36 USD")
	v.clicks("August 2026")
	v.clicks("July 2026")
	v.sees("Postings, July 2026", "Revenue: usage", "353.42 USD")
	v.shows("flow-books")
}

// Staff has the store audited, and sees how what works in the background does.
func TestBrowserHealth(t *testing.T) {
	v := visit(t)
	v.signsIn(staffPerson)
	v.clicks("Health")
	v.sees("Renewal worker", "Relay of mails", "The provider’s statement")
	v.clicks("Run the audit")
	v.sees("No finding in 5 applications", "Run the audit again")
	v.shows("flow-health")
}
