package subscription_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// hostile returns a gateway in front of the accounts whose charges meet these faults, by the world's clock.
func hostile(o paymenttest.HostileOptions, faults ...paymenttest.Fault) func(*world, *balance.Accounts) payment.Gateway {
	return func(w *world, behind *balance.Accounts) payment.Gateway {
		o.Plan = paymenttest.Script(faults...)
		o.Now = func() time.Time { return w.now }
		return paymenttest.NewHostile(behind, &o)
	}
}

// One key, one content, one result.
// Rule: one-key-one-content, decline-is-final.
func TestKeys(t *testing.T) {
	do := func(w *world, cmd subscription.Command, key string) (subscription.Outcome, error) {
		return w.Do(w.t.Context(), app, cmd, key)
	}
	t.Run("the same key and content give the stored result", func(t *testing.T) {
		w := newWorld(t, setup{})
		first, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		commits := len(w.store.changes)
		w.at("2025-07-11T00:00:00Z") // neither time nor catalog is part of the content
		w.catalog = catalog(t, "catalog.json", `"revision": "test-1"`, `"revision": "test-2"`)
		again, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		if diff := cmp.Diff(first, again, exactly); diff != "" {
			t.Errorf("receipt (-first +again):\n%s", diff)
		}
		check(t, "commits", len(w.store.changes), commits)
		charges, _, _ := w.charged()
		check(t, "charges", charges, 1)
	})
	t.Run("other content under the same key", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		before := w.stored()
		for name, cmd := range map[string]subscription.Command{
			"another version": buy("call", "group-call"), "no auto-renewal": once("call", "one-to-one"),
			"another command": upgrade("group-call"), "what needs no order": subscription.AutoRenew{Product: "call"},
		} {
			_, err := do(w, cmd, "k")
			check(t, name, errors.Is(err, subscription.ErrKeyReused), true)
		}
		if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
			t.Errorf("changed (-before +after):\n%s", diff)
		}
	})
	t.Run("another application's keys are its own", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
		_, err = w.Do(t.Context(), "other", subscription.Create{Account: acme}, "k")
		w.ok(err)
	})
	t.Run("a decline is final for its key", func(t *testing.T) {
		w := newWorld(t, setup{poor: true})
		first, err := do(w, buy("call", "one-to-one"), "k")
		check(t, "declined", errors.Is(err, subscription.ErrDeclined), true)
		w.deposit("1000.00 USD")
		again, err := do(w, buy("call", "one-to-one"), "k")
		check(t, "declined again", errors.Is(err, subscription.ErrDeclined), true)
		check(t, "order", again.Receipt.OrderID, first.Receipt.OrderID)
		_, err = do(w, buy("call", "one-to-one"), "another key")
		w.ok(err)
	})
	t.Run("a refused command leaves its key free", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, upgrade("group-call"), "k")
		check(t, "refused", errors.Is(err, subscription.ErrNotFound), true)
		_, err = do(w, buy("call", "one-to-one"), "k")
		w.ok(err)
	})
	t.Run("a command without an order", func(t *testing.T) {
		w := newWorld(t, setup{})
		first, err := do(w, subscription.Accept{Agreement: agreement}, "k")
		w.ok(err)
		again, err := do(w, subscription.Accept{Agreement: agreement}, "k")
		w.ok(err)
		if diff := cmp.Diff(first, again, exactly); diff != "" {
			t.Errorf("receipt (-first +again):\n%s", diff)
		}
		check(t, "acceptances", w.count(subscription.EventAccepted), 1)
		check(t, "order", again.Receipt.OrderID, "")
	})
	t.Run("a command that changes nothing leaves its key free", func(t *testing.T) {
		w := newWorld(t, setup{})
		r, err := do(w, nothing{}, "k")
		w.ok(err)
		check(t, "commits", len(w.store.changes), 0+1) // the one that created the application
		check(t, "key", r.Receipt.Key, "")
	})
	t.Run("a command whose JSON can't be made", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := do(w, unencodable{}, "k")
		check(t, "refused", errors.Is(err, subscription.ErrInvalid), true)
	})
}

// nothing is a command that decides that there is nothing to do.
type nothing struct{}

func (nothing) Kind() string { return "nothing" }

