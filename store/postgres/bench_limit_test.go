package postgres_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// limit is hand-written SQL, one statement after the other, through a pool: the same rows in the same transactions. All
// arguments were computed before the clock started, and what is read isn't decoded. With PREPAID_RAW=1 they were
// encoded before as well, and the statements prepared, on a connection without a pool: then there is nothing but the
// protocol and the server.
type limit struct {
	b      *testing.B
	conn   *pgx.Conn     // if raw
	pool   *pgxpool.Pool // if not
	schema string
	steps  []step
}

// step is a statement with its parameters.
type step struct {
	text string
	args []any
	rows int // that it must return; -1: any number

	name    string
	params  [][]byte
	formats []int16
}

// openLimits opens some, which share a pool.
func openLimits(b *testing.B, s *stage, n int) []*limit {
	b.Helper()
	config := s.pool.Config()
	// What a database administrator would do with statements that go by key, and only by key.
	for _, name := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin"} {
		config.ConnConfig.RuntimeParams[name] = "off"
	}
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	limits := make([]*limit, n)
	for i := range limits {
		limits[i] = &limit{b: b, pool: pool, schema: pgx.Identifier{s.schema}.Sanitize()}
		if os.Getenv("PREPAID_RAW") == "" {
			continue
		}
		if limits[i].conn, err = pgx.ConnectConfig(b.Context(), config.ConnConfig); err != nil {
			b.Fatal(err)
		}
	}
	return limits
}

func (l *limit) close() {
	l.pool.Close()
	if l.conn != nil {
		_ = l.conn.Close(context.Background())
	}
}

// add adds a statement, in which each question mark is a parameter.
func (l *limit) add(rows int, text string, args ...any) {
	l.b.Helper()
	text = strings.ReplaceAll(text, "{schema}", l.schema)
	for i := 1; strings.Contains(text, "?"); i++ {
		text = strings.Replace(text, "?", fmt.Sprint("$", i), 1)
	}
	if l.conn == nil {
		l.steps = append(l.steps, step{text: text, args: args, rows: rows})
		return
	}
	h := fnv.New64()
	_, _ = h.Write([]byte(text))
	s := step{name: strconv.FormatUint(h.Sum64(), 16), rows: rows}
	sd, err := l.conn.Prepare(l.b.Context(), s.name, text)
	if err != nil {
		l.b.Fatal(text, err)
	}
	for i, arg := range args {
		param, err := l.conn.TypeMap().Encode(sd.ParamOIDs[i], pgtype.BinaryFormatCode, arg, nil)
		if err != nil {
			l.b.Fatal(text, i, err)
		}
		s.params, s.formats = append(s.params, param), append(s.formats, pgtype.BinaryFormatCode)
	}
	l.steps = append(l.steps, s)
}

func (l *limit) plan(c scene.Call) {
	l.b.Helper()
	for i := range c.Reads {
		l.read(&c.Reads[i])
	}
	if c.Claim > 0 {
		l.add(-1, `WITH due AS (
			SELECT id FROM {schema}.applications
			WHERE due <= ? AND (leased_until IS NULL OR leased_until <= ?)
			ORDER BY due, id LIMIT ? FOR UPDATE SKIP LOCKED)
			UPDATE {schema}.applications a SET leased_until = ? FROM due WHERE a.id = due.id RETURNING a.id, a.document`,
			c.AsOf, c.AsOf, c.Claim, c.AsOf.Add(5*time.Minute))
	}
	if len(c.Changes) > 0 {
		l.commit(c.Changes)
	}
}

// read asks for the document, and for at most one receipt, order and record beside it.
func (l *limit) read(r *subscription.Read) {
	l.b.Helper()
	text, args := `SELECT a.document`, []any{}
	from := ` FROM {schema}.applications a`
	if len(r.Keys) > 0 {
		text += `, r.key, r.kind, r.digest, r.revision, r.at, r.order_id`
		from += ` LEFT JOIN {schema}.receipts r ON r.application_id = a.id AND r.key = ANY (?)`
		args = append(args, r.Keys)
	}
	if len(r.Orders) > 0 {
		text += `, o.*`
		from += ` LEFT JOIN {schema}.orders o ON o.application_id = a.id AND o.id = ANY (?)`
		args = append(args, r.Orders)
	}
	if len(r.Records) > 0 {
		text += `, ARRAY(SELECT u.id FROM unnest(?::text[]) AS w (id),
			LATERAL (SELECT u.id FROM {schema}.records u WHERE u.application_id = ? AND u.id = w.id OFFSET 0) u)`
		args = append([]any{r.Records, string(r.Application)}, args...)
	}
	l.add(1, text+from+` WHERE a.id = ?`, append(args, string(r.Application))...)
}

