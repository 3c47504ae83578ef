package storetest

import (
	"bytes"
	_ "embed"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
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
	s.Service = sure.Of(subscription.NewService(e.store, s.accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: now, Conflicts: 1000}))
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
func (s *shop) do(app subscription.ApplicationID, cmd subscription.Command, key string) subscription.Outcome {
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
	sum, err := s.accounts.Balance(s.ctx, payer, "USD")
	if err != nil {
		s.Fatalf("storetest: %v", err)
	}
	for _, app := range apps {
		document := s.load(subscription.Read{Application: app})[0].Application
		collected, err := audit(document, s.orders(app), s.entries(app), s.events(app), s.subscriptions(app))
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
	left, err := s.accounts.Balance(s.ctx, payer, "USD")
	if err == nil {
		left, err = s.deposited.Sub(left)
	}
	if err != nil {
		s.Fatalf("storetest: %v", err)
	}
	return left
}
