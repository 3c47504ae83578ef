package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// heard keeps what an observer was told.
type heard struct{ testworld.Heard }

// take returns a line for each observation since the last call: "op name outcome", and what else is set.
func (h *heard) take() []string {
	var lines []string
	for _, o := range h.Take() {
		line := fmt.Sprint(o.Op, " ", o.Name, " ", o.Outcome)
		for _, n := range []struct {
			name string
			is   any
		}{{"size", o.Size}, {"limit", o.Limit}, {"conflicts", o.Conflicts}, {"late", o.Late}} {
			if n.is != 0 && n.is != time.Duration(0) {
				line += fmt.Sprint(" ", n.name, "=", n.is)
			}
		}
		if o.Op == subscription.OpSetAside {
			line += fmt.Sprint(" ", o.Application)
		}
		lines = append(lines, strings.ReplaceAll(line, "  ", " "))
	}
	return lines
}

// watched is a world whose service and worker tell the test, on a store of the test's.
func watched(t *testing.T, s setup, wrap func(renewal.Store) renewal.Store) (*world, *renewal.Worker, *heard) {
	t.Helper()
	h := &heard{}
	w := newWorld(t, s)
	w.must(buy("call", "one-to-one"))
	w.work()
	var st renewal.Store = w.store
	if wrap != nil {
		st = wrap(st)
	}
	service := sure.Of(subscription.NewService(st, w.gateway, func() *pricing.Catalog { return w.catalog },
		&subscription.Options{Now: func() time.Time { return w.now }, Observe: h.Observe}))
	return w, sure.Of(renewal.NewWorker(service, st, &renewal.Options{Policy: w.policy})), h
}

// failing is a store whose calls can be made to fail.
type failing struct {
	renewal.Store

	claim   error
	commits []error // of the next commits; nil: succeeds
	edit    func([]renewal.Claimed)
}

func (f *failing) Claim(ctx context.Context, at time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if f.claim != nil {
		return nil, f.claim
	}
	claimed, err := f.Store.Claim(ctx, at, lease, limit)
	if f.edit != nil {
		f.edit(claimed)
	}
	return claimed, err
}

func (f *failing) Commit(ctx context.Context, changes ...subscription.Change) error {
	if len(f.commits) > 0 {
		err := f.commits[0]
		if f.commits = f.commits[1:]; err != nil {
			return err
		}
	}
	return f.Store.Commit(ctx, changes...)
}

