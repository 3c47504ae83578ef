package renewal_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// behind returns a service on a machine whose clock is behind by that much.
func (w *world) behind(by time.Duration) *subscription.Service {
	w.t.Helper()
	return w.serviceOn(w.store, &subscription.Options{Now: func() time.Time { return w.now.Add(-by) }})
}

// granted returns the minutes granted by the lots of a product that cover an instant.
func (w *world) granted(at string) subscription.Quantity {
	w.t.Helper()
	var sum subscription.Quantity
	for _, l := range w.stored().Lots {
		if l.Period.Contains(instant(w.t, at)) {
			sum += l.Granted
		}
	}
	return sum
}

// A machine whose clock is slightly behind does not price or settle in the past of an application that another machine
// has moved into the next period: the upgrade has the price and minutes of that next period.
// Rule: time-never-runs-backwards.
func TestUpgradeByAClockBehindTheBoundary(t *testing.T) {
	w := newWorld(t, setup{start: "2025-06-01T09:00:00Z"})
	w.must(buy("call", "one-to-one"))
	w.must(renewal.Renew{Product: "call"}) // July is paid for
	w.at("2025-07-01T00:00:01Z")
	w.must(subscription.AutoRenew{Product: "call", On: true}) // July has begun here
	before := w.balance()
	r, err := w.behind(2*time.Second).Do(t.Context(), app, subscription.Upgrade{Product: "call", To: "group-call"}, "up")
	w.ok(err)
	check(t, "amount", r.Order.Amount.String(), "398.00 USD")
	check(t, "formula", r.Order.Lines[0].Formula(), "(597.00 − 199.00) × 31/31")
	check(t, "placed at", r.Order.PlacedAt, w.now)
	check(t, "paid at", r.Order.PaidAt, w.now)
	check(t, "balance before", before, "99602.00 USD")
	check(t, "balance", w.balance(), "99204.00 USD")
	check(t, "minutes of July", w.granted("2025-07-15T00:00:00Z").String(), "300000")
}

// A worker uses the current time of each moment, not that of the start of its round. If a prepaid cycle begins during a
// slow gateway call, an upgrade that arrives too late for its period is refunded.
// Rule: late-upgrade-goes-back, time-never-runs-backwards.
func TestUpgradePaidAfterItsPeriodInASlowRound(t *testing.T) {
	var meanwhile func()
	w := newWorld(t, setup{start: "2025-06-01T09:00:00Z", gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if meanwhile != nil {
				meanwhile()
				meanwhile = nil
			}
			return behind.Charge(ctx, c)
		}}
	}})
	w.must(buy("call", "one-to-one"))
	w.must(renewal.Renew{Product: "call"})
	w.at("2025-06-30T23:59:40Z")
	_, err := w.Bind(w.store).Do(t.Context(), app, subscription.Upgrade{Product: "call", To: "group-call"}, "up")
	fails(t, err, subscription.ErrPaymentPending)
	before := w.balance()
	meanwhile = func() {
		w.at("2025-07-01T00:00:20Z")
		w.must(subscription.AutoRenew{Product: "call", On: true}) // July begins
	}
	stats := w.work()
	check(t, "refunded or on its way", stats.Paid, 0)
	w.run("2025-07-01T00:10:00Z")
	check(t, "balance", w.balance(), before)
	check(t, "version", string(w.latest("call").Version()), "one-to-one")
	check(t, "minutes of July", w.granted("2025-07-15T00:00:00Z").String(), "100000")
}

// If a payment is reported after midnight, the package begins on that day, although the round began the day before.
// Rule: purchase-starts-when-paid.
func TestPaidAfterMidnightBeginsThatDay(t *testing.T) {
	w := newWorld(t, setup{start: "2025-06-01T23:59:00Z", gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			w.at("2025-06-02T00:03:00Z")
			return behind.Charge(ctx, c)
		}}
	}})
	_, err := w.Bind(w.store).Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	fails(t, err, subscription.ErrPaymentPending)
	w.at("2025-06-01T23:59:50Z")
	check(t, "paid", w.work().Paid, 1)
	same(t, "periods", spans(w), []string{"[2025-06-02 2025-07-02)"})
	check(t, "paid at", w.orders()[0].PaidAt, instant(t, "2025-06-02T00:03:00Z"))
}

// The times of ledger entries never decrease, so the balance is defined at every instant, even when machines with
// different clocks write.
// Rule: time-never-runs-backwards.
func TestLedgerOfMachinesThatDiffer(t *testing.T) {
	w := newWorld(t, setup{start: "2025-06-01T09:00:00Z"})
	_, err := w.behind(-time.Second).Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	w.ok(err)
	w.must(buy("live", "lite")) // a second earlier by this machine's clock
	var last time.Time
	for e, err := range w.store.Entries(t.Context(), app) {
		w.ok(err)
		check(t, "in order", e.At.Before(last), false)
		last = e.At
	}
	for _, later := range []time.Duration{0, time.Second / 2, time.Second} {
		_, err := subscription.BalanceAt(w.store.Entries(t.Context(), app), w.now.Add(later))
		w.ok(err)
	}
}

