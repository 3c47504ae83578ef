package document_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

const (
	app   = subscription.ApplicationID("video-chat \"Ω\"")
	payer = "acme"
)

// shop is a service that produces real documents. The test sets its gateway's answers.
type shop struct {
	*subscription.Service
	t       *testing.T
	store   *memory.Store
	gateway *teller
	catalog func() *pricing.Catalog
	now     time.Time
	keys    int
}

// teller collects from a balance, unless it is set to give a different answer.
type teller struct {
	payment.Gateway
	charge, refund payment.Status // "" is the balance's own answer
}

func (g *teller) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if g.charge != "" {
		return answer(c.Key, g.charge), nil
	}
	return g.Gateway.Charge(ctx, c)
}

func (g *teller) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if g.charge != "" {
		return answer(key, g.charge), nil
	}
	return g.Gateway.Lookup(ctx, key)
}

func (g *teller) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if g.refund != "" {
		return answer(r.Key, g.refund), nil
	}
	return g.Gateway.Refund(ctx, r)
}

func answer(key string, status payment.Status) payment.Result {
	r := payment.Result{Key: key, Status: status, Reference: "ref \\ " + key[len(key)-4:]}
	if status == payment.Declined {
		r.Reason = payment.InsufficientBalance
	}
	return r
}

func newShop(t *testing.T) *shop {
	t.Helper()
	file, err := os.Open("testdata/catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, store: memory.New(), catalog: subscription.StaticCatalog(cat), now: time.Date(2025, 6, 16, 0, 30, 0, 123456000, time.UTC)}
	clock := func() time.Time { return s.now }
	accounts := balance.New(&balance.Options{Now: clock})
	s.gateway = &teller{Gateway: accounts}
	s.Service = sure.Of(subscription.NewService(s.store, s.gateway, s.catalog, &subscription.Options{Now: clock}))
	s.ok(accounts.Open(t.Context(), payer))
	s.ok(accounts.Deposit(t.Context(), payer, "deposit", s.money("100000.00 USD")))
	s.ok(accounts.Deposit(t.Context(), payer, "yen", s.money("1000000 JPY")))
	s.do(subscription.Create{Account: payer})
	return s
}

func (s *shop) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) money(text string) pricing.Money {
	s.t.Helper()
	var m pricing.Money
	s.ok(m.UnmarshalText([]byte(text)))
	return m
}

// do runs a command, and expects a decision whatever the payment's outcome.
func (s *shop) do(cmd subscription.Command) subscription.Order {
	s.t.Helper()
	s.keys++
	r, err := s.Do(s.t.Context(), app, cmd, fmt.Sprintf("key %d", s.keys))
	if err != nil && !errors.Is(err, subscription.ErrPaymentPending) && !errors.Is(err, subscription.ErrDeclined) {
		s.t.Fatalf("%s: %v", cmd.Kind(), err)
	}
	return r.Order
}

// pending runs a command whose payment has no result yet.
func (s *shop) pending(cmd subscription.Command) subscription.Order {
	s.t.Helper()
	s.gateway.charge = payment.Pending
	return s.do(cmd)
}

// paid runs a command that is paid at once.
func (s *shop) paid(cmd subscription.Command) subscription.Order {
	s.t.Helper()
	s.gateway.charge = ""
	return s.do(cmd)
}

// settle makes a payment succeed, with the order's amount unless another is given.
func (s *shop) settle(o subscription.Order, amount string) {
	s.t.Helper()
	r := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount, Reference: "late"}
	if amount != "" {
		r.Amount = s.money(amount)
	}
	_, err := s.Settle(s.t.Context(), o.Attempt, r)
	s.ok(err)
}

// use consumes minutes of call at this moment; those that don't fit are refused.
func (s *shop) use(kind pricing.UsageKindID, seconds int64) {
	s.t.Helper()
	s.useOf("call", kind, seconds)
}

// useOf is use of another product.
func (s *shop) useOf(product pricing.ProductID, kind pricing.UsageKindID, seconds int64) {
	s.t.Helper()
	s.keys++
	u := subscription.Usage{ID: fmt.Sprintf("u%d", s.keys), Product: product, Kind: kind, At: s.now, Seconds: seconds}
	results, err := s.Consume(s.t.Context(), app, u)
	s.ok(err)
	s.ok(results[0].Err)
}

// work runs a worker on what is due now.
func (s *shop) work() {
	s.t.Helper()
	w, err := renewal.NewWorker(s.Service, s.store, nil)
	s.ok(err)
	_, err = w.Once(s.t.Context())
	s.ok(err)
}

func (s *shop) stored() subscription.Application {
	s.t.Helper()
	snapshots, err := s.store.Load(s.t.Context(), subscription.Read{Application: app})
	s.ok(err)
	return snapshots[0].Application
}

func buy(product pricing.ProductID, version pricing.VersionID, months int) subscription.Purchase {
	return subscription.Purchase{Product: product, Version: version, Term: pricing.Months(months), Currency: "USD", Agreement: "2025-06"}
}

func pack() topup.Buy { return topup.Buy{Pack: "any-25k", Currency: "USD", Agreement: "2025-06"} }
