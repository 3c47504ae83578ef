package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
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
	paid    = testworld.Paid
)

type gatewayFuncs = testworld.Gateway

// exactly compares amounts and rates with == and leaves the rest to cmp.
var exactly = cmp.Options{
	cmp.Comparer(func(a, b pricing.Money) bool { return a == b }),
	cmp.Comparer(func(a, b pricing.Rate) bool { return a == b }),
}

// world is a service and a worker with their dependencies and a clock that the test sets. Its application exists, and
// its account has what the test deposits.
type world struct {
	*subscription.Service
	t        testing.TB
	now      time.Time
	catalog  *pricing.Catalog // in force
	policy   renewal.Policy
	accounts *balance.Accounts
	gateway  payment.Gateway
	store    *checker
	keys     int
}

// setup describes how a test's world differs from the default.
type setup struct {
	catalog *pricing.Catalog                                         // testdata/catalog.json
	policy  renewal.Policy                                           // the default one
	gateway func(w *world, behind *balance.Accounts) payment.Gateway // the accounts themselves
	start   string                                                   // 2025-01-01T10:00:00Z
	poor    bool                                                     // nothing is deposited
}

func newWorld(tb testing.TB, s setup) *world {
	tb.Helper()
	w := &world{t: tb, catalog: s.catalog, policy: s.policy, store: &checker{Store: memory.New(), t: tb}}
	if w.catalog == nil {
		w.catalog = catalog(tb)
	}
	w.at("2025-01-01T10:00:00Z")
	w.at(s.start)
	clock := func() time.Time { return w.now }
	w.accounts = balance.New(&balance.Options{Now: clock})
	w.ok(w.accounts.Open(tb.Context(), string(acme)))
	if !s.poor {
		w.deposit("100000.00 USD")
	}
	w.gateway = w.accounts
	if s.gateway != nil {
		w.gateway = s.gateway(w, w.accounts)
	}
	w.Service = sure.Of(subscription.NewService(w.store, w.gateway, func() *pricing.Catalog { return w.catalog },
		&subscription.Options{Now: clock}))
	w.must(subscription.Create{Account: acme})
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// at sets the clock; "" leaves it unchanged.
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

// drain empties the account.
func (w *world) drain() {
	w.t.Helper()
	m, err := w.accounts.Balance(w.t.Context(), string(acme), "USD")
	w.ok(err)
	w.keys++
	_, err = w.accounts.Charge(w.t.Context(), payment.Charge{
		Key: fmt.Sprintf("drain %d", w.keys), Account: string(acme), Amount: m, Order: "elsewhere",
	})
	w.ok(err)
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
	before := w.stored()
	if _, err := w.do(cmd); !errors.Is(err, want) {
		w.t.Errorf("Do(%+v) = %v, want %v", cmd, err, want)
	}
	if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
		w.t.Errorf("a refused command changed something (-before +after):\n%s", diff)
	}
}

// worker returns a new worker, like a process that was just started.
func (w *world) worker(o *renewal.Options) *renewal.Worker {
	w.t.Helper()
	if o == nil {
		o = &renewal.Options{}
	}
	o.Policy = w.policy
	return w.workerOn(w.store, o)
}

// workerOn returns a worker on a store other than the world's, with the world's clock, gateway and catalog.
func (w *world) workerOn(st renewal.Store, o *renewal.Options) *renewal.Worker {
	w.t.Helper()
	worker, err := renewal.NewWorker(w.serviceOn(st, nil), st, o)
	w.ok(err)
	return worker
}

// serviceOn returns a service in the same way.
func (w *world) serviceOn(st subscription.Store, o *subscription.Options) *subscription.Service {
	w.t.Helper()
	if o == nil {
		o = &subscription.Options{}
	}
	if o.Now == nil {
		o.Now = func() time.Time { return w.now }
	}
	service, err := subscription.NewService(st, w.gateway, func() *pricing.Catalog { return w.catalog }, o)
	w.ok(err)
	return service
}

// work runs a new worker for one round, now. It makes one gateway call at a time, so that seeded gateways always give
// the same answers.
func (w *world) work() renewal.Stats {
	w.t.Helper()
	stats, err := w.worker(&renewal.Options{Concurrency: 1}).Once(w.t.Context())
	w.ok(err)
	return stats
}