const orderColumns = `application_id, id, placed_revision, placed_index, account, kind, subscription, product, version,
	placed_at, catalog, agreement, attempt, amount, currency, lines, deliveries, renews_from,
	status, closed_at, reason, note, reference, collected, collected_currency,
	delivered_start, delivered_end, delivered_zone, delivered_increment, delivered_total, delivered_remaining,
	paid_at, taken_back_at, collected_at, taxes, action, given_back, given_back_currency`

const orderFigures = `tax_included, present, refunds`

const orderArrays = `unnest(?::text[], ?::text[], ?::bigint[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
	?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::timestamptz[],
	?::text[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[],
	?::timestamptz[], ?::timestamptz[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[],
	?::timestamptz[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::boolean[], ?::boolean[],
	?::integer[])
	AS c (` + orderColumns + `, ` + orderFigures + `)`

// commit writes without asking whether anything held but the revision: the limit has no conflicts.
func (l *limit) commit(changes []subscription.Change) {
	l.b.Helper()
	pointers := make([]*subscription.Change, len(changes))
	for i := range changes {
		pointers[i] = &changes[i]
	}
	columns, err := postgres.Encode(pointers...)
	if err != nil {
		l.b.Fatal(err)
	}
	var parts []string
	var args []any
	part := func(i int, text string) {
		if len(columns[i]) == 0 {
			return
		}
		parts = append(parts, text)
		for _, c := range columns[i] {
			args = append(args, c)
		}
	}
	if len(changes) == 1 {
		c := &changes[0]
		parts = append(parts, `u AS (UPDATE {schema}.applications
			SET revision = revision + 1, due = ?, leased_until = NULL, account = ?, document = ?
			WHERE id = ? AND revision = ? RETURNING id, revision)`)
		var due any
		if !c.Next.Due.IsZero() {
			due = c.Next.Due
		}
		doc, _ := columns[0][2].Index(0).(pgtype.TextValuer).TextValue()
		args = append(args, due, string(c.Next.Account), doc.String, string(c.Application), c.Base)
	} else {
		part(0, `u AS (UPDATE {schema}.applications a
			SET revision = c.base + 1, due = c.due, leased_until = NULL, account = c.account, document = c.document
			FROM unnest(?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[]) AS c (due, account, document, id, base)
			WHERE a.id = c.id AND a.revision = c.base RETURNING a.id, a.revision)`)
	}
	part(2, `o AS (INSERT INTO {schema}.orders (`+orderColumns+`, `+orderFigures+`) SELECT `+orderColumns+`,
		COALESCE(tax_included, false), COALESCE(present, false), COALESCE(refunds, 0) FROM `+orderArrays+`)`)
	part(3, `p AS (UPDATE {schema}.orders o SET status = c.status, closed_at = c.closed_at, reason = c.reason, note = c.note,
		reference = c.reference, collected = c.collected, collected_currency = c.collected_currency,
		delivered_start = c.delivered_start, delivered_end = c.delivered_end, delivered_zone = c.delivered_zone,
		delivered_increment = c.delivered_increment, delivered_total = c.delivered_total,
		delivered_remaining = c.delivered_remaining, paid_at = c.paid_at, action = c.action
		FROM `+orderArrays+` WHERE o.application_id = c.application_id AND o.id = c.id)`)
	//nolint:unqueryvet // of arrays that are given here
	part(4, `b AS (INSERT INTO {schema}.order_refunds (application_id, order_id, number, kind, status, account, amount, currency,
		taxes, take, notice, key, note, asked_by, due_at, closed_at, reason, reference)
		SELECT * FROM unnest(?::text[], ?::text[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[],
		?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[]))`)
	part(5, `s AS (UPDATE {schema}.subscription_rows s SET version = c.version, status = c.status,
		auto_renew = COALESCE(c.auto_renew, false), paid_until = c.paid_until
		FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::boolean[],
		?::timestamptz[], ?::timestamptz[])
		AS c (application_id, id, account, product, version, status, currency, trial, auto_renew, opened_at, paid_until)
		WHERE s.application_id = c.application_id AND s.id = c.id)`)
	part(6, `e AS (INSERT INTO {schema}.entries
		(application_id, revision, index, at, kind, lot, quantity, order_id, product, usage, day, reservation, recorded_at)
		SELECT a, b, c, d, e, f, g, h, i, j, DATE '1970-01-01' + k, l, m
		FROM unnest(?::text[], ?::bigint[], ?::integer[], ?::timestamptz[], ?::text[], ?::bigint[], ?::bigint[], ?::text[],
		?::text[], ?::text[], ?::integer[], ?::text[], ?::timestamptz[]) AS t (a, b, c, d, e, f, g, h, i, j, k, l, m))`)
	part(7, `v AS (INSERT INTO {schema}.events (application_id, revision, index, at, type, subscription, product, version,
		from_status, status, period_start, period_end, period_zone, order_id, kind, amount, currency, lot, quantity, reason, note,
		actor, why)
		SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w
		FROM unnest(?::text[], ?::bigint[], ?::integer[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::text[],
		?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[],
		?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[])
		AS z (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w))`)
	part(8, `r AS (INSERT INTO {schema}.receipts (application_id, key, kind, digest, revision, at, order_id)
		SELECT a, b, c, d, e, f, g
		FROM unnest(?::text[], ?::text[], ?::text[], ?::bytea[], ?::bigint[], ?::timestamptz[], ?::text[]) AS z (a, b, c, d, e, f, g))`)
	part(9, `w AS (INSERT INTO {schema}.records (application_id, id, day, digest)
		SELECT a, b, DATE '1970-01-01' + c, d FROM unnest(?::text[], ?::text[], ?::integer[], ?::bigint[]) AS t (a, b, c, d))`)
	parts = append(parts, `x AS (INSERT INTO {schema}.waiting (application_id, revision) SELECT id, revision FROM u)`)
	l.add(len(changes), "WITH "+strings.Join(parts, ", ")+" SELECT id FROM u", args...)
}

