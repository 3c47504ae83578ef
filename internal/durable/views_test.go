package durable_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// column is a column of a view and the type of its values; "" means text.
type column struct{ name, of string }

// views are the views of both stores, with their columns in order. In SQLite an instant or a day is ISO 8601 text, a
// flag is 0 or 1, a list is JSON, and a decimal amount is text, since no other type there is exact.
var views = map[string][]column{
	"subscriptions": {
		{"application_id", ""}, {"account", ""}, {"id", ""}, {"product", ""}, {"version", ""}, {"status", ""}, {"currency", ""},
		{"trial", "flag"}, {"auto_renew", "flag"}, {"zone", ""}, {"opened_at", "instant"}, {"first_start", "instant"},
		{"paid_until", "instant"}, {"cycles", "number"},
	},
	"cycles": {
		{"application_id", ""}, {"account", ""}, {"subscription", ""}, {"product", ""}, {"number", "number"}, {"version", ""},
		{"period_start", "instant"}, {"period_end", "instant"}, {"period_zone", ""}, {"first_day", "day"}, {"until_day", "day"},
		{"promised_until", "instant"}, {"price", "decimal"}, {"total", "decimal"}, {"currency", ""}, {"minutes", "number"},
		{"granted", "decimal"}, {"order_id", ""}, {"begun", "flag"}, {"resumed", "flag"},
	},
	"lots": {
		{"application_id", ""}, {"account", ""}, {"id", "number"}, {"source", ""}, {"products", "list"}, {"subscription", ""},
		{"order_id", ""}, {"free", ""}, {"valid_from", "instant"}, {"valid_until", "instant"}, {"zone", ""}, {"granted_at", "instant"},
		{"granted", "decimal"}, {"remaining", "decimal"}, {"reserved", "decimal"}, {"consumed", "decimal"},
		{"refunded", "decimal"}, {"taken_back", "flag"},
	},
	"lot_balances": {
		{"application_id", ""}, {"account", ""}, {"id", "number"}, {"granted", "decimal"}, {"remaining", "decimal"},
		{"reserved", "decimal"}, {"consumed", "decimal"}, {"expired", "decimal"}, {"refunded", "decimal"},
		{"overdraft", "flag"},
	},
}

// The columns that reports read have the same names and units in every store, and the same values for the same
// applications.
func TestViews(t *testing.T) {
	seen := map[string]string{}
	eachRaw(t, func(t *testing.T, r *raw) {
		t.Helper()
		st := r.open()
		ok(t, st.Migrate(t.Context()))
		ok(t, st.Commit(t.Context(), viewed(t)...))
		for view, columns := range views {
			var want []string
			for _, c := range columns {
				want = append(want, c.name)
			}
			same(t, "columns of "+view, r.columns(view), want)
			rows := strings.Join(r.rows(view, columns), "\n")
			if was, ok := seen[view]; ok && was != rows {
				t.Errorf("%s: one store has\n%s\nand the other\n%s", view, was, rows)
			}
			seen[view] = rows
		}
	})
	for view, want := range map[string]string{
		"subscriptions": `
acme|acme-1|beauty-1|beauty||active||1|0|UTC|2025-06-16T08:30:00.123456Z|||0
acme|acme-1|call-1|call|pro|past_due|USD|0|1|Asia/Shanghai|2025-06-16T08:30:00.123456Z|2025-06-16T08:30:00.123456Z|2025-09-16T08:30:00.123456Z|3`,
		"cycles": `
acme|acme-1|call-1|call|1|lite|2025-06-16T08:30:00.123456Z|2025-07-16T08:30:00.123456Z|Asia/Shanghai||||199.000|199.000|USD|100000|100000.000|o-1|1|0
acme|acme-1|call-1|call|2|pro|2025-07-16T08:30:00.123456Z|2025-08-16T08:30:00.123456Z|Asia/Shanghai|2025-07-16|2025-08-16||0.050|236.920|USD|300000|241935.001|o-2|1|1
acme|acme-1|call-1|call|3|max|2025-08-16T08:30:00.123456Z|2025-09-16T08:30:00.123456Z|Asia/Shanghai|2025-08-16|2025-09-16|2025-10-16T08:30:00.123456Z|1.000|1.000|USD|300000|0.000|o-2|0|0`,
		"lots": `
acme|acme-1|7|top_up|["call","li\"ve"]||o-3||2025-06-16T08:30:00.123456Z|2025-07-16T08:30:00.123456Z|Asia/Shanghai|2025-06-16T08:30:00.123456Z|5.250|3.001|0.002|2.247|0.000|0
acme|acme-1|8|free|["call"]|||starter|2025-07-16T08:30:00.123456Z|2025-08-16T08:30:00.123456Z|Asia/Shanghai|2025-06-16T08:30:00.123456Z|1000000.000|1000000.000|0.000|0.000|0.000|0
acme|acme-1|9|package|["call"]|call-1|o-1||2025-06-16T08:30:00.123456Z|2025-07-16T08:30:00.123456Z|Asia/Shanghai|2025-06-16T08:30:00.123456Z|9.000|0.000|1.000|2.500|5.500|1
acme|acme-1|10|overdraft|["call"]|call-1|||2025-06-16T08:30:00.123456Z|9999-12-31T00:00:00Z|Asia/Shanghai|2025-06-16T08:30:00.123456Z|50.000|46.000|0.000|4.000|0.000|0`,
		"lot_balances": `
acme|acme-1|5|1099511627.777|0.000|0.000|0.000|1099511627.777|0.000|0
acme|acme-1|6|5.000|0.000|0.000|0.000|0.000|5.000|0
acme|acme-1|7|5.250|3.001|0.002|2.247|0.000|0.000|0
acme|acme-1|8|1000000.000|1000000.000|0.000|0.000|0.000|0.000|0
acme|acme-1|9|9.000|0.000|1.000|2.500|0.000|5.500|0
acme|acme-1|10|50.000|46.000|0.000|4.000|0.000|0.000|1`,
	} {
		if seen[view] != strings.TrimSpace(want) {
			t.Errorf("%s:\n%s\nwant%s", view, seen[view], want)
		}
	}
}

