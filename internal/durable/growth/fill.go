package growth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	share   = 10   // one in this many applications is due each month
	batch   = 1000 // applications written, and renewals made, at a time
	writers = 2    // at a time
)

// template is the application that the others are copies of.
const template = "template"

// sold is an application that bought a package, with all its rows, in one change that creates it.
type sold struct{ change subscription.Change }

// sell sells a package for a number of months and runs the worker on what is due at once.
func sell(ctx context.Context, months int, at time.Time) (sold, error) {
	cat, err := catalog.Load()
	if err != nil {
		return sold{}, err
	}
	const id = template
	st := memory.New()
	clock := func() time.Time { return at }
	service := sure.Of(subscription.NewService(st, scene.Gateway{}, subscription.StaticCatalog(cat), &subscription.Options{Now: clock}))
	if _, err := service.Do(ctx, id, subscription.Create{Account: "account-0000000"}, "create"); err != nil {
		return sold{}, err
	}
	purchase := subscription.Purchase{
		Product: "call", Version: "one-to-one", Term: pricing.Months(months), Currency: "USD", Agreement: cat.AgreementVersion(),
	}
	if _, err := service.Do(ctx, id, purchase, "purchase"); err != nil {
		return sold{}, err
	}
	worker, err := newWorker(st, cat, clock)
	if err != nil {
		return sold{}, err
	}
	if _, err := worker.Once(ctx); err != nil {
		return sold{}, err
	}
	return collect(ctx, st, id)
}

func newWorker(st renewal.Store, cat *pricing.Catalog, clock func() time.Time) (*renewal.Worker, error) {
	service, err := subscription.NewService(st, scene.Gateway{}, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	if err != nil {
		return nil, err
	}
	return renewal.NewWorker(service, st, &renewal.Options{
		Policy: renewal.Policy{Reminders: []time.Duration{}}, Batch: batch,
	})
}

// collect makes one change of everything that a store has for an application.
func collect(ctx context.Context, st store.Store, id subscription.ApplicationID) (sold, error) {
	keys := []string{"create", "purchase"}
	snapshots, err := st.Load(ctx, subscription.Read{Application: id, Keys: keys})
	if err != nil {
		return sold{}, err
	}
	c := subscription.Change{Application: id, Next: snapshots[0].Application, Receipts: snapshots[0].Receipts}
	c.Next.Revision = 1
	for o, err := range st.Orders(ctx, id) {
		if err != nil {
			return sold{}, err
		}
		c.Orders = append(c.Orders, o)
	}
	for e, err := range st.Entries(ctx, id) {
		if err != nil {
			return sold{}, err
		}
		e.Revision, e.Index = 1, len(c.Entries)
		c.Entries = append(c.Entries, e)
	}
	for e, err := range st.Events(ctx, id) {
		if err != nil {
			return sold{}, err
		}
		e.Revision, e.Index = 1, len(c.Events)
		c.Events = append(c.Events, e)
	}
	for row, err := range st.Subscriptions(ctx, id) {
		if err != nil {
			return sold{}, err
		}
		c.Subscriptions = append(c.Subscriptions, row)
	}
	for i := range c.Receipts {
		c.Receipts[i].Revision = 1
	}
	return sold{c}, nil
}

func name(n int) subscription.ApplicationID {
	return subscription.ApplicationID(fmt.Sprintf("application-%08d", n))
}

// to returns the same sale for another application.
func (s sold) to(n int) subscription.Change {
	c := s.change.Clone()
	id := name(n)
	account := subscription.AccountID(fmt.Sprintf("account-%08d", n))
	c.Application, c.Next.ID, c.Next.Account = id, id, account
	for i := range c.Orders {
		o := &c.Orders[i]
		attempt := strings.Replace(string(o.Attempt), template, string(id), 1)
		o.Application, o.Account, o.Attempt = id, account, subscription.AttemptID(attempt)
	}
	for i := range c.Entries {
		c.Entries[i].Application = id
	}
	for i := range c.Events {
		c.Events[i].Application = id
	}
	for i := range c.Receipts {
		c.Receipts[i].Application = id
	}
	for i := range c.Subscriptions {
		c.Subscriptions[i].Application, c.Subscriptions[i].Account = id, account
	}
	return c
}

// fill writes n applications and returns when the monthly ones are due.
func fill(ctx context.Context, st store.Store, n int) (due time.Time, err error) {
	at := time.Date(2025, time.July, 10, 4, 0, 0, 0, time.UTC)
	monthly, err := sell(ctx, 1, at)
	if err != nil {
		return time.Time{}, err
	}
	yearly, err := sell(ctx, 12, at)
	if err != nil {
		return time.Time{}, err
	}
	starts := make(chan int)
	errs := make([]error, writers)
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for start := range starts {
				if errs[w] == nil {
					errs[w] = write(ctx, st, monthly, yearly, start, min(start+batch, n))
				}
			}
		})
	}
	for start := 0; start < n; start += batch {
		starts <- start
	}
	close(starts)
	wait.Wait()
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return time.Time{}, errs[i]
	}
	return monthly.change.Next.Due, nil
}

func write(ctx context.Context, st store.Store, monthly, yearly sold, from, to int) error {
	changes := make([]subscription.Change, 0, to-from)
	for i := from; i < to; i++ {
		s := yearly
		if i%share == 0 {
			s = monthly
		}
		changes = append(changes, s.to(i))
	}
	return st.Commit(ctx, changes...)
}