// run runs a worker whenever something is due, up to and including an instant, and leaves the clock there.
func (w *world) run(until string) renewal.Stats {
	w.t.Helper()
	var sum renewal.Stats
	end := instant(w.t, until)
	for range 10000 {
		due := w.stored().Due
		if due.IsZero() || due.After(end) {
			w.now = end
			return sum
		}
		if due.After(w.now) {
			w.now = due
		}
		sum.Add(w.work())
	}
	w.t.Fatalf("still due after every round at %s", w.now)
	return sum
}

// application returns the application as it is now; stored as the store has it.
func (w *world) application() subscription.Application {
	w.t.Helper()
	a, err := w.Application(w.t.Context(), app)
	w.ok(err)
	return a
}

// load returns what a decision needs, as stored.
func (w *world) load() subscription.Snapshot {
	w.t.Helper()
	s, err := w.store.Load(w.t.Context(), subscription.Read{Application: app})
	w.ok(err)
	return s[0]
}

func (w *world) stored() subscription.Application {
	w.t.Helper()
	s, err := w.store.Store.Load(context.Background(), subscription.Read{Application: app})
	w.ok(err)
	return s[0].Application
}

func (w *world) latest(product pricing.ProductID) subscription.Subscription {
	w.t.Helper()
	s, known := w.application().Latest(product)
	if !known {
		w.t.Fatalf("no subscription to %q", product)
	}
	return s
}

func (w *world) status() subscription.Status { w.t.Helper(); return w.latest("call").Status }

func (w *world) end() string { w.t.Helper(); return short(w.latest("call").End()) }

// balance returns the account's balance.
func (w *world) balance() string {
	w.t.Helper()
	m, err := w.accounts.Balance(w.t.Context(), string(acme), "USD")
	w.ok(err)
	return m.String()
}

func (w *world) events(types ...subscription.EventType) []subscription.Event {
	w.t.Helper()
	var all []subscription.Event
	for e, err := range w.store.Events(context.Background(), app) {
		w.ok(err)
		if len(types) == 0 || slices.Contains(types, e.Type) {
			all = append(all, e)
		}
	}
	return all
}

func (w *world) orders() []subscription.Order {
	w.t.Helper()
	var all []subscription.Order
	for o, err := range w.store.Orders(context.Background(), app) {
		w.ok(err)
		all = append(all, o)
	}
	return all
}

// log formats the events of these types, one per line: instant, type, and the relevant details.
func (w *world) log(types ...subscription.EventType) []string {
	w.t.Helper()
	var lines []string
	for _, e := range w.events(types...) {
		s := short(e.At) + " " + string(e.Type)
		for _, fact := range []string{
			string(e.Status), string(e.Reason), e.Amount.String(), e.Note,
		} {
			if fact != "" {
				s += " " + fact
			}
		}
		if !e.Period.IsZero() {
			s += " " + span(e.Period)
		}
		lines = append(lines, s)
	}
	return lines
}

// charges formats what was actually charged and refunded for orders, from the account's own journal.
func (w *world) charges() []string {
	w.t.Helper()
	var lines []string
	for m, err := range w.accounts.Journal(w.t.Context()) {
		w.ok(err)
		if m.Kind != balance.Deposited && m.Order != "elsewhere" {
			lines = append(lines, short(m.At)+" "+m.Amount.String())
		}
	}
	return lines
}

// history is what most tests check: payments and changes of status.
var history = []subscription.EventType{
	subscription.EventOrderPlaced, subscription.EventOrderPaid, subscription.EventOrderDeclined,
	subscription.EventOrderCanceling, subscription.EventOrderCanceled, subscription.EventOrderReview, subscription.EventOrderRefundDue,
	subscription.EventOrderRefunded, subscription.EventStatus, subscription.EventSkipped,
	subscription.EventPriceChange, subscription.EventNotRenewable, subscription.EventDecisionFailed,
}

// since returns the history from an instant on.
func (w *world) since(from string) []string {
	w.t.Helper()
	var lines []string
	for _, l := range w.log(history...) {
		if l >= from {
			lines = append(lines, l)
		}
	}
	return lines
}

