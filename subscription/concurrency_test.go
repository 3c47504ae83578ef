package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

const goroutines = 100

// crowd runs f in a hundred goroutines at once, and fails the test if that takes longer than a minute.
func crowd(t *testing.T, f func(ctx context.Context, i int)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			<-start
			f(ctx, i)
		})
	}
	close(start)
	wg.Wait()
	if ctx.Err() != nil {
		t.Fatal("it took longer than a minute")
	}
}

// market is a service on the plain memory store over a hostile gateway, with n applications.
type market struct {
	*subscription.Service
	t       *testing.T
	store   *memory.Store
	gateway *paymenttest.Hostile
	apps    []subscription.ApplicationID
}

func newMarket(t *testing.T, n int, odds map[paymenttest.Fault]int) *market {
	t.Helper()
	now := instant(t, "2025-07-10T02:30:00Z")
	clock := func() time.Time { return now }
	accounts := balance.New(&balance.Options{Now: clock})
	m := &market{t: t, store: memory.New()}
	m.gateway = paymenttest.NewHostile(accounts, &paymenttest.HostileOptions{Seed: uint64(n), Odds: odds, Now: clock})
	m.Service = sure.Of(subscription.NewService(m.store, m.gateway, subscription.StaticCatalog(catalog(t, "catalog.json")),
		&subscription.Options{Now: clock, Conflicts: 1000}))
	ctx := t.Context()
	if err := errors.Join(
		accounts.Open(ctx, string(acme)),
		accounts.Deposit(ctx, string(acme), "deposit", money(t, "1000000.00 USD")),
	); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		id := subscription.ApplicationID(fmt.Sprintf("app-%d", i))
		if _, err := m.Do(ctx, id, subscription.Create{Account: acme}, "create"); err != nil {
			t.Fatal(err)
		}
		m.apps = append(m.apps, id)
	}
	return m
}

// patiently repeats a request under its key until its outcome is final.
func patiently(ctx context.Context, request func() (subscription.Outcome, error)) (subscription.Outcome, error) {
	for {
		r, err := request()
		if !errors.Is(err, subscription.ErrPaymentPending) || ctx.Err() != nil {
			return r, err
		}
	}
}

