package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// world is a seller, its customers, and their clock.
type world struct {
	*subscription.Service
	catalog   *pricing.Catalog
	accounts  *balance.Accounts
	store     *memory.Store
	worker    *renewal.Worker
	now       time.Time
	rand      *rand.Rand
	customers []customer
	none      pricing.Money // nothing of the one currency
	keys      int
}

// begins is the first instant of the year, in the catalog's zone.
func begins() time.Time { return time.Date(2025, time.January, 1, 0, 0, 0, 0, zone()) }

// ends is the first instant after it.
func ends() time.Time { return begins().AddDate(1, 0, 0) }

func zone() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// newWorld returns a world before its year. The first customers come on its first day, and more every month.
func newWorld(customers int, seed uint64) (*world, error) {
	cat, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	w := &world{
		catalog: cat, store: memory.New(), now: begins(), rand: rand.New(rand.NewPCG(seed, 0)),
		customers: make([]customer, customers),
	}
	if w.none, err = pricing.FromMinor(0, "USD"); err != nil {
		return nil, err
	}
	clock := func() time.Time { return w.now }
	w.accounts = balance.New(&balance.Options{Now: clock})
	w.Service, err = subscription.NewService(w.store, w.accounts, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	if err != nil {
		return nil, err
	}
	for i := range w.customers {
		first, second := w.rand.IntN(360), w.rand.IntN(360)
		w.customers[i] = customer{name: fmt.Sprintf("customer-%04d", i+1), comes: begins().AddDate(0, 0, max(first, second))}
	}
	w.worker, err = renewal.NewWorker(w.Service, w.store, nil)
	return w, err
}

// live runs the year. The worker runs four times a day, and customers act at noon.
func (w *world) live(ctx context.Context) error {
	for w.now = begins(); w.now.Before(ends()); w.now = w.now.Add(6 * time.Hour) {
		if w.now.In(zone()).Hour() == 12 {
			for i := range w.customers {
				if err := w.day(ctx, &w.customers[i]); err != nil {
					return fmt.Errorf("%s on %s: %w", w.customers[i].name, w.now.Format(time.DateOnly), err)
				}
			}
		}
		if _, err := w.worker.Once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// chance reports true in so many of a thousand cases.
func (w *world) chance(thousandths int) bool { return w.rand.IntN(1000) < thousandths }

// do runs a command with a new key.
func (w *world) do(ctx context.Context, c *customer, cmd subscription.Command) (subscription.Order, error) {
	w.keys++
	o, err := w.Do(ctx, c.application(), cmd, fmt.Sprintf("request-%d", w.keys))
	return o.Order, err
}

// pay puts as much money into a customer's account as a command is going to cost.
func (w *world) pay(ctx context.Context, c *customer, cmd subscription.Command) error {
	q, err := w.Quote(ctx, c.application(), cmd)
	if err != nil || q.Amount.Sign() == 0 {
		return err
	}
	w.keys++
	return w.accounts.Deposit(ctx, c.name, fmt.Sprintf("wire-%d", w.keys), q.Amount)
}
