package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// busy commits to a store from many callers at once until it is stopped, and counts.
type busy struct {
	commits atomic.Int64
	stop    chan struct{}
	wait    sync.WaitGroup
}

const busyCallers = 16

func newBusy(tb testing.TB, st *sqlite.Store) *busy {
	tb.Helper()
	b := &busy{stop: make(chan struct{})}
	for caller := range busyCallers {
		b.wait.Go(func() {
			for base := int64(0); ; base++ {
				select {
				case <-b.stop:
					return
				default:
				}
				if err := st.Commit(tb.Context(), change(tb, subscription.ApplicationID(fmt.Sprintf("busy-%d", caller)), base)); err != nil {
					tb.Error(err)
					return
				}
				b.commits.Add(1)
			}
		})
	}
	for b.commits.Load() < 10*busyCallers && !tb.Failed() {
		time.Sleep(time.Millisecond)
	}
	return b
}

func (b *busy) end() {
	close(b.stop)
	b.wait.Wait()
}

// Those who write take turns: beside one that writes all the time, another process, and a transaction of the caller's,
// wait for a few of its transactions, not for as long as it writes.
// Rule: writers-take-turns.
func TestWritersTakeTurns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no queue on Windows")
	}
	for _, who := range []string{"another process", "a caller's transaction"} {
		t.Run(who, func(t *testing.T) {
			path := temporary(t)
			st := open(t, path, nil)
			quiet := open(t, path, nil) // with its own lock on the queue, as another process has it
			db := database(t, path, nil)
			b := newBusy(t, st)
			defer b.end()
			const writes = 40
			var meanwhile, most int64
			for i := range int64(writes) {
				before := b.commits.Load()
				if who == "another process" {
					ended(t, quiet.Commit(t.Context(), change(t, "quiet", i)))
				} else {
					tx, err := st.BeginTx(t.Context(), db, nil)
					ended(t, err)
					ended(t, withTx(tx).Commit(t.Context(), change(t, "quiet", i)))
					ended(t, tx.Commit())
				}
				n := b.commits.Load() - before
				meanwhile, most = meanwhile+n, max(most, n)
			}
			t.Logf("%d commits of the busy one during %d writes of the quiet one, at most %d during one", meanwhile, writes, most)
			if meanwhile > 8*busyCallers*writes {
				t.Errorf("the quiet one waited for %d transactions on average", meanwhile/busyCallers/writes)
			}
		})
	}
}

// Who waits for its turn for as long as the busy timeout fails with ErrBusy, and is served when it comes again.
func TestTurnOutOfTime(t *testing.T) {
	path := temporary(t)
	st := open(t, path, &sqlite.Options{BusyTimeout: 30 * time.Millisecond})
	other := open(t, path, &sqlite.Options{BusyTimeout: time.Millisecond})
	pass := sqlite.TakeTurn(t, path)
	err := st.Commit(t.Context(), change(t, "a", 0))
	if !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	_, err = st.BeginTx(t.Context(), database(t, path, nil), nil)
	if !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("BeginTx: %v, want ErrBusy", err)
	}
	pass()
	served(t, st, "a", 0)
	pass = sqlite.TakeTurn(t, path)
	if err := st.Commit(t.Context(), change(t, "a", 1)); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	if err := other.Commit(t.Context(), change(t, "b", 0)); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	ended(t, other.Close()) // while its try is under way
	pass()
	served(t, st, "a", 1)
}

// served commits, again if a slow machine lets the busy timeout pass.
func served(t *testing.T, st *sqlite.Store, id subscription.ApplicationID, base int64) {
	t.Helper()
	for try := 0; ; try++ {
		err := st.Commit(t.Context(), change(t, id, base))
		if try == 100 || !errors.Is(err, sqlite.ErrBusy) {
			ended(t, err)
			return
		}
	}
}