// If the clock is far behind the application's last change, nothing is decided, settled or counted, and nothing is
// lost. Work continues when the clock has caught up, or when staff reset the application's time. Reads still work.
// Rule: clock-skew-is-bounded.
func TestClockFarBehindTheLastChange(t *testing.T) {
	w := newWorld(t, setup{start: "2025-06-01T09:00:00Z"})
	w.must(buy("call", "one-to-one"))
	_, err := w.behind(-2*time.Hour).Do(t.Context(), app, subscription.AutoRenew{Product: "call"}, "off")
	w.ok(err)
	check(t, "as of", w.stored().AsOf, instant(t, "2025-06-01T11:00:00Z"))
	o, err := w.Bind(w.store).Do(t.Context(), app, buy("live", "lite"), "live")
	fails(t, err, subscription.ErrClock)
	_ = o
	_, err = w.Quote(t.Context(), app, buy("live", "lite"))
	fails(t, err, subscription.ErrClock)
	_, err = w.Consume(t.Context(), app, subscription.Usage{ID: "u", Product: "call", Kind: "audio", At: w.now, Seconds: 60})
	fails(t, err, subscription.ErrClock)
	first := w.orders()[0]
	_, err = w.Settle(t.Context(), first.Attempt, payment.Result{Key: string(first.Attempt), Status: payment.Succeeded, Amount: first.Amount})
	fails(t, err, subscription.ErrClock)
	a, err := w.Application(t.Context(), app)
	w.ok(err)
	check(t, "reads go on", a.Minutes("call", w.now) > 0, true)
	w.ok(w.store.Commit(t.Context(), subscription.Reschedule(w.stored(), w.now)))
	stats := w.work()
	check(t, "the worker leaves it", stats.Skewed > 0, true)
	check(t, "and changes nothing", w.stored().AsOf, instant(t, "2025-06-01T11:00:00Z"))

	w.at("2025-06-01T10:55:00Z") // five minutes are allowed
	w.must(buy("live", "lite"))
	check(t, "recorded as of the last change", w.stored().AsOf, instant(t, "2025-06-01T11:00:00Z"))

	_, err = w.behind(-1000*time.Hour).Do(t.Context(), app, subscription.AutoRenew{Product: "call", On: true}, "on")
	w.ok(err)
	w.must(subscription.ResetClock{Note: "jo: the clock of web-3 was wrong"})
	check(t, "as of, reset", w.stored().AsOf, w.now)
	check(t, "told", w.log(subscription.EventClockReset)[0], "2025-06-01 10:55 clock_reset jo: the clock of web-3 was wrong")
	w.must(subscription.AutoRenew{Product: "call"})
	w.refuse(subscription.ErrInvalid, subscription.ResetClock{})
}

// While the gateway is asked, a process whose clock is far ahead changes the application: the answer is not applied by the
// clock that is behind, no failed decision is recorded, and the payment is delivered, once, when the clock has caught up.
// Rule: clock-skew-is-bounded.
func TestClockThatFallsBehindWhileTheGatewayIsAsked(t *testing.T) {
	var meanwhile func()
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if meanwhile != nil {
				meanwhile()
			}
			return behind.Charge(ctx, c)
		}
		return g
	}})
	w.must(buy("call", "one-to-one"))
	w.at("2025-01-31T00:00:00Z")
	meanwhile = func() {
		meanwhile = nil
		_, err := w.behind(-2*time.Hour).Do(t.Context(), app, subscription.Accept{Agreement: w.catalog.AgreementVersion()}, "accept")
		w.ok(err)
	}
	stats := w.work()
	check(t, "skewed", stats.Skewed > 0, true)
	check(t, "set aside", len(w.events(subscription.EventDecisionFailed)), 0)
	check(t, "open", len(w.stored().Orders), 1)
	w.at("2025-01-31T02:00:00Z")
	w.run("2025-01-31T12:00:00Z")
	check(t, "end", w.end(), "2025-03-01 00:00")
	check(t, "charges", len(w.charges()), 2)
	check(t, "set aside", len(w.events(subscription.EventDecisionFailed)), 0)
}

// clocked is a store on a server with its own clock.
type clocked struct {
	*memory.Store
	ahead time.Duration // of the machine's
	err   error
	asked int
}

func (c *clocked) Clock(context.Context) (time.Time, error) {
	c.asked++
	return time.Now().Add(c.ahead), c.err
}

