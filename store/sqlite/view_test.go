package sqlite_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func same(tb testing.TB, got, want any) {
	tb.Helper()
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(subscription.Snapshot{})); d != "" {
		tb.Errorf("-want +got:\n%s", d)
	}
}

// contents returns a view's rows as column=value, without those that are NULL.
func contents(t *testing.T, db *sql.DB, query string, args ...any) []map[string]string {
	t.Helper()
	found, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(query, err)
	}
	defer found.Close()
	columns, err := found.Columns()
	ended(t, err)
	var all []map[string]string
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		ended(t, found.Scan(into...))
		one := map[string]string{}
		for i, c := range columns {
			if values[i] != nil {
				one[c] = fmt.Sprint(values[i])
			}
		}
		all = append(all, one)
	}
	ended(t, found.Err())
	return all
}

func TestViews(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	c := change(t, "a", 0)
	month := func(n int) pricing.Period {
		start := time.Date(2025, time.June, 16, 0, 0, 0, 0, time.UTC)
		return pricing.Period{Start: start.AddDate(0, n, 0), End: start.AddDate(0, n+1, 0), Zone: "UTC"}
	}
	c.Next.Subscriptions = []subscription.Subscription{{
		ID: "call-1", Product: "call", Status: subscription.Active, Currency: "USD", AutoRenew: true, Zone: "UTC", OpenedAt: noon(),
		Cycles: []subscription.Cycle{
			{
				Number: 1, Period: month(0), Version: "lite", Price: usd(t, "199.00"), Total: usd(t, "236.81"), Minutes: 100, Order: "o-1",
				Begun: true, Granted: 100_500, Days: pricing.DayRange{First: 20_255, Until: 20_285}, Promised: month(1).End,
			},
			{Number: 2, Period: month(1), Version: "pro", Price: usd(t, "0.05"), Minutes: 100, Order: "o-2"},
		},
	}}
	c.Next.Lots = []subscription.Lot{{
		ID: 7, Source: subscription.FromTopUp, Products: []pricing.ProductID{"call", "live"}, Order: "o-3", Period: month(0),
		GrantedAt: noon(), Granted: 5250, Remaining: 3000, Consumed: 2250,
	}}
	ended(t, s.Commit(t.Context(), c, change(t, "empty", 0)))
	db := database(t, path, nil)
	same(t, contents(t, db, "SELECT * FROM prepaid_subscriptions"), []map[string]string{{ //nolint:unqueryvet // all that it has
		"application_id": "a", "account": "acme", "id": "call-1", "product": "call", "version": "lite", "status": "active", "currency": "USD",
		"trial": "0", "auto_renew": "1", "zone": "UTC", "opened_at": "2025-06-16T12:00:00Z",
		"first_start": "2025-06-16T00:00:00Z", "paid_until": "2025-08-16T00:00:00Z", "cycles": "2",
	}})
	same(t, contents(t, db, "SELECT * FROM prepaid_cycles ORDER BY number"), []map[string]string{{ //nolint:unqueryvet // all that it has
		"application_id": "a", "account": "acme", "subscription": "call-1", "product": "call", "number": "1", "version": "lite",
		"period_start": "2025-06-16T00:00:00Z", "period_end": "2025-07-16T00:00:00Z", "period_zone": "UTC",
		"first_day": "2025-06-16", "until_day": "2025-07-16", "promised_until": "2025-08-16T00:00:00Z",
		"price": "199.00", "total": "236.81", "currency": "USD", "minutes": "100", "granted": "100.5", "order_id": "o-1",
		"begun": "1", "resumed": "0",
	}, {
		"application_id": "a", "account": "acme", "subscription": "call-1", "product": "call", "number": "2", "version": "pro",
		"period_start": "2025-07-16T00:00:00Z", "period_end": "2025-08-16T00:00:00Z", "period_zone": "UTC",
		"price": "0.05", "total": "0.05", "currency": "USD", "minutes": "100", "granted": "0", "order_id": "o-2",
		"begun": "0", "resumed": "0",
	}})
	same(t, contents(t, db, "SELECT * FROM prepaid_lots"), []map[string]string{{ //nolint:unqueryvet // all that it has
		"application_id": "a", "account": "acme", "id": "7", "source": "top_up", "products": `["call","live"]`, "order_id": "o-3",
		"valid_from": "2025-06-16T00:00:00Z", "valid_until": "2025-07-16T00:00:00Z", "zone": "UTC",
		"granted_at": "2025-06-16T12:00:00Z", "granted": "5.25", "remaining": "3", "reserved": "0", "consumed": "2.25",
		"refunded": "0", "taken_back": "0",
	}})
}
