package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// narrow is a store that can't keep certain changes.
type narrow struct {
	renewal.Store
	refuses func(c *subscription.Change) bool
}

func (s *narrow) Commit(ctx context.Context, changes ...subscription.Change) error {
	var kept []subscription.Change
	var refused subscription.RefusedError
	for i := range changes {
		if s.refuses(&changes[i]) {
			refused.Changes = append(refused.Changes, subscription.Refusal{
				Application: changes[i].Application, Err: fmt.Errorf("%w: for the test", subscription.ErrTooLarge),
			})
		} else {
			kept = append(kept, changes[i])
		}
	}
	err := s.Store.Commit(ctx, kept...)
	if len(refused.Changes) > 0 {
		err = errors.Join(err, &refused)
	}
	return err
}

// A decision that the store can't keep is set aside and doesn't affect the others in the round. It is made once the
// store can keep it, and charged once.
func TestRefusedChangesAreSetAside(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	before := w.balance()
	broken := true
	st := &narrow{Store: w.store, refuses: func(c *subscription.Change) bool { return broken && !setAside(c) }}
	stats, err := w.once(st)
	w.ok(err)
	check(t, "failed", stats.Failed, 1)
	check(t, "events", len(w.events(subscription.EventDecisionFailed)), 1)
	check(t, "balance", w.balance(), before)

	broken = false
	w.at("2025-01-31T12:00:00Z")
	_, err = w.once(st)
	w.ok(err)
	check(t, "end", w.end(), "2025-03-01 00:00")
	check(t, "charges", len(w.charges()), 2)
}

// If a collected payment can't be settled, for any reason, it is recorded: the order is under review with the collected
// amount, the gateway is asked no more, and nothing is charged again. Once the cause is fixed, a person has it
// delivered.
// Rule: unapplied-payment-is-on-record.
func TestCollectedButNotSettledIsUnderReview(t *testing.T) {
	for _, direct := range []bool{false, true} {
		t.Run(fmt.Sprintf("by Collect: %t", direct), func(t *testing.T) {
			w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
			w.must(buy("call", "one-to-one"))
			w.work()
			w.at("2025-01-31T00:00:00Z")
			broken := true
			st := &narrow{Store: w.store, refuses: func(c *subscription.Change) bool {
				pays := slices.ContainsFunc(c.Orders, func(o subscription.Order) bool { return o.Status == subscription.OrderPaid })
				return broken && pays
			}}
			if direct {
				d, err := renewal.Decide(w.load(), w.policy, w.catalog, w.now)
				w.ok(err)
				w.ok(w.store.Commit(t.Context(), d))
				_, err = w.serviceOn(st, nil).Collect(t.Context(), app, d.Next.Orders[0].ID)
				fails(t, err, subscription.ErrReview)
			} else {
				_, err := w.once(st)
				w.ok(err)
			}
			orders := w.stored().Orders
			if len(orders) != 1 || orders[0].Status != subscription.OrderReview || orders[0].Collected != orders[0].Amount {
				t.Fatalf("orders = %+v", orders)
			}
			for _, later := range []string{"2025-01-31T12:00:00Z", "2025-02-03T00:00:00Z", "2025-02-20T00:00:00Z"} {
				w.at(later)
				_, err := w.once(st)
				w.ok(err)
			}
			check(t, "charges", len(w.charges()), 2)

			broken = false
			w.must(subscription.CloseReview{Order: orders[0].ID, Deliver: true, Note: "the disk was full"})
			check(t, "status", w.status(), subscription.Active)
			check(t, "unresolved", len(w.stored().Orders), 0)
			check(t, "charges", len(w.charges()), 2)
		})
	}
}

// An application that can't even be set aside waits for its lease to end.
func TestRefusedAltogether(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	revision := w.stored().Revision
	_, err := w.once(&narrow{Store: w.store, refuses: func(*subscription.Change) bool { return true }})
	w.ok(err)
	check(t, "revision", w.stored().Revision, revision)
}

