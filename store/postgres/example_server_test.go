package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// The examples below need a server; TestExampleOutputs runs them on one, and compares what they print.

// database and schemaName are where the examples keep their store.
var database, schemaName = "postgres://billing@db.example.com/billing", "prepaid"

// try ends an example that fails.
func try(err error) {
	if err != nil {
		panic(err)
	}
}

// dial returns a store whose schema may not be there yet.
func dial(ctx context.Context) (*pgxpool.Pool, *postgres.Store) {
	pool, err := pgxpool.New(ctx, database)
	try(err)
	st, err := postgres.New(pool, &postgres.Options{Schema: schemaName})
	try(err)
	return pool, st
}

// noon is the time of the examples.
func noon() time.Time { return time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC) }

// seller returns a service on a store. Its gateway collects everything at once.
func seller(st subscription.Store) *subscription.Service {
	cat, err := pricing.ParseCatalog(strings.NewReader(scene.Catalog()))
	try(err)
	service, err := subscription.NewService(st, scene.Gateway{}, subscription.StaticCatalog(cat), &subscription.Options{Now: noon})
	try(err)
	return service
}

// stocked returns a store with an application "video-chat" that has bought a package.
func stocked(ctx context.Context) (*pgxpool.Pool, *postgres.Store) {
	pool, st := dial(ctx)
	try(st.Migrate(ctx))
	_, err := seller(st).Do(ctx, "video-chat", subscription.Create{Account: "acme"}, "create")
	try(err)
	_, err = seller(st).Do(ctx, "video-chat", scene.Purchase(), "buy")
	try(err)
	return pool, st
}

// A schema has no tables until Migrate makes them. Each process calls it when it starts; once they are there, it only reads.
//
//nolint:testableexamples // it needs a server
func ExampleStore_Migrate() {
	ctx := context.Background()
	pool, st := dial(ctx)
	defer pool.Close()
	_, err := st.Load(ctx, subscription.Read{Application: "video-chat"})
	fmt.Println(errors.Is(err, postgres.ErrNotMigrated))
	for range 2 {
		fmt.Println(st.Migrate(ctx))
	}
	_, err = st.Load(ctx, subscription.Read{Application: "video-chat"})
	fmt.Println(err)
	// Prints:
	// true
	// <nil>
	// <nil>
	// <nil>
}

// The caller's transaction decides: what it rolls back didn't happen.
//
//nolint:testableexamples // it needs a server
func ExampleStore_WithTx() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	errFull := errors.New("no more customers today")
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := seller(st).Bind(st.WithTx(tx)).Do(ctx, "web-shop", subscription.Create{Account: "acme"}, "create")
		return errors.Join(err, errFull)
	})
	fmt.Println(err)
	for app, err := range st.ApplicationsOf(ctx, "acme") {
		fmt.Println(app, err)
	}
	// Prints:
	// no more customers today
	// video-chat <nil>
}

// Balances in the database are a gateway, for a service that needs no other.
//
//nolint:testableexamples // it needs a server
func ExampleStore_Accounts() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	accounts := st.Accounts(&balance.Options{Now: noon})
	try(accounts.Open(ctx, "acme"))
	try(accounts.Deposit(ctx, "acme", "wire-1", cents(50000)))
	var gateway payment.Gateway = accounts
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: cents(19900)})
	fmt.Println(r.Status, r.Amount, err)
	fmt.Println(accounts.Balance(ctx, "acme", "USD"))
	// Prints:
	// succeeded 199.00 USD <nil>
	// 301.00 USD <nil>
}

// What happened to an account's money, in order.
//
//nolint:testableexamples // it needs a server
func ExampleAccounts_Statement() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	accounts := st.Accounts(&balance.Options{Now: noon})
	try(accounts.Open(ctx, "acme"))
	try(accounts.Deposit(ctx, "acme", "wire-1", cents(50000)))
	_, err := accounts.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: cents(19900)})
	try(err)
	for m, err := range accounts.Statement(ctx, "acme") {
		fmt.Println(m.Kind, m.Key, m.Amount, m.Balance, err)
	}
	// Prints:
	// deposited wire-1 500.00 USD 500.00 USD <nil>
	// charged order-1 -199.00 USD 301.00 USD <nil>
}

// The money of all accounts: what came in is what is there and what was spent.
//
//nolint:testableexamples // it needs a server
func ExampleAccounts_Journal() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	accounts := st.Accounts(&balance.Options{Now: noon})
	for _, id := range []string{"acme", "globex"} {
		try(accounts.Open(ctx, id))
		try(accounts.Deposit(ctx, id, "wire-1", cents(50000)))
	}
	for m, err := range accounts.Journal(ctx) {
		fmt.Println(m.Account, m.Kind, m.Amount, err)
	}
	// Prints:
	// acme deposited 500.00 USD <nil>
	// globex deposited 500.00 USD <nil>
}