// books compares the gateway's own records with the paid orders.
func (m *market) books() (paidOrders int) {
	m.t.Helper()
	ctx := context.Background()
	for {
		hooks, err := m.gateway.Drain(ctx)
		if err != nil {
			m.t.Fatal(err)
		}
		if len(hooks) == 0 {
			break
		}
		for _, r := range hooks {
			if _, err := m.Settle(ctx, subscription.AttemptID(r.Key), r); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	collected := map[string]pricing.Money{}
	for _, c := range m.gateway.Collected() {
		if _, twice := collected[c.Charge.Key]; twice {
			m.t.Errorf("%s was collected twice", c.Charge.Key)
		}
		if c.Refunded.IsZero() {
			collected[c.Charge.Key] = c.Amount
		}
	}
	for _, id := range m.apps {
		for o, err := range m.store.Orders(ctx, id) {
			if err != nil {
				m.t.Fatal(err)
			}
			switch o.Status {
			case subscription.OrderPaid:
				paidOrders++
				if collected[string(o.Attempt)] != o.Amount {
					m.t.Errorf("order %s of %s is paid, %s was collected", o.ID, o.Amount, collected[string(o.Attempt)])
				}
				delete(collected, string(o.Attempt))
			case subscription.OrderOpen:
				m.t.Errorf("order %s of %s is still open", o.ID, id)
			case subscription.OrderDeclined, subscription.OrderCanceled, subscription.OrderReview,
				subscription.OrderRefundDue, subscription.OrderRefunded:
			}
		}
	}
	for key, amount := range collected {
		m.t.Errorf("%s was collected for %s and not delivered", amount, key)
	}
	return paidOrders
}

// A hundred confirmations of one quote, each under its own key: only one is charged.
// Rule: same-product-does-not-stack.
func TestConcurrentConfirmationsOfOneQuote(t *testing.T) {
	m := newMarket(t, 1, map[paymenttest.Fault]int{})
	cmd := buy("call", "one-to-one")
	q, err := m.Quote(t.Context(), m.apps[0], cmd)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	outcomes := map[string]int{}
	crowd(t, func(ctx context.Context, i int) {
		_, err := patiently(ctx, func() (subscription.Outcome, error) {
			return m.Confirm(ctx, m.apps[0], cmd, q, fmt.Sprintf("key %d", i))
		})
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			outcomes["bought"]++
		case errors.Is(err, subscription.ErrOrderOpen), errors.Is(err, subscription.ErrAlreadySubscribed),
			errors.Is(err, subscription.ErrQuoteStale):
			outcomes["refused"]++
		default:
			t.Error(err)
		}
	})
	check(t, "bought", outcomes["bought"], 1)
	check(t, "refused", outcomes["refused"], goroutines-1)
	check(t, "paid orders", m.books(), 1)
}

// A hundred repetitions of one key: one order, one charge, and the same receipt for all.
// Rule: one-key-one-content.
func TestConcurrentRepetitionsOfOneKey(t *testing.T) {
	m := newMarket(t, 1, map[paymenttest.Fault]int{
		paymenttest.TimeoutBefore: 100, paymenttest.TimeoutAfter: 100, paymenttest.InFlight: 100,
		paymenttest.PendingThenPaid: 100, paymenttest.Duplicate: 100, paymenttest.Silent: 100,
	})
	var mu sync.Mutex
	orders := map[subscription.OrderID]int{}
	crowd(t, func(ctx context.Context, _ int) {
		r, err := patiently(ctx, func() (subscription.Outcome, error) {
			return m.Do(ctx, m.apps[0], buy("call", "one-to-one"), "the key")
		})
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		orders[r.Receipt.OrderID]++
	})
	check(t, "orders", len(orders), 1)
	check(t, "paid orders", m.books(), 1)
}

// A hundred customers of twenty applications quote, confirm, upgrade, repeat and cancel, over a gateway with every
// fault: nothing is lost, and nothing is charged twice.
func TestConcurrentCustomers(t *testing.T) {
	m := newMarket(t, 20, nil)
	crowd(t, func(ctx context.Context, i int) {
		id := m.apps[i%len(m.apps)]
		for n, cmd := range []subscription.Command{
			buy("call", "one-to-one"), buy("live", "lite"), upgrade("group-call"),
			subscription.AutoRenew{Product: "call", On: i%2 == 0}, upgrade("stadium"),
			subscription.Upgrade{Product: "live", To: "pro", Agreement: agreement},
		} {
			key := fmt.Sprintf("%d of %d", n, i%3) // some customers share their keys
			r, err := patiently(ctx, func() (subscription.Outcome, error) {
				q, err := m.Quote(ctx, id, cmd)
				if err != nil || i%2 == 0 {
					return m.Do(ctx, id, cmd, key)
				}
				return m.Confirm(ctx, id, cmd, q, key)
			})
			m.expected(err)
			if i%7 == 0 && r.Receipt.OrderID != "" {
				_, err = m.Do(ctx, id, subscription.Cancel{Order: r.Receipt.OrderID}, "cancel "+key)
				m.expected(err)
			}
		}
	})
	// Complete what was left open.
	ctx := t.Context()
	if err := m.gateway.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		for _, id := range m.apps {
			for o, err := range m.store.Orders(ctx, id) {
				if err != nil {
					t.Fatal(err)
				}
				_, err := m.Collect(ctx, id, o.ID)
				m.expected(err)
			}
		}
	}
	if n := m.books(); n < len(m.apps) {
		t.Errorf("%d paid orders of %d applications: too few", n, len(m.apps))
	}
}

// expected fails the test if a customer should never see the error.
func (m *market) expected(err error) {
	m.t.Helper()
	if err == nil || errors.Is(err, subscription.ErrDeclined) {
		return
	}
	for _, known := range []error{
		subscription.ErrAlreadySubscribed, subscription.ErrOrderOpen, subscription.ErrNotFound, subscription.ErrNotHigher,
		subscription.ErrQuoteStale, subscription.ErrRefunded, subscription.ErrCanceled, subscription.ErrPaymentPending,
		subscription.ErrKeyReused,
	} {
		if errors.Is(err, known) {
			return
		}
	}
	m.t.Error(err)
}

// A hundred different webhooks about one order at once: the first success delivers, and the others do nothing.
// Rule: settling-is-idempotent.
func TestConcurrentWebhooks(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	// The recorder isn't safe for concurrent use.
	m := sure.Of(subscription.NewService(w.store.Store, w.accounts, subscription.StaticCatalog(w.catalog),
		&subscription.Options{Now: func() time.Time { return w.now }, Conflicts: 1000}))
	crowd(t, func(ctx context.Context, i int) {
		r := paid(o)
		if i%3 == 1 {
			r = payment.Result{Key: r.Key, Status: payment.Pending}
		}
		if _, err := m.Settle(ctx, o.Attempt, r); err != nil {
			t.Error(err)
		}
	})
	check(t, "status", w.order(o.ID).Status, subscription.OrderPaid)
	check(t, "deliveries", w.count(subscription.EventOpened), 1)
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
}
