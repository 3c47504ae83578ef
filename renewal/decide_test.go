package renewal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The decisions and the next due time in each situation. The subscription ends on 1 February.
func TestDecide(t *testing.T) {
	on, off := subscription.AutoRenew{Product: "call", On: true}, subscription.AutoRenew{Product: "call"}
	for _, tt := range []struct {
		name    string
		prepare func(w *world) // from the purchase on
		now     string
		want    []string // the events of the change
		due     string   // "" means never
	}{
		{
			"nothing yet: back for the first reminder", nil, "2025-01-02 00:00", nil, "2025-01-25 00:00",
		}, {
			"reminder", nil, "2025-01-25 00:00",
			[]string{"renewal_reminder 199.00 USD renews itself"}, "2025-01-29 00:00",
		}, {
			"reminder without renewal", func(w *world) { w.must(off) }, "2025-01-25 00:00",
			[]string{"renewal_reminder ends"}, "2025-01-29 00:00",
		}, {
			"of two missed reminders only the latest", nil, "2025-01-30 09:00",
			[]string{"renewal_reminder 199.00 USD renews itself"}, "2025-01-31 00:00",
		}, {
			"first attempt; the reminder of that time is spared", nil, "2025-01-31 00:00",
			[]string{"order_placed 199.00 USD"}, "2025-01-31 00:01",
		}, {
			"a microsecond before the first attempt", nil, "2025-01-30T23:59:59.999999Z",
			[]string{"renewal_reminder 199.00 USD renews itself"}, "2025-01-31 00:00",
		}, {
			"auto-renewal off: no attempt", func(w *world) { w.must(off) }, "2025-01-31 00:00",
			[]string{"renewal_reminder ends"}, "2025-02-01 00:00",
		}, {
			"auto-renewal off: the end", func(w *world) { w.must(off); w.run("2025-01-31T23:00:00Z") }, "2025-02-01 00:00",
			[]string{"status_changed ended"}, "2025-02-02 00:00",
		}, {
			"auto-renewal off: the end of the grace time", func(w *world) { w.must(off); w.run("2025-02-01T23:00:00Z") },
			"2025-02-02 00:00", []string{"lot_expired", "service_ended"}, "2025-04-03 00:00",
		}, {
			"turned on again in the grace time: due at once", func(w *world) {
				w.must(off)
				w.run("2025-02-01T09:00:00Z")
				w.must(on)
			}, "2025-02-01 09:00",
			[]string{"order_placed 199.00 USD"}, "2025-02-01 09:01",
		}, {
			"turned on once out of service: only the customer resumes it", func(w *world) {
				w.must(off)
				w.run("2025-02-02T09:00:00Z")
				w.must(on)
			}, "2025-02-02 09:00", nil, "2025-04-03 00:00",
		}, {
			"declined: the next attempt", func(w *world) { w.drain(); w.run("2025-01-31T00:00:00Z") }, "2025-01-31 11:59",
			nil, "2025-01-31 12:00",
		}, {
			"expired: never again", func(w *world) { w.drain(); w.run("2025-06-01T00:00:00Z") }, "2025-06-01 00:00", nil, "",
		}, {
			"paid ahead: the period begins by itself", func(w *world) { w.must(renew(2)) }, "2025-02-01 00:00",
			[]string{"period_began", "lot_granted"}, "2025-02-02 00:00", // the old lot expires after the late usage
		}, {
			"paid ahead: reminded of the last end only", func(w *world) {
				w.must(renew(1))
				w.run("2025-02-03T00:00:00Z")
			}, "2025-02-03 00:00", nil, "2025-02-22 00:00",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			if tt.prepare != nil {
				tt.prepare(w)
			}
			base := w.stored()
			before, now := base.Clone(), instant(t, tt.now)
			c, err := renewal.Decide(subscription.Snapshot{Application: base}, w.policy, w.catalog, now)
			w.ok(err)
			if diff := cmp.Diff(before, base, exactly); diff != "" {
				t.Errorf("Decide changed its argument:\n%s", diff)
			}
			same(t, "events", facts(c), tt.want)
			due := base.Due
			if !c.IsZero() {
				w.ok(c.Check(base))
				due = c.Next.Due
			}
			if got := short(due); due.IsZero() != (tt.due == "") || tt.due != "" && got != tt.due {
				t.Errorf("due = %s, want %s", got, tt.due)
			}
		})
	}
}

// renew returns a manual renewal.
func renew(cycles int) renewal.Renew { return renewal.Renew{Product: "call", Cycles: cycles} }

func facts(c subscription.Change) []string {
	var lines []string
	for _, e := range c.Events {
		s := string(e.Type)
		for _, fact := range []string{string(e.Status), e.Amount.String(), e.Note} {
			if fact != "" {
				s += " " + fact
			}
		}
		lines = append(lines, s)
	}
	return lines
}

