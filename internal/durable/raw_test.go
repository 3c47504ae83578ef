package durable_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// durable is what the stores have in common besides [store.Store].
type durable interface {
	store.Store
	store.Pruner
	Migrate(ctx context.Context) error
	NewIdentity(ctx context.Context) (string, error)
}

// raw is a database that a test writes to directly, and in which it opens stores. A statement names tables as
// {prefix}orders.
type raw struct {
	tb       testing.TB
	db       *sql.DB
	prefix   string
	postgres bool
	open     func() durable // like one more process
	files    string         // the directory of its migrations
}

// raws returns functions that make an empty database of each kind.
func raws() map[string]func(tb testing.TB) *raw {
	return map[string]func(tb testing.TB) *raw{"sqlite": rawFile, "postgres": rawSchema}
}

func rawFile(tb testing.TB) *raw {
	tb.Helper()
	return rawAt(tb, filepath.Join(tb.TempDir(), "a.db"))
}

// rawAt opens the database in a file, which it makes if there is none.
func rawAt(tb testing.TB, path string) *raw {
	tb.Helper()
	patient := &sqlite.Options{BusyTimeout: time.Minute}
	dsn, err := sqlite.DSN(path, patient)
	ok(tb, err)
	db, err := sql.Open("sqlite", dsn)
	ok(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(tb.Context(), "PRAGMA synchronous = OFF") // for this connection: its data needn't be durable
	ok(tb, err)
	open := func() durable {
		st, err := sqlite.Open(tb.Context(), path, patient)
		ok(tb, err)
		tb.Cleanup(func() { ok(tb, st.Close()) })
		return st
	}
	return &raw{tb: tb, db: db, prefix: "prepaid_", open: open, files: "../../store/sqlite/migrations"}
}

var rawSchemas atomic.Int64

func rawSchema(tb testing.TB) *raw {
	tb.Helper()
	name := fmt.Sprintf("raw_%d_%d", os.Getpid(), rawSchemas.Add(1))
	db, err := sql.Open("pgx", pgtest.URL(tb))
	ok(tb, err)
	tb.Cleanup(func() {
		_, err := db.ExecContext(context.WithoutCancel(tb.Context()), "DROP SCHEMA IF EXISTS "+name+" CASCADE")
		ok(tb, err)
		_ = db.Close()
	})
	_, err = db.ExecContext(tb.Context(), "CREATE SCHEMA "+name)
	ok(tb, err)
	open := func() durable {
		pool, err := pgxpool.New(tb.Context(), pgtest.URL(tb))
		ok(tb, err)
		tb.Cleanup(pool.Close)
		st, err := postgres.New(pool, &postgres.Options{Schema: name})
		ok(tb, err)
		return st
	}
	return &raw{tb: tb, db: db, prefix: name + ".", postgres: true, open: open, files: "../../store/postgres/migrations"}
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// sql translates a statement for the database.
func (r *raw) sql(query string) string {
	query = strings.NewReplacer("{prefix}", r.prefix, "{schema}", strings.TrimSuffix(r.prefix, ".")).Replace(query)
	for n := 1; r.postgres && strings.Contains(query, "?"); n++ {
		query = strings.Replace(query, "?", fmt.Sprint("$", n), 1)
	}
	return query
}

// exec runs a statement, and returns how many rows it changed.
func (r *raw) exec(query string, args ...any) int64 {
	r.tb.Helper()
	result, err := r.db.ExecContext(r.tb.Context(), r.sql(query), args...)
	if err != nil {
		r.tb.Fatalf("%.200s: %v", query, err)
	}
	n, _ := result.RowsAffected()
	return n
}

// insert writes a row. The columns come in pairs with their values: instants, days, flags, and any type that the driver
// accepts.
func (r *raw) insert(table string, pairs ...any) {
	r.tb.Helper()
	var columns, marks []string
	var args []any
	for i := 0; i < len(pairs); i += 2 {
		columns, marks = append(columns, fmt.Sprintf("%q", pairs[i])), append(marks, "?")
		args = append(args, r.value(pairs[i+1]))
	}
	r.exec("INSERT INTO {prefix}"+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", args...)
}

func (r *raw) value(v any) any {
	switch v := v.(type) {
	case time.Time:
		switch {
		case v.IsZero():
			return nil
		case r.postgres:
			return v
		}
		return v.UnixMicro()
	case pricing.Date:
		if r.postgres {
			return time.Unix(int64(v)*24*60*60, 0).UTC()
		}
		return int64(v)
	}
	return v
}

// number returns the result of a query for one number.
func (r *raw) number(query string, args ...any) (n int64) {
	r.tb.Helper()
	if err := r.db.QueryRowContext(r.tb.Context(), r.sql(query), args...).Scan(&n); err != nil {
		r.tb.Fatalf("%.200s: %v", query, err)
	}
	return n
}

// migrated migrates an empty database to a version, as that version's code did: with the files up to it.
func (r *raw) migrated(versions ...int) {
	r.tb.Helper()
	files, err := filepath.Glob(filepath.Join(r.files, "*.sql"))
	ok(r.tb, err)
	for _, version := range versions {
		text, err := os.ReadFile(files[version-1])
		ok(r.tb, err)
		name := filepath.Base(files[version-1])
		if version == 1 && r.postgres {
			r.exec("CREATE TABLE {prefix}migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())")
		} else if version == 1 {
			r.exec("CREATE TABLE {prefix}migrations (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT")
		}
		r.script(string(text))
		if r.postgres {
			r.exec("INSERT INTO {prefix}migrations (version, name) VALUES (?, ?)", version, name)
		} else {
			r.exec("INSERT INTO {prefix}migrations VALUES (?, ?, 0)", version, strings.TrimSuffix(name, ".sql"))
		}
	}
}

// script runs several statements in one transaction.
func (r *raw) script(text string) {
	r.tb.Helper()
	conn, err := r.db.Conn(r.tb.Context())
	ok(r.tb, err)
	defer conn.Close()
	if r.postgres {
		text = r.sql(text) // without parameters
	}
	if _, err := conn.ExecContext(r.tb.Context(), "BEGIN;\n"+text+"\nCOMMIT;"); err != nil {
		r.tb.Fatalf("%.200s: %v", text, err)
	}
}
