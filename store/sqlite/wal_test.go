package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// opener says in the environment of a process that it opens the files that it is told.
const opener = "PREPAID_TEST_OPEN"

// newFiles makes files that no store has been opened on: a new one and a backup, of which neither has a log.
func newFiles(t *testing.T) map[string]string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copied.db")
	ended(t, open(t, temporary(t), nil).Backup(t.Context(), copied))
	return map[string]string{"a new file": temporary(t), "a backup": copied}
}

// withoutLog locks a file for writing as a program does that knows of no log, and returns what frees it.
func withoutLog(t *testing.T, path string) (free func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path)+"?_txlock=immediate")
	ended(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	return sync.OnceFunc(func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			t.Error(err)
		}
	})
}

// Trap: SQLite doesn't wait when it switches a file to a log, whatever the busy timeout.
// Rule: first-processes-share-a-file.
func TestOpenWaitsForWhoWritesWithoutALog(t *testing.T) {
	for name, path := range newFiles(t) {
		t.Run(name, func(t *testing.T) {
			free := withoutLog(t, path)
			defer free()
			time.AfterFunc(50*time.Millisecond, free)
			s := open(t, path, &patient)
			ended(t, s.Commit(t.Context(), change(t, "a", 0)))
			mode := ""
			if err := database(t, path, nil).QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
				t.Errorf("journal mode %q, %v", mode, err)
			}
		})
	}
}

func TestOpenWaitsNoLongerThanItMay(t *testing.T) {
	path := temporary(t)
	again := withoutLog(t, path)
	defer again()
	refused := func(ctx context.Context, timeout time.Duration) error {
		s, err := sqlite.Open(ctx, path, &sqlite.Options{BusyTimeout: timeout})
		if err == nil {
			t.Error("it was opened", s.Close())
		}
		return err
	}
	for _, timeout := range []time.Duration{-1, time.Microsecond, 50 * time.Millisecond} {
		if err := refused(t.Context(), timeout); !errors.Is(err, sqlite.ErrBusy) {
			t.Errorf("a busy timeout of %s: %v", timeout, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	fails(t, refused(ctx, time.Hour), context.DeadlineExceeded)
}

// Processes that are the first ones on their file, all at the same time, have it, by a store as by a caller's own
// connection.
// Rule: first-processes-share-a-file.
func TestOpenByProcessesAtOnce(t *testing.T) {
	if os.Getenv(opener) != "" {
		openAsTold(t)
		return
	}
	const processes, rounds = 4, 40
	var told []io.Writer
	var answers []*bufio.Scanner
	for range processes {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOpenByProcessesAtOnce$")
		cmd.Env = append(os.Environ(), opener+"=1")
		in, err := cmd.StdinPipe()
		ended(t, err)
		out, err := cmd.StdoutPipe()
		ended(t, err)
		ended(t, cmd.Start())
		t.Cleanup(func() {
			_ = in.Close() // it ends
			_ = cmd.Wait() // what it had to say was read
		})
		told, answers = append(told, in), append(answers, bufio.NewScanner(out))
	}
	for _, a := range answers {
		a.Scan() // it has started
	}
	dir := t.TempDir()
	for round := range rounds {
		first := "store"
		if round%2 == 1 {
			first = "caller"
		}
		for _, w := range told {
			if _, err := fmt.Fprintln(w, first, filepath.Join(dir, fmt.Sprintf("%d.db", round))); err != nil {
				t.Fatal(err)
			}
		}
		for _, a := range answers {
			if !a.Scan() || a.Text() != "<nil>" {
				t.Errorf("round %d, the %s first: %s %v", round, first, a.Text(), a.Err())
			}
		}
	}
}

// openAsTold opens the file of each line, and writes a line with what came of it.
func openAsTold(t *testing.T) {
	t.Helper()
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		first, path, _ := strings.Cut(in.Text(), " ")
		uses := []func(context.Context, string) error{byStore, byCaller}
		if first == "caller" {
			slices.Reverse(uses)
		}
		var errs []error
		for _, use := range uses {
			errs = append(errs, use(t.Context(), path))
		}
		fmt.Println(strings.ReplaceAll(fmt.Sprint(errors.Join(errs...)), "\n", "; "))
	}
}

// byStore opens a file as a service does when it starts.
func byStore(ctx context.Context, path string) (err error) {
	s, err := sqlite.Open(ctx, path, &patient)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	_, err = s.Load(ctx, subscription.Read{Application: "a"})
	return err
}

// byCaller opens a file for rows of the caller's own.
func byCaller(ctx context.Context, path string) (err error) {
	dsn, err := sqlite.DSN(path, &patient)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS notes (text TEXT); INSERT INTO notes VALUES ('here')")
	return err
}
