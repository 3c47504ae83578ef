package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// BenchmarkMonth is how much write-ahead log a plain application takes in a month in which nothing happens to it but time: a
// reminder, the renewal, the next period that begins, the lot of the last one that expires. It has one subscription, which
// renews, of 100,000 minutes a month, and between its renewals one lot. The document's size is the one then, from the middle of
// one month to the middle of the next. The server writes no full pages, which come on top after each checkpoint.
func BenchmarkMonth(b *testing.B) {
	const apps = 500
	p := connect(b)
	st, name := openNamed(b, p, nil)
	s := scene.New(b)
	var err error
	if s.Catalog, err = pricing.ParseCatalog(strings.NewReader(strings.ReplaceAll(scene.Catalog(), "900000000000", "100000"))); err != nil {
		b.Fatal(err)
	}
	s.Policy = renewal.Policy{Reminders: []time.Duration{-3 * 24 * time.Hour}, Attempts: []time.Duration{-24 * time.Hour}}
	s.Sell(st, apps)
	s.Now = s.Now.AddDate(0, 0, 14)
	w := s.Worker(st)
	month := func() (renewal.Stats, int64) {
		var all renewal.Stats
		before := logged(b, p)
		for end := s.Now.AddDate(0, 1, 0); s.Now.Before(end); s.Now = s.Now.Add(6 * time.Hour) {
			stats, err := w.Once(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			all.Add(stats)
		}
		return all, logged(b, p) - before
	}
	month() // there is no last period before the second one
	run(b, p, name, "VACUUM ANALYZE {schema}.applications")
	var bytes int64
	for b.Loop() {
		stats, n := month()
		if stats.Paid != apps {
			b.Fatalf("%+v", stats)
		}
		bytes += n
	}
	got, err := st.Load(context.Background(), subscription.Read{Application: app(0)})
	if err != nil {
		b.Fatal(err)
	}
	doc, err := document.Append(nil, &got[0].Application)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(bytes)/float64(b.N*apps), "WAL-B/app-month")
	b.ReportMetric(float64(len(doc)), "B/document")
}

// logged returns how much the server has written to its log.
func logged(b *testing.B, p *pgxpool.Pool) (n int64) {
	b.Helper()
	if err := p.QueryRow(b.Context(), "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint").Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}