// A machine whose clock is off by years makes no decisions, so it can't expire paid subscriptions. A service that uses
// its own clock, and a worker on it, compare it with the store's clock.
// Rule: wrong-clock-decides-nothing.
func TestWrongClockDecidesNothing(t *testing.T) {
	for _, ahead := range []time.Duration{-2 * 365 * 24 * time.Hour, -6 * time.Minute, 6 * time.Minute} {
		st := &clocked{Store: memory.New(), ahead: ahead}
		w := newWorld(t, setup{})
		service, err := subscription.NewService(st, w.accounts, subscription.StaticCatalog(w.catalog), nil)
		w.ok(err)
		_, err = service.Do(t.Context(), app, subscription.Create{Account: acme}, "create")
		if !errors.Is(err, subscription.ErrClock) || !strings.Contains(err.Error(), "ahead of this machine's") {
			t.Errorf("%s: Do = %v", ahead, err)
		}
		worker, err := renewal.NewWorker(service, st, nil)
		w.ok(err)
		_, err = worker.Once(t.Context())
		fails(t, err, subscription.ErrClock)
		st.ahead = 4 * time.Minute // it is corrected, to within five minutes
		fails(t, create(t, service), subscription.ErrClock)
	}
}

func create(t *testing.T, s *subscription.Service) error {
	t.Helper()
	_, err := s.Do(t.Context(), app, subscription.Create{Account: acme}, "create")
	return err
}

// The store's clock is read at the start and once a minute. If it can't be read, the last result remains valid for ten
// minutes.
// Rule: wrong-clock-decides-nothing.
func TestStoreClockIsAskedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &clocked{Store: memory.New()}
		w := newWorld(t, setup{})
		service, err := subscription.NewService(st, w.accounts, subscription.StaticCatalog(w.catalog), nil)
		w.ok(err)
		w.ok(create(t, service))
		toggle := func(key string) error {
			_, err := service.Do(t.Context(), app, subscription.ResetClock{}, key)
			if errors.Is(err, subscription.ErrInvalid) {
				return nil // there is nothing to reset
			}
			return err
		}
		for range 59 {
			w.ok(toggle("k"))
			time.Sleep(time.Second)
		}
		check(t, "asked in the first minute", st.asked, 1)
		time.Sleep(time.Second)
		w.ok(toggle("k"))
		check(t, "asked after it", st.asked, 2)
		time.Sleep(5 * time.Minute)
		_, err = service.Bind(st).Do(t.Context(), app, subscription.AutoRenew{Product: "call"}, "bound")
		fails(t, err, subscription.ErrNotFound)
		check(t, "and doesn't ask", st.asked, 2)
		w.ok(toggle("k"))
		check(t, "as others do", st.asked, 3)
		st.err = errStore
		time.Sleep(10 * time.Minute)
		w.ok(toggle("k"))
		time.Sleep(time.Minute)
		err = toggle("k")
		check(t, "beyond ten minutes", errors.Is(err, subscription.ErrClock) && errors.Is(err, errStore), true)
		st.err = nil
		time.Sleep(time.Minute)
		w.ok(toggle("k"))

		// A service with a custom clock compares nothing.
		st.ahead = 1000 * time.Hour
		given := w.serviceOn(st, nil)
		_, err = given.Do(t.Context(), "other", subscription.Create{Account: acme}, "create")
		w.ok(err)
	})
}

// If the balance covers only one of two renewals of an application, the first in the document is paid, regardless of
// how many gateway calls run concurrently.
// Rule: document-order-decides.
func TestMoneyForOneOfTwoRenewals(t *testing.T) {
	for range 50 {
		w := newWorld(t, setup{start: "2025-01-01T10:00:00Z", policy: renewal.Policy{Reminders: hours()}})
		w.must(buy("call", "one-to-one"))
		w.must(buy("live", "lite"))
		w.drain()
		w.deposit("200.00 USD")
		w.at("2025-01-31T00:00:00Z")
		_, err := w.worker(&renewal.Options{Concurrency: 8}).Once(t.Context())
		w.ok(err)
		check(t, "call", short(w.latest("call").End()), "2025-03-01 00:00")
		check(t, "live", w.latest("live").Status, subscription.PastDue)
	}
}

// A service used only within its callers' transactions reads the clock outside of them, and again after a bad result.
func TestBoundServicesCompareTheClockToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &clocked{Store: memory.New(), ahead: time.Hour}
		w := newWorld(t, setup{})
		service, err := subscription.NewService(st, w.accounts, subscription.StaticCatalog(w.catalog), nil)
		w.ok(err)
		fails(t, create(t, service.Bind(st)), subscription.ErrClock)
		st.ahead = 0
		time.Sleep(time.Minute)
		w.ok(create(t, service.Bind(st)))
	})
}

// hanging is a store whose clock doesn't respond.
type hanging struct{ *memory.Store }

func (hanging) Clock(ctx context.Context) (time.Time, error) {
	<-ctx.Done()
	return time.Time{}, ctx.Err()
}

// A store that doesn't answer delays no caller beyond the caller's own deadline.
func TestStoreClockThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := hanging{memory.New()}
		w := newWorld(t, setup{})
		service, err := subscription.NewService(st, w.accounts, subscription.StaticCatalog(w.catalog), nil)
		w.ok(err)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err = service.Do(ctx, app, subscription.Create{Account: acme}, "create")
		check(t, "refused", err != nil, true)
		check(t, "after", time.Since(began), 50*time.Millisecond)
		fails(t, create(t, service), subscription.ErrClock)
		check(t, "after", time.Since(began), 50*time.Millisecond+5*time.Second)
	})
}