// A round is told with its claims, commits, calls of the gateway and the steps of orders, by the service's observer.
// Rule: told-from-outside.
func TestObserveTellsOfARound(t *testing.T) {
	w, worker, h := watched(t, setup{policy: renewal.Policy{Reminders: hours()}}, nil)
	w.at("2025-01-31T02:00:00Z") // due at 00:00
	_ = sure.Of(worker.Once(t.Context()))
	want := []string{
		"claim ok size=1 limit=1000 late=2h0m0s",
		"commit ok size=1", "order renewal placed",
		"gateway charge succeeded",
		"commit ok size=1", "order renewal paid",
		"claim ok limit=1000",
		"round ok size=1 late=2h0m0s",
	}
	if diff := cmp.Diff(want, h.take()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	_ = sure.Of(worker.Once(t.Context()))
	if diff := cmp.Diff([]string{"claim ok limit=1000", "round ok"}, h.take()); diff != "" {
		t.Errorf("told of a round without work (-want +got):\n%s", diff)
	}
}

// What keeps a worker from going on with an application is told, and why.
// Rule: told-from-outside.
func TestObserveTellsWhatIsSetAside(t *testing.T) {
	ours := func(f *failing) func(renewal.Store) renewal.Store {
		return func(st renewal.Store) renewal.Store {
			f.Store = st
			return f
		}
	}
	for _, test := range []struct {
		name  string
		store failing
		want  string
	}{
		{"a store that is down", failing{claim: errors.New("down")}, "claim internal limit=1000, round internal"},
		{
			"another writer", failing{commits: []error{&subscription.ConflictError{Applications: []subscription.ApplicationID{app}}}},
			"claim ok size=1 limit=1000 late=2h0m0s, commit conflict size=1 conflicts=1, " +
				"claim ok limit=1000, round ok size=1 conflicts=1 late=2h0m0s",
		},
		{
			"an unreadable document", failing{edit: func(c []renewal.Claimed) {
				for i := range c {
					c[i].Err = errors.New("damaged")
				}
			}},
			"claim ok size=1 limit=1000, set_aside unreadable video-chat, claim ok limit=1000, round ok size=1",
		},
		{
			"a clock that is behind", failing{edit: func(c []renewal.Claimed) {
				for i := range c {
					c[i].Snapshot.Application.AsOf = c[i].Snapshot.Application.AsOf.AddDate(1, 0, 0)
				}
			}},
			"claim ok size=1 limit=1000 late=2h0m0s, set_aside clock video-chat, claim ok limit=1000, round ok size=1 late=2h0m0s",
		},
		{
			"a change that the store refuses", failing{commits: []error{
				&subscription.RefusedError{Changes: []subscription.Refusal{{Application: app, Err: subscription.ErrRefused}}},
			}},
			"claim ok size=1 limit=1000 late=2h0m0s, commit refused_by_store size=1, load ok size=1, " +
				"commit ok size=1, set_aside failed video-chat, claim ok limit=1000, round ok size=1 late=2h0m0s",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, worker, h := watched(t, setup{policy: renewal.Policy{Reminders: hours()}}, ours(&test.store))
			w.at("2025-01-31T02:00:00Z")
			_, _ = worker.Once(t.Context())
			if diff := cmp.Diff(strings.Split(test.want, ", "), h.take()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// An answer of the gateway that the store refuses to record is told: money may have moved.
// Rule: told-from-outside.
func TestObserveTellsOfAnUnrecordedAnswer(t *testing.T) {
	refused := &subscription.RefusedError{Changes: []subscription.Refusal{{Application: app, Err: subscription.ErrRefused}}}
	w, worker, h := watched(t, setup{policy: renewal.Policy{Reminders: hours()}}, func(st renewal.Store) renewal.Store {
		return &failing{Store: st, commits: []error{nil, refused, refused, refused}}
	})
	w.at("2025-01-31T02:00:00Z")
	stats := sure.Of(worker.Once(t.Context()))
	check(t, "unrecorded", stats.Unrecorded, 1)
	check(t, "told", strings.Contains(strings.Join(h.take(), "\n"), "set_aside unrecorded video-chat"), true)
}

// Health says when the last round began and ended, what it did, and whether it failed.
// Rule: worker-health.
func TestHealth(t *testing.T) {
	f := &failing{}
	w, worker, _ := watched(t, setup{policy: renewal.Policy{Reminders: hours()}}, func(st renewal.Store) renewal.Store {
		f.Store = st
		return f
	})
	check(t, "before", worker.Health(), renewal.Health{})
	w.at("2025-01-31T02:00:00Z")
	want := sure.Of(worker.Once(t.Context()))
	at := w.now
	check(t, "after a round", worker.Health(), renewal.Health{Rounds: 1, BeganAt: at, EndedAt: at, Stats: want})
	check(t, "it did something", want.Paid, 1)

	w.at("2025-02-28T02:00:00Z")
	f.commits = []error{errDown}
	for i := range 2 {
		_, err := worker.Once(t.Context())
		fails(t, err, errDown)
		h := worker.Health()
		check(t, "failed", h.Failed, i+1)
		fails(t, h.Err, errDown)
		f.claim = errDown
	}
	check(t, "left", worker.Health().Left, 1)
	f.claim = nil
	_ = sure.Of(worker.Once(t.Context()))
	h := worker.Health()
	check(t, "healed", h.Failed, 0)
	fails(t, h.Err, nil)
	check(t, "rounds", h.Rounds, 4)
	check(t, "nothing left", h.Left, 0)
}

var errDown = errors.New("down")

// A round that is under way shows as running.
// Rule: worker-health.
func TestHealthOfARoundUnderWay(t *testing.T) {
	var during renewal.Health
	var worker *renewal.Worker
	s := setup{policy: renewal.Policy{Reminders: hours()}}
	w := newWorld(t, s)
	w.must(buy("call", "one-to-one"))
	w.work()
	service := sure.Of(subscription.NewService(w.store, &gatewayFuncs{
		Gateway: w.accounts,
		OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			during = worker.Health()
			return w.accounts.Charge(ctx, c)
		},
	}, func() *pricing.Catalog { return w.catalog }, &subscription.Options{Now: func() time.Time { return w.now }}))
	worker = sure.Of(renewal.NewWorker(service, w.store, &renewal.Options{Policy: w.policy}))
	w.at("2025-01-31T02:00:00Z")
	_ = sure.Of(worker.Once(t.Context()))
	check(t, "during the round", during, renewal.Health{Running: 1, BeganAt: w.now})
}

// An application that two rounds have left is one.
// Rule: worker-health.
func TestHealthCountsAnApplicationOnce(t *testing.T) {
	f := &failing{}
	w, worker, _ := watched(t, setup{policy: renewal.Policy{Reminders: hours()}}, func(st renewal.Store) renewal.Store {
		f.Store = st
		return f
	})
	w.at("2025-01-31T02:00:00Z")
	for range 3 {
		f.commits = []error{errDown}
		_, err := worker.Once(t.Context())
		fails(t, err, errDown)
		check(t, "left", worker.Health().Left, 1)
		w.now = w.now.Add(time.Hour) // its lease has ended
	}
}
