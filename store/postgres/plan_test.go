package postgres_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// populate fills a schema with applications that are all due, in the server, so that it takes no time.
func populate(tb testing.TB, conn *pgx.Conn, schema string, n int) {
	tb.Helper()
	document := strings.Repeat("x", 1500)
	for _, statement := range []string{
		`INSERT INTO {schema}.applications (id, revision, due, account, document)
			SELECT 'app ' || lpad(i::text, 8, '0'), 1, '2025-01-01'::timestamptz + i * interval '1 ms', 'acme', $1::text
			FROM generate_series(1, $2::int) i`,
		`INSERT INTO {schema}.orders (application_id, id, placed_revision, placed_index, account, kind, status, currency, amount, catalog, lines)
			SELECT 'app ' || lpad(i::text, 8, '0'), '1-' || left($1::text, 1), 1, 0, 'acme', 'purchase', 'open', 'USD', 100, '1', '[]'
			FROM generate_series(1, $2::int) i`,
		`INSERT INTO {schema}.receipts (application_id, key, kind, digest, revision)
			SELECT 'app ' || lpad(i::text, 8, '0'), 'key ' || left($1::text, 1), 'buy', sha256('x'), 1 FROM generate_series(1, $2::int) i`,
		`INSERT INTO {schema}.records (application_id, id, day)
			SELECT 'app ' || lpad(i::text, 8, '0'), 'record ' || left($1::text, 1), '2025-01-01' FROM generate_series(1, $2::int) i`,
		`INSERT INTO {schema}.order_refunds (application_id, order_id, number, kind, status, account, amount, currency, due_at, note)
			SELECT 'app ' || lpad(i::text, 8, '0'), '1-x', 1, 'refund', 'due', 'acme', 100, 'USD', '2025-01-01', left($1::text, 1)
			FROM generate_series(1, $2::int) i`,
		`INSERT INTO {schema}.subscription_rows (application_id, id, account, product, version, status, currency, trial, auto_renew)
			SELECT 'app ' || lpad(i::text, 8, '0'), 'call-1', 'acme', 'call', left($1::text, 1), 'active', 'USD', false, true
			FROM generate_series(1, $2::int) i`,
		`INSERT INTO {schema}.events (application_id, revision, index, type, note)
			SELECT 'app ' || lpad(i::text, 8, '0'), 1, 0, 'x', left($1::text, 1) FROM generate_series(1, $2::int) i`,
		`INSERT INTO {schema}.entries (application_id, revision, index, lot, quantity, kind, usage)
			SELECT 'app ' || lpad(i::text, 8, '0'), 1, 0, 1, 1, 'granted', left($1::text, 1) FROM generate_series(1, $2::int) i`,
	} {
		statement = strings.ReplaceAll(statement, "{schema}", pgx.Identifier{schema}.Sanitize())
		if _, err := conn.Exec(tb.Context(), statement, document, n); err != nil {
			tb.Fatal(statement, err)
		}
	}
}

// TestPlans pins that no statement of an operation scans a table, however many rows it is for, whatever the planner
// knows of the table, and whether or not the plan is made for its parameters.
func TestPlans(t *testing.T) {
	size := 10_000
	if s := os.Getenv("PREPAID_PLANS"); s != "" {
		size, _ = strconv.Atoi(s)
	}
	p := connect(t)
	s, name := openNamed(t, p, nil)
	conn, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	many := make([]int, 1000)
	for i := range many {
		many[i] = i * 7
	}
	if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	for _, known := range []string{"unknown, empty", "unknown", "analyzed"} {
		switch known {
		case "unknown":
			populate(t, conn.Conn(), name, size)
		case "analyzed":
			if _, err := conn.Exec(t.Context(), "VACUUM ANALYZE"); err != nil {
				t.Fatal(err)
			}
		}
		for _, generic := range []bool{true, false} {
			for what, some := range map[string][]int{"one": {5}, "many": many} {
				for _, st := range statements(t, s, some) {
					plan := explain(t, conn.Conn(), st, generic)
					if strings.Contains(plan, "Seq Scan on") {
						t.Errorf("%s, generic %t, %s: %s:\n%s", known, generic, what, st.Name, plan)
					}
				}
			}
		}
	}
}

// statements returns the store's own statements for some applications.
func statements(tb testing.TB, s *postgres.Store, some []int) []postgres.Statement {
	tb.Helper()
	var (
		reads, more      []subscription.Read
		updates, creates []subscription.Change
	)
	at := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	for _, i := range some {
		id := subscription.ApplicationID(fmt.Sprintf("app %08d", i+1))
		reads = append(reads, subscription.Read{
			Application: id, Keys: []string{"key x"}, Records: []string{"record x"}, Orders: []subscription.OrderID{"1-x"},
		})
		returned := reads[len(reads)-1]
		returned.Refunds = []subscription.OrderID{"1-x"}
		more = append(more, returned)
		updates = append(updates, full(id, 1, at))
		creates = append(creates, full("new "+id, 0, at))
	}
	return []postgres.Statement{
		s.LoadStatement(reads...), s.LoadStatement(more...), s.CommitStatement(updates...), s.CommitStatement(creates...),
		s.CommitStatement(append(creates, updates...)...), s.PassingStatement(updates...),
		s.ClaimStatement(at, time.Time{}, "", 1000), s.ClaimStatement(at, at.AddDate(0, -1, 0), "app 00000001", 1),
	}
}

