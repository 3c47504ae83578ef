package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
)

// fed returns the applications and revisions of the feed after a cursor, and the last cursor.
func fed(tb testing.TB, s *postgres.Store, after store.Cursor) (found []string, last store.Cursor) {
	tb.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = s.Sequence(tb.Context(), 100)
		ok(tb, err)
	}
	changes, err := s.Feed(tb.Context(), after, 100)
	ok(tb, err)
	last = after
	for _, c := range changes {
		found, last = append(found, fmt.Sprint(c.Application, c.Revision)), c.Cursor
	}
	return found, last
}

// A transaction that began early and is committed late isn't skipped by a reader who has seen later ones, and one that is
// rolled back has no number.
// Rule: feed-skips-nothing.
func TestFeedOfALateCommit(t *testing.T) {
	p := connect(t)
	s, _ := openNamed(t, p, nil)
	early, err := p.Begin(t.Context())
	ok(t, err)
	defer func() { _ = early.Rollback(context.Background()) }()
	commit(t, s.WithTx(early), create("early"))
	never, err := p.Begin(t.Context())
	ok(t, err)
	commit(t, s.WithTx(never), create("never"))
	commit(t, s, create("a"))
	commit(t, s, create("b"))
	found, at := fed(t, s, store.Cursor{})
	check(t, "before it is committed", fmt.Sprint(found), "[a1 b1]")
	ok(t, never.Rollback(t.Context()))
	ok(t, early.Commit(t.Context()))
	commit(t, s, create("c"))
	found, at = fed(t, s, at)
	check(t, "after it is committed", fmt.Sprint(found), "[c1 early1]")
	found, _ = fed(t, s, at)
	check(t, "at the end", fmt.Sprint(found), "[]")
}

// Several that give numbers wait for each other, and a transaction that holds that up is no obstacle to commits.
// Rule: feed-skips-nothing.
func TestSequenceDoesNotDelayCommits(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, &postgres.Options{Timeout: 5 * time.Second})
	commit(t, s, create("a"))
	holder, err := p.Begin(t.Context())
	ok(t, err)
	defer func() { _ = holder.Rollback(context.Background()) }()
	_, err = holder.Exec(t.Context(), in(name, "SELECT last FROM {schema}.feed_state FOR UPDATE"))
	ok(t, err)
	commit(t, s, create("b"))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if n, err := s.Sequence(ctx, 10); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Sequence while another one holds it: %d, %v", n, err)
	}
	ok(t, holder.Rollback(t.Context()))
	found, _ := fed(t, s, store.Cursor{})
	check(t, "afterward", fmt.Sprint(found), "[a1 b1]")
}

// A database that was copied, or restored from a dump, has another feed: a cursor of the original is no cursor there.
// Rule: cursor-is-of-one-feed.
func TestCopyHasAnotherFeed(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	commit(t, s, create("a"))
	_, at := fed(t, s, store.Cursor{})
	run(t, p, name, "UPDATE {schema}.feed_state SET server = 'the original'") // as a dump of another server has it
	again := opened(t, connect(t), name, nil)
	for _, s := range []*postgres.Store{s, again} {
		if _, err := s.Feed(t.Context(), at, 10); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%v, want store.ErrCursor", err)
		}
	}
	commit(t, s, create("b"))
	found, _ := fed(t, again, store.Cursor{})
	check(t, "from its beginning", fmt.Sprint(found), "[a1 b1]")
}

// A role without the right to know the server has a feed, too.
func TestFeedOfARoleThatMayNotKnowTheServer(t *testing.T) {
	p := direct(t)
	s, name := openNamed(t, p, nil)
	commit(t, s, create("a"))
	role := name + "_reader"
	quoted := pgx.Identifier{role}.Sanitize()
	run(t, p, name, "CREATE ROLE "+quoted+"; GRANT USAGE ON SCHEMA {schema} TO "+quoted+
		"; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO "+quoted+
		"; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
	t.Cleanup(func() {
		ctx := context.Background()
		for _, q := range []string{"GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC", "DROP OWNED BY " + quoted, "DROP ROLE " + quoted} {
			if _, err := p.Exec(ctx, q); err != nil {
				t.Error(err)
			}
		}
	})
	config := p.Config()
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET ROLE "+quoted)
		return err
	}
	reader := opened(t, connectWith(t, config), name, nil)
	found, _ := fed(t, reader, store.Cursor{})
	check(t, "found", fmt.Sprint(found), "[a1]")
}

// Where nobody follows the feed, Prune gives numbers, so that nothing waits forever, and forgets what is old.
func TestPruneWithoutReaders(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	commit(t, s, create("a"))
	_, err := s.Prune(t.Context(), time.Now().Add(-time.Hour))
	ok(t, err)
	check(t, "waiting", lines(t, p, name, "SELECT count(*)::text FROM {schema}.waiting")[0], "0")
	check(t, "in the feed", lines(t, p, name, "SELECT count(*)::text FROM {schema}.feed")[0], "1")
	_, err = s.Prune(t.Context(), time.Now().Add(time.Hour))
	ok(t, err)
	check(t, "in the feed", lines(t, p, name, "SELECT count(*)::text FROM {schema}.feed")[0], "0")
	first, last, err := s.FeedEnds(t.Context())
	ok(t, err)
	check(t, "its end", last.Number, int64(1))
	check(t, "its beginning", first.Number, int64(1))
}

func check[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: %v, want %v", what, got, want)
	}
}