func (nothing) Decide(subscription.Snapshot, *pricing.Catalog, time.Time) (subscription.Change, error) {
	return subscription.Change{}, nil
}

type unencodable struct {
	nothing
	C chan int
}

// After an unknown outcome nothing new is tried; the key is asked about, and tried again.
// Rule: unknown-outcome-repeats-the-key.
func TestUnknownOutcomes(t *testing.T) {
	cmd := buy("call", "one-to-one")
	for _, tt := range []struct {
		name    string
		fault   paymenttest.Fault
		asks    int // how many repetitions stay pending
		outcome subscription.OrderStatus
	}{
		{"a crash between commit and charge", paymenttest.TimeoutBefore, 0, subscription.OrderPaid},
		{"no answer, but the money has moved", paymenttest.TimeoutAfter, 0, subscription.OrderPaid},
		{"no answer, ever", paymenttest.Silent, 0, subscription.OrderPaid},
		{"in flight, and nowhere to be found", paymenttest.InFlight, 0, subscription.OrderPaid},
		{"pending for a while, then paid", paymenttest.PendingThenPaid, 2, subscription.OrderPaid},
		{"pending for a while, then declined", paymenttest.PendingThenDeclined, 2, subscription.OrderDeclined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, tt.fault)})
			r, err := w.Do(t.Context(), app, cmd, "k")
			check(t, "pending", errors.Is(err, subscription.ErrPaymentPending), true)
			check(t, "the receipt is valid", r.Receipt.Key, "k")
			check(t, "order", r.Order.Status, subscription.OrderOpen)
			check(t, "nothing is delivered", len(w.application().Subscriptions), 0)
			// Nothing is announced that isn't so.
			check(t, "announced", w.count(subscription.EventOrderPaid)+w.count(subscription.EventPeriodPaid), 0)
			for range tt.asks {
				_, err = w.Do(t.Context(), app, cmd, "k")
				check(t, "still pending", errors.Is(err, subscription.ErrPaymentPending), true)
			}
			r, err = w.Do(t.Context(), app, cmd, "k")
			check(t, "order", r.Order.Status, tt.outcome)
			check(t, "error", err == nil, tt.outcome == subscription.OrderPaid)
			charges, refunds, _ := w.charged()
			want := 0
			if tt.outcome == subscription.OrderPaid {
				want = 1
			}
			check(t, "charges", charges, want)
			check(t, "refunds", refunds, 0)
			check(t, "subscriptions", len(w.application().Subscriptions), want)
		})
	}
	t.Run("Collect does what the repeated key does", func(t *testing.T) {
		w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.TimeoutBefore)})
		r, _ := w.Do(t.Context(), app, cmd, "k")
		o, err := w.Collect(t.Context(), app, r.Receipt.OrderID)
		w.ok(err)
		check(t, "order", o.Status, subscription.OrderPaid)
		o, err = w.Collect(t.Context(), app, r.Receipt.OrderID)
		w.ok(err)
		check(t, "again", o.Status, subscription.OrderPaid)
	})
	t.Run("the same key is asked for, with the same content", func(t *testing.T) {
		var asked []payment.Charge
		var found []string
		w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			return &gatewayFuncs{
				Gateway: behind,
				charge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
					asked = append(asked, c)
					return payment.Result{}, errors.New("gateway is down")
				},
				lookup: func(_ context.Context, key string) (payment.Result, error) {
					found = append(found, key)
					return payment.Result{Key: key, Status: payment.NotFound}, nil
				},
			}
		}})
		for range 3 {
			_, err := w.Do(t.Context(), app, cmd, "k")
			check(t, "pending", errors.Is(err, subscription.ErrPaymentPending), true)
			check(t, "the reason is told", strings.Contains(err.Error(), "gateway is down"), true)
			w.now = w.now.Add(time.Hour)
		}
		o := w.orders()[0]
		want := payment.Charge{
			Key: w.load().Store + "/" + string(app) + "/" + string(o.ID), Account: string(acme), Amount: money(t, "199.00 USD"),
			Order: string(o.ID), Application: string(app), Description: "call/one-to-one",
		}
		if diff := cmp.Diff([]payment.Charge{want, want, want}, asked, exactly); diff != "" {
			t.Errorf("charges (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{want.Key, want.Key}, found); diff != "" {
			t.Errorf("lookups (-want +got):\n%s", diff)
		}
	})
}

