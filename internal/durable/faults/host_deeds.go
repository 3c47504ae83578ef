package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
)

// keeps is the virtual time for which nothing is pruned, and repeats the part of it for which a request may be
// repeated.
const (
	keeps   = 30 * 24 * time.Hour
	repeats = 20 * 24 * time.Hour
)

// hosting does what else the host does in the same database, until the run comes to rest: it prunes, holds rows in its
// own transactions, and has a trigger that temporarily refuses all changes of an application.
func (r *run) hosting(ctx context.Context) {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<44))
	deeds := []func(context.Context, *rand.Rand, *database) error{r.refuse, r.hold, r.hold}
	var d *database
	for !r.resting() {
		var err error
		if d == nil {
			d, err = r.database(ctx)
		}
		if err == nil {
			err = errors.Join(r.prune(ctx, rng, d), deeds[rng.IntN(len(deeds))](ctx, rng, d))
		}
		if err != nil { // the server is down, and may restart at another address
			r.mu.Lock()
			r.figures.Hampered++
			r.failure("the host: " + err.Error())
			r.mu.Unlock()
			if d != nil {
				_ = d.close() // nothing depends on it
			}
			d = nil
		}
		<-time.After(time.Duration(20+rng.IntN(r.options.Gap)) * time.Millisecond)
	}
	if d != nil {
		_ = d.close() // likewise
	}
}

// refuse temporarily refuses the changes of one application; the others go on.
func (r *run) refuse(ctx context.Context, rng *rand.Rand, d *database) error {
	hindered := slices.DeleteFunc(slices.Clone(r.customers), func(c *customer) bool { return !c.hindered })
	if len(hindered) == 0 {
		return nil
	}
	c := draw(rng, hindered)
	if err := d.host.exec(ctx, d.host.refuse, string(c.id)); err != nil {
		return err
	}
	r.count(&r.figures.Refusals)
	<-time.After(time.Duration(50+rng.IntN(300)) * time.Millisecond)
	return d.host.exec(ctx, d.host.accept)
}

// hold holds the row of one application, or a whole file, in a slow transaction.
func (r *run) hold(ctx context.Context, rng *rand.Rand, d *database) error {
	most := 200
	if r.options.Store == SQLite { // it blocks everybody
		most = 60
	}
	c := draw(rng, r.customers)
	return d.hold(ctx, c.id, func() {
		r.count(&r.figures.Held)
		<-time.After(time.Duration(20+rng.IntN(most)) * time.Millisecond)
	})
}

// prune makes a process prune old rows, which are archived first for the audit.
func (r *run) prune(ctx context.Context, rng *rand.Rand, d *database) error {
	before := r.clock.read().Add(-keeps)
	if before.Sub(r.pruned) < 5*24*time.Hour && !mutants()[r.options.Mutant].hasty {
		return nil
	}
	for _, c := range r.customers {
		if err := r.archive.keep(ctx, d, c, before); err != nil {
			return err
		}
	}
	var pruned store.Pruned
	var err error
	for range 50 { // the process may be killed meanwhile
		err = r.crew.any(rng).ask("prune", r.moment(r.clock.read()), prune{before}, &pruned)
		if err == nil || r.resting() {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	r.pruned = before
	r.mu.Lock()
	defer r.mu.Unlock()
	r.figures.Prunes++
	r.figures.Pruned += int(pruned.Receipts + pruned.Events + pruned.Orders + pruned.Records)
	return nil
}

// old reports whether something is too old to be repeated.
func (r *run) old(at time.Time) bool { return r.clock.read().Sub(at) > repeats }

// moment returns what every call tells a child.
func (r *run) moment(now time.Time) moment { return moment{now, r.catalog.Load()} }

// reprice puts the next catalog in force as time passes.
func (r *run) reprice(now time.Time) {
	if days := r.options.Days; days > 0 {
		passed := int64(now.Sub(r.start) / (24 * time.Hour))
		raise(&r.catalog, min(passed*4/int64(days), 3))
	}
}

// agreement returns the version in force.
func (r *run) agreement() string {
	if r.catalog.Load() >= 2 {
		return "a-2"
	}
	return "a-1"
}

// pays deposits a customer's money, once, in both currencies.
func (r *run) pays(ctx context.Context, c *customer, key string, minor int64) {
	for _, currency := range []pricing.Currency{"USD", "JPY"} {
		amount, err := pricing.FromMinor(minor, currency)
		if err != nil {
			r.violatef("faults", c.id, "%v", err)
			return
		}
		d := deposit{string(c.account), fmt.Sprintf("%s %s %s", c.account, key, currency), amount}
		if !inAccounts(d.Account) {
			if err := r.bank.deposit(ctx, d); err != nil {
				r.violatef("faults", c.id, "%v", err)
			}
			continue
		}
		r.mu.Lock()
		r.deposits = append(r.deposits, d)
		r.mu.Unlock()
		rng := rand.New(rand.NewPCG(r.options.Seed, uint64(minor)))
		for !r.paidIn(rng, d) {
			<-time.After(10 * time.Millisecond)
		}
	}
}

// paidIn sends a deposit to a process, or sometimes to two, and reports whether one has answered.
func (r *run) paidIn(rng *rand.Rand, d deposit) bool {
	var nothing struct{}
	paid := false
	for range 1 + rng.IntN(2) {
		paid = r.crew.any(rng).ask("deposit", r.moment(r.clock.read()), d, &nothing) == nil || paid
	}
	return paid
}
