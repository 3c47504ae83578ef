package sqlite_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// reportsAmong is how many applications there are in the benchmarks of reports.
const reportsAmong = 100_000

// The instants of the benchmarks: a seventh of a day's subscriptions ends within them, and one in a hundred is past due.
func weekAhead() (from, until time.Time) {
	from = time.UnixMicro(1_764_547_200_000_000).UTC().AddDate(0, 0, 5)
	return from, from.Add(3200 * time.Microsecond)
}

// reporting returns a store with sales, and a caller's own handle of its file.
func reporting(b *testing.B) (*sqlite.Store, *sql.DB) {
	b.Helper()
	path := temporary(b)
	st := open(b, path, nil)
	db := database(b, path, nil)
	db.SetMaxOpenConns(1)
	sell(b, db, reportsAmong)
	b.ReportAllocs()
	b.ResetTimer()
	return st, db
}

// finds asks a store for what a filter finds.
func finds(b *testing.B, f store.SubscriptionFilter) {
	b.Helper()
	st, _ := reporting(b)
	n := 0
	for b.Loop() {
		n = 0
		for _, err := range st.FindSubscriptions(b.Context(), f) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n), "rows")
}

// findsLimit runs a hand-written statement for the same rows, and scans them.
func findsLimit(b *testing.B, where string, args ...any) {
	b.Helper()
	_, db := reporting(b)
	s, err := db.PrepareContext(b.Context(), `SELECT application_id, id, account, product, version, status, currency, trial, auto_renew,
		opened_at, paid_until FROM prepaid_subscription_rows WHERE `+where+` ORDER BY paid_until, application_id, id`)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	once := func() (n int) {
		r, err := s.QueryContext(b.Context(), args...)
		if err != nil {
			b.Fatal(err)
		}
		defer r.Close()
		var (
			row            subscription.SubscriptionRow
			version        *string
			opened, ending *int64
		)
		for r.Next() {
			if err := r.Scan(&row.Application, &row.ID, &row.Account, &row.Product, &version, &row.Status, &row.Currency, &row.Trial,
				&row.AutoRenew, &opened, &ending); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if r.Err() != nil {
			b.Fatal(r.Err())
		}
		return n
	}
	n := 0
	for b.Loop() {
		n = once()
	}
	b.ReportMetric(float64(n), "rows")
}

func BenchmarkReportEnding(b *testing.B) {
	from, until := weekAhead()
	finds(b, store.SubscriptionFilter{Statuses: []subscription.Status{subscription.Active}, From: from, Until: until})
}

func BenchmarkReportEndingLimit(b *testing.B) {
	from, until := weekAhead()
	findsLimit(b, "status = 'active' AND paid_until >= ? AND paid_until < ?", from.UnixMicro(), until.UnixMicro())
}

func BenchmarkReportPastDue(b *testing.B) {
	finds(b, store.SubscriptionFilter{Statuses: []subscription.Status{subscription.PastDue}})
}

func BenchmarkReportPastDueLimit(b *testing.B) { findsLimit(b, "status = 'past_due'") }

// BenchmarkReportTotals sums a month: 100,000 payments and some refunds.
func BenchmarkReportTotals(b *testing.B) {
	st, _ := reporting(b)
	month := time.UnixMicro(1_764_547_200_000_000).UTC().AddDate(0, 0, -30)
	for b.Loop() {
		totals, err := st.TotalsBetween(b.Context(), month, month.AddDate(0, 0, 30))
		if err != nil || len(totals) != 1 {
			b.Fatal(totals, err)
		}
	}
}
