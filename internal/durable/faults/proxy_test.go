package faults_test

import (
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/durable/faults"
	"github.com/prepaidkit/prepaid/internal/pgtest"
)

// A commit whose connection is cut before it isn't made. One whose answer is cut off is made, though its caller sees
// the same. This holds however statements are sent, and for transactions of several.
func TestProxyCutsCommits(t *testing.T) {
	ctx := t.Context()
	direct := pgtest.URL(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	p, address, err := faults.NewProxy(ctx, u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	u.Host = address
	beside := connect(t, direct)
	if _, err := beside.Exec(ctx, "DROP TABLE IF EXISTS cut; CREATE TABLE cut (id int)"); err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(c *pgx.Conn) error{
		"one statement": func(c *pgx.Conn) error {
			_, err := c.Exec(ctx, "INSERT INTO cut VALUES ($1)", 1)
			return err
		},
		"one simple statement": func(c *pgx.Conn) error {
			_, err := c.Exec(ctx, "WITH x AS (INSERT INTO cut VALUES (1) RETURNING id) SELECT id FROM x", pgx.QueryExecModeSimpleProtocol)
			return err
		},
		"a transaction": func(c *pgx.Conn) error {
			return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, "INSERT INTO cut VALUES ($1)", 1)
				return err
			})
		},
	}
	for name, insert := range ways {
		for _, tt := range []struct {
			cut           string
			before, after int
			fails         bool
			rows          int
		}{
			{"nothing", 0, 0, false, 1},
			{"before", 1000, 0, true, 0},
			{"after", 0, 1000, true, 1},
		} {
			t.Run(name+", cut "+tt.cut, func(t *testing.T) {
				p.Cut(0, 0)
				c := connect(t, u.String())
				p.Cut(tt.before, tt.after)
				if err := insert(c); (err != nil) != tt.fails {
					t.Errorf("insert: %v, want an error: %t", err, tt.fails)
				}
				var rows int
				if err := beside.QueryRow(ctx, "WITH gone AS (DELETE FROM cut RETURNING id) SELECT count(*) FROM gone").Scan(&rows); err != nil {
					t.Fatal(err)
				}
				if rows != tt.rows {
					t.Errorf("%d rows, want %d", rows, tt.rows)
				}
			})
		}
	}
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) }) // it may have been cut
	return c
}

// A child ends when its parent does, which closes the pipe.
func TestChildEndsWithItsParent(t *testing.T) {
	pipe, end, err := faults.StartChild(filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(100 * time.Millisecond)
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	if err := pipe.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the child ended with %v", err)
		}
	case <-time.After(2 * time.Minute):
		t.Error("the child goes on without its parent")
	}
}
