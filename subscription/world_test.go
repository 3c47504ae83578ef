package subscription_test

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
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	app       = subscription.ApplicationID("video-chat")
	acme      = subscription.AccountID("acme")
	agreement = testworld.Agreement
)

var (
	buy     = testworld.Buy
	fails   = testworld.Fails
	instant = testworld.Instant
	money   = testworld.Money
	rate    = testworld.Rate
	paid    = testworld.Paid
)

type gatewayFuncs = testworld.Gateway

// exactly compares amounts and rates with == and leaves the rest to cmp.
var exactly = cmp.Options{
	cmp.Comparer(func(a, b pricing.Money) bool { return a == b }),
	cmp.Comparer(func(a, b pricing.Rate) bool { return a == b }),
}

// world is a service with its dependencies and a clock that the test sets. Its application exists, and its account has
// ample funds.
type world struct {
	*subscription.Service
	t        testing.TB
	now      time.Time
	catalog  *pricing.Catalog // in force
	accounts *balance.Accounts
	store    *recorder
	keys     int
}

// setup describes how a test's world differs from the default.
type setup struct {
	catalog *pricing.Catalog                                         // testdata/catalog.json
	gateway func(w *world, behind *balance.Accounts) payment.Gateway // the accounts themselves
	wrap    func(w *world, st subscription.Store) subscription.Store // of the recorder
	options subscription.Options
	start   string // 2025-07-10T02:30:00Z
	poor    bool   // nothing is deposited
}

func newWorld(tb testing.TB, s setup) *world {
	tb.Helper()
	w := &world{t: tb, catalog: s.catalog, store: &recorder{Store: memory.New()}}
	if w.catalog == nil {
		w.catalog = catalog(tb, "catalog.json")
	}
	w.at(s.start)
	if s.start == "" {
		w.at("2025-07-10T02:30:00Z")
	}
	clock := func() time.Time { return w.now }
	w.accounts = balance.New(&balance.Options{Now: clock})
	ctx := tb.Context()
	w.ok(w.accounts.Open(ctx, string(acme)))
	if !s.poor {
		w.deposit("100000.00 USD")
		w.deposit("9000000 JPY")
	}
	var gateway payment.Gateway = w.accounts
	if s.gateway != nil {
		gateway = s.gateway(w, w.accounts)
	}
	var st subscription.Store = w.store
	if s.wrap != nil {
		st = s.wrap(w, st)
	}
	if s.options.Now == nil {
		s.options.Now = clock
	}
	w.Service = sure.Of(subscription.NewService(st, gateway, func() *pricing.Catalog { return w.catalog }, &s.options))
	plain := sure.Of(subscription.NewService(w.store, w.accounts, subscription.StaticCatalog(w.catalog), &subscription.Options{Now: clock}))
	_, err := plain.Do(ctx, app, subscription.Create{Account: acme}, "create")
	w.ok(err)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// at sets the clock.
func (w *world) at(s string) {
	w.t.Helper()
	if s != "" {
		w.now = instant(w.t, s)
	}
}

func (w *world) deposit(amount string) {
	w.t.Helper()
	w.keys++
	w.ok(w.accounts.Deposit(w.t.Context(), string(acme), fmt.Sprintf("deposit %d", w.keys), money(w.t, amount)))
}

// do runs a command under its own key.
func (w *world) do(cmd subscription.Command) (subscription.Outcome, error) {
	w.keys++
	return w.Do(w.t.Context(), app, cmd, fmt.Sprintf("key %d", w.keys))
}

// must is do for a command that must succeed.
func (w *world) must(cmd subscription.Command) subscription.Outcome {
	w.t.Helper()
	r, err := w.do(cmd)
	w.ok(err)
	return r
}

// refuse runs a command that must fail with want and change nothing.
func (w *world) refuse(want error, cmd subscription.Command) {
	w.t.Helper()
	before, commits := w.stored(), len(w.store.changes)
	r, err := w.do(cmd)
	if !errors.Is(err, want) {
		w.t.Errorf("Do(%T) = %v, want %v", cmd, err, want)
	}
	if r.Receipt.Key != "" {
		w.t.Errorf("a refused command has a receipt: %+v", r)
	}
	if len(w.store.changes) != commits {
		w.t.Errorf("a refused command was committed")
	}
	if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
		w.t.Errorf("a refused command changed something (-before +after):\n%s", diff)
	}
}

// application returns the application as it is now; stored returns it as the store has it.
func (w *world) application() subscription.Application {
	w.t.Helper()
	a, err := w.Application(w.t.Context(), app)
	w.ok(err)
	return a
}

func (w *world) stored() subscription.Application { return w.load().Application }

func (w *world) load(orders ...subscription.OrderID) subscription.Snapshot {
	w.t.Helper()
	s, err := w.store.Store.Load(context.Background(), subscription.Read{Application: app, Orders: orders})
	w.ok(err)
	return s[0]
}

func (w *world) latest(product pricing.ProductID) subscription.Subscription {
	w.t.Helper()
	s, known := w.application().Latest(product)
	if !known {
		w.t.Fatalf("no subscription to %q", product)
	}
	return s
}

func (w *world) order(id subscription.OrderID) subscription.Order {
	w.t.Helper()
	o, err := w.Order(w.t.Context(), app, id)
	w.ok(err)
	return o
}

// balance returns the account's balance.
func (w *world) balance() string {
	w.t.Helper()
	m, err := w.accounts.Balance(w.t.Context(), string(acme), "USD")
	w.ok(err)
	return m.String()
}