// A copy of production for a test system gets an identity of its own, so that its orders are others to the gateway.
//
//nolint:testableexamples // it needs a server
func ExampleStore_NewIdentity() {
	ctx := context.Background()
	pool, st := stocked(ctx) // here, the copy
	defer pool.Close()
	identity := func() string {
		loaded, err := st.Load(ctx, subscription.Read{Application: "video-chat"})
		try(err)
		return loaded[0].Store
	}
	was := identity()
	id, err := st.NewIdentity(ctx)
	fmt.Println("new:", id != was, "in force:", id == identity(), err)
	// Prints: new: true in force: true <nil>
}

// The server was put back to an earlier time, so numbers of changes are given again. A reader that knows later ones is told.
//
//nolint:testableexamples // it needs a server
func ExampleStore_NewFeed() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	n, err := st.Sequence(ctx, 1000) // numbers are given to what is committed
	fmt.Println(n, err)
	_, last, err := st.FeedEnds(ctx)
	try(err)
	try(st.NewFeed(ctx))
	_, err = st.Feed(ctx, last, 100)
	fmt.Println(errors.Is(err, store.ErrCursor))
	// Prints:
	// 3 <nil>
	// true
}

// What is due is claimed, and hidden from other workers, on all machines, until its lease ends or it is committed.
//
//nolint:testableexamples // it needs a server
func ExampleStore_Claim() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	for _, asOf := range []time.Time{noon().Add(-time.Minute), noon(), noon().Add(time.Minute), noon().Add(5 * time.Minute)} {
		claimed, err := st.Claim(ctx, asOf, 5*time.Minute, 1000)
		fmt.Println(asOf.Format(time.TimeOnly), len(claimed), err)
	}
	// Prints:
	// 11:59:00 0 <nil>
	// 12:00:00 1 <nil>
	// 12:01:00 0 <nil>
	// 12:05:00 1 <nil>
}

// What is older than any request is repeated and any report needs can be forgotten. The ledger of minutes stays.
//
//nolint:testableexamples // it needs a server
func ExampleStore_Prune() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	pruned, err := st.Prune(ctx, noon().AddDate(1, 0, 0))
	fmt.Printf("%d receipts, %d events, %d orders, %v\n", pruned.Receipts, pruned.Events, pruned.Orders, err)
	// Prints: 2 receipts, 8 events, 0 orders, <nil>
}

// Two processes ask a provider for the same payment at once: both go on with the one that was bound first.
//
//nolint:testableexamples // it needs a server
func ExampleStore_BindProviderKey() {
	ctx := context.Background()
	pool, st := stocked(ctx)
	defer pool.Close()
	fmt.Println(st.BindProviderKey(ctx, "order-1", "pi_1"))
	fmt.Println(st.BindProviderKey(ctx, "order-1", "pi_2"))
	fmt.Println(st.ProviderKey(ctx, "order-1"))
	// Prints:
	// pi_1 <nil>
	// pi_1 <nil>
	// pi_1 <nil>
}

// An example that needs a server says what it prints, and prints it.
func TestExampleOutputs(t *testing.T) {
	p := connect(t)
	url, name := database, schemaName
	t.Cleanup(func() { database, schemaName = url, name })
	functions := map[string]func(){
		"Store_Migrate":         ExampleStore_Migrate,
		"Store_WithTx":          ExampleStore_WithTx,
		"Store_Accounts":        ExampleStore_Accounts,
		"Accounts_Statement":    ExampleAccounts_Statement,
		"Accounts_Journal":      ExampleAccounts_Journal,
		"Store_NewIdentity":     ExampleStore_NewIdentity,
		"Store_NewFeed":         ExampleStore_NewFeed,
		"Store_Claim":           ExampleStore_Claim,
		"Store_Prune":           ExampleStore_Prune,
		"Store_BindProviderKey": ExampleStore_BindProviderKey,
	}
	source, err := os.ReadFile("example_server_test.go")
	ok(t, err)
	text := strings.ReplaceAll(string(source), "// Prints:", "// Output:") // as if they could run everywhere
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments)
	ok(t, err)
	for _, e := range doc.Examples(file) {
		if functions[e.Name] == nil {
			t.Errorf("%s isn't run", e.Name)
			continue
		}
		database, schemaName = pgtest.URL(t), schema(t, p)
		if diff := cmp.Diff(e.Output, printed(t, functions[e.Name])); diff != "" {
			t.Errorf("%s printed (-want +got):\n%s", e.Name, diff)
		}
	}
}

// printed returns what a function prints.
func printed(t *testing.T, do func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	ok(t, err)
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	do() // a pipe holds more than an example prints
	ok(t, w.Close())
	text, err := io.ReadAll(r)
	ok(t, err)
	return string(text)
}
