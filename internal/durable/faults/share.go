package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// Shared tells how a number of worker processes handled what was due in one Postgres database.
type Shared struct {
	Workers    int               `json:"workers"`
	Due        int               `json:"due"`
	Paid       []int             `json:"paid"` // by each worker
	Conflicts  int               `json:"conflicts"`
	PerSecond  int               `json:"renewals_per_second"`
	Took       time.Duration     `json:"took_ns"`
	Violations []audit.Violation `json:"violations,omitempty"`
}

// Share makes a number of applications fall due at one instant, in a private Postgres server, renews them with each of
// the given numbers of worker processes in turn, always from the same state, and audits the results.
func Share(ctx context.Context, due int, progress io.Writer, workers ...int) ([]Shared, error) {
	server, err := pgtest.Start(nil) //nolint:contextcheck // a server outlives its start
	if err != nil {
		return nil, err
	}
	var all []Shared
	for _, n := range workers {
		s, err := share(ctx, server.URL(), due, n)
		if err != nil {
			return all, errors.Join(err, server.Close())
		}
		fmt.Fprintf(progress, "%d workers: %d renewals in %s, %d a second, by each %v, %d conflicts, %d violations\n",
			n, due, s.Took.Round(time.Millisecond), s.PerSecond, s.Paid, s.Conflicts, len(s.Violations))
		all = append(all, s)
	}
	return all, server.Close()
}

func share(ctx context.Context, url string, due, workers int) (Shared, error) {
	out := Shared{Workers: workers, Due: due, Paid: make([]int, workers)}
	r := &run{clock: &clock{now: time.Date(2025, time.January, 29, 3, 0, 0, 0, time.UTC)}}
	r.bank = newBank(r.clock, 0, true)
	s := settings{
		Store: Postgres, At: url, Schema: fmt.Sprintf("share%d", workers), Zone: zone, Lanes: 16,
		Batch: min(max(due/(10*workers), 5), 1000),
	}
	st, err := openStore(ctx, &s, r.clock.read)
	if err != nil {
		return out, err
	}
	defer st.close() //nolint:errcheck // nothing depends on it any more
	if err := r.seed(ctx, st, due); err != nil {
		return out, err
	}
	if err := analyze(ctx, url, s.Schema); err != nil {
		return out, err
	}
	failed := func(format string, args ...any) { r.violatef("process", "", format, args...) }
	if r.crew, err = newCrew(s, 0, workers, r.bank.serve, failed); err != nil {
		return out, err
	}
	err = r.race(ctx, &out)
	r.crew.close()
	if err != nil {
		return out, err
	}
	e, err := r.evidence(ctx, st)
	if err != nil {
		return out, err
	}
	found, err := audit.Audit(ctx, e)
	out.Violations = slices.Concat(r.violations, found.Violations)
	return out, err
}

// race makes all workers do their round at the same time, when every subscription is due, and measures the time.
func (r *run) race(ctx context.Context, out *Shared) error {
	stats := make([]renewal.Stats, len(r.crew.places))
	every := func(now time.Time) error {
		errs := make([]error, len(r.crew.places))
		var wait sync.WaitGroup
		for i, p := range r.crew.places {
			wait.Go(func() {
				var got round
				errs[i] = p.ask("round", r.moment(now), struct{}{}, &got)
				if errs[i] == nil && got.Text != "" {
					errs[i] = errors.New(got.Text)
				}
				stats[i] = got.Stats
			})
		}
		wait.Wait()
		return errors.Join(errs...)
	}
	if err := r.crew.ready(ctx, r.moment(r.clock.read())); err != nil {
		return err
	}
	if err := every(r.clock.read()); err != nil { // nothing is due yet; makes all connections
		return err
	}
	now := r.clock.advance(30 * 24 * time.Hour) // about 23 hours before the end
	began := time.Now()                         //nolint:forbidigo // how long it takes
	if err := every(now); err != nil {
		return err
	}
	out.Took = time.Since(began) //nolint:forbidigo // likewise
	out.PerSecond = int(int64(out.Due) * int64(time.Second) / max(out.Took.Nanoseconds(), 1))
	for i, s := range stats {
		out.Paid[i], out.Conflicts = s.Paid, out.Conflicts+s.Conflicts
	}
	return nil
}

// seed creates applications that each bought a package a month ago, in memory, and writes their changes into a store in
// large batches.
func (r *run) seed(ctx context.Context, st store.Store, due int) error {
	cat, err := simulation.Catalog(zone)
	if err != nil {
		return err
	}
	kept := &keeping{Store: memory.New(), changes: map[int64][]subscription.Change{}}
	o := &subscription.Options{Now: r.clock.read}
	service := sure.Of(subscription.NewService(kept, r.bank.hostile, subscription.StaticCatalog(cat), o))
	buy := subscription.Purchase{
		Product: "call", Version: "one", Term: pricing.Months(1), Currency: "USD", Agreement: r.agreement(),
	}
	for i := range due {
		c := newCustomer(r, i)
		c.account = subscription.AccountID(fmt.Sprint("account of ", c.id)) // all with the bank
		if err := r.bank.accounts.Open(ctx, string(c.account)); err != nil {
			return err
		}
		r.pays(ctx, c, "opening", 1_000_000)
		for k, cmd := range []subscription.Command{subscription.Create{Account: c.account}, buy} {
			a := &asking{request: request{Key: fmt.Sprint("key ", k)}, final: true}
			done, err := service.Do(ctx, c.id, cmd, a.Key)
			if err != nil {
				return err
			}
			a.receipt = &done.Receipt
			c.askings = append(c.askings, a)
		}
		r.customers = append(r.customers, c)
	}
	for base := int64(0); len(kept.changes[base]) > 0; base++ {
		all := kept.changes[base]
		for ; len(all) > 0; all = all[min(1000, len(all)):] {
			if err := st.Commit(ctx, all[:min(1000, len(all))]...); err != nil {
				return err
			}
		}
	}
	return nil
}

// keeping keeps the committed changes by their base.
type keeping struct {
	store.Store
	changes map[int64][]subscription.Change
}

// Commit implements subscription.Store.
func (k *keeping) Commit(ctx context.Context, changes ...subscription.Change) error {
	err := k.Store.Commit(ctx, changes...)
	if err == nil {
		for i := range changes {
			k.changes[changes[i].Base] = append(k.changes[changes[i].Base], changes[i].Clone())
		}
	}
	return err
}

// analyze makes the server analyze what was written, as it does automatically after a while.
func analyze(ctx context.Context, url, schema string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	for _, table := range []string{"applications", "orders", "subscription_rows", "entries", "events", "receipts"} {
		if _, err := pool.Exec(ctx, fmt.Sprintf("ANALYZE %q.%s", schema, table)); err != nil {
			return err
		}
	}
	return nil
}
