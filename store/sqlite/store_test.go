package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

var fails = testworld.Fails

// patient are the settings of a test in which several write: none of them fails because the machine is slow.
var patient = sqlite.Options{BusyTimeout: time.Minute}

// open returns a store with its tables, which is closed after the test.
func open(tb testing.TB, path string, opts *sqlite.Options) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), path, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// temporary returns the path of a file that isn't there yet.
func temporary(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(tb.TempDir(), "a.db")
}

// database returns a caller's own handle of a file.
func database(tb testing.TB, path string, opts *sqlite.Options) *sql.DB {
	tb.Helper()
	dsn, err := sqlite.DSN(path, opts)
	if err != nil {
		tb.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// run runs a statement.
func run(tb testing.TB, db interface {
	Exec(query string, args ...any) (sql.Result, error)
}, query string, args ...any,
) {
	tb.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		tb.Fatal(query, err)
	}
}

// count returns what a query for one number returns.
func count(tb testing.TB, db interface {
	QueryRow(query string, args ...any) *sql.Row
}, query string, args ...any,
) int {
	tb.Helper()
	n := 0
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		tb.Fatal(query, err)
	}
	return n
}

// withTx returns a store within a transaction of whichever *sql.DB on the file.
func withTx(tx *sql.Tx) subscription.Store { return new(sqlite.Store).WithTx(tx) }

func noon() time.Time { return time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC) }

func usd(tb testing.TB, s string) pricing.Money {
	tb.Helper()
	m, err := pricing.ParseMoney(s, "USD")
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// change returns a change with one row of each kind.
func change(tb testing.TB, id subscription.ApplicationID, base int64) subscription.Change {
	tb.Helper()
	revision := base + 1
	order := subscription.OrderID(time.Duration(revision).String())
	return subscription.Change{
		Application: id, Base: base,
		Next: subscription.Application{ID: id, Account: "acme", Revision: revision, CreatedAt: noon(), Due: noon()},
		Orders: []subscription.Order{{
			ID: order, Application: id, Account: "acme", Kind: subscription.TopUpOrder, PlacedAt: noon(), Catalog: "c",
			Amount: usd(tb, "5.00"), Status: subscription.OrderPaid, ClosedAt: noon(),
		}},
		Entries:  []subscription.Entry{{Application: id, Revision: revision, At: noon(), Kind: subscription.EntryGranted, Lot: 1, Quantity: 1000}},
		Events:   []subscription.Event{{Application: id, Revision: revision, At: noon(), Type: subscription.EventLotGranted, Lot: 1}},
		Receipts: []subscription.Receipt{{Application: id, Key: string(order), Kind: "k", Revision: revision, At: noon()}},
		Records:  []subscription.UsageRow{{ID: string(order), On: 20_000, Digest: revision<<40 | 1}},
	}
}

// refund returns a refund that the provider reported.
func refund(tb testing.TB, id subscription.ApplicationID, order subscription.OrderID, number int) subscription.Refund {
	tb.Helper()
	return subscription.Refund{
		Application: id, Order: order, Number: number, Kind: subscription.RefundReversal, ID: "dispute", Account: "acme",
		Amount: usd(tb, "1.00"), Take: subscription.TakeAll, Status: subscription.RefundMade, DueAt: noon(), ClosedAt: noon(),
	}
}

// rows is how many rows the tables have together.
func rows(tb testing.TB, db *sql.DB) int {
	tb.Helper()
	n := 0
	for _, table := range []string{"applications", "orders", "order_refunds", "subscription_rows", "entries", "events", "receipts", "records"} {
		n += count(tb, db, "SELECT count(*) FROM prepaid_"+table)
	}
	return n
}

// revision is an application's, 0 if there is none.
func revision(tb testing.TB, s subscription.Store, id subscription.ApplicationID) int64 {
	tb.Helper()
	got, err := s.Load(tb.Context(), subscription.Read{Application: id})
	if err != nil {
		tb.Fatal(err)
	}
	return got[0].Application.Revision
}
