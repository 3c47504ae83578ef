package storetest

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

//go:embed catalog.json
var catalogJSON []byte

// payer is whose balance everything is collected from.
const payer = "acme"

// shop is a service over the store of the case, with a gateway of its own.
type shop struct {
	*env
	*subscription.Service
	accounts  *balance.Accounts
	deposited pricing.Money
	seconds   atomic.Int64 // since noon
}

// open returns a shop whose payer has deposited that many cents.
func (e *env) open(deposit int64) *shop {
	e.Helper()
	cat, err := pricing.ParseCatalog(bytes.NewReader(catalogJSON))
	if err != nil {
		e.Fatalf("storetest: %v", err)
	}
	s := &shop{env: e, deposited: cents(deposit)}
	now := func() time.Time { return noon().Add(time.Duration(s.seconds.Load()) * time.Second) }
	s.accounts = balance.New(&balance.Options{Now: now})
	s.Service = subscription.NewService(e.store, s.accounts, subscription.Fixed(cat), &subscription.Options{Now: now, Conflicts: 1000})
	if err := s.accounts.Open(e.ctx, payer); err != nil {
		e.Fatalf("storetest: %v", err)
	}
	if deposit > 0 {
		if err := s.accounts.Deposit(e.ctx, payer, "deposit", s.deposited); err != nil {
			e.Fatalf("storetest: %v", err)
		}
	}
	return s
}

// later moves the clock.
func (s *shop) later(d time.Duration) { s.seconds.Add(int64(d / time.Second)) }

// create makes applications.
func (s *shop) create(apps ...subscription.ApplicationID) {
	s.Helper()
	for _, app := range apps {
		s.do(app, subscription.Create{Account: payer}, "create")
	}
}

// do runs a command and fails the case unless it succeeds.
func (s *shop) do(app subscription.ApplicationID, cmd subscription.Command, key string) subscription.Receipt {
	s.Helper()
	r, err := s.Do(s.ctx, app, cmd, key)
	if err != nil {
		s.Fatalf("%s of %q: %v", cmd.Kind(), app, err)
	}
	return r
}

// quote fails the case unless the command can be quoted.
func (s *shop) quote(app subscription.ApplicationID, cmd subscription.Command) subscription.Quote {
	s.Helper()
	q, err := s.Quote(s.ctx, app, cmd)
	if err != nil {
		s.Fatalf("quote for %s of %q: %v", cmd.Kind(), app, err)
	}
	return q
}

func purchase(version pricing.VersionID) subscription.Purchase {
	return subscription.Purchase{Product: "call", Version: version, Term: pricing.Months(1), Currency: "USD", Agreement: "1"}
}

func upgrade() subscription.Upgrade { return subscription.Upgrade{Product: "call", To: "pro"} }

// balances fails the case unless the books of the store and those of the gateway agree: what was
// deposited is what is left and what the orders of the applications collected; and unless each
// application is whole, see [audit].
func (s *shop) balances(apps ...subscription.ApplicationID) {
	s.Helper()
	sum, err := s.accounts.Balance(payer, "USD")
	if err != nil {
		s.Fatalf("storetest: %v", err)
	}
	for _, app := range apps {
		collected, err := audit(s.load(subscription.Read{Application: app})[0].Application, s.orders(app), s.entries(app), s.events(app))
		if err != nil {
			s.Fatalf("the books of %q: %v", app, err)
		}
		if sum, err = sum.Add(collected); err != nil {
			s.Fatalf("the books of %q: %v", app, err)
		}
	}
	if sum != s.deposited {
		s.Fatalf("%s was deposited, and %s is left or paid for", s.deposited, sum)
	}
}

// collected returns what the payer has spent.
func (s *shop) collected() pricing.Money {
	s.Helper()
	left, err := s.accounts.Balance(payer, "USD")
	if err == nil {
		left, err = s.deposited.Sub(left)
	}
	if err != nil {
		s.Fatalf("storetest: %v", err)
	}
	return left
}

// audit goes through all that a store has of one application and returns what its orders collected. It
// reads rows alone and trusts no document: the document must follow from them.
func audit(
	app subscription.Application, orders []subscription.Order, entries []subscription.Entry, events []subscription.Event,
) (pricing.Money, error) {
	if err := auditEvents(app, events); err != nil {
		return pricing.Money{}, err
	}
	if err := auditLots(app, entries); err != nil {
		return pricing.Money{}, err
	}
	return auditOrders(app, orders, events)
}

// auditEvents: every revision has events, without a gap.
func auditEvents(app subscription.Application, events []subscription.Event) error {
	revision, index := int64(0), 0
	for _, e := range events {
		switch {
		case e.Revision == revision && e.Index == index:
		case e.Revision == revision+1 && e.Index == 0:
			revision, index = e.Revision, 0
		default:
			return fmt.Errorf("event %d.%d instead of %d.%d", e.Revision, e.Index, revision, index)
		}
		index++
	}
	if revision != app.Revision {
		return fmt.Errorf("revision %d, and events up to %d", app.Revision, revision)
	}
	return nil
}

// auditLots: the sum of a lot's entries is the lot.
func auditLots(app subscription.Application, entries []subscription.Entry) error {
	remaining := map[subscription.LotID]subscription.Quantity{}
	for _, e := range entries {
		if e.Kind == subscription.EntryGranted {
			remaining[e.Lot] += e.Quantity
		} else {
			remaining[e.Lot] -= e.Quantity
		}
	}
	for _, l := range app.Lots {
		if l.Remaining != remaining[l.ID] {
			return fmt.Errorf("lot %d has %s minutes left, and by its entries %s", l.ID, l.Remaining, remaining[l.ID])
		}
		delete(remaining, l.ID)
	}
	for id, left := range remaining {
		if left != 0 {
			return fmt.Errorf("lot %d is gone with %s minutes left", id, left)
		}
	}
	return nil
}

// auditOrders: every order was placed once, and the document has just those that are unresolved.
func auditOrders(app subscription.Application, orders []subscription.Order, events []subscription.Event) (pricing.Money, error) {
	placed := map[subscription.OrderID]int{}
	for _, e := range events {
		if e.Type == subscription.EventOrderPlaced {
			placed[e.Order]++
		}
	}
	if len(placed) != len(orders) {
		return pricing.Money{}, fmt.Errorf("%d orders were placed, and %d are listed", len(placed), len(orders))
	}
	collected, unresolved := cents(0), 0
	for _, o := range orders {
		if placed[o.ID] != 1 {
			return pricing.Money{}, fmt.Errorf("order %s was placed %d times", o.ID, placed[o.ID])
		}
		if o.Status.Unresolved() {
			unresolved++
		}
		if o.Status == subscription.OrderPaid {
			var err error
			if collected, err = collected.Add(o.Collected); err != nil {
				return pricing.Money{}, fmt.Errorf("order %s: %w", o.ID, err)
			}
		}
	}
	if unresolved != len(app.Orders) {
		return pricing.Money{}, fmt.Errorf("%d orders are unresolved, and the document has %d", unresolved, len(app.Orders))
	}
	return collected, nil
}
