package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// A host's open transaction on one application, as [postgres.Store.WithTx] makes one, keeps no other from being renewed, nor
// their customers waiting; and once it has ended the worker doesn't wait for the lease's end. Neither does it with limits
// of the host's on its sessions.
// Rule: held-row-stops-nobody.
func TestHeldRowStopsNobody(t *testing.T) {
	for name, settings := range map[string]string{
		"no limits":         "",
		"lock timeout":      "&lock_timeout=500ms",
		"statement timeout": "&statement_timeout=5s",
	} {
		t.Run(name, func(t *testing.T) {
			const n = 40
			s := newShop(t, n, nil)
			st := opened(t, connectTo(t, s.pool.Config().ConnString()+settings), s.name, nil)
			tx, err := s.pool.Begin(t.Context())
			ok(t, err)
			defer func() { _ = tx.Rollback(context.Background()) }()
			hold := func() { s.hold(tx, app(7)) }
			w := s.Worker(&scene.Meanwhile{Store: st, Claimed: hold})
			began := time.Now()
			stats, err := w.Once(t.Context())
			if err != nil || s.renewed(n) != n-1 || stats.Conflicts == 0 {
				t.Errorf("%+v, %v, %d renewed, want %d and a conflict", stats, err, s.renewed(n), n-1)
			}
			if waited := time.Since(began); waited > 10*time.Second {
				t.Errorf("the round took %s", waited)
			}
			ok(t, tx.Rollback(t.Context()))
			s.Now = s.Now.Add(time.Minute)
			if stats, err = w.Once(t.Context()); err != nil || s.renewed(n) != n {
				t.Errorf("a minute later: %+v, %v, %d renewed", stats, err, s.renewed(n))
			}
		})
	}
}

// Round after round, as long as the host holds the row: what becomes due meanwhile is renewed.
func TestHeldRowRoundAfterRound(t *testing.T) {
	t.Parallel() // for it waits
	const n = 20
	s := newShop(t, n, &postgres.Options{Timeout: 5 * time.Second})
	tx, err := s.pool.Begin(t.Context())
	ok(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	w := s.Worker(&scene.Meanwhile{Store: s.store, Claimed: func() { s.hold(tx, app(7)) }})
	s.later(t, n/2)
	_, err = w.Once(t.Context())
	ok(t, err)
	s.Now = s.Now.Add(time.Hour) // the others are due
	_, err = w.Once(t.Context())
	t.Logf("with the held one alone at the end: %v", err)
	if got := s.renewed(n); got != n-1 {
		t.Errorf("%d renewed in the second round, want %d", got, n-1)
	}
	ok(t, tx.Rollback(t.Context()))
	s.Now = s.Now.Add(10 * time.Minute)
	if _, err = w.Once(t.Context()); err != nil || s.renewed(n) != n {
		t.Errorf("%v, %d renewed in the end", err, s.renewed(n))
	}
}

// later makes all but the first applications due half an hour later.
func (s *shop) later(t *testing.T, first int) {
	t.Helper()
	run(t, s.pool, s.name, "UPDATE {schema}.applications SET due = $1 WHERE id >= $2", s.Now.Add(30*time.Minute), string(app(first)))
}

// hold locks an application's row in a transaction of the host's.
func (s *shop) hold(tx pgx.Tx, id subscription.ApplicationID) {
	s.t.Helper()
	_, err := tx.Exec(s.t.Context(), in(s.name, "UPDATE {schema}.applications SET account = account WHERE id = $1"), string(id))
	ok(s.t, err)
}

// A row that is taken while the gateway is asked keeps only its own payment from being recorded, for as long: the gateway
// is asked again, and has collected once.
func TestHeldRowWhilePaid(t *testing.T) {
	const n = 40
	s := newShop(t, n, nil)
	tx, err := s.pool.Begin(t.Context())
	ok(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	w := s.Worker(&scene.Meanwhile{Store: s.store, Committed: func() { s.hold(tx, app(7)) }})
	stats, err := w.Once(t.Context())
	if err != nil || s.renewed(n) != n-1 {
		t.Errorf("%+v, %v, %d renewed, want %d", stats, err, s.renewed(n), n-1)
	}
	ok(t, tx.Rollback(t.Context()))
	s.Now = s.Now.Add(time.Minute)
	if stats, err = w.Once(t.Context()); err != nil || s.renewed(n) != n {
		t.Errorf("a minute later: %+v, %v, %d renewed", stats, err, s.renewed(n))
	}
}

// While a batch waits for a row that a host holds, the customers of all others are served.
// Rule: held-row-stops-nobody.
func TestHeldRowMakesNoConvoy(t *testing.T) {
	const n = 40
	s := newShop(t, n, nil)
	tx, err := s.pool.Begin(t.Context())
	ok(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	held := make(chan struct{})
	done := make(chan error, 1)
	w := s.Worker(&scene.Meanwhile{Store: s.store, Claimed: func() {
		s.hold(tx, app(n-1))
		close(held)
	}})
	go func() {
		_, err := w.Once(context.Background())
		done <- err
	}()
	<-held
	service := s.Service(s.store)
	var longest time.Duration
	for i := range n - 1 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		began := time.Now()
		if _, err := service.Consume(ctx, app(i), s.Usage(i, 1)...); err != nil {
			t.Errorf("the customer of %s: %v", app(i), err)
		}
		longest = max(longest, time.Since(began))
		cancel()
	}
	ok(t, <-done)
	t.Logf("the longest wait of a customer: %s", longest)
}