// full returns a change with a row of each kind, and an order that is replaced.
func full(id subscription.ApplicationID, base int64, at time.Time) subscription.Change {
	order := func(id subscription.OrderID) subscription.Order {
		return subscription.Order{ID: id, Kind: subscription.TopUpOrder, Status: subscription.OrderOpen, Amount: cents(100), PlacedAt: at}
	}
	placed := subscription.OrderID(fmt.Sprintf("%d-y", base+1))
	return subscription.Change{
		Application: id, Base: base, Next: subscription.Application{ID: id, Account: "acme", Revision: base + 1, Due: at},
		Orders: []subscription.Order{order("1-x"), order(placed)},
		Refunds: []subscription.Refund{{
			Application: id, Order: "1-x", Number: int(base), Kind: subscription.RefundRequested, Amount: cents(100),
			Status: subscription.RefundDue, DueAt: at,
		}},
		Subscriptions: []subscription.SubscriptionRow{{
			Application: id, ID: "call-1", Account: "acme", Product: "call", Status: subscription.Active, Currency: "USD", PaidUntil: at,
		}},
		Entries: []subscription.Entry{{Application: id, Revision: base + 1, Kind: subscription.EntryGranted, Lot: 1, Quantity: 1, At: at}},
		Events: []subscription.Event{
			{Application: id, Revision: base + 1, Type: subscription.EventUsed, At: at},
			{Application: id, Revision: base + 1, Index: 1, Type: subscription.EventOrderPlaced, Order: placed, At: at},
		},
		Receipts: []subscription.Receipt{{Application: id, Key: fmt.Sprint("new ", base), Kind: "buy", Revision: base + 1, At: at}},
		Records:  []subscription.UsageRow{{ID: fmt.Sprint("new ", base), On: 20_000}},
	}
}

// explain returns the plan of a statement: for its arguments, or for any.
func explain(tb testing.TB, conn *pgx.Conn, st postgres.Statement, generic bool) string {
	tb.Helper()
	text, args := "EXPLAIN "+st.Text, st.Args
	if generic {
		if _, err := conn.Exec(tb.Context(), "PREPARE explained AS "+st.Text); err != nil {
			tb.Fatal(st.Name, err)
		}
		defer func() {
			if _, err := conn.Exec(tb.Context(), "DEALLOCATE explained"); err != nil {
				tb.Fatal(err)
			}
		}()
		text, args = "EXPLAIN EXECUTE explained (NULL"+strings.Repeat(", NULL", len(args)-1)+")", nil
	}
	rows, err := conn.Query(tb.Context(), text, args...)
	if err != nil {
		tb.Fatal(st.Name, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		tb.Fatal(st.Name, err)
	}
	return strings.Join(lines, "\n")
}

// TestPlans_kept pins that the server plans a statement a few times and then keeps the plan: planning takes longer than
// what is planned.
func TestPlans_kept(t *testing.T) {
	const times = 30
	_, name := openNamed(t, connect(t), nil)
	one := connectTo(t, pgtest.Direct(t)+"&pool_max_conns=1")
	s := opened(t, one, name, nil)
	sc := scene.New(t)
	service := sc.Service(s)
	for i := range times {
		sc.Must(service.Do(t.Context(), app(i), subscription.Create{Account: "acme"}, "create"))
		sc.Must(service.Do(t.Context(), app(i), scene.Purchase(), "buy"))
		sc.Must(service.Consume(t.Context(), app(i), sc.Usage(0, 3)...))
		changes := make([]subscription.Change, 20)
		for k := range changes {
			changes[k] = full(subscription.ApplicationID(fmt.Sprint("batch ", k)), int64(i), sc.Now)
		}
		commit(t, s, changes...)
		if _, err := s.Claim(t.Context(), sc.Now, time.Hour, 10); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := one.Query(t.Context(), "SELECT statement, custom_plans, generic_plans FROM pg_prepared_statements")
	if err != nil {
		t.Fatal(err)
	}
	type kept struct {
		Statement       string
		Custom, Generic int
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[kept])
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, k := range all {
		if k.Custom+k.Generic < times/2 {
			continue
		}
		seen++
		if k.Custom > 5 {
			t.Errorf("planned %d times, and used %d: %s", k.Custom, k.Custom+k.Generic, k.Statement)
		}
	}
	if seen < 4 {
		t.Errorf("%d statements were used often, want more", seen)
	}
}
