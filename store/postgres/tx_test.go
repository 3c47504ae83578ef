package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// transaction is a caller's own, of either kind.
type transaction struct {
	store    subscription.Store
	exec     func(statement string, args ...any) error
	commit   func() error
	rollback func() error
}

// transactions begin one of each kind.
func transactions(t *testing.T, p *pgxpool.Pool, s *postgres.Store) map[string]func() transaction {
	t.Helper()
	db := stdlib.OpenDBFromPool(p)
	t.Cleanup(func() { _ = db.Close() })
	ctx := context.Background()
	return map[string]func() transaction{
		"pgx": func() transaction {
			tx, err := p.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return transaction{
				s.WithTx(tx), func(statement string, args ...any) error { _, err := tx.Exec(ctx, statement, args...); return err },
				func() error { return tx.Commit(ctx) }, func() error { return tx.Rollback(ctx) },
			}
		},
		"sql": func() transaction {
			tx, err := db.BeginTx(ctx, &sql.TxOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return transaction{
				s.WithSQLTx(tx), func(statement string, args ...any) error {
					_, err := tx.ExecContext(ctx, statement, args...)
					return err
				},
				tx.Commit, tx.Rollback,
			}
		},
	}
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// What the caller does and what the store does become so together, or not at all; in between the transaction stays
// usable, whatever a commit says.
// Rule: callers-transaction.
func TestTransactions(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	run(t, p, name, "CREATE TABLE {schema}.bookings (id text PRIMARY KEY)")
	booked := func(id string) (found bool) {
		ok(t, p.QueryRow(t.Context(), in(name, "SELECT EXISTS (SELECT FROM {schema}.bookings WHERE id = $1)"), id).Scan(&found))
		return found
	}
	for kind, begin := range transactions(t, p, s) {
		t.Run(kind, func(t *testing.T) {
			a, b := subscription.ApplicationID(kind+" a"), subscription.ApplicationID(kind+" b")
			taken := keyed(create(a), "key")
			taken.Records = []subscription.UsageRow{{ID: "counted", On: 20_000}}
			commit(t, s, taken)
			insert := in(name, "INSERT INTO {schema}.bookings VALUES ($1)")
			for _, end := range []string{"rollback", "commit"} {
				tx := begin()
				ok(t, tx.exec(insert, kind))
				returned := next(a, 1)
				returned.Refunds = []subscription.Refund{refund(a, "o", 1), refund(a, "o", 2), refund(a, "p", 1)}
				ok(t, tx.store.Commit(t.Context(), returned, create(b)))

				// A conflict of the revision, a key and a record that are taken, and a refusal.
				record := next(a, 2)
				record.Records = taken.Records
				text := next(b, 1)
				text.Events[0].Note = "\x00"
				for _, c := range []subscription.Change{next(a, 1), create(b), keyed(next(a, 2), "key"), record} {
					fails(t, tx.store.Commit(t.Context(), c), subscription.ErrConflict)
				}
				fails(t, tx.store.Commit(t.Context(), text, next(a, 2)), subscription.ErrInvalid)
				// So is an order that is placed and exists, as it does since this transaction.
				placed := next(b, 1)
				placed.Orders = []subscription.Order{closed(b, "o", placed.Next.Due)}
				places(&placed)
				ok(t, tx.store.Commit(t.Context(), placed))
				again := next(b, 2)
				again.Orders = placed.Orders
				places(&again)
				if err := tx.store.Commit(t.Context(), again); !errors.Is(err, subscription.ErrExists) || errors.Is(err, subscription.ErrConflict) {
					t.Fatalf("%v, want a refusal with ErrExists", err)
				}
				ok(t, tx.exec(insert, kind+" 2"))

				// It sees its own changes, and nobody else does yet.
				got, err := tx.store.Load(t.Context(),
					subscription.Read{Application: a, Keys: []string{"key", "none"}, Records: []string{"counted"}}, subscription.Read{Application: b})
				ok(t, err)
				for _, reads := range [][]subscription.Read{{{Application: a, Refunds: orderIDs{"o"}}}, {
					{Application: a, Orders: orderIDs{"o"}, Refunds: orderIDs{"q", "o"}}, {Application: b, Orders: orderIDs{"o"}, Refunds: orderIDs{"o"}},
				}} {
					got, err := tx.store.Load(t.Context(), reads...)
					ok(t, err)
					if d := cmp.Diff(returned.Refunds[:2], got[0].Refunds); d != "" {
						t.Error(d)
					}
					if len(got) == 2 && (len(got[1].Refunds) > 0 || len(got[1].Orders) != 1) {
						t.Errorf("%+v", got[1])
					}
				}
				if got[0].Application.Revision != 3 || len(got[0].Receipts) != 1 || len(got[0].Records) != 1 || got[1].Application.Revision != 2 {
					t.Errorf("%+v", got)
				}
				if n := revision(t, s, a); n != 1 {
					t.Errorf("revision %d outside of the transaction, want 1", n)
				}
				if end == "rollback" {
					ok(t, tx.rollback())
				} else {
					ok(t, tx.commit())
				}
				done := end == "commit"
				if n := revision(t, s, a); (n == 3) != done || booked(kind) != done || booked(kind+" 2") != done {
					t.Errorf("after the %s: revision %d, booked: %t, %t", end, n, booked(kind), booked(kind+" 2"))
				}
			}
		})
	}
}

// A service within a transaction orders, and collects nothing.
func TestTransactions_service(t *testing.T) {
	p := connect(t)
	s, _ := openNamed(t, p, nil)
	sc := scene.New(t)
	for kind, begin := range transactions(t, p, s) {
		t.Run(kind, func(t *testing.T) {
			id := subscription.ApplicationID(kind)
			tx := begin()
			bound := sc.Service(s).Bind(tx.store)
			sc.Must(bound.Do(t.Context(), id, subscription.Create{Account: "acme"}, "create"))
			if _, err := bound.Do(t.Context(), id, scene.Purchase(), "buy"); !errors.Is(err, subscription.ErrPaymentPending) {
				t.Fatalf("%v, want ErrPaymentPending", err)
			}
			ok(t, tx.commit())
			r, err := sc.Service(s).Do(t.Context(), id, scene.Purchase(), "buy")
			if err != nil || r.Order.Status != subscription.OrderPaid {
				t.Errorf("%+v, %v", r.Order.Status, err)
			}
		})
	}
}

// A caller's transaction at a higher level of isolation gets conflicts where the server finds them.
func TestTransactions_serializable(t *testing.T) {
	p := connect(t)
	s := open(t, p)
	commit(t, s, create("a"))
	tx, err := p.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.Serializable})
	ok(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	bound := s.WithTx(tx)
	if n := revision(t, bound, "a"); n != 1 {
		t.Fatal(n)
	}
	commit(t, s, next("a", 1))
	fails(t, bound.Commit(t.Context(), next("a", 1)), subscription.ErrConflict)
	if n := revision(t, bound, "a"); n != 1 {
		t.Errorf("revision %d, want 1, as of the transaction's beginning", n)
	}
}

// The modes of execution that poolers of connections ask for work too.
func TestExecutionModes(t *testing.T) {
	direct := connect(t)
	_, name := openNamed(t, direct, nil)
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec,
		pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			config := direct.Config().Copy()
			config.ConnConfig.DefaultQueryExecMode = mode
			p, err := pgxpool.NewWithConfig(t.Context(), config)
			ok(t, err)
			defer p.Close()
			s := opened(t, p, name, nil)
			ok(t, s.Migrate(t.Context()))
			sc := scene.New(t)
			id := subscription.ApplicationID(fmt.Sprint("mode ", mode))
			sc.Must(sc.Service(s).Do(t.Context(), id, subscription.Create{Account: "acme"}, "create"))
			sc.Must(sc.Service(s).Do(t.Context(), id, scene.Purchase(), "buy"))
			tx, err := p.Begin(t.Context())
			ok(t, err)
			n := revision(t, s.WithTx(tx), id)
			ok(t, s.WithTx(tx).Commit(t.Context(), next(id, n)))
			ok(t, tx.Commit(t.Context()))
			for _, err := range s.Events(t.Context(), id) {
				ok(t, err)
			}
			_, err = s.Claim(t.Context(), sc.Now, 1, 1)
			ok(t, err)
			_, err = s.Prune(t.Context(), sc.Now)
			ok(t, err)
		})
	}
}
