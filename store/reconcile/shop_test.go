package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// A package of 199.00 USD for a month, or 30,000 yen.
const catalog = `{"revision": "r1", "zone": "UTC", "products": [{"id": "call", "name": "Call", "upgradable": true, "versions": [
	{"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "minutes": 1000, "list": {"USD": "199.00", "JPY": "30000"}}]}]}]}`

var errNoAnswer = errors.New("no answer")

// shop sells a package a day, each to a customer of its own.
type shop struct {
	testing.TB
	*subscription.Service

	ctx     context.Context
	now     time.Time
	store   *memory.Store
	gateway *testworld.Gateway
	sold    int
}

func newShop(tb testing.TB) *shop {
	tb.Helper()
	s := &shop{TB: tb, ctx: tb.Context(), now: time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC), store: memory.New()}
	clock := func() time.Time { return s.now }
	s.gateway = &testworld.Gateway{Gateway: balance.New(&balance.Options{Now: clock})}
	prices := sure.Of(pricing.ParseCatalog(strings.NewReader(catalog)))
	s.Service = sure.Of(subscription.NewService(s.store, s.gateway, subscription.StaticCatalog(prices), &subscription.Options{Now: clock}))
	return s
}

func (s *shop) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// buy has a new customer order the package. It isn't paid if the gateway doesn't say so.
func (s *shop) buy() subscription.Order {
	s.Helper()
	s.sold++
	app := subscription.ApplicationID(fmt.Sprint("app-", s.sold))
	accounts, _ := s.gateway.Gateway.(*balance.Accounts)
	s.ok(accounts.Open(s.ctx, string(app)))
	s.ok(accounts.Deposit(s.ctx, string(app), string(app), testworld.Money(s, "1000.00 USD")))
	sure.Of(s.Do(s.ctx, app, subscription.Create{Account: subscription.AccountID(app)}, "create"))
	out, err := s.Do(s.ctx, app, subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD"}, "buy")
	if out.Order.ID == "" {
		s.Fatal(err)
	}
	return out.Order
}

// unanswered makes the gateway collect and never say so.
func (s *shop) unanswered() {
	s.gateway.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		_, err := s.gateway.Gateway.Charge(ctx, c)
		return payment.Result{}, errors.Join(errNoAnswer, err)
	}
	s.gateway.OnLookup = func(context.Context, string) (payment.Result, error) { return payment.Result{}, errNoAnswer }
}

// forgets makes the gateway forget an order before it said what became of it.
func (s *shop) forgets(o subscription.Order) {
	s.Helper()
	s.gateway.Keeps = time.Hour
	s.now = s.now.Add(2 * time.Hour)
	s.gateway.OnLookup = func(_ context.Context, key string) (payment.Result, error) {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	if o, _ := s.Collect(s.ctx, o.Application, o.ID); o.Status != subscription.OrderReview {
		s.Fatalf("the order is %s", o.Status)
	}
}

// slowRefunds makes the gateway leave refunds without an answer.
func (s *shop) slowRefunds() {
	s.gateway.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) { return payment.Result{}, errNoAnswer }
}

func (s *shop) must(o subscription.Order, cmd subscription.Command) {
	s.Helper()
	s.sold++
	_, err := s.Do(s.ctx, o.Application, cmd, fmt.Sprint("do-", s.sold))
	if err != nil && subscription.CodeOf(err) != "internal" && !errors.Is(err, errNoAnswer) {
		s.Fatal(err)
	}
}

func (s *shop) settle(key string, r payment.Result) {
	s.Helper()
	r.Key = key
	sure.Of(s.Settle(s.ctx, subscription.AttemptID(key), r))
}

func (s *shop) reverse(o subscription.Order, id string, status payment.ReversalStatus, amount string) {
	s.Helper()
	sure.Of(s.Reverse(s.ctx, o.Attempt, payment.Reversal{
		ID: id, Charge: string(o.Attempt), Status: status, Amount: testworld.Money(s, amount),
	}))
}

// line is a line about an order now. suffix follows the order's key.
func (s *shop) line(kind reconcile.LineKind, o subscription.Order, suffix, amount string) reconcile.Line {
	s.Helper()
	return reconcile.Line{Kind: kind, Key: string(o.Attempt) + suffix, Amount: testworld.Money(s, amount), At: s.now}
}

// notice is likewise a line with an ID.
func (s *shop) notice(kind reconcile.LineKind, o subscription.Order, id, amount string) reconcile.Line {
	s.Helper()
	l := s.line(kind, o, "", amount)
	l.ID = id
	return l
}

// march is a span with everything in it.
func march() reconcile.Span {
	return reconcile.Span{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
}

func of(lines ...reconcile.Line) reconcile.Statement {
	return func(yield func(reconcile.Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func (s *shop) compare(span reconcile.Span, lines ...reconcile.Line) []reconcile.Difference {
	s.Helper()
	var all []reconcile.Difference
	for d, err := range reconcile.Compare(s.ctx, s.store, of(lines...), span) {
		s.ok(err)
		all = append(all, d)
	}
	return all
}

// told are differences in few words.
func told(all []reconcile.Difference) []string {
	out := []string{}
	for _, d := range all {
		text := fmt.Sprintf("%s %s %s", d.Kind, d.Line.Kind, d.Line.Amount)
		if d.Kind == reconcile.Different {
			text += " for " + d.Recorded.String()
		}
		if d.Status != "" {
			text += ", " + american(d.Status)
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// american is how a status is spelled today.
func american(s subscription.OrderStatus) string {
	return strings.Replace(string(s), "cancell", "cancel", 1)
}

// state tells what is recorded of an order: its status, its refunds, and how often a person was asked for.
func (s *shop) state(o subscription.Order) string {
	s.Helper()
	if o.ID == "" {
		return ""
	}
	o = sure.Of(s.Order(s.ctx, o.Application, o.ID))
	text := american(o.Status)
	for _, r := range sure.Of(s.Refunds(s.ctx, o.Application, o.ID)) {
		text += fmt.Sprintf(", %s %s %s", r.Kind, r.Amount, r.Status)
	}
	persons := 0
	for e, err := range s.store.Events(s.ctx, o.Application) {
		s.ok(err)
		if e.Type == subscription.EventNeedsPerson {
			persons++
		}
	}
	if persons > 0 {
		text += fmt.Sprintf(", %d for a person", persons)
	}
	return text
}