func (l *limit) replay() {
	for i := range l.steps {
		if err := l.run(&l.steps[i]); err != nil {
			l.b.Error(err)
			return
		}
	}
}

func (l *limit) run(s *step) error {
	if l.conn == nil {
		return l.query(s)
	}
	r := l.conn.PgConn().ExecPrepared(context.Background(), s.name, s.params, s.formats, []int16{pgtype.BinaryFormatCode})
	rows := 0
	for r.NextRow() {
		rows++
	}
	if _, err := r.Close(); err != nil {
		return err
	}
	if s.rows >= 0 && rows != s.rows {
		return fmt.Errorf("%d rows, want %d", rows, s.rows)
	}
	return nil
}

func (l *limit) query(s *step) error {
	r, err := l.pool.Query(context.Background(), s.text, s.args...)
	if err != nil {
		return err
	}
	defer r.Close()
	rows := 0
	for r.Next() {
		rows++
	}
	if s.rows >= 0 && rows != s.rows {
		return fmt.Errorf("%d rows, want %d, %w", rows, s.rows, r.Err())
	}
	return r.Err()
}

// limited replays the calls of a stage over some connections.
func limited(b *testing.B, t *stage, parallel, size int, unit string) {
	b.Helper()
	t.set(b)
	lanes := openLimits(b, t, parallel)
	lane := map[subscription.ApplicationID]int{}
	for _, c := range t.Calls {
		var id subscription.ApplicationID
		if len(c.Reads) > 0 {
			id = c.Reads[0].Application
		} else {
			id = c.Changes[0].Application
		}
		if _, ok := lane[id]; !ok {
			lane[id] = len(lane) % parallel
		}
		lanes[lane[id]].plan(c)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var wait sync.WaitGroup
	for _, l := range lanes {
		wait.Go(l.replay)
	}
	wait.Wait()
	b.StopTimer()
	for _, l := range lanes {
		l.close()
	}
	perSecond(b, size, unit)
}
