package postgres_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// levels are what default_transaction_isolation may be.
func levels() []string { return []string{"read committed", "repeatable read", "serializable"} }

// set returns a pool whose sessions have a setting.
func set(t *testing.T, p *pgxpool.Pool, mode pgx.QueryExecMode, setting, value string) *pgxpool.Pool {
	t.Helper()
	config := p.Config().Copy()
	config.ConnConfig.RuntimeParams[setting] = value
	config.ConnConfig.DefaultQueryExecMode = mode
	made, err := pgxpool.NewWithConfig(t.Context(), config)
	ok(t, err)
	t.Cleanup(made.Close)
	return made
}

// Processes that start at once migrate together, whatever the server's level of isolation is.
func TestMigrate_isolation(t *testing.T) {
	for _, level := range levels() {
		t.Run(level, func(t *testing.T) {
			direct := direct(t)
			name := schema(t, direct)
			p := set(t, direct, pgx.QueryExecModeCacheStatement, "default_transaction_isolation", level)
			var all sync.WaitGroup
			for range 4 {
				s := opened(t, p, name, nil)
				all.Go(func() {
					if err := s.Migrate(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
}

// What the server rolls back since others claim and commit at the same time is repeated, and nothing is returned twice.
func TestIsolation(t *testing.T) {
	const apps = 300
	now := time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
	for _, level := range levels() {
		t.Run(level, func(t *testing.T) {
			direct := direct(t)
			_, name := openNamed(t, direct, nil)
			p := set(t, direct, pgx.QueryExecModeCacheStatement, "default_transaction_isolation", level)
			s := opened(t, p, name, &postgres.Options{Retries: 50})
			changes := make([]subscription.Change, apps)
			for i := range changes {
				changes[i] = create(app(i))
				changes[i].Next.Due = now.Add(-time.Duration(i) * time.Second)
			}
			commit(t, s, changes...)
			var all sync.WaitGroup
			for range 2 {
				w := opened(t, p, name, &postgres.Options{Retries: 50})
				all.Go(func() {
					for k := range 20 {
						claimed, err := w.Claim(context.Background(), now.Add(time.Duration(k)*time.Second), time.Millisecond, 50)
						if err != nil {
							t.Error(err)
						}
						seen := map[subscription.ApplicationID]bool{}
						for _, c := range claimed {
							if seen[c.Application] {
								t.Errorf("%s was claimed twice by one claim", c.Application)
							}
							seen[c.Application] = true
						}
					}
				})
				all.Go(func() {
					for range 5 {
						if _, err := w.Prune(context.Background(), now); err != nil {
							t.Error(err)
						}
						n := 0
						for _, err := range w.Applications(context.Background()) {
							n++
							if err != nil {
								t.Error(err)
							}
						}
						if n != apps {
							t.Errorf("%d applications, want %d", n, apps)
						}
					}
				})
				all.Go(func() {
					for k := range 30 {
						id := app(k * 7 % apps)
						got, err := w.Load(context.Background(), subscription.Read{Application: id})
						if err != nil {
							t.Error(err)
							continue
						}
						c := next(id, got[0].Application.Revision)
						c.Next.Due = now
						if err := w.Commit(context.Background(), c); err != nil && !errors.Is(err, subscription.ErrConflict) {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// Every kind of call is repeated that the server rolled back, as a deadlock's victim too.
func TestRepeated(t *testing.T) {
	for _, code := range []string{"40001", "40P01"} {
		t.Run(code, func(t *testing.T) {
			p := direct(t)
			s, name := openNamed(t, p, nil)
			c := keyed(create("a"), "key")
			commit(t, s, c)
			fail(t, p, name, "UPDATE", "applications", code, 2)
			claimed, err := s.Claim(t.Context(), c.Next.Due, time.Hour, 10)
			if err != nil || len(claimed) != 1 || tries(t, p, name) < 3 {
				t.Errorf("Claim: %v, %v, want the application, at the third try", claimed, err)
			}
			run(t, p, name, "DROP TRIGGER fail ON {schema}.applications")
			failAgain(t, p, name, "DELETE", "receipts", code, 2)
			pruned, err := s.Prune(t.Context(), c.Next.Due.Add(time.Hour))
			if err != nil || pruned.Receipts != 1 || tries(t, p, name) < 3 {
				t.Errorf("Prune: %+v, %v, want the receipt, at the third try", pruned, err)
			}
		})
	}
}

// No setting of a session changes what is read and written.
func TestSettings(t *testing.T) {
	direct := direct(t)
	s, name := openNamed(t, direct, nil)
	at := time.Date(2025, time.February, 3, 4, 5, 6, 7000, time.UTC)
	c := keyed(create("a"), "key")
	c.Next.CreatedAt, c.Events[0].At, c.Receipts[0].At = at, at, at
	commit(t, s, c)
	n := 0
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec,
		pgx.QueryExecModeSimpleProtocol,
	} {
		for _, setting := range [][2]string{
			{"datestyle", "German"}, {"datestyle", "SQL, DMY"}, {"timezone", "Asia/Kathmandu"},
			{"intervalstyle", "iso_8601"}, {"bytea_output", "escape"}, {"default_transaction_isolation", "serializable"},
		} {
			n++
			id := strconv.Itoa(n)
			t.Run(mode.String()+"/"+setting[1], func(t *testing.T) {
				s := opened(t, set(t, direct, mode, setting[0], setting[1]), name, nil)
				got, err := s.Load(t.Context(), subscription.Read{Application: "a", Keys: []string{"key"}})
				if err != nil || len(got[0].Receipts) != 1 || !got[0].Receipts[0].At.Equal(at) {
					t.Errorf("%+v, %v", got, err)
				}
				for e, err := range s.Events(t.Context(), "a") {
					if err != nil || !e.At.Equal(at) {
						t.Errorf("%+v, %v", e, err)
					}
				}
				a := s.Accounts(&balance.Options{Now: func() time.Time { return at }})
				ok(t, a.Open(t.Context(), id))
				ok(t, a.Deposit(t.Context(), id, "deposit "+id, cents(1000)))
				for range 2 {
					r, err := a.Charge(t.Context(), payment.Charge{Key: "charge " + id, Account: id, Amount: cents(100)})
					if err != nil || !r.At.Equal(at) || r.Status != payment.Succeeded {
						t.Errorf("%+v, %v", r, err)
					}
				}
				for m, err := range a.Statement(t.Context(), id) {
					if err != nil || !m.At.Equal(at) {
						t.Errorf("%+v, %v", m, err)
					}
				}
			})
		}
	}
}
