package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// confined is a transaction in a file that can grow by one more page, and a function that makes room.
func confined(t *testing.T) (db *sql.DB, tx *sql.Tx, room func()) {
	t.Helper()
	path := temporary(t)
	open(t, path, nil)
	db = database(t, path, nil)
	db.SetMaxOpenConns(1)
	run(t, db, "CREATE TABLE notes (text TEXT)")
	tx, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	run(t, tx, "INSERT INTO notes VALUES ('before')")
	run(t, tx, fmt.Sprintf("PRAGMA max_page_count = %d", count(t, tx, "PRAGMA page_count")+1))
	return db, tx, func() {
		t.Helper()
		var ignored int
		_ = tx.QueryRowContext(t.Context(), "PRAGMA max_page_count = 1000000").Scan(&ignored)
	}
}

// nothing fails the test if anything was committed.
func nothing(t *testing.T, db *sql.DB) {
	t.Helper()
	if n, m := rows(t, db), count(t, db, "SELECT count(*) FROM notes"); n+m != 0 {
		t.Errorf("%d rows and %d notes are left of a transaction that was undone", n, m)
	}
}

// Trap: a full disk lets SQLite undo the caller's whole transaction, and what follows would be committed statement by
// statement.
func TestWithTxOnAFullDisk(t *testing.T) {
	db, tx, room := confined(t)
	st := withTx(tx)
	err := st.Commit(t.Context(), heavy(t, "b", 0, 1<<20))
	if !errors.Is(err, sqlite.ErrFull) || !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("%v", err)
	}
	room()
	if _, err := tx.ExecContext(t.Context(), "INSERT INTO notes VALUES ('after')"); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("the caller's statement: %v", err)
	}
	for name, err := range map[string]error{
		"the same store":   st.Commit(t.Context(), change(t, "c", 0)),
		"another":          withTx(tx).Commit(t.Context(), change(t, "c", 0)),
		"the caller's end": tx.Commit(),
	} {
		if !errors.Is(err, sql.ErrTxDone) || errors.Is(err, sqlite.ErrFull) != (name == "the same store") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := st.Load(t.Context(), subscription.Read{Application: "c"}); !errors.Is(err, sqlite.ErrFull) || !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("Load: %v", err)
	}
	nothing(t, db)
	run(t, db, "INSERT INTO notes VALUES ('the connection is good')")
}

// The same by a statement of the caller's own, whose error it doesn't look at.
func TestWithTxAfterSQLiteHasUndoneIt(t *testing.T) {
	db, tx, room := confined(t)
	if _, err := tx.ExecContext(t.Context(), "INSERT INTO notes VALUES (zeroblob(1000000))"); err == nil {
		t.Fatal("there was room")
	}
	room()
	st := withTx(tx)
	for range 2 {
		if err := st.Commit(t.Context(), change(t, "a", 0)); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("%v", err)
		}
	}
	if err := tx.Commit(); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("%v", err)
	}
	nothing(t, db)
}

// A trigger of the caller's own that ends the transaction is the same again.
func TestWithTxWithATriggerThatRollsBack(t *testing.T) {
	_, db, tx := shared(t)
	ended(t, tx.Rollback())
	run(t, db, "CREATE TRIGGER ends AFTER INSERT ON prepaid_events BEGIN SELECT RAISE(ROLLBACK, 'ended'); END")
	tx, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	run(t, tx, "INSERT INTO notes VALUES ('before')")
	if err := withTx(tx).Commit(t.Context(), change(t, "a", 0), change(t, "b", 0)); !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("%v", err)
	}
	nothing(t, db)
}

// A store in whose transaction a trigger ends it: nothing is left of that change, and the others are applied.
func TestTriggerThatRollsBack(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &patient)
	db := database(t, path, nil)
	run(t, db, "CREATE TRIGGER ends AFTER INSERT ON prepaid_events WHEN NEW.note = 'end' BEGIN SELECT RAISE(ROLLBACK, 'ended'); END")
	bad := change(t, "b", 0)
	bad.Events[0].Note = "end"
	for i, err := range queued(t, path, s, change(t, "a", 0), bad, change(t, "c", 0)) {
		if (err != nil) != (i == 1) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if err := s.Commit(t.Context(), change(t, "d", 0), bad); err == nil {
		t.Error("no error")
	}
	if n := rows(t, db); n != 2*6 {
		t.Errorf("%d rows", n)
	}
	ended(t, s.Commit(t.Context(), change(t, "d", 0)))
}

// A connection whose transaction can't be ended isn't used again: it would see, or keep from others, what it had.
func TestRollbackThatFails(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &sqlite.Options{Readers: 1, MaxBytes: 1 << 20})
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	s.FailRollback()
	two := []subscription.Read{{Application: "a"}, {Application: "b"}}
	if _, err := s.Load(t.Context(), two...); err != nil {
		t.Fatal(err)
	}
	ended(t, s.Commit(t.Context(), change(t, "a", 1)))
	if n := revision(t, s, "a"); n != 2 {
		t.Errorf("a reader sees revision %d after its transaction", n)
	}

	broken := change(t, "b", 0)
	broken.Orders[0].Status = "none"
	if err := s.Commit(t.Context(), broken); !refusedAlone(err, "b") {
		t.Errorf("%v", err)
	}
	for base := range int64(3) {
		ended(t, s.Commit(t.Context(), change(t, "b", base)))
	}
	if err := s.Commit(t.Context(), heavy(t, "c", 0, 2<<20)); !errors.Is(err, sqlite.ErrFull) {
		t.Errorf("the limit of the file: %v", err)
	}
	claimed, err := s.Claim(t.Context(), noon(), time.Hour, 10)
	ended(t, err)
	if len(claimed) != 2 {
		t.Errorf("%d claimed", len(claimed))
	}
	if n := rows(t, database(t, path, nil)); n != 2+5*5 {
		t.Errorf("%d rows", n)
	}
}
