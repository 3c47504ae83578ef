package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// A file has no tables until Migrate makes them. A process calls it whenever it starts; once they are there, it only reads.
func ExampleStore_Migrate() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st, err := sqlite.Open(ctx, filepath.Join(dir, "prepaid.db"), nil)
	check(err)
	defer st.Close()
	_, err = st.Load(ctx, subscription.Read{Application: "video-chat"})
	fmt.Println(errors.Is(err, sqlite.ErrNotMigrated))
	for range 2 {
		fmt.Println(st.Migrate(ctx))
	}
	_, err = st.Load(ctx, subscription.Read{Application: "video-chat"})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
	// <nil>
	// <nil>
}

// A process that ends closes its store when its workers have ended.
func ExampleStore_Close() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	fmt.Println(st.Close())
	_, err := st.Load(ctx, subscription.Read{Application: "video-chat"})
	fmt.Println(errors.Is(err, sqlite.ErrClosed))
	// Output:
	// <nil>
	// true
}

// A copy of production for a test system gets an identity of its own, so that its orders are others to the gateway.
func ExampleStore_NewIdentity() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()
	path := filepath.Join(dir, "staging.db")
	check(st.Backup(ctx, path))
	staging, err := sqlite.Open(ctx, path, nil)
	check(err)
	defer staging.Close()

	identity := func(s *sqlite.Store) string {
		loaded, err := s.Load(ctx, subscription.Read{Application: "video-chat"})
		check(err)
		return loaded[0].Store
	}
	fmt.Println("the copy is the same store:", identity(staging) == identity(st))
	id, err := staging.NewIdentity(ctx)
	check(err)
	fmt.Println("the copy is another store:", id == identity(staging) && id != identity(st))
	// Output:
	// the copy is the same store: true
	// the copy is another store: true
}

// After a backup was put back, numbers of changes are given again. A reader that knows later ones is told.
func ExampleStore_NewFeed() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	defer st.Close()
	changes, err := st.Feed(ctx, store.Cursor{}, 100)
	check(err)
	last := changes[len(changes)-1].Cursor
	fmt.Println("changes:", last.Number)

	check(st.NewFeed(ctx))
	_, err = st.Feed(ctx, last, 100)
	fmt.Println(errors.Is(err, store.ErrCursor))
	_, last, err = st.FeedEnds(ctx) // once the reader has looked at its applications, it goes on from here
	check(err)
	_, err = st.Feed(ctx, last, 100)
	fmt.Println(err)
	// Output:
	// changes: 3
	// true
	// <nil>
}

// What a gateway binds to a key, the next process finds, and can't bind anew.
func ExampleStore_BindProviderKey() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	st := opened(ctx, dir)
	fmt.Println(st.BindProviderKey(ctx, "order-1", "pi_1"))
	check(st.Close())

	st, err := sqlite.Open(ctx, filepath.Join(dir, "prepaid.db"), nil)
	check(err)
	defer st.Close()
	fmt.Println(st.ProviderKey(ctx, "order-1"))
	fmt.Println(st.BindProviderKey(ctx, "order-1", "pi_2"))
	// Output:
	// pi_1 <nil>
	// pi_1 <nil>
	// pi_1 <nil>
}

// The host's own transaction takes its turn among all that write the file. What it rolls back didn't happen.
func ExampleStore_BeginTx() {
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

	tx, err := st.BeginTx(ctx, db, nil)
	check(err)
	_, err = seller(st).Bind(st.WithTx(tx)).Do(ctx, "web-shop", subscription.Create{Account: "acme"}, "create")
	check(err)
	check(tx.Rollback())
	for app, err := range st.ApplicationsOf(ctx, "acme") {
		fmt.Println(app, err)
	}
	// Output: video-chat <nil>
}

// A file on a small disk is bounded: what doesn't fit is refused, and nothing is lost.
func ExampleOptions() {
	ctx := context.Background()
	dir, remove := directory()
	defer remove()
	check(opened(ctx, dir).Close())

	st, err := sqlite.Open(ctx, filepath.Join(dir, "prepaid.db"), &sqlite.Options{MaxBytes: 4096})
	check(err)
	defer st.Close()
	for i := range 1000 {
		app := subscription.ApplicationID(fmt.Sprint("app-", i))
		if _, err = seller(st).Do(ctx, app, subscription.Create{Account: "acme"}, "create"); err != nil {
			break
		}
	}
	fmt.Println(errors.Is(err, sqlite.ErrFull))
	// Output: true
}
