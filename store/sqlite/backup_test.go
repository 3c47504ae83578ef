package sqlite_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// A backup has all that was committed before the call, whole changes of what came meanwhile, and no more.
func TestBackupUnderLoad(t *testing.T) {
	s := open(t, temporary(t), nil)
	const applications = 4
	var committed [applications]atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ends := make(chan error, applications)
	for i := range applications {
		go func() {
			for ctx.Err() == nil {
				base := committed[i].Load()
				if err := s.Commit(t.Context(), change(t, scene.App(i), base)); err != nil { //nolint:contextcheck // it ends between two
					ends <- err
					return
				}
				committed[i].Store(base + 1)
			}
			ends <- nil
		}()
	}
	dir := t.TempDir()
	for n := range 5 {
		var before [applications]int64
		for i := range before {
			before[i] = committed[i].Load()
		}
		path := filepath.Join(dir, "backup "+string(rune('0'+n))+"?.db")
		ended(t, s.Backup(t.Context(), path))
		copied := open(t, path, nil)
		sum, there := int64(0), 0
		for i := range before {
			got := revision(t, copied, scene.App(i))
			if got < before[i] {
				t.Errorf("%s: revision %d, %d were committed before", scene.App(i), got, before[i])
			}
			sum += got
			if got > 0 {
				ended(t, copied.Commit(t.Context(), change(t, scene.App(i), got))) // it can be used
				sum++
				there++
			}
		}
		if got := rows(t, database(t, path, nil)); got != there+5*int(sum) {
			t.Errorf("%d rows of %d revisions", got, sum)
		}
	}
	cancel()
	for range applications {
		ended(t, <-ends)
	}
}

func TestBackupOverwritesNothing(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	for _, content := range []string{"", "something"} {
		ended(t, os.WriteFile(taken, []byte(content), 0o600))
		if err := s.Backup(t.Context(), taken); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%q: %v", content, err)
		}
		if got, err := os.ReadFile(taken); err != nil || string(got) != content {
			t.Errorf("%q is now %q, %v", content, got, err)
		}
	}
	fails(t, s.Backup(t.Context(), path), fs.ErrExist)
	fails(t, s.Backup(t.Context(), ":memory:"), sqlite.ErrPath)
	fails(t, s.Backup(t.Context(), filepath.Join(dir, "missing", "b.db")), fs.ErrNotExist)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	fails(t, s.Backup(gone, filepath.Join(dir, "b.db")), context.Canceled)
	// A crash has left the copy that it was making.
	ended(t, os.WriteFile(filepath.Join(dir, "b.db.unfinished"), []byte("half"), 0o600))
	fails(t, s.Backup(t.Context(), filepath.Join(dir, "b.db")), fs.ErrExist)
	left, err := os.ReadDir(dir)
	ended(t, err)
	if len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}
