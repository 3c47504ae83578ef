package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) {
	status := pgtest.Main(m)
	os.Exit(status)
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// books runs the command.
func books(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, time.Date(2025, time.June, 1, 12, 0, 0, 0, time.UTC), &out, &errs)
	return out.String(), errs.String(), status
}

// TestOutput compares what the command prints with golden files, whose figures TestYear of store/journal explains.
//
// Rule: journal-formats.
func TestOutput(t *testing.T) {
	for file, args := range map[string][]string{
		"months.txt":     nil,
		"sample.csv":     {"-format", "csv", "-to", "2025-07-01"},
		"sample.journal": {"-format", "hledger", "-to", "2025-07-01"},
		"kyoto.txt":      {"-from", "2025-12-01", "-to", "2026-01-01", "-zone", "Asia/Tokyo"},
	} {
		got, stderr, status := books(t, args...)
		if status != 0 {
			t.Fatalf("%s: status %d, %s", file, status, stderr)
		}
		path := filepath.Join("testdata", file)
		if *update {
			ok(t, os.WriteFile(path, []byte(got), 0o600))
		}
		want, err := os.ReadFile(path)
		ok(t, err)
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// sell gives an application to a store, and a paid order of 10.00 that delivers nothing.
func sell(t *testing.T, st subscription.Store, app subscription.ApplicationID) {
	t.Helper()
	ten, err := pricing.ParseMoney("10.00", "EUR")
	ok(t, err)
	at := time.Date(2025, time.May, 31, 12, 0, 0, 0, time.UTC)
	ok(t, st.Commit(t.Context(), subscription.Change{
		Application: app, Next: subscription.Application{ID: app, Account: "acme", Revision: 1, CreatedAt: at, AsOf: at},
		Orders: []subscription.Order{{
			ID: "k-1", Application: app, Account: "acme", Kind: "fee", Attempt: "s/a/k-1", Amount: ten, Collected: ten,
			Lines:    []pricing.Line{{Kind: "fee", Item: "setup", Amount: ten, Times: pricing.Ratio{Num: 1, Den: 1}}},
			PlacedAt: at, PaidAt: at, ClosedAt: at, Status: subscription.OrderPaid,
		}},
		Events: []subscription.Event{{
			Application: app, Revision: 1, At: at, Type: subscription.EventOrderPlaced, Order: "k-1",
		}},
	}))
}

func TestStores(t *testing.T) {
	file := filepath.Join(t.TempDir(), "books.db")
	st, err := sqlite.Open(t.Context(), file, nil)
	ok(t, err)
	ok(t, st.Migrate(t.Context()))
	sell(t, st, "one")
	ok(t, st.Close())
	const want = "2025-05\n  assets:cash                          10.00 EUR\n  revenue:fees                         10.00 EUR\n"
	if got, stderr, _ := books(t, "-store", "sqlite:"+file); got != want {
		t.Errorf("SQLite: %s%s", got, stderr)
	}
	const none = "books: no postings before 2025-01-01\n"
	if got, stderr, status := books(t, "-store", "sqlite:"+file, "-to", "2025-01-01"); got != "" || stderr != none || status != 0 {
		t.Errorf("before the first posting: status %d, %q, %q", status, got, stderr)
	}
	for what, args := range map[string][]string{
		"a file that isn't there": {"-store", "sqlite:" + file + "x"}, "no server": {"-store", "postgres:postgres://127.0.0.1:1/x?connect_timeout=1"},
		"a store of another kind": {"-store", "paper"}, "a day": {"-from", "May"}, "another day": {"-to", "2025-13-01"},
		"a zone": {"-zone", "Mars"}, "a format": {"-format", "pdf"}, "an argument": {"x"}, "a flag": {"-x"},
	} {
		if got, stderr, status := books(t, args...); status != 2 || stderr == "" {
			t.Errorf("%s: status %d, %q, %q", what, status, got, stderr)
		}
	}
}

// TestCells checks that no spreadsheet can take an ID for a formula, and that quotes, commas and line breaks stay in their cell.
//
// Rule: journal-formats.
func TestCells(t *testing.T) {
	one, err := pricing.ParseMoney("1.00", "EUR")
	ok(t, err)
	apps := []string{`=HYPERLINK("http://x","y")`, "+1", "-1", "@x", "a,b", `a"b`, "a\nb", "plain"}
	var out bytes.Buffer
	ok(t, writeCSV(&out, func(yield func(journal.Posting, error) bool) {
		for _, app := range apps {
			if !yield(journal.Posting{
				Application: subscription.ApplicationID(app), Ref: app, Debit: journal.Cash, Credit: journal.Tax(app), Amount: one,
			}, nil) {
				return
			}
		}
	}, pricing.Zone{}))
	rows, err := csv.NewReader(&out).ReadAll()
	ok(t, err)
	for i, app := range apps {
		want := app
		if strings.ContainsAny(app[:1], "=+-@") {
			want = "'" + app
		}
		if row := rows[1+i]; row[2] != want || row[3] != want || row[5] != "liabilities:tax:"+app || row[6] != "1.00" {
			t.Errorf("%q: %q", app, row)
		}
	}
}

func TestSampleIsTheSame(t *testing.T) {
	first, err := sample(context.Background())
	ok(t, err)
	again, err := sample(context.Background())
	ok(t, err)
	var one, two bytes.Buffer
	ok(t, writeCSV(&one, journal.Postings(t.Context(), first, time.Time{}, sampleEnd()), pricing.Zone{}))
	ok(t, writeCSV(&two, journal.Postings(t.Context(), again, time.Time{}, sampleEnd()), pricing.Zone{}))
	if one.String() != two.String() || one.Len() < 1000 {
		t.Error("the sample is another one each time")
	}
}