// Beyond the gateway's retention the key could collect again, so that a person decides.
// Rule: retention-ends-repetition.
func TestRetention(t *testing.T) {
	for _, tt := range []struct {
		name string
		wait time.Duration
		want subscription.OrderStatus
	}{
		{"within it the same key is tried again", 24*time.Hour*9/10 - time.Microsecond, subscription.OrderPaid},
		{"near its end, and beyond, never", 24 * time.Hour * 9 / 10, subscription.OrderReview},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gateway := hostile(paymenttest.HostileOptions{Retention: 24 * time.Hour}, paymenttest.TimeoutBefore)
			w := newWorld(t, setup{gateway: gateway})
			_, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
			check(t, "pending", errors.Is(err, subscription.ErrPaymentPending), true)
			w.now = w.now.Add(tt.wait)
			for range 2 {
				r, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
				check(t, "order", r.Order.Status, tt.want)
				check(t, "review", errors.Is(err, subscription.ErrReview), tt.want == subscription.OrderReview)
			}
			if tt.want == subscription.OrderReview {
				charges, _, _ := w.charged()
				check(t, "charges", charges, 0)
				check(t, "events", w.count(subscription.EventOrderReview), 1)
				w.refuse(subscription.ErrOrderOpen, buy("call", "one-to-one"))
			}
		})
	}
}

// A gateway that breaks its contract is believed in nothing.
// Rule: bad-answer-goes-to-review.
func TestContradictoryGateway(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(payment.Charge) payment.Result
	}{
		{"the zero result", func(payment.Charge) payment.Result { return payment.Result{} }},
		{"another key", func(c payment.Charge) payment.Result {
			return payment.Result{Key: "other", Status: payment.Succeeded, Amount: c.Amount}
		}},
		{"the refund's key", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key + "/refund", Status: payment.Succeeded, Amount: c.Amount}
		}},
		{"an unknown status", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: "ok", Amount: c.Amount}
		}},
		{"success without an amount", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: payment.Succeeded}
		}},
		{"a decline without a reason", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: payment.Declined}
		}},
		{"a charge that is not found", func(c payment.Charge) payment.Result {
			return payment.Result{Key: c.Key, Status: payment.NotFound}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
				return &gatewayFuncs{Gateway: behind, charge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
					return tt.answer(c), nil
				}}
			}})
			_, err := w.do(buy("call", "one-to-one"))
			check(t, "pending", errors.Is(err, subscription.ErrPaymentPending), true)
			check(t, "subscriptions", len(w.application().Subscriptions), 0)
			check(t, "open orders", len(w.application().Orders), 1)
		})
	}
	t.Run("another amount goes to review", func(t *testing.T) {
		w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.WrongAmount)})
		r, err := w.do(buy("call", "one-to-one"))
		check(t, "review", errors.Is(err, subscription.ErrReview), true)
		check(t, "collected", r.Order.Collected, money(t, "198.99 USD"))
		check(t, "subscriptions", len(w.application().Subscriptions), 0)
	})
}

// The customer gives the order up, and orders again, while the gateway is collecting: one of the two
// payments goes back.
// Rule: late-payment-goes-back.
func TestCancelWhileCharging(t *testing.T) {
	canceled := false
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, charge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if !canceled {
				canceled = true
				w.must(subscription.Cancel{Order: subscription.OrderID(c.Order)}) //nolint:contextcheck // the world runs under the context of its test
				w.must(buy("call", "group-call"))                                 //nolint:contextcheck // the world runs under the context of its test
			}
			return behind.Charge(ctx, c)
		}}
	}})
	r, err := w.do(buy("call", "one-to-one"))
	check(t, "refunded", errors.Is(err, subscription.ErrRefunded), true)
	check(t, "order", r.Order.Status, subscription.OrderRefunded)
	check(t, "version", w.latest("call").Version(), "group-call")
	check(t, "balance", w.balance(), "99403.00 USD")
}

