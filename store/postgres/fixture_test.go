package postgres_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestMain(m *testing.M) {
	status := pgtest.Main(m)
	closeDurable()
	os.Exit(status)
}

var fails = testworld.Fails

// schemas numbers the schemas of this process.
var schemas atomic.Int64

// connect returns a pool of its own, closed after the test.
func connect(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return connectTo(tb, pgtest.URL(tb))
}

// direct is connect without a pooler between. It is for tests of what belongs to a connection.
func direct(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return connectTo(tb, pgtest.Direct(tb))
}

func connectTo(tb testing.TB, url string) *pgxpool.Pool {
	tb.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		tb.Fatal(err)
	}
	return connectWith(tb, config)
}

func connectWith(tb testing.TB, config *pgxpool.Config) *pgxpool.Pool {
	tb.Helper()
	p, err := pgxpool.NewWithConfig(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// exec executes a statement.
func exec(tb testing.TB, p *pgxpool.Pool, statement string) error {
	tb.Helper()
	_, err := p.Exec(tb.Context(), statement)
	return err
}

// schema returns the name of a schema that nobody else uses, dropped after the test.
func schema(tb testing.TB, p *pgxpool.Pool) string {
	tb.Helper()
	name := fmt.Sprintf("prepaid_%d_%d", os.Getpid(), schemas.Add(1))
	dropped(tb, p, name)
	return name
}

// dropped drops a schema after the test.
func dropped(tb testing.TB, p *pgxpool.Pool, name string) {
	tb.Helper()
	tb.Cleanup(func() {
		if _, err := p.Exec(context.Background(), "DROP SCHEMA IF EXISTS "+pgx.Identifier{name}.Sanitize()+" CASCADE"); err != nil {
			tb.Error(err)
		}
	})
}

// open returns a store with a schema of its own.
func open(tb testing.TB, p *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	s, _ := openNamed(tb, p, nil)
	return s
}

// openNamed returns the schema too.
func openNamed(tb testing.TB, p *pgxpool.Pool, o *postgres.Options) (*postgres.Store, string) {
	tb.Helper()
	name := schema(tb, p)
	s := opened(tb, p, name, o)
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s, name
}

// opened returns a store of a schema.
func opened(tb testing.TB, p *pgxpool.Pool, name string, o *postgres.Options) *postgres.Store {
	tb.Helper()
	var options postgres.Options
	if o != nil {
		options = *o
	}
	options.Schema = name
	s, err := postgres.New(p, &options)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// run executes a statement about a schema.
func run(tb testing.TB, p *pgxpool.Pool, name, statement string, args ...any) {
	tb.Helper()
	if _, err := p.Exec(tb.Context(), in(name, statement), args...); err != nil {
		tb.Fatal(statement, err)
	}
}

// commit fails the test unless the changes are applied.
func commit(tb testing.TB, s subscription.Store, changes ...subscription.Change) {
	tb.Helper()
	if err := s.Commit(tb.Context(), changes...); err != nil {
		tb.Fatal(err)
	}
}

// revision returns the revision of an application, 0 if there is none.
func revision(tb testing.TB, s subscription.Store, id subscription.ApplicationID) int64 {
	tb.Helper()
	got, err := s.Load(tb.Context(), subscription.Read{Application: id})
	if err != nil {
		tb.Fatal(err)
	}
	return got[0].Application.Revision
}

// create returns the change that creates an application.
func create(id subscription.ApplicationID) subscription.Change { return next(id, 0) }

// next returns a change on a revision.
func next(id subscription.ApplicationID, base int64) subscription.Change {
	at := time.Date(2025, time.June, 1, 0, 0, int(base), 0, time.UTC)
	return subscription.Change{
		Application: id, Base: base, Next: subscription.Application{ID: id, Account: "acme", Revision: base + 1, CreatedAt: at, Due: at},
		Events: []subscription.Event{{Application: id, Revision: base + 1, Type: subscription.EventCreated, At: at}},
	}
}

// places makes a change one that places its orders.
func places(c *subscription.Change) {
	for _, o := range c.Orders {
		c.Events = append(c.Events, subscription.Event{
			Application: c.Application, Revision: c.Base + 1, Index: len(c.Events), Type: subscription.EventOrderPlaced, Order: o.ID, At: o.PlacedAt,
		})
	}
}

type orderIDs []subscription.OrderID

// refund returns a refund that the provider reported.
func refund(id subscription.ApplicationID, order subscription.OrderID, number int) subscription.Refund {
	at := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	return subscription.Refund{
		Application: id, Order: order, Number: number, Kind: subscription.RefundReversal, ID: "dispute", Account: "acme",
		Amount: cents(100), Take: subscription.TakeAll, Status: subscription.RefundMade, DueAt: at, ClosedAt: at,
	}
}

// keyed returns a change with a receipt.
func keyed(c subscription.Change, key string) subscription.Change {
	c.Receipts = []subscription.Receipt{{
		Application: c.Application, Key: key, Kind: "test", Revision: c.Next.Revision, At: c.Next.Due,
	}}
	return c
}
