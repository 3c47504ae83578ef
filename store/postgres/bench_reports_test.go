package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// reportsAmong is how many applications there are in the benchmarks of reports.
const reportsAmong = 100_000

// The instants of the benchmarks: a thousandth of the subscriptions ends within them, and one in a hundred is past due.
func weekAhead() (from, until time.Time) {
	from = time.Date(2025, time.December, 10, 0, 0, 0, 0, time.UTC)
	return from, from.Add(45 * time.Minute)
}

// reporting returns a store with sales, and a pool of connections to it.
func reporting(b *testing.B) (*postgres.Store, *pgxpool.Pool, string) {
	b.Helper()
	p := connectDurable(b)
	st, name := openNamed(b, p, nil)
	conn, err := p.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	sell(b, conn.Conn(), name, reportsAmong)
	b.ReportAllocs()
	b.ResetTimer()
	return st, p, name
}

// finds asks a store for what a filter finds.
func finds(b *testing.B, f store.SubscriptionFilter) {
	b.Helper()
	st, _, _ := reporting(b)
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
	_, p, name := reporting(b)
	text := `SELECT application_id, id, account, product, version, status, currency, trial, auto_renew, opened_at, paid_until
		FROM ` + pgx.Identifier{name, "subscription_rows"}.Sanitize() + ` WHERE ` + where + ` ORDER BY paid_until, application_id, id`
	n := 0
	for b.Loop() {
		r, err := p.Query(b.Context(), text, args...)
		if err != nil {
			b.Fatal(err)
		}
		var (
			row            subscription.SubscriptionRow
			version        *string
			opened, ending *time.Time
		)
		n = 0
		for r.Next() {
			if err := r.Scan((*string)(&row.Application), (*string)(&row.ID), (*string)(&row.Account), (*string)(&row.Product), &version,
				(*string)(&row.Status), (*string)(&row.Currency), &row.Trial, &row.AutoRenew, &opened, &ending); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if r.Err() != nil {
			b.Fatal(r.Err())
		}
	}
	b.ReportMetric(float64(n), "rows")
}

func BenchmarkReportEnding(b *testing.B) {
	from, until := weekAhead()
	finds(b, store.SubscriptionFilter{Statuses: []subscription.Status{subscription.Active}, From: from, Until: until})
}

func BenchmarkReportEndingLimit(b *testing.B) {
	from, until := weekAhead()
	findsLimit(b, "status = 'active' AND paid_until >= $1 AND paid_until < $2", from, until)
}

func BenchmarkReportPastDue(b *testing.B) {
	finds(b, store.SubscriptionFilter{Statuses: []subscription.Status{subscription.PastDue}})
}

func BenchmarkReportPastDueLimit(b *testing.B) { findsLimit(b, "status = 'past_due'") }

// BenchmarkReportTotals sums a month: 100,000 payments and some refunds.
func BenchmarkReportTotals(b *testing.B) {
	st, _, _ := reporting(b)
	month := time.Date(2025, time.November, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		totals, err := st.TotalsBetween(b.Context(), month, month.AddDate(0, 1, 0))
		if err != nil || len(totals) != 1 {
			b.Fatal(totals, err)
		}
	}
}