// viewed is the content of the views: an application with everything that they show, and one with nothing.
func viewed(t *testing.T) []subscription.Change {
	t.Helper()
	at := longAgo()
	period := func(n int) pricing.Period {
		return pricing.Period{Start: at.AddDate(0, n, 0), End: at.AddDate(0, n+1, 0), Zone: "Asia/Shanghai"}
	}
	days := func(n int) pricing.DayRange {
		return pricing.DayRange{First: pricing.Date(20_255 + n*31 - 1), Until: pricing.Date(20_255 + n*31 + 30)}
	}
	app := subscription.Application{
		ID: "acme", Account: "acme-1", Revision: 1, CreatedAt: at,
		Subscriptions: []subscription.Subscription{{
			ID: "call-1", Product: "call", Status: subscription.PastDue, Currency: "USD", AutoRenew: true, Zone: "Asia/Shanghai", OpenedAt: at,
			Cycles: []subscription.Cycle{
				{Number: 1, Period: period(0), Version: "lite", Price: usd(t, "199.00"), Minutes: 100_000, Order: "o-1", Begun: true, Granted: subscription.Minutes(100_000)},
				{
					Number: 2, Period: period(1), Days: days(1), Version: "pro", Price: usd(t, "0.05"), Total: usd(t, "236.92"), Minutes: 300_000,
					Order: "o-2", Resumed: true, Begun: true, Granted: 241_935_001,
				},
				{Number: 3, Period: period(2), Days: days(2), Promised: at.AddDate(0, 4, 0), Version: "max", Price: usd(t, "1.00"), Minutes: 300_000, Order: "o-2"},
			},
		}, {ID: "beauty-1", Product: "beauty", Status: subscription.Active, Trial: true, Zone: "UTC", OpenedAt: at}},
		Lots: []subscription.Lot{{
			ID: 7, Source: subscription.FromTopUp, Products: []pricing.ProductID{"call", "li\"ve"}, Order: "o-3", Period: period(0), GrantedAt: at,
			Granted: 5250, Remaining: 3001, Reserved: 2, Consumed: 2247,
		}, {
			ID: 8, Source: subscription.FromFree, Products: []pricing.ProductID{"call"}, Free: "starter", Period: period(1), GrantedAt: at,
			Granted: subscription.Minutes(1_000_000), Remaining: subscription.Minutes(1_000_000),
		}, {
			ID: 9, Source: subscription.FromPackage, Products: []pricing.ProductID{"call"}, Subscription: "call-1", Order: "o-1",
			Period: period(0), GrantedAt: at, Granted: 9000, Reserved: 1000, Consumed: 2500, Refunded: 5500, TakenBack: true,
		}, {
			ID: 10, Source: subscription.FromOverdraft, Products: []pricing.ProductID{"call"}, Subscription: "call-1",
			Period:    pricing.Period{Start: at, End: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), Zone: "Asia/Shanghai"},
			GrantedAt: at, Granted: subscription.Minutes(50), Remaining: subscription.Minutes(46), Consumed: subscription.Minutes(4),
		}},
	}
	var entries []subscription.Entry
	enter := func(lot subscription.LotID, kind subscription.EntryKind, q subscription.Quantity) {
		entries = append(entries, subscription.Entry{
			Application: "acme", Revision: 1, Index: len(entries), At: at, Kind: kind, Lot: lot, Quantity: q,
		})
	}
	enter(5, subscription.EntryGranted, 1<<40+1)
	enter(6, subscription.EntryGranted, 5000)
	enter(7, subscription.EntryGranted, 5250)
	enter(8, subscription.EntryGranted, subscription.Minutes(1_000_000))
	enter(5, subscription.EntryExpired, 1<<40+1)
	enter(6, subscription.EntryRefunded, 5000)
	enter(7, subscription.EntryReserved, 6)
	enter(7, subscription.EntryReleased, 4)
	enter(7, subscription.EntryConsumed, 2240)
	enter(7, subscription.EntryConsumed, 7)
	enter(9, subscription.EntryGranted, 9000)
	enter(9, subscription.EntryReserved, 1000)
	enter(9, subscription.EntryRefunded, 8000)
	enter(9, "reinstated", 8000)
	enter(9, subscription.EntryConsumed, 2500)
	enter(9, subscription.EntryRefunded, 5500)
	enter(10, subscription.EntryLent, subscription.Minutes(50))
	enter(10, subscription.EntryConsumed, subscription.Minutes(24))
	enter(10, subscription.EntryRepaid, subscription.Minutes(20))
	return []subscription.Change{
		{Application: "acme", Next: app, Entries: entries},
		{Application: "nothing", Next: subscription.Application{ID: "nothing", Account: "acme-2", Revision: 1, CreatedAt: at}},
	}
}

