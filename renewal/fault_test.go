package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

var errStore = errors.New("the store is unavailable")

// faulty is a store whose calls fail as set by the test.
type faulty struct {
	renewal.Store
	commits int
	before  func(n int, changes []subscription.Change) error // of commit n, from 0: nothing is applied
	after   func(n int) error                                // everything is applied
	claim   error
}

func (s *faulty) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if s.claim != nil {
		return nil, s.claim
	}
	return s.Store.Claim(ctx, asOf, lease, limit)
}

func (s *faulty) Commit(ctx context.Context, changes ...subscription.Change) error {
	n := s.commits
	s.commits++
	if s.before != nil {
		if err := s.before(n, changes); err != nil {
			return err
		}
	}
	if err := s.Store.Commit(ctx, changes...); err != nil || s.after == nil {
		return err
	}
	return s.after(n)
}

// once runs one round of a worker on a store other than the world's.
func (w *world) once(st renewal.Store) (renewal.Stats, error) {
	w.t.Helper()
	worker := w.workerOn(st, &renewal.Options{Policy: w.policy})
	return worker.Once(w.t.Context())
}

// If the store fails at any commit of a renewal, before or after the commit was applied, the only cost is time: once
// the lease has expired, the next round completes the work with the same key. The same happens when a process dies
// there. Trap: a leaked lock, and the subscription never renews again.
// Rule: order-before-charge, lease-is-only-a-hint.
func TestStoreFaultAtEveryCommit(t *testing.T) {
	for n := range 2 {
		for _, applied := range []bool{false, true} {
			t.Run(fmt.Sprintf("commit %d, applied %t", n, applied), func(t *testing.T) {
				w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
				w.must(buy("call", "one-to-one"))
				w.work()
				w.at("2025-01-31T00:00:00Z")
				fail := func(k int) error {
					if k == n {
						return errStore
					}
					return nil
				}
				st := &faulty{Store: w.store}
				if applied {
					st.after = fail
				} else {
					st.before = func(k int, _ []subscription.Change) error { return fail(k) }
				}
				if _, err := w.once(st); !errors.Is(err, errStore) {
					t.Fatalf("Once = %v, want the store's error", err)
				}
				w.now = w.now.Add(10 * time.Minute) // the lease has expired
				stats := w.work()
				if n == 1 && applied {
					check(t, "nothing is left to do", stats.Claimed, 0)
				} else {
					check(t, "paid", stats.Paid, 1)
				}
				same(t, "periods", spans(w), []string{"[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)"})
				check(t, "balance", w.balance(), "99602.00 USD")
				check(t, "orders", len(w.orders()), 2)
			})
		}
	}
}

// While a lease lasts, nobody else can claim the application.
// Rule: lease-is-only-a-hint.
func TestLeaseHoldsOthersOff(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	st := &faulty{Store: w.store, before: func(int, []subscription.Change) error { return errStore }}
	_, err := w.once(st)
	fails(t, err, errStore)
	w.now = w.now.Add(5*time.Minute - time.Microsecond)
	check(t, "within the lease", w.work(), renewal.Stats{})
	w.now = w.now.Add(time.Microsecond)
	check(t, "after it", w.work().Paid, 1)
}

// After a store failure, a worker starts its next round with the applications that it had claimed, instead of waiting
// for their leases to end. The same applies if another writer held the applications.
func TestNextRoundBeginsWithWhatWasLeft(t *testing.T) {
	for name, fault := range map[string]error{
		"a fault": errStore,
		"held":    &subscription.ConflictError{Applications: []subscription.ApplicationID{app}, Held: []subscription.ApplicationID{app}},
	} {
		for n := range 2 {
			t.Run(fmt.Sprintf("%s, commit %d", name, n), func(t *testing.T) {
				w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
				w.must(buy("call", "one-to-one"))
				w.work()
				w.at("2025-01-31T00:00:00Z")
				st := &faulty{Store: w.store, before: func(k int, _ []subscription.Change) error {
					if k == n {
						return fault
					}
					return nil
				}}
				worker := w.workerOn(st, &renewal.Options{Policy: w.policy})
				_, err := worker.Once(t.Context())
				check(t, "error", errors.Is(err, errStore), name == "a fault")
				check(t, "paid by then", len(w.charges())-1, n)
				w.now = w.now.Add(time.Second)
				stats, err := worker.Once(t.Context())
				w.ok(err)
				check(t, "paid", stats.Paid, 1)
				same(t, "periods", spans(w), []string{"[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)"})
				check(t, "charges", len(w.charges()), 2)
				stats, err = worker.Once(t.Context())
				w.ok(err)
				check(t, "nothing is left to do", stats, renewal.Stats{})
			})
		}
	}
}