// damage commits a document that no decision produces.
func (w *world) damage(doctor func(a *subscription.Application)) {
	w.t.Helper()
	c := subscription.Reschedule(w.stored(), w.now)
	doctor(&c.Next)
	w.ok(w.store.Store.Commit(w.t.Context(), c))
}

// A worker never drops an answer that it can't apply: the collected amount is recorded. If it can't make a decision at
// all, it only looks up the outcome of a charge and requests none.
// Rule: unapplied-payment-is-on-record.
func TestWorkerRecordsWhatItCantApply(t *testing.T) {
	for name, tt := range map[string]struct {
		doctor func(a *subscription.Application)
		asked  bool // the gateway was asked before
	}{
		"the answer can't be applied": {func(a *subscription.Application) {
			a.Orders[0].Deliveries[0].Extend.Zone = "Nowhere/Land"
		}, false},
		"the document can't be brought up to date": {func(a *subscription.Application) {
			a.Free = append(a.Free, subscription.FreeClaim{ID: "x", Zone: "Nowhere/Land", Cycles: 2, Begun: 1, NextAt: a.CreatedAt})
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
			w.must(buy("call", "one-to-one"))
			w.work()
			w.at("2025-01-31T00:00:00Z")
			d, err := renewal.Decide(w.load(), w.policy, w.catalog, w.now)
			w.ok(err)
			w.ok(w.store.Commit(t.Context(), d))
			w.damage(tt.doctor)
			o := d.Next.Orders[0]
			if tt.asked {
				w.work()
				check(t, "nothing is charged for what can't be decided about", len(w.charges()), 1)
				_, err := w.accounts.Charge(t.Context(), payment.Charge{
					Key: string(o.Attempt), Account: string(o.Account), Amount: o.Amount, Order: string(o.ID),
					Application: string(o.Application), Description: o.Lines[0].Item,
				})
				w.ok(err)
			}
			for range 5 {
				w.now = w.now.Add(7 * time.Hour)
				w.work()
			}
			got := w.stored().Orders[0]
			check(t, "charges", len(w.charges()), 2)
			check(t, "status", got.Status, subscription.OrderReview)
			check(t, "collected", got.Collected, got.Amount)
		})
	}
}

// refunder makes refunds, or doesn't answer.
type refunder struct {
	gatewayFuncs
	answers *bool
}

func (r *refunder) Refund(_ context.Context, f payment.Refund) (payment.Result, error) {
	if !*r.answers {
		return payment.Result{}, errors.New("no answer")
	}
	return payment.Result{Key: f.Key, Status: payment.Succeeded, Amount: f.Amount}, nil
}

// One damaged application doesn't end a round: the others are processed.
// Rule: one-failure-stops-one-subscription.
func TestOneDamagedApplicationEndsNoRound(t *testing.T) {
	answers := false
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}, gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &refunder{gatewayFuncs{Gateway: behind}, &answers}
	}})
	w.must(buy("call", "one-to-one"))
	w.work()
	w.at("2025-01-31T00:00:00Z")
	d, err := renewal.Decide(w.load(), w.policy, w.catalog, w.now)
	w.ok(err)
	w.ok(w.store.Commit(t.Context(), d))
	o := d.Next.Orders[0]
	w.must(subscription.Cancel{Order: o.ID})
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount})
	answers = true
	w.damage(func(a *subscription.Application) { a.Lots = append(a.Lots, subscription.Lot{ID: 77, Remaining: -1}) })
	w.now = w.now.Add(time.Second)
	_, err = w.Do(t.Context(), "healthy", subscription.Create{Account: acme}, "k")
	w.ok(err)
	w.now = w.now.Add(time.Hour)
	stats, err := w.worker(&renewal.Options{Concurrency: 1, Batch: 1, Parallel: 1}).Once(t.Context())
	w.ok(err)
	check(t, "both were claimed", stats.Claimed >= 2, true)
}
