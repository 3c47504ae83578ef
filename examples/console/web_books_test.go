package main

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
)

// The books tell what each month changed. The figures are those of the usage that past.go lists, by the day, at the prices of
// the sample catalog.
func TestBooksByMonth(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.staff().get("/staff/books")
	cl.says(page, "Paid for and not delivered yet 1,271.69 USD",
		"September 2026 776.49 USD Revenue 484.33 USD + Breakage 292.16 USD August 2026 997.38 USD Revenue 849.02 USD + Breakage 148.36 USD "+
			"July 2026 372.86 USD Revenue 372.86 USD Revenue Breakage",
		"Month Cash Tax Deferred revenue Revenue Breakage September 2026 996.00 USD 0.00 USD 219.51 USD 484.33 USD 292.16 USD "+
			"August 2026 1,771.00 USD 0.00 USD 773.62 USD 849.02 USD 148.36 USD July 2026 651.42 USD 0.00 USD 278.56 USD 372.86 USD 0.00 USD")
	const bar = `<rect class="part-earned" x="0.0" width="851.3" height="10"/><rect class="part-breakage" x="851.3" width="148.7"`
	if !strings.Contains(page, bar) {
		t.Error("the bar of August isn't the longest one, or isn't divided 849.02 to 148.36")
	}
}

// A month that is over stays as it is, and what came in is what became of it.
func TestBooksOfAClosedMonthStay(t *testing.T) {
	cl := newClient(t, "aurora")
	before := cl.booked(t.Context())
	cl.moves(pastEnds().AddDate(0, 3, 0))
	after := cl.booked(t.Context())
	if len(after) != len(before)+3 {
		t.Fatalf("%d months after 3 months more than %d", len(after), len(before))
	}
	same := cmp.Comparer(func(a, b pricing.Money) bool { return a == b })
	if diff := cmp.Diff(before[1:], after[4:], same); diff != "" { // the present month was the first one
		t.Errorf("closed months (-before +after):\n%s", diff)
	}
	for _, m := range after {
		rest := m.Cash
		for _, part := range []pricing.Money{m.Tax, m.Deferred, m.Other, m.Revenue, m.Breakage} {
			var err error
			if rest, err = rest.Sub(part); err != nil {
				t.Fatal(err)
			}
		}
		if rest.Sign() != 0 {
			t.Errorf("%s: %s are unaccounted for: %+v", m.Month, rest, m)
		}
	}
}

func (cl *client) booked(ctx context.Context) []bookMonth {
	cl.t.Helper()
	months, err := bookMonths(journal.Postings(ctx, cl.c.store, time.Time{}, cl.c.clock.now()), cl.c.catalog.Zone())
	if err != nil {
		cl.t.Fatal(err)
	}
	return months
}

// Each currency has months and a chart of its own, with the taxes that are owed.
func TestBooksOfTwoCurrencies(t *testing.T) {
	c := openSaaS(t)
	cl := signedIn(t, c, serveConsole(t, c), "elm")
	_, page := cl.staff().get("/staff/books")
	cl.says(page, "Paid for and not delivered yet 19.40 EUR Paid for and not delivered yet 3.83 USD",
		"September 2026 23.80 EUR 3.80 EUR 3.40 EUR 9.00 EUR 7.60 EUR", "August 2026 35.70 EUR 5.70 EUR 16.00 EUR 14.00 EUR 0.00 EUR",
		"Cash Tax: VAT 3.80 EUR")
}

// A month's postings are listed up to a bound, and all of them are in a file.
func TestBooksPostings(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.staff().get("/staff/books?month=2026-07")
	cl.says(page, "Postings, July 2026 June 2026 July 2026 August 2026 All postings of July 2026 as CSV",
		"5 Jul 2026, 12:00 aurora-classroom", "Cash Deferred revenue 99.00 USD", "Deferred revenue Revenue: usage 3.51 USD")
	resp, err := cl.staff().http.Do(cl.request(http.MethodGet, "/staff/books/postings.csv?month=2026-07", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	rows, err := csv.NewReader(resp.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Disposition"); got != `attachment; filename="postings-2026-07.csv"` {
		t.Errorf("the file is %s", got)
	}
	if n := strings.Count(page, `<tr><td class="when">`); n != len(rows)-1 || n != 43 {
		t.Errorf("%d postings in the file and %d on the page, want 43", len(rows)-1, n)
	}
	got := rows[1]
	want := []string{
		"2026-07-05", "2026-07-05T04:00:00Z", "aurora-classroom", got[3], // the order's ID
		"assets:cash", "liabilities:deferred revenue", "99.00", "USD",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the first posting (-want +got):\n%s", diff)
	}
	_, page = cl.staff().get("/staff/books?month=2026-06")
	cl.says(page, "Nothing was posted in June 2026.")
}

// Text that a spreadsheet would compute is quoted.
func TestCell(t *testing.T) {
	for text, want := range map[string]string{"app": "app", "": "", "=1+1": "'=1+1", "@x": "'@x", "-x": "'-x", "a=b": "a=b"} {
		if got := cell(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