// A charge that moved the money and never said so: the customer cancels, and whoever asks about the order
// again, by its key or by Collect, brings the money back. Nothing is charged on the way.
func TestCanceledAndSilentlyCollected(t *testing.T) {
	cmd := buy("call", "one-to-one")
	for name, ask := range map[string]func(w *world, id subscription.OrderID) (subscription.Order, error){
		"Collect": func(w *world, id subscription.OrderID) (subscription.Order, error) {
			return w.Collect(w.t.Context(), app, id)
		},
		"the repeated key": func(w *world, _ subscription.OrderID) (subscription.Order, error) {
			r, err := w.Do(w.t.Context(), app, cmd, "k")
			return r.Order, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.Silent)})
			r, err := w.Do(t.Context(), app, cmd, "k")
			check(t, "pending", errors.Is(err, subscription.ErrPaymentPending), true)
			check(t, "collected", w.balance(), "99801.00 USD")
			w.must(subscription.Cancel{Order: r.Receipt.OrderID})
			o, err := ask(w, r.Receipt.OrderID)
			check(t, "refunded", errors.Is(err, subscription.ErrRefunded), true)
			check(t, "order", o.Status, subscription.OrderRefunded)
			check(t, "balance", w.balance(), "100000.00 USD")

			// One that never arrived stays canceled, and isn't charged.
			w = newWorld(t, setup{gateway: hostile(paymenttest.HostileOptions{}, paymenttest.TimeoutBefore)})
			r, _ = w.Do(t.Context(), app, cmd, "k")
			w.must(subscription.Cancel{Order: r.Receipt.OrderID})
			o, err = ask(w, r.Receipt.OrderID)
			check(t, "canceled", errors.Is(err, subscription.ErrCanceled), true)
			check(t, "order, which may be in flight", o.Status, subscription.OrderCanceling)
			w.now = w.now.Add(time.Hour - time.Microsecond)
			o, err = ask(w, r.Receipt.OrderID)
			check(t, "canceled", errors.Is(err, subscription.ErrCanceled), true)
			check(t, "order, not yet an hour later", o.Status, subscription.OrderCanceling)
			w.now = w.now.Add(time.Microsecond)
			o, err = ask(w, r.Receipt.OrderID)
			check(t, "canceled", errors.Is(err, subscription.ErrCanceled), true)
			check(t, "order, an hour later", o.Status, subscription.OrderCanceled)
			check(t, "balance", w.balance(), "100000.00 USD")
		})
	}
}

// Nothing is locked, and the order and its attempt are stored, while the gateway is asked.
// Rule: order-before-charge.
func TestGatewayCallsBack(t *testing.T) {
	called := false
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, charge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			called = true
			_, id, err := subscription.AttemptID(c.Key).Parse()
			w.ok(err)
			check(w.t, "the order is committed before it is charged", w.order(id).Status, subscription.OrderOpen) //nolint:contextcheck // the world runs under the context of its test
			check(w.t, "in the document too", w.stored().Orders[0].Attempt, subscription.AttemptID(c.Key))        //nolint:contextcheck // the world runs under the context of its test
			_, err = w.Do(ctx, app, subscription.Accept{Agreement: agreement}, "within")
			w.ok(err)
			// Its own webhook overtakes its answer.
			r, err := behind.Charge(ctx, c)
			w.ok(err)
			w.settle(r) //nolint:contextcheck // the world runs under the context of its test
			return r, nil
		}}
	}})
	finished := make(chan error, 1)
	go func() {
		_, err := w.do(buy("call", "one-to-one"))
		finished <- err
	}()
	select {
	case err := <-finished:
		w.ok(err)
	case <-time.After(10 * time.Second):
		t.Fatal("deadlock")
	}
	check(t, "called", called, true)
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
}

// The eligibility hook may call the service too.
func TestHookCallsBack(t *testing.T) {
	var w *world
	w = newWorld(t, setup{options: subscription.Options{Eligible: func(ctx context.Context, e subscription.Eligibility) error {
		a, err := w.Application(ctx, e.Application)
		check(t, "account", a.Account, e.Account)
		e.Order.Lines[0].Item = "what it does with its copy is its own affair"
		return err
	}}})
	check(t, "line", w.must(buy("call", "one-to-one")).Order.Lines[0].Item, "call/one-to-one")
}

