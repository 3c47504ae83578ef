package sqlite_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// A migration edits the text of two tables. They are sound, say what they should, and no statement can do that again.
func TestMigrateEditsTheSchema(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	db := database(t, path, nil)
	check := ""
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
		t.Error(check, err)
	}
	for _, table := range []string{"prepaid_orders", "prepaid_entries"} {
		text := ""
		ended(t, db.QueryRowContext(t.Context(), "SELECT sql FROM sqlite_schema WHERE name = ?", table).Scan(&text))
		if strings.Contains(text, "kind IN") || strings.Count(text, "CHECK (kind <> '')") != 1 {
			t.Errorf("%s: %s", table, text)
		}
	}
	for _, statement := range []string{
		"UPDATE sqlite_schema SET sql = sql WHERE name = 'prepaid_orders'", "DELETE FROM sqlite_schema WHERE name = 'prepaid_orders'",
	} {
		if err := s.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "may not be modified") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// A migration that fails on its way leaves nothing, and can be tried again.
func TestMigrateFailsOnItsWay(t *testing.T) {
	for _, blocked := range []string{"prepaid_order_refunds", "prepaid_filled", "prepaid_feed_state", "prepaid_deposits"} {
		path := temporary(t)
		run(t, database(t, path, nil), "CREATE TABLE "+blocked+" (in_the_way)")
		s, err := sqlite.Open(t.Context(), path, nil)
		ended(t, err)
		t.Cleanup(func() { ended(t, s.Close()) })
		if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), blocked) {
			t.Errorf("%s: %v", blocked, err)
		}
		if err := s.Exec(t.Context(), "UPDATE sqlite_schema SET sql = sql"); err == nil {
			t.Errorf("%s: the schema can be written", blocked)
		}
		run(t, database(t, path, nil), "DROP TABLE "+blocked)
		ended(t, s.Migrate(t.Context()))
		ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	}
}

// hasty are the settings of a process that soon finds the file locked.
var hasty = sqlite.Options{BusyTimeout: 20 * time.Millisecond}

// Whoever migrates a file that another process migrates waits for it for as long as its context lets it, however short the
// busy timeout is.
// Rule: migration-waits-for-another.
func TestMigrateWaitsForAnother(t *testing.T) {
	path := temporary(t)
	s, err := sqlite.Open(t.Context(), path, &hasty)
	ended(t, err)
	t.Cleanup(func() { ended(t, s.Close()) })
	free := locked(t, path)
	done := make(chan error)
	go func() { done <- s.Migrate(t.Context()) }()
	select {
	case err := <-done:
		t.Fatalf("it ended while the file was locked: %v", err)
	case <-time.After(15 * hasty.BusyTimeout):
	}
	free()
	ended(t, <-done)
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
}

// What waits for another process gives up when its context ends, with the context's error, and nothing is done.
// Rule: migration-waits-for-another.
func TestMigrateGivesUpWithItsContext(t *testing.T) {
	path := temporary(t)
	s, err := sqlite.Open(t.Context(), path, &hasty)
	ended(t, err)
	t.Cleanup(func() { ended(t, s.Close()) })
	free := locked(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 5*hasty.BusyTimeout)
	defer cancel()
	fails(t, s.Migrate(ctx), context.DeadlineExceeded)
	free()
	_, err = s.Load(t.Context(), subscription.Read{Application: "a"})
	fails(t, err, sqlite.ErrNotMigrated)
	ended(t, s.Migrate(t.Context()))
}

// A file that is up to date is only read, so nobody who starts waits for those that write.
// Rule: migration-waits-for-another.
func TestMigrateReadsWhatIsUpToDate(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	free := locked(t, path)
	defer free()
	ended(t, s.Migrate(t.Context()))
	another, err := sqlite.Open(t.Context(), path, &hasty)
	ended(t, err)
	defer another.Close()
	ended(t, another.Migrate(t.Context()))
}