// A turn that came too late goes to the next one: whoever gave up keeps nobody waiting, also if it never writes again.
func TestLateTurnIsGivenBack(t *testing.T) {
	path := temporary(t)
	late, other := open(t, path, &sqlite.Options{BusyTimeout: 20 * time.Millisecond}), open(t, path, nil)
	pass := sqlite.TakeTurn(t, path)
	if err := late.Commit(t.Context(), change(t, "a", 0)); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	if _, err := late.BeginTx(t.Context(), database(t, path, nil), nil); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("BeginTx: %v, want ErrBusy", err)
	}
	pass()
	for i := range int64(3) {
		ended(t, other.Commit(t.Context(), change(t, "b", i)))
	}
}

// Who waits for a connection of his own pool isn't in the queue: the others write.
func TestBeginTxWaitsForItsPoolOutsideTheQueue(t *testing.T) {
	path := temporary(t)
	st := open(t, path, nil)
	db := database(t, path, nil)
	db.SetMaxOpenConns(1)
	only, err := db.Conn(t.Context())
	ended(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := st.BeginTx(ctx, db, nil)
		failed <- err
	}()
	time.Sleep(50 * time.Millisecond)
	ended(t, st.Commit(t.Context(), change(t, "a", 0)))
	if err := <-failed; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's error", err)
	}
	ended(t, only.Close())
	tx, err := st.BeginTx(t.Context(), db, nil)
	ended(t, err)
	ended(t, tx.Rollback())
	again, err := db.Conn(t.Context()) // the connection came back
	ended(t, err)
	ended(t, again.Close())
}

// A file that is deleted, moved or replaced while it is open takes no more commits: they would go into nothing.
func TestFileThatIsGoneTakesNothing(t *testing.T) {
	for name, gone := range map[string]func(path string) error{
		"deleted": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := temporary(t)
			st := open(t, path, nil)
			ended(t, st.Commit(t.Context(), change(t, "a", 0)))
			ended(t, gone(path))
			if err := st.Commit(t.Context(), change(t, "a", 1)); !errors.Is(err, sqlite.ErrMoved) {
				t.Errorf("%v, want ErrMoved", err)
			}
		})
	}
}

// What a store makes is its owner's alone, whatever the process's umask; what is there keeps its mode.
// Rule: database-files-are-private.
func TestFilesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes on Windows")
	}
	path := temporary(t)
	st := open(t, path, nil)
	ended(t, st.Commit(t.Context(), change(t, "a", 0)))
	ended(t, st.Backup(t.Context(), path+".copy"))
	for _, suffix := range []string{"", "-wal", "-shm", "-turn", ".copy"} {
		info, err := os.Stat(path + suffix)
		ended(t, err)
		if info.Mode().Perm() != fs.FileMode(0o600) {
			t.Errorf("%s has mode %o", strings.TrimPrefix(path+suffix, path), info.Mode().Perm())
		}
	}
	shared := temporary(t)
	ended(t, os.WriteFile(shared, nil, 0o640))
	open(t, shared, nil)
	if info, err := os.Stat(shared); err != nil || info.Mode().Perm() != fs.FileMode(0o640) {
		t.Errorf("%v, %v: the mode of what was there has changed", info.Mode(), err)
	}
}

// BenchmarkQuietBesideBusy is a caller who writes now and then, on a file on which another process writes all the time.
func BenchmarkQuietBesideBusy(b *testing.B) {
	path := temporary(b)
	st, quiet := open(b, path, nil), open(b, path, nil)
	busy := newBusy(b, st)
	var longest time.Duration
	before, began := busy.commits.Load(), time.Now()
	base := int64(0)
	for b.Loop() {
		at := time.Now()
		if err := quiet.Commit(b.Context(), change(b, "quiet", base)); err != nil {
			b.Fatal(err)
		}
		base++
		longest = max(longest, time.Since(at))
	}
	b.ReportMetric(float64(busy.commits.Load()-before)/time.Since(began).Seconds(), "busy-commits/s")
	b.ReportMetric(float64(longest.Milliseconds()), "longest-ms")
	busy.end()
}