// After a decision is applied, nothing remains due at the same instant, and the next due time is later. No worker can
// therefore spin, whatever the state. The states come from a seeded random walk.
func TestDecideIsIdempotentAndDueLiesAhead(t *testing.T) {
	policies := []renewal.Policy{
		{}, {CatchUp: renewal.BillEach}, {Attempts: hours(-48), Reminders: hours(-72, 1)},
		{Attempts: hours(-2, 40), Reminders: hours()},
	}
	decisions := 0
	for seed := range uint64(60) {
		policy := policies[seed%4]
		live(t, seed, policy, func(w *world) {
			app := w.stored()
			for range 20 { // a later due time may depend on earlier steps
				c, err := renewal.Decide(subscription.Snapshot{Application: app}, policy, w.catalog, w.now)
				w.ok(err)
				if c.IsZero() {
					if !app.Due.IsZero() && !app.Due.After(w.now) {
						t.Fatalf("seed %d: nothing to do, but due at %s ≤ %s: %s", seed, app.Due, w.now, dump(app))
					}
					return
				}
				decisions++
				w.ok(c.Check(app))
				again, err := renewal.Decide(subscription.Snapshot{Application: c.Next}, policy, w.catalog, w.now)
				w.ok(err)
				if !again.IsZero() {
					t.Fatalf("seed %d: at %s, after %v, again %v: %s", seed, w.now, facts(c), facts(again), dump(c.Next))
				}
				if due := c.Next.Due; !due.IsZero() && !due.After(w.now) {
					t.Fatalf("seed %d: at %s, after %v, due at %s: %s", seed, w.now, facts(c), due, dump(c.Next))
				}
				app = c.Next
			}
		})
	}
	if decisions < 1000 {
		t.Errorf("only %d decisions were made", decisions)
	}
}

func dump(app subscription.Application) string {
	text, _ := json.MarshalIndent(app, "", " ")
	return string(text)
}

// live simulates some months of a customer's random actions with a gateway that leaves every third payment pending, and
// calls each after every step.
func live(t *testing.T, seed uint64, policy renewal.Policy, each func(w *world)) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	w := newWorld(t, setup{policy: policy, poor: true, gateway: pendingSometimes(random)})
	w.deposit("1500.00 USD")
	agreed := buy("call", "one-to-one")
	for range 60 {
		var cmd subscription.Command
		switch random.IntN(12) {
		case 0, 1:
			cmd = agreed
		case 2:
			trial := buy("call", "trial")
			trial.Term = pricing.Days(7)
			cmd = trial
		case 3:
			cmd = buy("live", "lite")
		case 4:
			cmd = subscription.Upgrade{Product: "call", To: "group-call"}
		case 5:
			cmd = renew(1 + random.IntN(2))
		case 6:
			cmd = subscription.AutoRenew{Product: "call", On: random.IntN(3) > 0}
		case 7:
			w.deposit("700.00 USD")
		case 8:
			for _, o := range w.stored().Orders {
				if random.IntN(2) == 0 && o.Status == subscription.OrderOpen {
					cmd = subscription.Cancel{Order: o.ID}
				}
			}
		default: // only the worker acts
			w.work()
		}
		if cmd != nil {
			_, _ = w.do(cmd) // may be refused or declined
		}
		each(w)
		steps := []time.Duration{time.Minute, time.Hour, 11 * time.Hour, 24 * time.Hour, 6 * 24 * time.Hour, 23 * 24 * time.Hour, 80 * 24 * time.Hour}
		if due := w.stored().Due; random.IntN(3) == 0 && due.After(w.now) {
			w.now = due
		} else {
			w.now = w.now.Add(steps[random.IntN(len(steps))])
		}
		each(w)
	}
}

// A decision that fails, for example because a zone can't be loaded, sets aside only its own subscription.
// Rule: one-failure-stops-one-subscription.
func TestDecideSetsAsideWhatFails(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	for _, at := range []string{"2025-01-25 00:00", "2025-01-31 00:00", "2025-05-05 00:00"} {
		app := w.stored()
		app.Subscriptions[0].Zone = "Nowhere/Land"
		c, err := renewal.Decide(subscription.Snapshot{Application: app}, w.policy, w.catalog, instant(t, at))
		w.ok(err)
		last := c.Events[len(c.Events)-1]
		check(t, "event", last.Type, subscription.EventDecisionFailed)
		check(t, "its subscription", last.Subscription, app.Subscriptions[0].ID)
		check(t, "due", c.Next.Due, instant(t, at).Add(time.Hour))
	}
}

