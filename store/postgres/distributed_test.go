package postgres_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// spread returns the options of a store whose tables are distributed.
func spread() *postgres.Options { return &postgres.Options{Distributed: true} }

// heard are the statements that a pool was asked to execute, each once, with {schema} for the schema's name.
type heard struct {
	mu   sync.Mutex
	text map[string]bool
}

func (h *heard) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text[regexp.MustCompile(`"prepaid_\d+_\d+"`).ReplaceAllString(data.SQL, "{schema}")] = true
	return ctx
}

func (*heard) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// hear returns a pool that remembers its statements.
func hear(t *testing.T) (*pgxpool.Pool, *heard) {
	t.Helper()
	h := &heard{text: map[string]bool{}}
	config := connect(t).Config()
	config.ConnConfig.Tracer = h
	return connectWith(t, config), h
}

// distributed are the tables that are distributed by the application's ID.
func distributed() []string { return append(tables(), "waiting", "feed") }

var (
	locks    = regexp.MustCompile(`(?s)FOR (NO KEY )?(UPDATE|SHARE|KEY SHARE)`)
	branches = regexp.MustCompile(`\bUNION( ALL)?\b`)
)

// undistributable returns why a statement can't be split among servers, or "".
func undistributable(statement string) string {
	reads := func(text string) bool {
		return slices.ContainsFunc(distributed(), func(table string) bool {
			return regexp.MustCompile(`\{schema\}\.` + table + `\b`).MatchString(text)
		})
	}
	if locks.MatchString(statement) && reads(statement) {
		return "it locks rows of several applications"
	}
	for _, at := range branches.FindAllStringIndex(statement, -1) {
		before := statement[max(strings.LastIndex(statement[:at[0]], "SELECT"), strings.LastIndex(statement[:at[0]], "TABLE")):at[0]]
		after, _, _ := strings.Cut(statement[at[1]:], "UNION")
		if end := strings.IndexByte(after, ')'); end >= 0 {
			after = after[:end]
		}
		if reads(before) || reads(after) {
			return "a branch of its union isn't materialized"
		}
	}
	return ""
}

// Every statement of a store with Distributed can be split among servers, and the store keeps the contract of all stores on
// a single one, too. No cluster was at hand: what the statements look like is all that is verified.
// Rule: statements-are-distributable.
func TestDistributed(t *testing.T) {
	testsize.Full(t)
	t.Parallel()
	p, h := hear(t)
	empty := emptySchemas(t, connect(t)) // Migrate comes before tables are distributed
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		return opened(t, p, empty(t), spread())
	})
	of := map[string]int{}
	for statement := range h.text {
		for _, what := range []string{"leased_until = $", "AS MATERIALIZED", "held AS (", "updated AS (", "created AS (", "f.number > $"} {
			if strings.Contains(statement, what) {
				of[what]++
			}
		}
		if why := undistributable(statement); why != "" {
			t.Errorf("%s:\n%s", why, statement)
		}
	}
	if len(of) < 5 || of["leased_until = $"] == 0 || of["held AS ("] == 0 {
		t.Errorf("too few kinds of statements were seen: %v", of)
	}
}

// What the statements of a single server do, no statement of a distributed store may do.
func TestDistributed_plainIsNot(t *testing.T) {
	p := connect(t)
	plain, _ := openNamed(t, p, nil)
	at := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	read := subscription.Read{Application: "a", Keys: []string{"key"}}
	for _, st := range []postgres.Statement{
		plain.ClaimStatement(at, time.Time{}, "", 10), plain.LoadStatement(read), plain.PassingStatement(next("a", 1), next("b", 1)),
	} {
		text := regexp.MustCompile(`"prepaid_\d+_\d+"`).ReplaceAllString(st.Text, "{schema}")
		if undistributable(text) == "" {
			t.Errorf("%s is said to be distributable:\n%s", st.Name, text)
		}
	}
}