// If a claim fails, the round ends with the store's error.
func TestClaimThatFails(t *testing.T) {
	w := newWorld(t, setup{})
	stats, err := w.once(&faulty{Store: w.store, claim: errStore})
	check(t, "stats", stats, renewal.Stats{})
	fails(t, err, errStore)
}

// If another writer changes an application between claim and commit, the decision is made again on the new state.
// Rule: conflict-decides-again.
func TestChangedBetweenClaimAndCommit(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	st := &faulty{Store: w.store, before: func(n int, _ []subscription.Change) error {
		if n == 0 {
			w.must(turn(false))
		}
		return nil
	}}
	stats, err := w.once(st)
	w.ok(err)
	check(t, "conflicts", stats.Conflicts, 1)
	check(t, "placed", stats.Placed, 0)
	check(t, "claimed", stats.Claimed, 2)
	check(t, "orders", len(w.orders()), 1)
}

// If another writer changes the application meanwhile, the gateway's answer is applied to the new state.
func TestChangedWhileBeingCharged(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	st := &faulty{Store: w.store, before: func(n int, _ []subscription.Change) error {
		if n == 1 {
			w.must(turn(false))
		}
		return nil
	}}
	stats, err := w.once(st)
	w.ok(err)
	check(t, "conflicts", stats.Conflicts, 1)
	check(t, "end", w.end(), "2025-03-01 00:00")
	check(t, "auto-renewal", w.latest("call").AutoRenew, false)
	check(t, "balance", w.balance(), "99602.00 USD")
}

// The same, but the store then fails: the error is reported, and the next round looks up the order.
func TestAnswerThatCantBeWritten(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	st := &faulty{Store: w.store, before: func(n int, _ []subscription.Change) error {
		switch n {
		case 1:
			w.must(turn(false))
		case 2:
			return errStore
		}
		return nil
	}}
	_, err := w.once(st)
	fails(t, err, errStore)
	check(t, "end", w.end(), "2025-02-01 00:00")
	w.now = w.now.Add(time.Hour)
	check(t, "paid", w.work().Paid, 1)
	check(t, "end", w.end(), "2025-03-01 00:00")
	check(t, "balance", w.balance(), "99602.00 USD")
}

// An application that changes constantly doesn't keep a round from ending.
func TestApplicationThatIsChangedAllTheTime(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.at("2025-01-31T00:00:00Z")
	st := &faulty{Store: w.store, before: func(n int, _ []subscription.Change) error {
		w.must(turn(n%2 == 0))
		return nil
	}}
	stats, err := w.once(st)
	w.ok(err)
	if stats.Conflicts < 2 || stats.Conflicts > 10 {
		t.Errorf("%d conflicts", stats.Conflicts)
	}
	check(t, "in the end", w.work().Paid, 1)
}

// Trap: a charge with an unknown outcome is retried as a new one. After a timeout no new order is attempted. The order
// is looked up, with the same key, until its outcome is known.
// Rule: unknown-outcome-repeats-the-key.
func TestTimeOutIsLookedUp(t *testing.T) {
	for _, tt := range []struct {
		fault  paymenttest.Fault
		paid   string // when the worker learned of it
		placed int
	}{
		{paymenttest.TimeoutBefore, "2025-01-31 00:01", 1},
		{paymenttest.TimeoutAfter, "2025-01-31 00:01", 1},
		{paymenttest.Silent, "2025-01-31 00:01", 1},
		{paymenttest.InFlight, "2025-01-31 00:01", 1},
		{paymenttest.PendingThenPaid, "2025-01-31 00:03", 1},
		{paymenttest.PendingThenDeclined, "2025-01-31 12:00", 2},
		{paymenttest.DeclineInsufficient, "2025-01-31 12:00", 2},
		{paymenttest.Duplicate, "2025-01-31 00:00", 1},
	} {
		t.Run(string(tt.fault), func(t *testing.T) {
			var hostile *paymenttest.Hostile
			w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
				hostile = paymenttest.NewHostile(behind, &paymenttest.HostileOptions{
					Plan: paymenttest.Script(paymenttest.None, tt.fault), Now: func() time.Time { return w.now },
				})
				return hostile
			}})
			w.must(buy("call", "one-to-one"))
			w.run("2025-02-05T00:00:00Z")
			renewed := w.log(subscription.EventPeriodPaid)
			check(t, "renewed", len(renewed), 2)
			check(t, "when", renewed[1][:16], tt.paid)
			check(t, "collected", len(hostile.Collected()), 2)
			check(t, "charged twice", len(hostile.DoubleCharged()), 0)
			check(t, "orders", len(w.orders()), 1+tt.placed)
			check(t, "unresolved", len(w.stored().Orders), 0)
		})
	}
}

