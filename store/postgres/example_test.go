package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// serve opens the store that a service works on.
func serve(ctx context.Context, url, schema string, gateway payment.Gateway, cat *pricing.Catalog) (
	*pgxpool.Pool, *postgres.Store, *subscription.Service, error,
) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := postgres.New(pool, &postgres.Options{Schema: schema, Timeout: 10 * time.Second})
	if err == nil {
		err = store.Migrate(ctx)
	}
	if err != nil {
		pool.Close()
		return nil, nil, nil, err
	}
	service, err := subscription.NewService(store, gateway, subscription.StaticCatalog(cat), nil)
	return pool, store, service, err
}

// enlist writes a tenant of the caller's and its application in one transaction of pgx.
func enlist(ctx context.Context, pool *pgxpool.Pool, store *postgres.Store, service *subscription.Service, tenant string) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO tenants (name) VALUES ($1)", tenant); err != nil {
			return err
		}
		_, err := service.Bind(store.WithTx(tx)).Do(ctx, subscription.ApplicationID(tenant), subscription.Create{Account: "acme"}, "create")
		return err
	})
}

// enlistSQL does the same in one of database/sql.
func enlistSQL(ctx context.Context, db *sql.DB, store *postgres.Store, service *subscription.Service, tenant string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if _, err := tx.ExecContext(ctx, "INSERT INTO tenants (name) VALUES ($1)", tenant); err != nil {
		return err
	}
	bound := service.Bind(store.WithSQLTx(tx))
	if _, err := bound.Do(ctx, subscription.ApplicationID(tenant), subscription.Create{Account: "acme"}, "create"); err != nil {
		return err
	}
	return tx.Commit()
}

// The examples without output need a server; TestExamples runs the same code.

//nolint:testableexamples // it needs a server
func Example() {
	ctx := context.Background()
	var (
		gateway payment.Gateway  // yours
		cat     *pricing.Catalog // yours
	)
	pool, store, service, err := serve(ctx, "postgres://billing@db.example.com/billing", "prepaid", gateway, cat)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	if err := enlist(ctx, pool, store, service, "tenant-1"); err != nil {
		fmt.Println(err)
	}
}

//nolint:testableexamples // it needs a server
func ExampleStore_WithSQLTx() {
	ctx := context.Background()
	pool, store, service, err := serve(ctx, "postgres://billing@db.example.com/billing", "prepaid", nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	if err := enlistSQL(ctx, stdlib.OpenDBFromPool(pool), store, service, "tenant-1"); err != nil {
		fmt.Println(err)
	}
}

func ExampleNew() {
	pool, err := pgxpool.New(context.Background(), "postgres://billing@db.example.com/billing")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	_, err = postgres.New(pool, &postgres.Options{Schema: "billing"}) // doesn't connect
	fmt.Println(err)
	// Output: <nil>
}

func ExampleSchemaError() {
	fmt.Println(&postgres.SchemaError{Schema: `"prepaid"`, Version: 3, Known: 2})
	// Output: postgres: schema "prepaid": version 3 is newer than 2, the newest that is known: upgrade this package
}

func TestExamples(t *testing.T) {
	ctx := t.Context()
	p := connect(t)
	name := schema(t, p)
	run(t, p, name, "CREATE SCHEMA {schema}")
	run(t, p, name, "CREATE TABLE {schema}.tenants (name text PRIMARY KEY)")
	sc := scene.New(t)
	pool, store, service, err := serve(ctx, pgtest.Direct(t)+"&search_path="+name, name, scene.Gateway{}, sc.Catalog)
	ok(t, err)
	defer pool.Close()
	ok(t, enlist(ctx, pool, store, service, "tenant-1"))
	ok(t, enlistSQL(ctx, stdlib.OpenDBFromPool(pool), store, service, "tenant-2"))
	if err := enlist(ctx, pool, store, service, "tenant-2"); err == nil {
		t.Error("a tenant twice: no error")
	}
	if r, err := service.Do(ctx, "tenant-2", scene.Purchase(), "buy"); err != nil || r.Order.Status != subscription.OrderPaid {
		t.Error(r, err)
	}
}
