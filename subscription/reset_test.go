package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

const aYear = 365 * 24 * time.Hour

// forgetful is a gateway that forgets a key after a day of real time, whatever the service's clock says, and would then
// move the money again. Its first answers are lost.
type forgetful struct {
	real  time.Duration
	known map[string]time.Duration
	moved int
	lost  bool
}

func (g *forgetful) move(key string, amount pricing.Money) (payment.Result, error) {
	if at, ok := g.known[key]; !ok || g.real-at >= 24*time.Hour {
		g.known[key] = g.real
		g.moved++
	}
	if g.lost {
		return payment.Result{}, errors.New("no answer")
	}
	return payment.Result{Key: key, Status: payment.Succeeded, Amount: amount}, nil
}

func (g *forgetful) Charge(_ context.Context, c payment.Charge) (payment.Result, error) {
	return g.move(c.Key, c.Amount)
}

func (g *forgetful) Refund(_ context.Context, r payment.Refund) (payment.Result, error) {
	return g.move(r.Key, r.Amount)
}

func (g *forgetful) Lookup(_ context.Context, key string) (payment.Result, error) {
	if at, ok := g.known[key]; !ok || g.real-at >= 24*time.Hour {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	return payment.Result{}, errors.New("no answer")
}

func (g *forgetful) Retention() time.Duration { return 24 * time.Hour }

// An order placed by a clock that was a year ahead may be of any age: it isn't charged again once the gateway may have
// forgotten its key.
// Rule: retention-ends-repetition, reset-brings-back-what-is-paid.
func TestOrderOfAWrongClockIsNotChargedTwice(t *testing.T) {
	g := &forgetful{known: map[string]time.Duration{}, lost: true}
	w := newWorld(t, setup{gateway: func(*world, *balance.Accounts) payment.Gateway { return g }})
	w.now = w.now.Add(aYear) // wrong
	r, _ := w.do(buy("call", "one-to-one"))
	w.now = w.now.Add(-aYear)
	w.must(subscription.ResetClock{Note: "ops"})
	g.lost, g.real, w.now = false, 26*time.Hour, w.now.Add(26*time.Hour)
	_, _ = w.Collect(t.Context(), app, r.Order.ID)
	check(t, "collected", g.moved, 1)
}

// The same applies to a refund.
func TestRefundOfAWrongClockIsNotMadeTwice(t *testing.T) {
	g := &forgetful{known: map[string]time.Duration{}}
	w := newWorld(t, setup{
		catalog: catalog(t, "catalog.json", `"late_usage_hours": 36`, `"late_usage_hours": 36, "refund_days": 5`),
		gateway: func(*world, *balance.Accounts) payment.Gateway { return g },
	})
	w.now = w.now.Add(aYear) // wrong
	r := w.must(buy("call", "one-to-one"))
	w.must(subscription.ReturnPackage{Order: r.Order.ID})
	g.lost = true
	_, _ = w.Collect(t.Context(), app, r.Order.ID)
	w.now = w.now.Add(-aYear)
	w.must(subscription.ResetClock{Note: "ops"})
	g.lost, g.real, w.now = false, 26*time.Hour, w.now.Add(26*time.Hour)
	_, _ = w.Collect(t.Context(), app, r.Order.ID)
	check(t, "a charge and a refund", g.moved, 2)
}

// Pay-as-you-go that was turned on by a wrong clock is on from now.
func TestResetClockKeepsPayAsYouGo(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json")})
	w.now = w.now.Add(aYear)
	w.must(subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement})
	w.now = w.now.Add(-aYear)
	w.must(subscription.ResetClock{})
	r, err := w.Consume(t.Context(), app, subscription.Usage{ID: "u", Product: "call", Kind: "audio", At: w.now, Seconds: 60})
	w.ok(err)
	check(t, "usage", r[0].Err, nil)
}

// Days that were closed by a wrong clock accept usage again.
// Rule: reset-brings-back-what-is-paid.
func TestResetClockOpensDays(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json")})
	w.must(buyPack{1000})
	use := func(id string) {
		r, err := w.Consume(t.Context(), app, subscription.Usage{ID: id, Product: "call", Kind: "audio", At: w.now, Seconds: 60})
		w.ok(err)
		check(t, id, r[0].Err, nil)
	}
	use("a")
	w.now = w.now.Add(10 * 24 * time.Hour)
	use("b")
	w.now = w.now.Add(-10 * 24 * time.Hour)
	w.must(subscription.ResetClock{})
	use("c")
}

// A pointer to the command is a command too.
func TestResetClockByPointer(t *testing.T) {
	w := newWorld(t, setup{})
	w.now = w.now.Add(time.Hour)
	w.must(buy("call", "one-to-one"))
	w.now = w.now.Add(-time.Hour)
	w.must(&subscription.ResetClock{Note: "ops"})
}

// buyPack is a caller-defined command that needs no subscription.
type buyPack struct {
	Minutes int64 `json:"minutes"`
}

func (buyPack) Kind() string { return "buy_pack" }

func (c buyPack) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	p, err := pricing.PricePurchase("pack", sure.Of(pricing.FromMinor(100, "USD")), int(c.Minutes), cat.Rounding())
	if err != nil {
		return subscription.Change{}, err
	}
	_, err = d.Place(subscription.Order{Kind: subscription.TopUpOrder, Deliveries: []subscription.Delivery{{Grant: &subscription.GrantDelivery{
		Source: subscription.FromTopUp, Products: []pricing.ProductID{"call"}, Minutes: c.Minutes,
		Validity: pricing.Validity{Months: 1}, Zone: "UTC",
	}}}}, p, cat)
	return d.Change(), err
}