// What a gateway said isn't lost because the caller went away.
func TestContextCanceledAfterTheCharge(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, charge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			defer cancel()
			return behind.Charge(ctx, c)
		}}
	}})
	r, err := w.Do(ctx, app, buy("call", "one-to-one"), "k")
	w.ok(err)
	check(t, "order", r.Order.Status, subscription.OrderPaid)
	check(t, "stored", w.order(r.Receipt.OrderID).Status, subscription.OrderPaid)

	// Before it nothing is done at all.
	_, err = w.Do(ctx, app, buy("live", "lite"), "k2")
	check(t, "canceled", errors.Is(err, context.Canceled), true)
	check(t, "orders", len(w.orders()), 1)
}

// A gateway that hangs is left after the time-out, with the outcome unknown.
func TestChargeTimeout(t *testing.T) {
	w := newWorld(t, setup{
		options: subscription.Options{ChargeTimeout: time.Millisecond},
		gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			return &gatewayFuncs{Gateway: behind, charge: func(ctx context.Context, _ payment.Charge) (payment.Result, error) {
				<-ctx.Done()
				return payment.Result{}, ctx.Err()
			}}
		},
	})
	_, err := w.do(buy("call", "one-to-one"))
	check(t, "pending", errors.Is(err, subscription.ErrPaymentPending) && errors.Is(err, context.DeadlineExceeded), true)
}

// storeFuncs is a store that a test writes as it goes.
type storeFuncs struct {
	subscription.Store
	load   func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error)
	commit func(ctx context.Context, changes ...subscription.Change) error
}

func (s *storeFuncs) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	if s.load == nil {
		return s.Store.Load(ctx, reads...)
	}
	return s.load(ctx, reads...)
}

func (s *storeFuncs) Commit(ctx context.Context, changes ...subscription.Change) error {
	if s.commit == nil {
		return s.Store.Commit(ctx, changes...)
	}
	return s.commit(ctx, changes...)
}

// A conflict is decided again on the state that won, a bounded number of times.
// Rule: conflict-decides-again.
func TestConflicts(t *testing.T) {
	conflict := &subscription.ConflictError{Applications: []subscription.ApplicationID{app}}
	t.Run("are retried", func(t *testing.T) {
		left := 5
		w := newWorld(t, setup{wrap: func(_ *world, st subscription.Store) subscription.Store {
			return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
				left--
				if left >= 0 {
					return conflict
				}
				return st.Commit(ctx, changes...)
			}}
		}})
		w.must(buy("call", "one-to-one"))
	})
	t.Run("a bounded number of times", func(t *testing.T) {
		for conflicts, want := range map[int]int{1: 1, 4: 4, 0: 30} {
			tries := 0
			w := newWorld(t, setup{
				options: subscription.Options{Conflicts: conflicts},
				wrap: func(_ *world, st subscription.Store) subscription.Store {
					return &storeFuncs{Store: st, commit: func(context.Context, ...subscription.Change) error {
						tries++
						return conflict
					}}
				},
			})
			w.refuse(subscription.ErrConflict, subscription.Accept{Agreement: agreement})
			check(t, "tries", tries, want)
		}
	})
	t.Run("until the caller goes away", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := newWorld(t, setup{
			options: subscription.Options{Conflicts: 1_000_000},
			wrap: func(_ *world, st subscription.Store) subscription.Store {
				return &storeFuncs{Store: st, commit: func(context.Context, ...subscription.Change) error {
					cancel()
					return conflict
				}}
			},
		})
		_, err := w.Do(ctx, app, subscription.Accept{Agreement: agreement}, "k")
		// Whichever of the two the jitter lets through first, no change is made.
		check(t, "canceled", errors.Is(err, context.Canceled), true)
		check(t, "acceptances", w.count(subscription.EventAccepted), 0)
	})
	t.Run("decide on the state that won", func(t *testing.T) {
		// Between load and commit somebody else bought the product.
		raced := false
		w := newWorld(t, setup{wrap: func(w *world, st subscription.Store) subscription.Store {
			return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
				if !raced {
					raced = true
					w.must(buy("call", "group-call")) //nolint:contextcheck // the world runs under the context of its test
				}
				return st.Commit(ctx, changes...)
			}}
		}})
		_, err := w.do(buy("call", "one-to-one"))
		check(t, "refused", errors.Is(err, subscription.ErrAlreadySubscribed), true)
		charges, _, _ := w.charged()
		check(t, "charges", charges, 1)
	})
	t.Run("names its applications", func(t *testing.T) {
		for n, want := range map[int]string{
			1: "subscription: conflict: a",
			3: "subscription: conflict: a, b, c",
			5: "subscription: conflict: a, b, c, and 2 more",
		} {
			err := &subscription.ConflictError{Applications: []subscription.ApplicationID{"a", "b", "c", "d", "e"}[:n]}
			check(t, "text", err.Error(), want)
			check(t, "is a conflict", errors.Is(err, subscription.ErrConflict), true)
		}
	})
}