// checker is a store that checks every invariant of every change that reaches it.
type checker struct {
	store.Store
	t       testing.TB
	mu      sync.Mutex
	commits int
}

func (c *checker) Commit(ctx context.Context, changes ...subscription.Change) error {
	for i := range changes {
		s, err := c.Load(ctx, subscription.Read{Application: changes[i].Application})
		if err != nil {
			return err
		}
		// A change with a different base is a conflict, which the store detects. What is set aside was broken before.
		if base := s[0].Application; base.Revision == changes[i].Base && !setAside(&changes[i]) {
			if err := changes[i].Check(base); err != nil {
				c.t.Errorf("commit: %v", err)
			}
		}
	}
	c.mu.Lock()
	c.commits++
	c.mu.Unlock()
	return c.Store.Commit(ctx, changes...)
}

func setAside(c *subscription.Change) bool {
	return len(c.Events) > 0 && c.Events[0].Type == subscription.EventDecisionFailed
}

// catalog reads testdata/catalog.json. The edits are pairs of old and new text.
func catalog(tb testing.TB, edits ...string) *pricing.Catalog {
	tb.Helper()
	return testworld.Catalog(tb, "testdata/catalog.json", edits...)
}

// short formats an instant to the minute, or as precisely as needed; instant parses it.
func short(t time.Time) string {
	if !t.Equal(t.Truncate(time.Minute)) {
		return t.Format(time.RFC3339Nano)
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// span formats a period from midnight to midnight in UTC as two days, and any other as two instants.
func span(p pricing.Period) string {
	form := "2006-01-02"
	if day := 24 * time.Hour; !p.Start.Equal(p.Start.Truncate(day)) || !p.End.Equal(p.End.Truncate(day)) {
		form = "2006-01-02T15:04"
	}
	return "[" + p.Start.Format(form) + " " + p.End.Format(form) + ")"
}

func check[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s = %v, want %v", what, got, want)
	}
}

func same(tb testing.TB, what string, got, want []string) {
	tb.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		tb.Errorf("%s (-want +got):\n%s\ngot:\n\t%s", what, diff, strings.Join(got, "\n\t"))
	}
}

func hours(n ...int) []time.Duration {
	out := make([]time.Duration, len(n))
	for i := range n {
		out[i] = time.Duration(n[i]) * time.Hour
	}
	return out
}

// pendingFrom is a gateway that answers Pending to charges from a day on, so the test settles them.
func pendingFrom(day string) func(w *world, behind *balance.Accounts) payment.Gateway {
	return func(w *world, behind *balance.Accounts) payment.Gateway {
		return pendingIf(func() bool { return short(w.now) >= day }, false)(w, behind)
	}
}

// pendingWhile is a gateway that answers Pending to charges while open is true, and charges them when they
// are looked up afterward.
func pendingWhile(open *bool) func(w *world, behind *balance.Accounts) payment.Gateway {
	return pendingIf(func() bool { return *open }, true)
}

func pendingIf(open func() bool, settles bool) func(w *world, behind *balance.Accounts) payment.Gateway {
	return func(_ *world, behind *balance.Accounts) payment.Gateway {
		var mu sync.Mutex
		pending := map[string]payment.Charge{}
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			mu.Lock()
			defer mu.Unlock()
			if !open() {
				return behind.Charge(ctx, c)
			}
			pending[c.Key] = c
			return payment.Result{Key: c.Key, Status: payment.Pending}, nil
		}
		g.OnLookup = func(ctx context.Context, key string) (payment.Result, error) {
			mu.Lock()
			defer mu.Unlock()
			c, ok := pending[key]
			switch {
			case !ok:
				return behind.Lookup(ctx, key)
			case settles && !open():
				return behind.Charge(ctx, c)
			}
			return payment.Result{Key: key, Status: payment.Pending}, nil
		}
		return g
	}
}

func declined(o subscription.Order) payment.Result {
	return payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.InsufficientBalance}
}

// settle delivers the gateway's result as a webhook and returns the order.
func (w *world) settle(r payment.Result) subscription.Order {
	w.t.Helper()
	receipt, err := w.Settle(w.t.Context(), subscription.AttemptID(r.Key), r)
	w.ok(err)
	return receipt
}
