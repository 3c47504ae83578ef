package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// shop is a number of applications whose renewals are due.
type shop struct {
	*scene.Scene

	t     *testing.T
	pool  *pgxpool.Pool
	name  string
	store *postgres.Store
}

func newShop(t *testing.T, applications int, o *postgres.Options) *shop {
	t.Helper()
	s := &shop{Scene: scene.New(t), t: t, pool: direct(t)}
	s.store, s.name = openNamed(t, s.pool, o)
	s.Sell(s.store, applications)
	s.Now = time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC)
	return s
}

// renewed counts the renewals of the first n applications that are on record as paid.
func (s *shop) renewed(n int) (paid int) {
	s.t.Helper()
	for i := range n {
		for o, err := range s.store.Orders(s.t.Context(), app(i)) {
			ok(s.t, err)
			if o.Kind == subscription.RenewalOrder && o.Status == subscription.OrderPaid {
				paid++
			}
		}
	}
	return paid
}

// refuse makes a trigger of the host's refuse orders that meet a condition, with a code.
func (s *shop) refuse(when, code string) {
	s.t.Helper()
	run(s.t, s.pool, s.name, `CREATE OR REPLACE FUNCTION {schema}.host() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF `+when+` THEN RAISE EXCEPTION 'host says no' USING ERRCODE = '`+code+`'; END IF; RETURN NEW; END $$`)
	run(s.t, s.pool, s.name, `CREATE OR REPLACE TRIGGER host BEFORE INSERT OR UPDATE ON {schema}.orders
		FOR EACH ROW EXECUTE FUNCTION {schema}.host()`)
}

// A host's trigger or policy that refuses a row of one application keeps no other from being renewed, whatever code it
// refuses it with. The refusal is on record, and once it is lifted the application is renewed too.
// Rule: refused-row-stops-nobody.
func TestRefusedRowStopsNobody(t *testing.T) {
	for _, code := range []string{"P0001", "23514", "42501", "45000", "XX000"} {
		t.Run(code, func(t *testing.T) {
			const n = 40
			s := newShop(t, n, nil)
			s.refuse("NEW.application_id = '"+string(app(7))+"' AND NEW.kind = 'renewal'", code)
			w := s.Worker(s.store)
			stats, err := w.Once(t.Context())
			if err != nil || stats.Paid != n-1 || stats.Failed != 1 || s.renewed(n) != n-1 {
				t.Errorf("%+v, %v, %d renewed, want %d and 1 set aside", stats, err, s.renewed(n), n-1)
			}
			if !noted(t, s.store, app(7), "host says no") {
				t.Error("no event says why the application was set aside")
			}
			run(t, s.pool, s.name, "DROP TRIGGER host ON {schema}.orders")
			s.Now = s.Now.Add(2 * time.Hour)
			if stats, err = w.Once(t.Context()); err != nil || s.renewed(n) != n {
				t.Errorf("after it is lifted: %+v, %v, %d renewed", stats, err, s.renewed(n))
			}
		})
	}
}

// A row that says paid and is refused: all others are delivered what they paid for, the order is told of, tried again, and
// collected once.
// Rule: refused-row-stops-nobody.
func TestRefusedPaymentStopsNobody(t *testing.T) {
	const n = 40
	s := newShop(t, n, nil)
	s.refuse("NEW.application_id = '"+string(app(7))+"' AND NEW.kind = 'renewal' AND NEW.status = 'paid'", "P0001")
	w := s.Worker(s.store)
	stats, err := w.Once(t.Context())
	if err != nil || stats.Paid != n-1 || stats.Unrecorded != 1 || s.renewed(n) != n-1 {
		t.Errorf("%+v, %v, %d renewed, want %d, and 1 that can't be recorded", stats, err, s.renewed(n), n-1)
	}
	if !noted(t, s.store, app(7), "host says no") {
		t.Error("no event says why the payment isn't recorded")
	}
	s.Now = s.Now.Add(2 * time.Hour)
	if stats, err = w.Once(t.Context()); err == nil && stats.Unrecorded != 1 {
		t.Errorf("tried again, alone: %+v, %v", stats, err)
	}
	run(t, s.pool, s.name, "DROP TRIGGER host ON {schema}.orders")
	s.Now = s.Now.Add(2 * time.Hour)
	if stats, err = w.Once(t.Context()); err != nil || stats.Paid != 1 || s.renewed(n) != n {
		t.Errorf("after it is lifted: %+v, %v, %d renewed", stats, err, s.renewed(n))
	}
}