// A store whose commit went through, but who doesn't say so: the same key finds what happened.
// Rule: unknown-outcome-repeats-the-key.
func TestUnknownCommit(t *testing.T) {
	lost := errors.New("connection lost")
	for _, tt := range []struct {
		name  string
		fails int // the commit whose answer is lost
		done  bool
	}{
		{"the order's, which was committed", 1, true},
		{"the order's, which wasn't", 1, false},
		{"the settlement's, which was committed", 2, true},
		{"the settlement's, which wasn't", 2, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			commits := 0
			w := newWorld(t, setup{wrap: func(_ *world, st subscription.Store) subscription.Store {
				return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
					commits++
					if commits != tt.fails {
						return st.Commit(ctx, changes...)
					}
					if tt.done {
						if err := st.Commit(ctx, changes...); err != nil {
							return err
						}
					}
					return lost
				}}
			}})
			_, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
			check(t, "the error is told", errors.Is(err, lost), true)
			check(t, "as pending, once there is an order", errors.Is(err, subscription.ErrPaymentPending), tt.fails == 2)
			r, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
			w.ok(err)
			check(t, "order", r.Order.Status, subscription.OrderPaid)
			check(t, "orders", len(w.orders()), 1)
			check(t, "deliveries", w.count(subscription.EventOpened), 1)
			charges, _, _ := w.charged()
			check(t, "charges", charges, 1)
		})
	}
}

func TestStoreThatCannotBeRead(t *testing.T) {
	down := errors.New("store is down")
	working := true
	w := newWorld(t, setup{gateway: pending, wrap: func(_ *world, st subscription.Store) subscription.Store {
		return &storeFuncs{Store: st, load: func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			if !working {
				return nil, down
			}
			return st.Load(ctx, reads...)
		}}
	}})
	o := w.place(buy("call", "one-to-one"))
	working = false
	ctx := t.Context()
	_, doErr := w.Do(ctx, app, buy("call", "one-to-one"), "key 1")
	_, quoteErr := w.Quote(ctx, app, buy("live", "lite"))
	_, settleErr := w.Settle(ctx, o.Attempt, paid(o))
	_, collectErr := w.Collect(ctx, app, o.ID)
	_, applicationErr := w.Application(ctx, app)
	_, orderErr := w.Order(ctx, app, o.ID)
	for name, err := range map[string]error{
		"Do": doErr, "Quote": quoteErr, "Settle": settleErr, "Collect": collectErr,
		"Application": applicationErr, "Order": orderErr,
	} {
		check(t, name, errors.Is(err, down), true)
	}
}

