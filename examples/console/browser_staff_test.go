package main

import "testing"

// The seller's staff gives minutes and changes who pays; the customer sees the minutes, and the new one the application.
func TestBrowserStaff(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("The seller’s staff")
	v.clicks("aurora-classroom")
	v.clicks("Give the minutes")
	v.sees("Please choose a product")
	v.chooses("Live")
	v.fills("Minutes to give", "1,500")
	v.fills("Reason for the gift", "an outage")
	v.clicks("Give the minutes")
	v.sees("The minutes were given")
	v.shows("flow-staff")
	v.clicks("Activity")
	v.sees("The seller gave minutes.")
	v.goes("/staff/apps/aurora-classroom")
	v.selects("New account", "Cobalt Games")
	v.fills("Reason for the change", "a merger")
	v.clicks("Change the account")
	v.sees("Another account pays from now on", "cobalt pays for it")
	v.clicks("Switch customer")
	v.clicks("Sign in as Cobalt Games")
	v.clicks("Minutes")
	v.sees("aurora-classroom")
}

// A customer who has left is closed and erased, once somebody is sure.
func TestBrowserStaffErases(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.goes("/staff/apps/cobalt-arena")
	v.clicks("Close for good")
	v.sees("Please confirm that it can't be undone")
	v.fills("Reason for closing", "left")
	v.chooses("It can’t be opened again")
	v.clicks("Close for good")
	v.sees("The application is closed", "Closed on 16 Sep 2026")
	v.shows("flow-closed")
	v.chooses("It can’t be undone")
	v.clicks("Erase for good")
	v.sees("What identifies a person was erased", "IDs and amounts stay")
	v.clicks("All applications")
	v.sees("cobalt-arena", "Erased")
}

// A file is checked without storing anything, and then imported.
func TestBrowserStaffImports(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/staff/import")
	v.fills("The file, as CSV", importHeader()+"\n"+
		"moved-1,aurora,call,one-to-one,1m,USD,2026-08-31,2026-09-30,4321,150.00,yes\n"+
		"moved-2,nobody,call,one-to-one,1m,USD,2026-08-31,2026-09-30,4321,150.00,yes\n")
	v.fills("The other system", "the old one")
	v.clicks("Check the file")
	v.sees("1 to import, nothing is stored yet", "Refused: The account is no customer here")
	v.shows("flow-import")
	v.clicks("Import 1")
	v.sees("1 imported", "There before: 0. Refused: 1.")
	v.goes("/products/call?app=moved-1")
	v.sees("31 Aug – 29 Sep 2026", "4,321")
}
