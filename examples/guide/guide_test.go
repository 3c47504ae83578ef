package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/memory"
)

var update = flag.Bool("update", false, "rewrite testdata/output.txt")

const golden = "testdata/output.txt"

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// The whole command, on SQLite: its output is what docs/guide.md quotes.
func TestOutput(t *testing.T) {
	var out bytes.Buffer
	ok(t, play(t.Context(), t.TempDir(), &out))
	if *update {
		ok(t, os.WriteFile(golden, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	ok(t, err)
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// The same on Postgres.
func TestOutputOnPostgres(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), emptyDatabase(t))
	ok(t, err)
	defer pool.Close()
	c := &clock{}
	db, money, err := openPostgres(t.Context(), pool, &balance.Options{Now: c.now})
	ok(t, err)
	var out bytes.Buffer
	ok(t, tell(t.Context(), db, money, c, &out))
	want, err := os.ReadFile(golden)
	ok(t, err)
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// A shop works until its context is done, and then ends.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := memory.New()
		s, err := newShop(db, balance.New(nil), time.Now, nil, &bytes.Buffer{})
		ok(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
		defer cancel()
		ok(t, s.run(ctx))
		if h := s.worker.Health(); h.Rounds < 3 || h.Err != nil {
			t.Errorf("health %+v", h)
		}
	})
}

// emptyDatabase makes an empty database of the test's own, and returns its address. Without Postgres the test is skipped.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	server := pgtest.URL(t)
	at, err := url.Parse(server)
	ok(t, err)
	name := fmt.Sprintf("guide_%016x", rand.Uint64())
	execute := func(statement string) {
		c, err := pgx.Connect(context.Background(), server)
		ok(t, err)
		defer func() { _ = c.Close(context.Background()) }()
		_, err = c.Exec(context.Background(), statement)
		ok(t, err)
	}
	execute("CREATE DATABASE " + name)
	t.Cleanup(func() { execute("DROP DATABASE " + name + " WITH (FORCE)") })
	at.Path = "/" + name
	return at.String()
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
