package simulation

import (
	"context"
	"errors"

	"github.com/prepaidkit/prepaid/internal/audit"
)

// audit audits the world at rest.
func (w *world) audit() {
	w.store.sound()
	w.reconciled()
	found, err := audit.Audit(context.Background(), w.evidence())
	for _, v := range found.Violations {
		w.broken(v)
	}
	w.figures.OrdersAgain, w.figures.Returned = found.OrdersAgain, found.Returned
	if err = errors.Join(err, w.store.failed); err != nil {
		w.violatef("store", "", "%v", err)
	}
}

// evidence returns what the world knows, for the audit.
func (w *world) evidence() *audit.Evidence {
	e := &audit.Evidence{
		Store: w.store, Identity: w.identity(), Now: w.now, Policy: w.policy, Collected: w.gateway.Collected(),
		Returned: w.gateway.Returned(), Reversed: w.gateway.Reversals(),
		Catalog: w.catalog(), Catalogs: w.catalogs[:w.newest+1],
		Rounds: w.rounds, Skew: w.skew, Recorded: w.store.seen, Lost: w.store.lost,
	}
	for m, err := range w.accounts.Journal(context.Background()) {
		if err != nil {
			w.violatef("store", "", "%v", err)
		}
		e.Journal = append(e.Journal, m)
	}
	for _, c := range w.customers {
		e.Customers = append(e.Customers, *c.known())
	}
	return e
}

// known returns what the customer knows.
func (c *customer) known() *audit.Customer {
	k := &audit.Customer{Application: c.id, Account: c.account}
	for _, r := range c.requests {
		k.Requests = append(k.Requests, audit.Request{Key: r.key, Actors: r.actors, Quote: r.quote, Receipt: r.receipt})
	}
	for _, r := range c.records {
		k.Records = append(k.Records, audit.Record{Usage: r.usage, Counted: r.counted})
	}
	return k
}