// A step that fails midway leaves nothing behind but the record of its failure, and the steps before and after it are
// still taken.
// Rule: one-failure-stops-one-subscription.
func TestDecideLeavesNoHalfOfAStep(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Attempts: hours(-24)}})
	w.must(buy("live", "lite"))
	w.must(buy("call", "one-to-one"))
	w.at("2025-01-31T00:00:00Z")
	for broken, whole := range []int{1, 0} {
		app := w.stored()
		s := &app.Subscriptions[broken]
		s.Next, s.Cycles[0].Price = 1_000_000, money(t, "1.00 USD") // a changed price is announced before the period is found to be impossible
		c, err := renewal.Decide(subscription.Snapshot{Application: app}, w.policy, w.catalog, w.now)
		w.ok(err)
		is := c.Next.Subscriptions[broken].Renewal
		check(t, "backs off", is.BackoffUntil, w.now.Add(time.Hour))
		is.BackoffUntil = s.Renewal.BackoffUntil
		check(t, "otherwise as before", is, s.Renewal)
		check(t, "orders", len(c.Orders), 1)
		check(t, "the other's order", c.Orders[0].Subscription, app.Subscriptions[whole].ID)
		var about []subscription.EventType
		for _, e := range c.Events {
			if e.Subscription == s.ID {
				about = append(about, e.Type)
			}
		}
		check(t, "events", fmt.Sprint(about), fmt.Sprint([]subscription.EventType{subscription.EventDecisionFailed}))
	}
}

// Trap: check-then-act. The order of a renewal is derived from the state: deciding again, in another process or after a
// crash, gives the same order and the same key.
// Rule: one-order-one-key.
func TestTheSameDecisionGivesTheSameKey(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	var keys []subscription.AttemptID
	for i := range 3 {
		now := instant(t, "2025-01-31 00:00").Add(time.Duration(i) * time.Minute)
		c, err := renewal.Decide(subscription.Snapshot{Application: w.stored()}, w.policy, w.catalog, now)
		w.ok(err)
		keys = append(keys, c.Orders[0].Attempt)
	}
	check(t, "second key", keys[1], keys[0])
	check(t, "third key", keys[2], keys[0])
}

// While an order for a subscription may still be collected, no other order is placed and no reminder is sent, and there
// is a next due time.
// Rule: one-open-order.
func TestNothingIsDoneBesideAnOpenOrder(t *testing.T) {
	for _, tt := range []struct {
		cmd  subscription.Command
		from string
	}{
		{subscription.Upgrade{Product: "call", To: "group-call"}, "2025-01-20"},
		{renew(1), "2025-01-20"},
	} {
		t.Run(tt.cmd.Kind(), func(t *testing.T) {
			w := newWorld(t, setup{gateway: pendingFrom(tt.from)})
			w.must(buy("call", "one-to-one"))
			w.at("2025-01-24T12:00:00Z")
			if _, err := w.do(tt.cmd); !errors.Is(err, subscription.ErrPaymentPending) {
				t.Fatal(err)
			}
			for _, at := range []string{"2025-01-25 00:00", "2025-01-31 00:00", "2025-01-31 23:59"} {
				w.run(instant(t, at).Format(time.RFC3339))
				app := w.stored()
				c, err := renewal.Decide(subscription.Snapshot{Application: app}, w.policy, w.catalog, w.now)
				w.ok(err)
				same(t, "at "+at, facts(c), nil)
				if due := renewal.Due(app, w.policy, w.catalog, w.now); !due.After(w.now) {
					t.Errorf("at %s due at %s", at, due)
				}
			}
			same(t, "reminders", w.log(subscription.EventReminder), nil)
		})
	}
}

// An application without subscriptions is never due.
func TestNothingIsDueWithoutASubscription(t *testing.T) {
	w := newWorld(t, setup{})
	check(t, "due at first", w.stored().Due, w.now) // every change makes it due
	w.work()
	check(t, "due", w.stored().Due, time.Time{})
	check(t, "Due", renewal.Due(w.stored(), w.policy, w.catalog, w.now), time.Time{})
}

// pendingSometimes leaves every third charge pending; when it is looked up, it may be decided.
func pendingSometimes(random *rand.Rand) func(w *world, behind *balance.Accounts) payment.Gateway {
	return func(_ *world, behind *balance.Accounts) payment.Gateway {
		pending := map[string]payment.Charge{}
		g := &gatewayFuncs{Gateway: behind}
		g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			if random.IntN(3) > 0 {
				return behind.Charge(ctx, c)
			}
			pending[c.Key] = c
			return payment.Result{Key: c.Key, Status: payment.Pending}, nil
		}
		g.OnLookup = func(ctx context.Context, key string) (payment.Result, error) {
			c, ok := pending[key]
			switch {
			case !ok:
				return behind.Lookup(ctx, key)
			case random.IntN(4) > 0:
				return payment.Result{Key: key, Status: payment.Pending}, nil
			}
			delete(pending, key)
			return behind.Charge(ctx, c)
		}
		return g
	}
}
