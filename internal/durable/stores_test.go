package durable_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// shelf makes any number of empty stores, and closes the oldest ones when there are many: a simulation makes thousands,
// uses a few at a time, and closes none.
type shelf struct {
	tb   testing.TB
	make func(n int64) (store.Store, func())
	made atomic.Int64

	mu   sync.Mutex
	open []func()
}

// many is more than are in use at a time.
const many = 32

func newShelf(tb testing.TB, of func(n int64) (store.Store, func())) *shelf {
	tb.Helper()
	s := &shelf{tb: tb, make: of}
	tb.Cleanup(func() {
		for _, done := range s.open {
			done()
		}
	})
	return s
}

// store makes a store.
func (s *shelf) store() store.Store {
	st, done := s.make(s.made.Add(1))
	s.mu.Lock()
	s.open = append(s.open, done)
	var first func()
	if len(s.open) > many {
		first, s.open = s.open[0], s.open[1:]
	}
	s.mu.Unlock()
	if first != nil {
		first()
	}
	return st
}

// files makes stores in files, which are deleted when they are closed.
func files(tb testing.TB) *shelf {
	tb.Helper()
	dir := tb.TempDir()
	return newShelf(tb, func(n int64) (store.Store, func()) {
		path := filepath.Join(dir, fmt.Sprint(n, ".db"))
		st, err := sqlite.Open(context.Background(), path, &sqlite.Options{Readers: 1})
		if err == nil {
			err = st.Migrate(context.Background())
		}
		if err != nil {
			tb.Fatal(err)
		}
		return st, func() {
			if err := st.Close(); err != nil {
				tb.Error(err)
			}
			for _, suffix := range []string{"", "-wal", "-shm"} {
				_ = os.Remove(path + suffix) // the last two may not exist
			}
		}
	})
}

// schemas makes stores in schemas of one database, which are dropped when they are closed.
func schemas(tb testing.TB) *shelf {
	tb.Helper()
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(pgtest.URL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	run := fmt.Sprintf("durable_%d_%x", os.Getpid(), time.Now().UnixNano())
	return newShelf(tb, func(n int64) (store.Store, func()) {
		schema := fmt.Sprintf("%s_%d", run, n)
		st, err := postgres.New(pool, &postgres.Options{Schema: schema})
		if err == nil {
			err = st.Migrate(ctx)
		}
		if err != nil {
			tb.Fatal(err)
		}
		return st, func() {
			if _, err := pool.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE"); err != nil {
				tb.Error(err)
			}
		}
	})
}