// A bound service never calls the gateway: what it orders is collected after the caller's commit.
// Rule: callers-transaction.
func TestBind(t *testing.T) {
	var calls atomic.Int64
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		count := func() { calls.Add(1) }
		return &gatewayFuncs{
			Gateway: behind,
			charge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				count()
				return behind.Charge(ctx, c)
			},
			lookup: func(ctx context.Context, key string) (payment.Result, error) {
				count()
				return behind.Lookup(ctx, key)
			},
			refund: func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				count()
				return behind.Refund(ctx, r)
			},
		}
	}})
	commits := 0
	bound := w.Bind(&storeFuncs{Store: w.store, commit: func(ctx context.Context, changes ...subscription.Change) error {
		commits++
		return w.store.Commit(ctx, changes...)
	}})
	ctx := t.Context()
	cmd := buy("call", "one-to-one")
	q, err := bound.Quote(ctx, app, cmd)
	w.ok(err)
	r, err := bound.Confirm(ctx, app, cmd, q, "k")
	check(t, "Confirm", errors.Is(err, subscription.ErrPaymentPending), true)
	_, err = bound.Do(ctx, app, cmd, "k")
	check(t, "the same key", errors.Is(err, subscription.ErrPaymentPending), true)
	_, err = bound.Collect(ctx, app, r.Receipt.OrderID)
	check(t, "Collect", errors.Is(err, subscription.ErrPaymentPending), true)
	check(t, "calls", calls.Load(), 0)
	check(t, "commits went through the bound store", commits, 1)

	// Even where a refund falls due.
	_, err = bound.Do(ctx, app, subscription.Cancel{Order: r.Receipt.OrderID}, "cancel")
	w.ok(err)
	settled, err := bound.Settle(ctx, r.Order.Attempt, paid(r.Order))
	w.ok(err)
	check(t, "status", settled.Status, subscription.OrderRefundDue)
	check(t, "calls", calls.Load(), 0)

	// The service itself works on its own store, and calls.
	r, err = bound.Do(ctx, app, buy("live", "lite"), "k2")
	check(t, "Do", errors.Is(err, subscription.ErrPaymentPending), true)
	o, err := w.Collect(ctx, app, r.Receipt.OrderID)
	w.ok(err)
	check(t, "order", o.Status, subscription.OrderPaid)
	check(t, "calls", calls.Load(), 2) // lookup and charge

	// One decision, since only the caller can begin the transaction again.
	tries := 0
	conflicting := w.Bind(&storeFuncs{Store: w.store, commit: func(context.Context, ...subscription.Change) error {
		tries++
		return &subscription.ConflictError{Applications: []subscription.ApplicationID{app}}
	}})
	_, err = conflicting.Do(ctx, app, subscription.AutoRenew{Product: "live"}, "k3")
	check(t, "conflict", errors.Is(err, subscription.ErrConflict), true)
	check(t, "tries", tries, 1)
}

// A command of the caller's own that breaks an invariant can't reach the store.
// Rule: nothing-without-payment.
func TestDefectiveCommand(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.refuse(subscription.ErrInvariant, mint{})
}

// mint makes minutes from nothing.
type mint struct{}

func (mint) Kind() string { return "mint" }

func (mint) Decide(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
	d := subscription.Begin(s, now)
	d.Application.Lots[0].Remaining += 1000
	d.Application.Lots[0].Granted += 1000
	d.AddEvent(subscription.Event{Type: "minted"})
	return d.Change(), nil
}

// Two orders in one command can't be collected under one key, nor asked about.
func TestTwoOrders(t *testing.T) {
	asked := 0
	w := newWorld(t, setup{options: subscription.Options{Eligible: func(context.Context, subscription.Eligibility) error {
		asked++
		return errors.New("nobody is eligible")
	}}})
	w.refuse(subscription.ErrKeyReused, two{buy("call", "one-to-one"), buy("live", "lite")})
	_, err := w.Quote(t.Context(), app, two{buy("call", "one-to-one"), buy("live", "lite")})
	check(t, "Quote", err != nil, true)
}

type two struct{ First, Second subscription.Purchase }

func (two) Kind() string { return "two" }

func (c two) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	first, err := c.First.Decide(s, cat, now)
	if err != nil {
		return subscription.Change{}, err
	}
	revision := s.Application.Revision
	s.Application = first.Next
	s.Application.Revision = revision
	second, err := c.Second.Decide(s, cat, now)
	return first.Then(second), err
}

// The defaults of a service are usable.
func TestDefaults(t *testing.T) {
	accounts := balance.New(nil)
	s := sure.Of(subscription.NewService(memory.New(), accounts, subscription.StaticCatalog(catalog(t, "catalog.json")), nil))
	before := time.Now()
	r, err := s.Do(t.Context(), app, subscription.Create{Account: acme}, "k")
	if err != nil {
		t.Fatal(err)
	}
	if r.Receipt.At.Before(before.Add(-time.Second)) || r.Receipt.At.After(time.Now()) || r.Receipt.At.Location() != time.UTC || r.Receipt.At.Nanosecond()%1000 != 0 {
		t.Errorf("At = %s, want now in UTC, to the microsecond", r.Receipt.At)
	}
	q, err := s.Quote(t.Context(), app, buy("call", "one-to-one"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "quote life", q.ExpiresAt.Sub(q.At), 15*time.Minute)
}
