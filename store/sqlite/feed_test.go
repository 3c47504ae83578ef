package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// fed returns the applications and revisions of the feed after a cursor, and the last cursor.
func fed(tb testing.TB, s *sqlite.Store, after store.Cursor) (found []string, last store.Cursor) {
	tb.Helper()
	changes, err := s.Feed(tb.Context(), after, 100)
	ended(tb, err)
	last = after
	for _, c := range changes {
		found, last = append(found, fmt.Sprint(c.Application, c.Revision)), c.Cursor
	}
	return found, last
}

// What a caller's transaction commits is in the feed with it, and what it rolls back isn't.
// Rule: feed-skips-nothing.
func TestFeedOfTransactions(t *testing.T) {
	s, db, tx := shared(t)
	ended(t, tx.Rollback())
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	kept, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	ended(t, withTx(kept).Commit(t.Context(), change(t, "b", 0)))
	if found, _ := fed(t, s, store.Cursor{}); !slices.Equal(found, []string{"a1"}) {
		t.Errorf("before it is committed: %v, want [a1]", found)
	}
	ended(t, kept.Commit())
	found, at := fed(t, s, store.Cursor{})
	if want := []string{"a1", "b1"}; !slices.Equal(found, want) {
		t.Errorf("%v, want %v", found, want)
	}
	rolled, err := db.BeginTx(t.Context(), nil)
	ended(t, err)
	ended(t, withTx(rolled).Commit(t.Context(), change(t, "c", 0)))
	ended(t, rolled.Rollback())
	ended(t, s.Commit(t.Context(), change(t, "d", 0)))
	if found, _ := fed(t, s, at); !slices.Equal(found, []string{"d1"}) {
		t.Errorf("%v, want [d1]", found)
	}
}

// A copy that lives on beside its original has another feed: a cursor of the original is no cursor there.
// Rule: cursor-is-of-one-feed.
func TestCopyHasAnotherFeed(t *testing.T) {
	path, copied := temporary(t), filepath.Join(t.TempDir(), "b.db")
	original := open(t, path, nil)
	ended(t, original.Commit(t.Context(), change(t, "a", 0)))
	_, at := fed(t, original, store.Cursor{})
	ended(t, original.Backup(t.Context(), copied))
	s := open(t, copied, nil)
	_, err := s.NewIdentity(t.Context())
	ended(t, err)
	if _, err := s.Feed(t.Context(), at, 10); !errors.Is(err, store.ErrCursor) {
		t.Errorf("%v, want store.ErrCursor", err)
	}
	if found, _ := fed(t, s, store.Cursor{}); !slices.Equal(found, []string{"a1"}) {
		t.Errorf("%v, want [a1]", found)
	}
	if found, _ := fed(t, original, at); len(found) > 0 {
		t.Errorf("the original has %v", found)
	}
}

// A number isn't given again, though everything before it is pruned.
func TestNumbersGoOnAfterPruning(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	ended(t, s.Commit(t.Context(), change(t, "a", 0)))
	_, at := fed(t, s, store.Cursor{})
	_, err := s.Prune(t.Context(), time.Now().Add(time.Hour))
	ended(t, err)
	ended(t, s.Close())
	s = open(t, path, nil)
	ended(t, s.Commit(t.Context(), change(t, "b", 0)))
	found, next := fed(t, s, at)
	if !slices.Equal(found, []string{"b1"}) || next.Number != at.Number+1 {
		t.Errorf("%v at %+v, after %+v", found, next, at)
	}
}