// An application of which not even the set-aside can be written keeps no other waiting: they are charged and delivered in
// the same round, which tells of it.
func TestRefusedApplicationStopsNobody(t *testing.T) {
	const n = 20
	s := newShop(t, n, nil)
	run(t, s.pool, s.name, `CREATE FUNCTION {schema}.host() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.id = '`+string(app(7))+`' AND NEW.revision <> OLD.revision THEN RAISE EXCEPTION 'host says no'; END IF; RETURN NEW; END $$`)
	run(t, s.pool, s.name, `CREATE TRIGGER host BEFORE UPDATE ON {schema}.applications FOR EACH ROW EXECUTE FUNCTION {schema}.host()`)
	w := s.Worker(s.store)
	stats, err := w.Once(t.Context())
	if stats.Paid != n-1 || stats.Failed != 0 || s.renewed(n) != n-1 || err == nil {
		t.Errorf("%+v, %v, %d renewed, want %d, and to be told", stats, err, s.renewed(n), n-1)
	}
	run(t, s.pool, s.name, "DROP TRIGGER host ON {schema}.applications")
	s.Now = s.Now.Add(10 * time.Minute)
	if _, err = w.Once(t.Context()); err != nil || s.renewed(n) != n {
		t.Errorf("after it is lifted: %v, %d renewed", err, s.renewed(n))
	}
}

// One that is refused while nothing else is due keeps what is due later from nothing.
func TestRefusedAloneStopsNobody(t *testing.T) {
	const n = 20
	s := newShop(t, n, nil)
	s.refuse("NEW.application_id = '"+string(app(0))+"' AND NEW.kind = 'renewal'", "P0001")
	s.later(t, 1)
	w := s.Worker(s.store)
	if _, err := w.Once(t.Context()); err == nil {
		t.Error("nobody is told")
	}
	s.Now = s.Now.Add(time.Hour)
	stats, err := w.Once(t.Context())
	if s.renewed(n) != n-1 {
		t.Errorf("%+v, %v, %d renewed, want %d", stats, err, s.renewed(n), n-1)
	}
}

// What the server refuses of every row isn't about a row: the commit fails, and nobody is set aside for it.
func TestServerThatRefusesAllIsAtFault(t *testing.T) {
	const n = 20
	s := newShop(t, n, nil)
	s.refuse("true", "P0001")
	stats, err := s.Worker(s.store).Once(t.Context())
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "P0001" || errors.Is(err, subscription.ErrRefused) || stats.Failed != 0 {
		t.Errorf("%+v, %v, want the server's error", stats, err)
	}
}

// noted reports whether an application was set aside with such a reason.
func noted(t *testing.T, s *postgres.Store, id subscription.ApplicationID, why string) bool {
	t.Helper()
	for e, err := range s.Events(t.Context(), id) {
		ok(t, err)
		if e.Type == subscription.EventDecisionFailed && strings.Contains(e.Note, why) {
			return true
		}
	}
	return false
}

// A document that the server can't read, since its disk is damaged, keeps no other from being claimed.
// Rule: unreadable-document-stops-nobody.
func TestDamagedDocumentStopsNoClaim(t *testing.T) {
	const n = 40
	s := newShop(t, n, nil)
	damage(t, s.pool, s.name, app(7))
	claimed, err := s.store.Claim(t.Context(), s.Now, time.Minute, 1000)
	if err != nil || len(claimed) != n {
		t.Fatalf("%d claimed, %v, want %d", len(claimed), err, n)
	}
	for _, c := range claimed {
		damaged := c.Application == app(7)
		if (c.Err != nil) != damaged || !damaged && c.Snapshot.Application.Revision == 0 {
			t.Errorf("%s: %v", c.Application, c.Err)
		}
	}
	s.Now = s.Now.Add(time.Hour)
	stats, err := s.Worker(s.store).Once(t.Context())
	if err != nil || stats.Unreadable == 0 || stats.Paid != n-1 {
		t.Errorf("%+v, %v, want %d paid beside what can't be read", stats, err, n-1)
	}
}

// damage takes away where an application's document is kept outside of its row.
func damage(t *testing.T, p *pgxpool.Pool, name string, id subscription.ApplicationID) {
	t.Helper()
	run(t, p, name, `ALTER TABLE {schema}.applications ALTER document SET STORAGE EXTERNAL`)
	run(t, p, name, `UPDATE {schema}.applications SET document = document || repeat(' ', 100000) WHERE id = $1`, string(id))
	c, err := p.Acquire(t.Context())
	ok(t, err)
	defer c.Release()
	var toast string
	ok(t, c.QueryRow(t.Context(), `SELECT reltoastrelid::regclass::text FROM pg_class WHERE oid = $1::regclass`,
		in(name, "{schema}.applications")).Scan(&toast))
	for _, statement := range []string{
		`SET allow_system_table_mods = on`,
		`UPDATE pg_class SET relkind = 'r' WHERE oid = '` + toast + `'::regclass`,
		`DELETE FROM ` + toast,
		`UPDATE pg_class SET relkind = 't' WHERE oid = '` + toast + `'::regclass`,
		`RESET allow_system_table_mods`,
	} {
		_, err := c.Exec(context.Background(), statement)
		ok(t, err)
	}
}
