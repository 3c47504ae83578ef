package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// shared is a store, a caller's own handle of its file with a table of notes, and a transaction.
func shared(t *testing.T) (*sqlite.Store, *sql.DB, *sql.Tx) {
	t.Helper()
	path := temporary(t)
	s := open(t, path, nil)
	db := database(t, path, nil)
	run(t, db, "CREATE TABLE notes (text TEXT)")
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return s, db, tx
}

func ended(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// What the caller writes and what the store writes are committed together, or not at all.
// Rule: callers-transaction.
func TestWithTxBothOrNeither(t *testing.T) {
	s, db, tx := shared(t)
	run(t, tx, "INSERT INTO notes VALUES ('lost')")
	ended(t, withTx(tx).Commit(t.Context(), change(t, "a", 0)))
	if n := revision(t, withTx(tx), "a"); n != 1 {
		t.Errorf("revision %d within", n)
	}
	if n := revision(t, s, "a"); n != 0 {
		t.Errorf("revision %d outside", n)
	}
	ended(t, tx.Rollback())
	if n := rows(t, db) + count(t, db, "SELECT count(*) FROM notes"); n != 0 {
		t.Errorf("%d rows after a rollback", n)
	}

	tx, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	run(t, tx, "INSERT INTO notes VALUES ('kept')")
	ended(t, withTx(tx).Commit(t.Context(), change(t, "a", 0), change(t, "b", 0)))
	ended(t, withTx(tx).Commit(t.Context(), change(t, "a", 1)))
	ended(t, tx.Commit())
	if n := rows(t, db) + count(t, db, "SELECT count(*) FROM notes"); n != 2*6+5+1 {
		t.Errorf("%d rows after a commit", n)
	}
	if n := revision(t, s, "a"); n != 2 {
		t.Errorf("revision %d", n)
	}
}

// After whatever error the caller's transaction stands as it did.
func TestWithTxIsUsableAfterAnError(t *testing.T) {
	s, db, tx := shared(t)
	ended(t, tx.Rollback())
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	late := change(t, "a", 1)
	late.Receipts[0].Key = "1ns"
	counted := change(t, "a", 1)
	counted.Records[0].ID = "1ns"
	refused := change(t, "a", 1)
	refused.Events[0].Note = "\xff"
	broken := change(t, "a", 1)
	broken.Orders[0].Status = "none"
	after, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx     context.Context
		changes []subscription.Change
		want    func(error) bool
		held    int // rows of the changes that hold
	}{
		"a conflict":           {t.Context(), []subscription.Change{change(t, "a", 0)}, conflicted, 0},
		"a key":                {t.Context(), []subscription.Change{late}, conflicted, 0},
		"a record":             {t.Context(), []subscription.Change{counted}, conflicted, 0},
		"a conflict of two":    {t.Context(), []subscription.Change{change(t, "a", 7), change(t, "b", 0)}, conflicted, 6},
		"a refusal":            {t.Context(), []subscription.Change{refused}, func(err error) bool { return errors.Is(err, subscription.ErrInvalid) }, 0},
		"two of one":           {t.Context(), []subscription.Change{late, counted}, func(err error) bool { return errors.Is(err, subscription.ErrInvalid) }, 0},
		"a constraint":         {t.Context(), []subscription.Change{change(t, "b", 0), broken}, func(err error) bool { return refusedAlone(err, "a") }, 6},
		"a context that ended": {after, []subscription.Change{change(t, "b", 0)}, func(err error) bool { return errors.Is(err, context.Canceled) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			before := rows(t, db)
			tx, err := db.BeginTx(t.Context(), nil)
			ended(t, err)
			defer func() { _ = tx.Rollback() }()
			st := withTx(tx)
			run(t, tx, "INSERT INTO notes VALUES ('before')")
			if err := st.Commit(tt.ctx, tt.changes...); err == nil || !tt.want(err) {
				t.Errorf("%v", err)
			}
			run(t, tx, "INSERT INTO notes VALUES ('after')")
			ended(t, st.Commit(t.Context(), change(t, "c", 0)))
			ended(t, tx.Commit())
			if n := rows(t, db); n != before+tt.held+6 {
				t.Errorf("%d rows, want %d", n, before+tt.held+6)
			}
			if n := count(t, db, "SELECT count(*) FROM notes"); n != 2 {
				t.Errorf("%d notes", n)
			}
			for _, table := range []string{"applications", "orders", "order_refunds", "subscription_rows", "entries", "events", "receipts", "records", "feed"} {
				column := "application_id"
				if table == "applications" {
					column = "id"
				}
				run(t, db, "DELETE FROM prepaid_"+table+" WHERE "+column+" <> 'a'")
			}
			run(t, db, "DELETE FROM notes")
		})
	}
}

