package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Evidence is what an audit goes by: a store whose applications are at rest, and what is known about them without
// asking it. The catalog must be one of those of the simulation, see [Catalog], since kinds, late windows and
// free minutes are written down a second time here, by hand.
type Evidence struct {
	Store     store.Store
	Now       time.Time          // nothing was due an hour before
	Catalog   *pricing.Catalog   // in force at the end
	Catalogs  []*pricing.Catalog // all that ever were; nil: Catalog alone
	Policy    renewal.Policy
	Customers []Customer

	// Collected is the gateway's own ledger, and Journal the statement of the accounts behind it.
	Collected []paymenttest.Collection
	Journal   []balance.Movement

	// Rounds are the instants of rounds of workers that nothing kept from anything that was due, ascending, and Skew
	// how wrong their clocks can be. A renewal that is owed is tried in such a round. Without rounds only that it
	// was tried at some time is checked.
	Rounds []time.Time
	Skew   time.Duration

	// Identity is the store's, with which every attempt begins. Without it that isn't checked.
	Identity string

	// recorded is what was committed, where somebody saw that. Without it four things aren't checked: on which day a
	// record was counted, that nothing was counted that nobody sent, that nothing was counted that was used while the
	// service was interrupted, and that what time does to a subscription isn't recorded later than it must be.
	recorded map[subscription.ApplicationID]*committed
	lost     map[subscription.ApplicationID]*forgotten // by a store that was restored
}

// Customer is what is known of one application: what was asked for, and what was answered.
type Customer struct {
	Application subscription.ApplicationID
	Account     subscription.AccountID
	Requests    []Request
	Records     []Record
}

// Request is a keyed request. Of one that has no receipt nothing is claimed, but that it was ordered at most once.
type Request struct {
	Key     string
	Quote   *subscription.Quote   // that was confirmed, if it was
	Receipt *subscription.Receipt // the first one that came, if any did
}

// Record is a usage record that was sent.
type Record struct {
	Usage   subscription.Usage
	Counted bool // somebody said that it was
	Open    bool // the last time that it was sent nobody answered: it may have been counted
}

// Catalog returns the first of [Catalogs].
func Catalog(zone string) (*pricing.Catalog, error) {
	all, err := Catalogs(zone)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// evidence is what the world goes by.
func (w *world) evidence() *Evidence {
	e := &Evidence{
		Store: w.store, Identity: w.identity(), Now: w.now, Policy: w.policy, Collected: w.gateway.Collected(),
		Catalog: w.catalog(), Catalogs: w.catalogs[:w.newest+1],
		Rounds: w.rounds, Skew: w.skew, recorded: w.store.seen, lost: w.store.lost,
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

// known is what the customer knows.
func (c *customer) known() *Customer {
	k := &Customer{Application: c.id, Account: c.account}
	for _, r := range c.requests {
		k.Requests = append(k.Requests, Request{Key: r.key, Quote: r.quote, Receipt: r.receipt})
	}
	for _, r := range c.records {
		k.Records = append(k.Records, Record{Usage: r.usage, Counted: r.counted})
	}
	return k
}

// auditor checks evidence, and notes what is wrong.
type auditor struct {
	*Evidence
	violations []Violation
	again      int // collected orders that were lost and placed again
	free       int // orders that are paid by charges whose money went back before a restore
}

func (a *auditor) violatef(kind string, app subscription.ApplicationID, format string, args ...any) {
	a.violations = append(a.violations, Violation{Kind: kind, Application: app, At: a.Now, Text: fmt.Sprintf(format, args...)})
}

// attempts returns the instants of the policy, relative to the end.
func (a *auditor) attempts() []time.Duration {
	if a.Policy.Attempts != nil {
		return a.Policy.Attempts
	}
	return renewal.DefaultPolicy().Attempts
}

// Refusal reports whether an error is a final answer to a command, or about a usage record, that a customer must
// reckon with.
func Refusal(err error) bool { return expected(err) || refusedUsage(err) }