// columns returns the names of a view's columns, in order.
func (r *raw) columns(view string) []string {
	r.tb.Helper()
	query, arg := "SELECT name FROM pragma_table_info(?) ORDER BY cid", r.prefix+view
	if r.postgres {
		query = "SELECT attname FROM pg_attribute WHERE attrelid = ?::text::regclass AND attnum > 0 ORDER BY attnum"
	}
	rows, err := r.db.QueryContext(r.tb.Context(), r.sql(query), arg)
	ok(r.tb, err)
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		ok(r.tb, rows.Scan(&name))
		names = append(names, name)
	}
	ok(r.tb, rows.Err())
	return names
}

// rows returns a view's rows as text, sorted.
func (r *raw) rows(view string, columns []column) []string {
	r.tb.Helper()
	var list []string
	for _, c := range columns {
		list = append(list, r.text(c))
	}
	rows, err := r.db.QueryContext(r.tb.Context(), r.sql("SELECT "+strings.Join(list, ", ")+" FROM {prefix}"+view+" ORDER BY 1, 2, 3, 4, 5"))
	ok(r.tb, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		ok(r.tb, rows.Scan(into...))
		var line []string
		for i, c := range columns {
			line = append(line, plainly(r.tb, c, values[i]))
		}
		all = append(all, strings.Join(line, "|"))
	}
	ok(r.tb, rows.Err())
	return all
}

// text returns the expression that selects a column, so that values of both databases can be compared.
func (r *raw) text(c column) string {
	if !r.postgres {
		return c.name
	}
	switch c.of {
	case "flag":
		return c.name + "::int"
	case "list":
		return "to_json(" + c.name + ")::text"
	case "decimal", "day":
		return c.name + "::text"
	}
	return c.name
}

// plainly formats a value as text.
func plainly(tb testing.TB, c column, v any) string {
	tb.Helper()
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		return plainly(tb, c, string(v))
	}
	if c.of != "decimal" {
		return fmt.Sprint(v)
	}
	n, valid := new(big.Rat).SetString(fmt.Sprint(v))
	if !valid {
		tb.Fatalf("%s: %v isn't a number", c.name, v)
	}
	return n.FloatString(3)
}