// Trap: the gateway forgets old keys, and a late retry charges again. Beyond the retention the order is not requested
// again: it goes to review, with an event, and no other order is placed.
// Rule: retention-ends-repetition.
func TestBeyondTheRetentionOfTheGateway(t *testing.T) {
	var hostile *paymenttest.Hostile
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		hostile = paymenttest.NewHostile(behind, &paymenttest.HostileOptions{
			Plan:      paymenttest.Script(paymenttest.None, paymenttest.Silent),
			Retention: 24 * time.Hour, Now: func() time.Time { return w.now },
		})
		return hostile
	}})
	w.must(buy("call", "one-to-one"))
	w.at("2025-01-31T00:00:00Z")
	st := &faulty{Store: w.store}
	_, err := w.once(st) // charged, but the answer is lost
	w.ok(err)
	w.at("2025-02-01T00:00:01Z") // the worker was down for longer than the gateway remembers
	stats := w.work()
	check(t, "review", stats.Review, 1)
	o, ok := w.stored().Blocking("call-1")
	check(t, "blocks", ok, true)
	check(t, "status", o.Status, subscription.OrderReview)
	w.run("2025-06-01T00:00:00Z")
	check(t, "collected", len(hostile.Collected()), 2)
	check(t, "charged twice", len(hostile.DoubleCharged()), 0)
	check(t, "orders", len(w.orders()), 2)
	// A person finds out that it was paid.
	check(t, "settled", w.settle(paid(o)).Status, subscription.OrderPaid)
	check(t, "status", w.status(), subscription.Active)
}

// A payment of a different amount is never delivered; it waits for a person.
// Rule: another-amount-is-not-delivered.
func TestAnotherAmountIsNeverDelivered(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Attempts: hours(-24)}, gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return paymenttest.NewHostile(behind, &paymenttest.HostileOptions{
			Plan: paymenttest.Script(paymenttest.None, paymenttest.WrongAmount), Now: func() time.Time { return w.now },
		})
	}})
	w.must(buy("call", "one-to-one"))
	stats := w.run("2025-02-05T00:00:00Z")
	check(t, "review", stats.Review, 1)
	check(t, "paid", stats.Paid, 0)
	check(t, "status", w.status(), subscription.Interrupted)
	w.must(subscription.Cancel{Order: w.stored().Orders[0].ID})
	stats = w.work()
	check(t, "refunded", stats.Refunded, 1)
	same(t, "charges", w.charges(), []string{
		"2025-01-01 10:00 -199.00 USD", "2025-01-31 00:00 -198.99 USD", "2025-02-05 00:00 198.99 USD",
	})
}

// If the gateway returns an invalid answer, the order stays open.
func TestNonsenseLeavesTheOrderOpen(t *testing.T) {
	nonsense := true
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if nonsense && short(w.now) >= "2025-01-31" {
				return payment.Result{Key: "another", Status: payment.Succeeded, Amount: c.Amount}, nil
			}
			return behind.Charge(ctx, c)
		}}
	}})
	w.must(buy("call", "one-to-one"))
	stats := w.run("2025-01-31T00:05:00Z")
	if stats.Unknown < 2 || stats.Paid != 0 {
		t.Errorf("stats = %+v", stats)
	}
	nonsense = false
	check(t, "paid", w.run("2025-01-31T01:00:00Z").Paid, 1)
}

// Each gateway call has a timeout, so one that hangs doesn't block the others forever.
func TestGatewayThatHangs(t *testing.T) {
	w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if short(w.now) >= "2025-01-31" {
				<-ctx.Done()
				return payment.Result{}, ctx.Err()
			}
			return behind.Charge(ctx, c)
		}}
	}})
	w.must(buy("call", "one-to-one"))
	w.at("2025-01-31T00:00:00Z")
	service := w.serviceOn(w.store, &subscription.Options{ChargeTimeout: time.Millisecond})
	worker, err := renewal.NewWorker(service, w.store, &renewal.Options{Policy: w.policy})
	w.ok(err)
	stats, err := worker.Once(t.Context())
	w.ok(err)
	check(t, "unknown", stats.Unknown, 1)
	check(t, "open", len(w.stored().Orders), 1)
}
