package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// check ends an example that fails.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// directory returns a temporary directory and what removes it.
func directory() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "prepaid")
	check(err)
	return dir, func() { check(os.RemoveAll(dir)) }
}

// seller returns a service on a store. Its gateway collects everything at once, and its clock stands still.
func seller(st subscription.Store) *subscription.Service {
	cat, err := pricing.ParseCatalog(strings.NewReader(scene.Catalog()))
	check(err)
	service, err := subscription.NewService(st, scene.Gateway{}, subscription.StaticCatalog(cat), &subscription.Options{
		Now: func() time.Time { return time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC) },
	})
	check(err)
	return service
}

// opened returns a store in a directory with an application "video-chat" that has bought a package.
func opened(ctx context.Context, dir string) *sqlite.Store {
	st, err := sqlite.Open(ctx, filepath.Join(dir, "prepaid.db"), nil)
	check(err)
	check(st.Migrate(ctx))
	_, err = seller(st).Do(ctx, "video-chat", subscription.Create{Account: "acme"}, "create")
	check(err)
	_, err = seller(st).Do(ctx, "video-chat", scene.Purchase(), "buy")
	check(err)
	return st
}

// What a process has committed, the next one finds.
func ExampleOpen() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	path := filepath.Join(dir, "prepaid.db")

	st, err := sqlite.Open(ctx, path, nil)
	check(err)
	check(st.Migrate(ctx))
	service := seller(st)
	_, err = service.Do(ctx, "video-chat", subscription.Create{Account: "acme"}, "create")
	check(err)
	receipt, err := service.Do(ctx, "video-chat", scene.Purchase(), "order-1")
	check(err)
	fmt.Println("order", receipt.Order.Status, receipt.Order.Amount)
	check(st.Close())

	st, err = sqlite.Open(ctx, path, nil)
	check(err)
	check(st.Migrate(ctx))
	again, err := seller(st).Do(ctx, "video-chat", scene.Purchase(), "order-1")
	check(err)
	fmt.Println("the same key is the same order:", again.Order.ID == receipt.Order.ID)
	check(st.Close())
	// Output:
	// order paid 199.00 USD
	// the same key is the same order: true
}

// The caller's own row and the order are committed together, or neither is. The worker, or Collect, charges
// afterward.
func ExampleStore_WithTx() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()
	service := seller(st)

	dsn, err := sqlite.DSN(filepath.Join(dir, "prepaid.db"), nil)
	check(err)
	db, err := sql.Open("sqlite", dsn)
	check(err)
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE TABLE tickets (id INTEGER PRIMARY KEY, text TEXT)")
	check(err)

	renew := subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD", Agreement: "2025-06"}
	attempt := func(app subscription.ApplicationID) {
		tx, err := st.BeginTx(ctx, db, nil)
		check(err)
		defer func() { _ = tx.Rollback() }()
		_, err = tx.ExecContext(ctx, "INSERT INTO tickets (text) VALUES (?)", "sold to "+app)
		check(err)
		_, err = service.Bind(st.WithTx(tx)).Do(ctx, app, renew, "ticket-1")
		switch {
		case errors.Is(err, subscription.ErrPaymentPending):
			check(tx.Commit())
			fmt.Println(app, "ordered")
		default:
			fmt.Println(app, err)
		}
	}
	_, err = service.Do(ctx, "web-shop", subscription.Create{Account: "acme"}, "create")
	check(err)
	attempt("web-shop")
	attempt("video-chat") // has the package already

	var tickets string
	check(db.QueryRowContext(ctx, "SELECT group_concat(text) FROM tickets").Scan(&tickets))
	fmt.Println("tickets:", tickets)
	// Output:
	// web-shop ordered
	// video-chat subscription: already subscribed to the product: video-chat holds call-1
	// tickets: sold to web-shop
}

// A customer has left, and asks that nothing that identifies them is kept.
func ExampleStore_Erase() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()
	service := seller(st)
	for _, cmd := range []subscription.Command{subscription.Close{}, subscription.Erase{}} {
		_, err := service.Do(ctx, "video-chat", cmd, cmd.Kind())
		check(err)
	}
	for o, err := range st.Orders(ctx, "video-chat") {
		fmt.Printf("%q %s %v\n", o.Account, o.Amount, err)
	}
	// Output: "" 199.00 USD <nil>
}

// A copy of a store that is in use. It opens like the store itself, and no file is ever overwritten.
func ExampleStore_Backup() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()

	path := filepath.Join(dir, "2025-06-16.db")
	check(st.Backup(ctx, path))
	fmt.Println("again:", errors.Is(st.Backup(ctx, path), os.ErrExist))

	restored, err := sqlite.Open(ctx, path, nil)
	check(err)
	defer restored.Close()
	check(restored.Migrate(ctx))
	for o, err := range restored.Orders(ctx, "video-chat") {
		check(err)
		fmt.Println(o.Product, o.Version, o.Amount, o.Status)
	}
	// Output:
	// again: true
	// call lite 199.00 USD paid
}

// Reports are SQL on the views, from any tool that reads SQLite.
func ExampleDSN() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()

	dsn, err := sqlite.DSN(filepath.Join(dir, "prepaid.db"), nil)
	check(err)
	db, err := sql.Open("sqlite", dsn)
	check(err)
	defer db.Close()
	var app, version, start, end, price, currency string
	check(db.QueryRowContext(ctx, "SELECT application_id, version, period_start, period_end, price, currency FROM prepaid_cycles").
		Scan(&app, &version, &start, &end, &price, &currency))
	fmt.Println(app, version, start, "to", end, price, currency)
	// Output:
	// video-chat lite 2025-06-16T00:00:00Z to 2025-07-16T00:00:00Z 199.00 USD
}

// The audit log of an application. A loop may be left early.
func ExampleStore_Events() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()
	for e, err := range st.Events(ctx, "video-chat") {
		check(err)
		fmt.Printf("%d.%d %s\n", e.Revision, e.Index, e.Type)
	}
	// Output:
	// 1.0 application_created
	// 2.0 agreement_accepted
	// 2.1 order_placed
	// 3.0 order_paid
	// 3.1 subscription_opened
	// 3.2 period_paid
	// 3.3 period_began
	// 3.4 lot_granted
}

// What is older than any request is repeated and any report needs can be forgotten. The ledger of minutes stays.
func ExampleStore_Prune() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()
	pruned, err := st.Prune(ctx, time.Date(2026, time.June, 16, 0, 0, 0, 0, time.UTC))
	check(err)
	fmt.Printf("%d receipts, %d events; %d orders, since the one is paid\n", pruned.Receipts, pruned.Events, pruned.Orders)
	// Output:
	// 2 receipts, 8 events; 0 orders, since the one is paid
}

// What is due is claimed, and hidden from other workers until its lease ends or it is committed.
func ExampleStore_Claim() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()
	noon := time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC)
	for _, asOf := range []time.Time{noon.Add(-time.Minute), noon, noon.Add(time.Minute), noon.Add(5 * time.Minute)} {
		claimed, err := st.Claim(ctx, asOf, 5*time.Minute, 1000)
		check(err)
		fmt.Println(asOf.Format(time.TimeOnly), len(claimed))
	}
	// Output:
	// 11:59:00 0
	// 12:00:00 1
	// 12:01:00 0
	// 12:05:00 1
}