func conflicted(err error) bool { return errors.Is(err, subscription.ErrConflict) }

// A file without tables is told apart from a broken one.
func TestWithTxInAFileWithoutTables(t *testing.T) {
	tx, err := database(t, temporary(t), nil).BeginTx(t.Context(), nil)
	ended(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = withTx(tx).Load(t.Context(), subscription.Read{Application: "a"})
	fails(t, err, sqlite.ErrNotMigrated)
}

// Trap: a transaction that begins with a read and writes after another has.
func TestWithTxThatReadFirst(t *testing.T) {
	s, db, tx := shared(t)
	ended(t, tx.Rollback())
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true}) // deferred
	ended(t, err)
	defer func() { _ = tx.Rollback() }()
	st := withTx(tx)
	if n := revision(t, st, "a"); n != 0 {
		t.Fatal(n)
	}
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	if n := revision(t, st, "a"); n != 0 {
		t.Errorf("revision %d in a transaction that began before it", n)
	}
	fails(t, st.Commit(t.Context(), change(t, "a", 0)), sqlite.ErrBusy)
}

// A store on a file and one within a transaction answer alike, and keep every field.
func TestWithTxKeepsEveryField(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	db := database(t, path, nil)
	c := change(t, "a", 0)
	c.Refunds = []subscription.Refund{refund(t, "a", "1ns", 1), refund(t, "a", "1ns", 2), refund(t, "a", "other", 1)}
	tx, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	ended(t, withTx(tx).Commit(t.Context(), c))
	read := subscription.Read{
		Application: "a", Keys: []string{"1ns", "none"}, Orders: []subscription.OrderID{"1ns"}, Records: []string{"1ns", "none"},
		Refunds: []subscription.OrderID{"none", "1ns"},
	}
	within, err := withTx(tx).Load(t.Context(), read, subscription.Read{Application: "none"})
	ended(t, err)
	ended(t, tx.Commit())
	outside, err := s.Load(t.Context(), read, subscription.Read{Application: "none"})
	ended(t, err)
	same(t, within, outside)
	same(t, within[0].Receipts, c.Receipts)
	same(t, within[0].Orders, c.Orders)
	same(t, within[0].Records, c.Records)
	same(t, within[0].Refunds, c.Refunds[:2])
	same(t, within[1].Application, subscription.Application{ID: "none"})
}

// countdown is a context that ends when it has been asked so many times.
type countdown struct {
	context.Context

	left int
}

func (c *countdown) Err() error {
	c.left--
	if c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Trap: SQLite undoes a whole transaction when a statement of it is interrupted.
func TestWithTxWhoseContextEndsOnTheWay(t *testing.T) {
	_, db, tx := shared(t)
	ended(t, tx.Rollback())
	for after := range 12 {
		tx, err := db.BeginTx(t.Context(), nil)
		ended(t, err)
		run(t, tx, "INSERT INTO notes VALUES ('before')")
		st := withTx(tx)
		ctx := &countdown{t.Context(), after}
		if err := st.Commit(ctx, change(t, "a", 0), change(t, "b", 0)); !errors.Is(err, context.Canceled) {
			t.Errorf("%d: %v", after, err)
		}
		if n := count(t, tx, "SELECT count(*) FROM prepaid_applications") + count(t, tx, "SELECT count(*) FROM prepaid_records"); n != 0 {
			t.Errorf("%d: %d rows", after, n)
		}
		ended(t, st.Commit(t.Context(), change(t, "a", 0)))
		if n := rows(t, db); n != 0 {
			t.Errorf("%d: %d rows outside", after, n)
		}
		if n := count(t, tx, "SELECT count(*) FROM notes"); n != 1 {
			t.Errorf("%d: %d notes", after, n)
		}
		ended(t, tx.Rollback())
	}
}