// Each key of a distributed table begins with the application's ID, and no constraint or trigger reaches other rows.
// Rule: statements-are-distributable.
func TestDistributed_tables(t *testing.T) {
	p := connect(t)
	_, name := openNamed(t, p, nil)
	found := func(query string) []string {
		r, err := p.Query(t.Context(), query, name, distributed())
		ok(t, err)
		all, err := pgx.CollectRows(r, pgx.RowTo[string])
		ok(t, err)
		return all
	}
	const in = ` c.relnamespace = $1::regnamespace AND c.relname = ANY ($2)`
	keys := found(`SELECT DISTINCT c.relname || '.' || a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indisunique AND` + in)
	if len(keys) < len(distributed()) {
		t.Errorf("keys %v of %v", keys, distributed())
	}
	for _, key := range keys {
		if key != "applications.id" && !strings.HasSuffix(key, ".application_id") {
			t.Errorf("a unique index begins with %s", key)
		}
	}
	for what, query := range map[string]string{
		"foreign keys": `SELECT conname::text FROM pg_constraint k JOIN pg_class c ON c.oid IN (k.conrelid, k.confrelid) WHERE contype = 'f' AND` + in,
		"triggers":     `SELECT tgname::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE NOT tgisinternal AND` + in,
	} {
		if got := found(query); len(got) > 0 {
			t.Errorf("%s: %v", what, got)
		}
	}
}

// A coordinator passes on what another server says without its code, and it means the same.
func TestDistributed_errorsAreKnownByTheirMessage(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, spread())
	commit(t, s, keyed(create("a"), "taken"), create("b"))
	run(t, p, name, `CREATE FUNCTION {schema}.node() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
		IF NEW.key = 'taken' THEN
			RAISE 'duplicate key value violates unique constraint "receipts_pkey_102046"' USING ERRCODE = 'XX000';
		ELSIF NEW.key = 'wrong' THEN
			RAISE 'new row for relation "receipts_102046" violates check constraint "receipts_check"' USING ERRCODE = 'XX000';
		ELSIF NEW.key = 'large' THEN
			RAISE 'index row size 2712 exceeds btree version 4 maximum 2704 for index "receipts_pkey_102046"' USING ERRCODE = 'XX000';
		END IF;
		RETURN NEW;
	END $f$`)
	run(t, p, name, `CREATE TRIGGER node BEFORE INSERT ON {schema}.receipts FOR EACH ROW EXECUTE FUNCTION {schema}.node()`)
	fails(t, s.Commit(t.Context(), keyed(next("a", 1), "taken")), subscription.ErrConflict)
	fails(t, s.Commit(t.Context(), keyed(next("a", 1), "wrong")), subscription.ErrInvariant)
	fails(t, s.Commit(t.Context(), keyed(next("a", 1), "large")), subscription.ErrTooLarge)
	err := s.Commit(t.Context(), keyed(next("a", 1), "wrong"), next("b", 1))
	var refused *subscription.RefusedError
	if !errors.As(err, &refused) || len(refused.Changes) != 1 || revision(t, s, "a") != 1 || revision(t, s, "b") != 2 {
		t.Errorf("%v, want the change of a refused, and that of b applied", err)
	}
}

// Several workers that claim at once share what is due, and claim nothing twice.
func TestDistributed_claims(t *testing.T) {
	const due, workers = 500, 4
	p := connect(t)
	s, name := openNamed(t, p, spread())
	conn, err := p.Acquire(t.Context())
	ok(t, err)
	populate(t, conn.Conn(), name, due)
	conn.Release()
	asOf := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	var (
		mu    sync.Mutex
		times = map[subscription.ApplicationID]int{}
		wait  sync.WaitGroup
	)
	for range workers {
		own := opened(t, p, name, spread())
		wait.Go(func() {
			for {
				got, err := own.Claim(t.Context(), asOf, time.Hour, 20)
				if err != nil || len(got) == 0 {
					ok(t, err)
					return
				}
				mu.Lock()
				for _, c := range got {
					times[c.Application]++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	// Who lost a race may have found nothing: what is left is claimed now.
	for {
		got, err := s.Claim(t.Context(), asOf, time.Hour, 100)
		ok(t, err)
		if len(got) == 0 {
			break
		}
		for _, c := range got {
			times[c.Application]++
		}
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(times) != due {
		t.Errorf("%d of %d were claimed", len(times), due)
	}
}