func (w *world) events() []subscription.Event {
	w.t.Helper()
	var all []subscription.Event
	for e, err := range w.store.Store.Events(context.Background(), app) {
		w.ok(err)
		all = append(all, e)
	}
	return all
}

func (w *world) entries() []subscription.Entry {
	w.t.Helper()
	var all []subscription.Entry
	for e, err := range w.store.Store.Entries(context.Background(), app) {
		w.ok(err)
		all = append(all, e)
	}
	return all
}

func (w *world) orders() []subscription.Order {
	w.t.Helper()
	var all []subscription.Order
	for o, err := range w.store.Store.Orders(context.Background(), app) {
		w.ok(err)
		all = append(all, o)
	}
	return all
}

// count returns the number of events of a type.
func (w *world) count(t subscription.EventType) int {
	n := 0
	for _, e := range w.events() {
		if e.Type == t {
			n++
		}
	}
	return n
}

// charged returns how often the account was actually charged and refunded, and the net amount.
func (w *world) charged() (charges, refunds int, net pricing.Money) {
	w.t.Helper()
	net = money(w.t, "0.00 USD")
	for m, err := range w.accounts.Journal(w.t.Context()) {
		w.ok(err)
		switch m.Kind {
		case balance.Charged:
			charges++
		case balance.Refunded:
			refunds++
		case balance.Deposited:
			continue
		}
		var err error
		net, err = net.Sub(m.Amount)
		w.ok(err)
	}
	return charges, refunds, net
}

// recorder keeps every committed change with the state that it was decided on.
type recorder struct {
	*memory.Store
	changes []recorded
}

type recorded struct {
	base   subscription.Application
	change subscription.Change
}

func (r *recorder) Commit(ctx context.Context, changes ...subscription.Change) error {
	for _, c := range changes {
		base, err := r.Load(ctx, subscription.Read{Application: c.Application})
		if err != nil {
			return err
		}
		if err := r.Store.Commit(ctx, c); err != nil {
			return err
		}
		r.changes = append(r.changes, recorded{base[0].Application, c.Clone()})
	}
	return nil
}

// last returns the last committed change.
func (r *recorder) last() recorded { return r.changes[len(r.changes)-1] }

// try is a purchase of a trial for call.
func try() subscription.Purchase {
	p := buy("call", "trial")
	p.Term = pricing.Days(7)
	return p
}

// prepay is a caller-defined command: it prepays cycles of a subscription, at list price.
type prepay struct {
	Product pricing.ProductID `json:"product"`
	Cycles  int               `json:"cycles"`
}

func (prepay) Kind() string { return "prepay" }

func (c prepay) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	sub, known := s.Application.Latest(c.Product)
	if !known {
		return subscription.Change{}, subscription.ErrNotFound
	}
	if o, blocked := s.Application.Blocking(sub.ID); blocked {
		return subscription.Change{}, fmt.Errorf("%w: %s", subscription.ErrOrderOpen, o.ID)
	}
	if !sub.Status.CanBecome(subscription.Active) && sub.Status != subscription.Active || sub.Trial {
		return subscription.Change{}, fmt.Errorf("%w: %s is %s", subscription.ErrNotFound, sub.ID, sub.Status)
	}
	list, err := cat.List(c.Product, sub.Version(), sub.Anchor.Term, sub.Currency)
	if err != nil {
		return subscription.Change{}, err
	}
	price, err := pricing.PricePurchase(string(c.Product), list.Price, c.Cycles, cat.Rounding())
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	_, err = d.Place(subscription.Order{
		Kind: "prepay", Subscription: sub.ID, Product: c.Product, Version: sub.Version(), Catalog: cat.Revision(),
		Deliveries: []subscription.Delivery{{Extend: &subscription.ExtendDelivery{
			Subscription: sub.ID, Product: c.Product, Version: sub.Version(), Term: sub.Anchor.Term,
			Zone: sub.Zone, Count: c.Cycles, Price: list.Price, Minutes: list.Minutes,
		}}},
	}, price, cat)
	return d.Change(), err
}

// pending answers every charge with Pending, so the order stays open until the test settles it.
func pending(_ *world, behind *balance.Accounts) payment.Gateway {
	return &gatewayFuncs{
		Gateway: behind,
		OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
			return payment.Result{Key: c.Key, Status: payment.Pending}, nil
		},
	}
}

// place runs a command whose payment stays pending, and returns its order.
func (w *world) place(cmd subscription.Command) subscription.Order {
	w.t.Helper()
	r, err := w.do(cmd)
	fails(w.t, err, subscription.ErrPaymentPending)
	return r.Order
}

// settle delivers the gateway's result as a webhook and returns the order.
func (w *world) settle(r payment.Result) subscription.Order {
	w.t.Helper()
	receipt, err := w.Settle(w.t.Context(), subscription.AttemptID(r.Key), r)
	w.ok(err)
	return receipt
}

var catalogs = map[string]*pricing.Catalog{}

// catalog reads a catalog of testdata; edits are pairs of old and new text.
func catalog(tb testing.TB, file string, edits ...string) *pricing.Catalog {
	tb.Helper()
	name := file + strings.Join(edits, "\x00")
	if catalogs[name] == nil {
		catalogs[name] = testworld.Catalog(tb, "testdata/"+file, edits...)
	}
	return catalogs[name]
}

// span formats a period as its two instants.
func span(p pricing.Period) string {
	return p.Start.Format(time.RFC3339) + "/" + p.End.Format(time.RFC3339)
}

func check[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s = %v, want %v", what, got, want)
	}
}
