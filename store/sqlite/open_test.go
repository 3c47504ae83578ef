package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// Trap: in a URI these characters mean something.
func TestOpenTakesPathsAsTheyAre(t *testing.T) {
	for _, name := range []string{"a b.db", "a?b=c.db", "100%.db", "%41.db", "a#b.db", "a&b;c'd\".db", "naïve 漢字.db", "file:a.db", "a+b.db", "[a].db"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			s := open(t, path, nil)
			if err := s.Commit(t.Context(), change(t, "a", 0)); err != nil {
				t.Fatal(err)
			}
			if n := rows(t, database(t, path, nil)); n != 6 {
				t.Errorf("%d rows by the data source name", n)
			}
			found, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Name() != name && f.Name() != name+"-wal" && f.Name() != name+"-shm" && f.Name() != name+"-turn" {
					t.Errorf("there is a file %q", f.Name())
				}
			}
			t.Chdir(dir)
			if n := revision(t, open(t, name, nil), "a"); n != 1 {
				t.Errorf("revision %d by the relative path", n)
			}
		})
	}
}

func TestOpenRefusesWhatIsNoPath(t *testing.T) {
	for _, path := range []string{"", ":memory:", "a\x00.db"} {
		if _, err := sqlite.Open(t.Context(), path, nil); !errors.Is(err, sqlite.ErrPath) {
			t.Errorf("Open(%q): %v", path, err)
		}
		if _, err := sqlite.DSN(path, nil); !errors.Is(err, sqlite.ErrPath) {
			t.Errorf("DSN(%q): %v", path, err)
		}
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	path := temporary(t)
	if err := os.WriteFile(path, make([]byte, 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, filepath.Join(t.TempDir(), "missing", "a.db"), t.TempDir()} {
		if s, err := sqlite.Open(t.Context(), p, nil); err == nil {
			t.Errorf("%s: %v", p, s.Close())
		}
	}
}

func TestSettings(t *testing.T) {
	path := temporary(t)
	open(t, path, nil)
	db := database(t, path, &sqlite.Options{BusyTimeout: 1234 * time.Millisecond})
	for pragma, want := range map[string]int{"synchronous": 2, "foreign_keys": 1, "busy_timeout": 1234, "temp_store": 2} {
		if got := count(t, db, "PRAGMA "+pragma); got != want {
			t.Errorf("%s is %d, want %d", pragma, got, want)
		}
	}
	mode := ""
	if err := db.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal mode %q, %v", mode, err)
	}
}

func TestBeforeMigrate(t *testing.T) {
	s, err := sqlite.Open(t.Context(), temporary(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Load(t.Context(), subscription.Read{Application: "a"})
	fails(t, err, sqlite.ErrNotMigrated)
	fails(t, s.Commit(t.Context(), change(t, "a", 0)), sqlite.ErrNotMigrated)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), change(t, "a", 0)); err != nil {
		t.Error(err)
	}
}

func TestMigrateBySeveralAtOnce(t *testing.T) {
	for range 5 {
		path := temporary(t)
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				s, err := sqlite.Open(t.Context(), path, &patient)
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				if err := s.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
				if _, err := s.Load(t.Context(), subscription.Read{Application: "a"}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		db := database(t, path, nil)
		if n, last := count(t, db, "SELECT count(*) FROM prepaid_migrations"), count(t, db, "SELECT max(version) FROM prepaid_migrations"); n == 0 || n != last {
			t.Errorf("%d migrations, the last is number %d", n, last)
		}
	}
}

func TestMigrateAgainKeepsAll(t *testing.T) {
	s := open(t, temporary(t), nil)
	if err := s.Commit(t.Context(), change(t, "a", 0)); err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := revision(t, s, "a"); n != 1 {
		t.Error(n)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	run(t, database(t, path, nil), "INSERT INTO prepaid_migrations VALUES (9999, 'later', 0)")
	var newer *sqlite.SchemaError
	if err := s.Migrate(t.Context()); !errors.As(err, &newer) || newer.Found != 9999 || newer.Known == 0 {
		t.Errorf("Migrate: %v", err)
	}
	newer = nil
	if _, err := sqlite.Open(t.Context(), path, nil); !errors.As(err, &newer) {
		t.Errorf("Open: %v", err)
	}
}

func TestClosed(t *testing.T) {
	s, err := sqlite.Open(t.Context(), temporary(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	_, load := s.Load(t.Context(), subscription.Read{Application: "a"})
	_, claim := s.Claim(t.Context(), noon(), 0, 1)
	_, prune := s.Prune(t.Context(), noon())
	for call, err := range map[string]error{
		"Load": load, "Claim": claim, "Prune": prune, "Commit": s.Commit(t.Context(), change(t, "a", 0)),
		"Migrate": s.Migrate(t.Context()), "Backup": s.Backup(t.Context(), filepath.Join(t.TempDir(), "b.db")),
	} {
		if !errors.Is(err, sqlite.ErrClosed) {
			t.Errorf("%s: %v", call, err)
		}
	}
	for _, err := range s.Events(t.Context(), "a") {
		fails(t, err, sqlite.ErrClosed)
	}
}

// Calls that are under way when the store is closed come to an end, one way or the other.
func TestCloseUnderLoad(t *testing.T) {
	path := temporary(t)
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wait, busy sync.WaitGroup
	done := make([]int64, 8)
	busy.Add(len(done))
	for w := range done {
		wait.Go(func() {
			id, began := scene.App(w), sync.OnceFunc(busy.Done)
			defer began()
			for {
				if err := s.Commit(t.Context(), change(t, id, done[w])); err != nil {
					fails(t, err, sqlite.ErrClosed)
					return
				}
				done[w]++
				began()
				if _, err := s.Load(t.Context(), subscription.Read{Application: id}); err != nil && !errors.Is(err, sqlite.ErrClosed) {
					t.Error(err)
				}
			}
		})
	}
	busy.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wait.Wait()
	again := open(t, path, nil)
	for w, n := range done {
		if got := revision(t, again, scene.App(w)); got != n {
			t.Errorf("%s has revision %d, %d were committed", scene.App(w), got, n)
		}
	}
}
