package subscription_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

var errLost = errors.New("the connection was lost")

// unsteady is a gateway that a test can make lose requests or answers, and that counts calls.
type unsteady struct {
	gatewayFuncs
	charges, lookups, refunds int
}

// newUnsteady returns a world on an unsteady gateway.
func newUnsteady(tb testing.TB, s setup) (*world, *unsteady) {
	tb.Helper()
	g := &unsteady{}
	s.gateway = func(_ *world, behind *balance.Accounts) payment.Gateway {
		g.Gateway = behind
		return g
	}
	return newWorld(tb, s), g
}

func (g *unsteady) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	g.charges++
	return g.gatewayFuncs.Charge(ctx, c)
}

func (g *unsteady) Lookup(ctx context.Context, key string) (payment.Result, error) {
	g.lookups++
	return g.gatewayFuncs.Lookup(ctx, key)
}

func (g *unsteady) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	g.refunds++
	return g.gatewayFuncs.Refund(ctx, r)
}

// losesCharges: no charge reaches the gateway.
func (g *unsteady) losesCharges() {
	g.OnCharge = func(context.Context, payment.Charge) (payment.Result, error) { return payment.Result{}, errLost }
}

// losesAnswers: charges are made, and their answers are lost.
func (g *unsteady) losesAnswers() {
	g.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		_, err := g.Gateway.Charge(ctx, c)
		return payment.Result{}, errors.Join(err, errLost)
	}
}

// forgets: no charge is known any longer.
func (g *unsteady) forgets() {
	g.OnLookup = func(_ context.Context, key string) (payment.Result, error) {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
}

// delays: charges are reported as pending.
func (g *unsteady) delays() {
	g.OnCharge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	g.OnLookup = func(_ context.Context, key string) (payment.Result, error) {
		return payment.Result{Key: key, Status: payment.Pending}, nil
	}
}

// recovers: from now on it behaves normally.
func (g *unsteady) recovers() { g.OnCharge, g.OnLookup, g.OnRefund = nil, nil, nil }

// work runs a worker now, and then at a regular interval until an instant.
func (w *world) work(g payment.Gateway, until string, every time.Duration) {
	w.t.Helper()
	worker, err := renewal.NewWorker(sure.Of(subscription.NewService(w.store, g, func() *pricing.Catalog { return w.catalog },
		&subscription.Options{Now: func() time.Time { return w.now }})), w.store, nil)
	w.ok(err)
	for end := instant(w.t, until); ; w.now = w.now.Add(every) {
		_, err := worker.Once(w.t.Context())
		w.ok(err)
		if !w.now.Add(every).Before(end) {
			w.now = end
			_, err = worker.Once(w.t.Context())
			w.ok(err)
			return
		}
	}
}

// pays checks how often the account was charged and refunded, and the net amount.
func (w *world) pays(charges, refunds int, net string) {
	w.t.Helper()
	c, r, sum := w.charged()
	check(w.t, "charges", c, charges)
	check(w.t, "refunds", r, refunds)
	check(w.t, "paid in all", sum, money(w.t, net+" USD"))
}

// A charge whose answer was lost moved the money. Although the customer has canceled the order and doesn't ask about
// it, the worker finds out and refunds it.
// Rule: canceled-order-is-watched.
func TestCanceledAndSilentlyCollectedIsRefundedByTheWorker(t *testing.T) {
	w, g := newUnsteady(t, setup{})
	g.losesAnswers()
	r, err := w.do(buy("call", "one-to-one"))
	fails(t, err, subscription.ErrPaymentPending)
	w.must(subscription.Cancel{Order: r.Receipt.OrderID})
	w.pays(1, 0, "199.00")
	g.recovers()
	w.work(g, "2025-07-10T08:30:00Z", time.Hour)
	check(t, "order", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
	w.back(r.Receipt.OrderID, "1 late 199.00 USD made")
	check(t, "in the document", len(w.stored().Orders)+len(w.stored().Refunds), 0)
	check(t, "subscriptions", len(w.application().Subscriptions), 0)
	w.pays(1, 1, "0.00")
}

// An order that was canceled and never reached the gateway is known an hour later to be uncollected, and isn't charged.
// Rule: canceled-order-is-watched.
func TestCanceledAndNeverCollectedEndsAfterAnHour(t *testing.T) {
	w, g := newUnsteady(t, setup{})
	g.losesCharges()
	r, _ := w.do(buy("call", "one-to-one"))
	w.must(subscription.Cancel{Order: r.Receipt.OrderID})
	g.recovers()
	g.charges = 0
	w.work(g, "2025-07-10T03:29:59Z", time.Minute)
	check(t, "a second before", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceling)
	check(t, "in the document", len(w.stored().Orders), 1)
	w.work(g, "2025-07-10T05:00:00Z", time.Minute)
	got := w.order(r.Receipt.OrderID)
	check(t, "order", got.Status, subscription.OrderCanceled)
	check(t, "reason, of no decline", got.Reason, "")
	check(t, "in the document", len(w.stored().Orders), 0)
	check(t, "events", w.count(subscription.EventOrderCanceling), 1)
	check(t, "events", w.count(subscription.EventOrderCanceled), 1)
	check(t, "charged", g.charges, 0)
	w.pays(0, 0, "0.00")
}

// Once the gateway may have forgotten the key, only a person can find out what happened to a canceled order. It doesn't
// block other orders.
// Rule: a-person-ends-the-unknown.
func TestCanceledBeyondTheRetentionIsUnreconciled(t *testing.T) {
	for name, ask := range map[string]func(w *world, g *unsteady, id subscription.OrderID){
		"the worker": func(w *world, g *unsteady, _ subscription.OrderID) { w.work(g, "2025-07-11T02:30:00Z", time.Hour) },
		"Collect": func(w *world, _ *unsteady, id subscription.OrderID) {
			o, err := w.Collect(w.t.Context(), app, id)
			fails(w.t, err, subscription.ErrReview)
			check(w.t, "Collect", o.Status, subscription.OrderUnreconciled)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, g := newUnsteady(t, setup{})
			g.Keeps = 24 * time.Hour
			g.losesAnswers()
			r, _ := w.do(buy("call", "one-to-one"))
			w.must(subscription.Cancel{Order: r.Receipt.OrderID})
			g.recovers()
			g.OnLookup = func(context.Context, string) (payment.Result, error) { return payment.Result{}, errLost }
			w.at("2025-07-11T02:29:59Z")
			_, err := w.Collect(t.Context(), app, r.Receipt.OrderID)
			fails(t, err, subscription.ErrCanceled)
			check(t, "no answer yet", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceling)
			g.forgets()
			g.charges = 0
			w.at("2025-07-11T02:30:00Z")
			ask(w, g, r.Receipt.OrderID)
			got := w.order(r.Receipt.OrderID)
			check(t, "order", got.Status, subscription.OrderUnreconciled)
			check(t, "note", got.Note, "the gateway can't tell the outcome any more")
			check(t, "events", w.count(subscription.EventOrderUnreconciled), 1)

			// It blocks nothing, isn't looked up again, and is closed by a person.
			g.lookups = 0
			w.must(buy("call", "one-to-one"))
			w.work(g, "2025-07-20T00:00:00Z", 6*time.Hour)
			check(t, "charged, for the second purchase", g.charges, 1)
			check(t, "looked up, before the second purchase is charged", g.lookups, 1)
			check(t, "order", w.order(r.Receipt.OrderID).Status, subscription.OrderUnreconciled)
			w.must(subscription.CloseReview{Order: r.Receipt.OrderID, Note: "never on the statement"})
			check(t, "order", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
			check(t, "in the document", len(w.stored().Orders), 0)
		})
	}
}

// An upgrade that is still open when its period ends is canceled by the worker, which doesn't assume that it is unpaid:
// collected money goes back.
// Rule: open-upgrade-gives-way.
func TestUpgradeGivenUpByTheWorkerIsLookedUp(t *testing.T) {
	w, g := newUnsteady(t, setup{})
	w.must(once("call", "one-to-one"))
	w.at("2025-08-09T20:00:00Z")
	g.losesAnswers()
	r, err := w.do(upgrade("group-call"))
	fails(t, err, subscription.ErrPaymentPending)
	g.recovers()
	g.charges, g.lookups = 0, 0
	w.at("2025-08-10T00:00:30Z") // no worker ran before
	w.work(g, "2025-08-10T12:00:00Z", time.Hour)
	got := w.order(r.Receipt.OrderID)
	check(t, "order", got.Status, subscription.OrderCanceled)
	check(t, "note", got.Note, "paid after it was closed")
	w.back(r.Receipt.OrderID, "1 late "+got.Amount.String()+" made")
	check(t, "looked up", g.lookups > 0, true)
	check(t, "charged", g.charges, 0)
	check(t, "version", w.latest("call").Version(), "one-to-one")
	w.pays(2, 1, "199.00")
}

// The money of an order whose refund failed may have been returned by hand: a repeated notification of its payment delivers
// nothing and requests no refund, even after a person has recorded what was returned.
// Rule: a-person-ends-the-unknown, failed-refund-is-left-again.
func TestDuplicateSuccessAfterAFailedRefundDeliversNothing(t *testing.T) {
	w, g := newUnsteady(t, setup{})
	g.losesAnswers()
	r, _ := w.do(buy("call", "one-to-one"))
	o := r.Order
	w.must(subscription.Cancel{Order: o.ID})
	_, err := w.accounts.Refund(t.Context(), payment.Refund{
		Key: "by hand", Charge: string(o.Attempt), Account: string(acme), Amount: o.Amount,
	})
	w.ok(err)
	for range 3 {
		got := w.settle(paid(o))
		check(t, "order", got.Status, subscription.OrderCanceled)
		check(t, "left", got.Left(), o.Amount)
		w.back(o.ID, "1 late 199.00 USD failed")
		check(t, "reason", w.refundRow(o.ID, 1).Reason, payment.ExceedsCharge)
		check(t, "subscriptions", len(w.application().Subscriptions), 0)
		check(t, "minutes", w.application().Minutes("call", w.now), 0)
	}
	check(t, "refunds asked for", g.refunds, 1)
	w.must(subscription.RefundOrder{Order: o.ID, Elsewhere: true, Note: "seen on the statement"})
	check(t, "order", w.settle(paid(o)).Status, subscription.OrderCanceled)
	w.back(o.ID, "1 late 199.00 USD failed", "2 late 199.00 USD made")
	check(t, "refunds asked for", g.refunds, 1)
	check(t, "subscriptions", len(w.application().Subscriptions), 0)
	w.pays(1, 1, "0.00")
}

// A gateway that has forgotten a refund's key would pay it twice.
// Rule: retention-ends-repetition.
func TestRefundIsNotRepeatedBeyondTheRetention(t *testing.T) {
	for _, tt := range []struct {
		name, at string
		refunds  int
		want     subscription.RefundStatus
	}{
		{"within it", "2025-07-11T00:05:59Z", 2, subscription.RefundMade},
		{"near its end", "2025-07-11T00:06:00Z", 1, subscription.RefundFailed},
		{"long after", "2025-07-20T00:00:00Z", 1, subscription.RefundFailed},
	} {
		for name, ask := range map[string]func(w *world, g *unsteady, id subscription.OrderID){
			"the worker": func(w *world, g *unsteady, _ subscription.OrderID) { w.work(g, tt.at, time.Hour) },
			"Collect": func(w *world, _ *unsteady, id subscription.OrderID) {
				o, err := w.Collect(w.t.Context(), app, id)
				check(w.t, "Collect", err.Error(), o.Err().Error())
			},
		} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				w, g := newUnsteady(t, setup{})
				g.Keeps = 24 * time.Hour
				g.losesAnswers()
				r, _ := w.do(buy("call", "one-to-one"))
				w.must(subscription.Cancel{Order: r.Receipt.OrderID})
				g.recovers()
				g.OnRefund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
					_, err := g.Gateway.Refund(ctx, r)
					return payment.Result{}, errors.Join(err, errLost)
				}
				check(t, "order", w.settle(paid(r.Order)).Status, subscription.OrderCanceled)
				w.back(r.Receipt.OrderID, "1 late 199.00 USD due")
				g.recovers()
				w.at(tt.at)
				ask(w, g, r.Receipt.OrderID)
				ask(w, g, r.Receipt.OrderID)
				check(t, "order", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
				w.back(r.Receipt.OrderID, "1 late 199.00 USD "+string(tt.want))
				check(t, "in the document", len(w.stored().Refunds), 0)
				check(t, "refunds asked for", g.refunds, tt.refunds)
				if tt.want == subscription.RefundFailed {
					refund := w.refundRow(r.Receipt.OrderID, 1)
					check(t, "note", refund.Note, "refund unknown beyond the gateway's retention")
					check(t, "reason", refund.Reason, "")
					check(t, "events", w.count(subscription.EventRefundFailed), 1)
					w.must(buy("call", "one-to-one")) // it blocks nothing
				}
			})
		}
	}
}

// A different amount was collected, and then the gateway says that the charge was declined: the money is still on
// record.
// Rule: settling-is-idempotent.
func TestContradictoryDeclineKeepsWhatWasCollected(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	for _, r := range []payment.Result{
		result(t, o, "less"), result(t, o, "declined"), result(t, o, "paid"), result(t, o, "declined"),
	} {
		got := w.settle(r)
		check(t, "order", got.Status, subscription.OrderReview)
		check(t, "collected", got.Collected, money(t, "198.99 USD"))
	}
	w.refuse(subscription.ErrInvalid, subscription.CloseReview{Order: o.ID, Note: "not collected"})
	check(t, "subscriptions", len(w.application().Subscriptions), 0)
	w.must(subscription.Cancel{Order: o.ID})
	got := w.order(o.ID)
	check(t, "order", got.Status, subscription.OrderRefunded)
	check(t, "collected", got.Collected, money(t, "198.99 USD"))
	w.back(o.ID, "1 late 198.99 USD due")
}

// A person closes what only a person can find out.
// Rule: a-person-ends-the-unknown.
func TestCloseReview(t *testing.T) {
	now := instant(t, "2025-07-10T04:00:00Z")
	for _, state := range orderStates {
		t.Run(state.name, func(t *testing.T) {
			for _, refunded := range []bool{false, true} {
				o := orderAfter(t, state.path)
				collected := o.order().Collected
				c, err := subscription.CloseReview{Order: o.id, Refunded: refunded, Note: "asked the bank"}.Decide(o.s, o.catalog, now)
				switch {
				case state.want != subscription.OrderReview && state.want != subscription.OrderUnreconciled:
					fails(t, err, subscription.ErrNotFound)
					continue
				case !refunded && collected.Sign() > 0:
					fails(t, err, subscription.ErrInvalid)
					continue
				}
				events := o.then(c, err)
				want, event := subscription.OrderCanceled, subscription.EventOrderCanceled
				if refunded {
					want, event = subscription.OrderRefunded, subscription.EventOrderRefunded
				}
				check(t, "status", o.order().Status, want)
				check(t, "collected", o.order().Collected, collected)
				check(t, "closed", o.order().ClosedAt, now)
				check(t, "event", events[0].Type, event)
				check(t, "note", events[0].Note, "asked the bank")
				check(t, "in the document", len(o.s.Application.Orders)+len(o.s.Application.Refunds), 0)
				back := state.back
				first := strings.HasPrefix(state.name, "first version")
				if first {
					back = "; late " + collected.String() + " failed"
				}
				if first || state.name == "review, another amount" {
					back += "; refund " + collected.String() + " made"
					last := o.s.Refunds[len(o.s.Refunds)-1]
					check(t, "asked for by nobody", last.Key, "")
					check(t, "the refund's note", last.Note, "asked the bank")
				}
				check(t, "outcome", o.outcome(), spelled(want)+back)
			}
		})
	}
	t.Run("refuses", func(t *testing.T) {
		o := orderAfter(t, []string{"abandon"})
		for name, note := range map[string]string{
			"a note that is too long": strings.Repeat("x", 1025), "a note that is no text": "\xff",
		} {
			_, err := subscription.CloseReview{Order: o.id, Note: note}.Decide(o.s, o.catalog, now)
			check(t, name, errors.Is(err, subscription.ErrInvalid), true)
		}
		_, err := subscription.CloseReview{Order: "9-abc"}.Decide(o.s, o.catalog, now)
		fails(t, err, subscription.ErrNotFound)
		_, err = subscription.CloseReview{Order: o.id}.Decide(subscription.Snapshot{}, o.catalog, now)
		fails(t, err, subscription.ErrNotFound)
		o.then(subscription.CloseReview{Order: o.id, Note: strings.Repeat("x", 1024)}.Decide(o.s, o.catalog, now))
	})
	t.Run("a refund that was declined, made by hand", func(t *testing.T) {
		w, g := newUnsteady(t, setup{})
		g.losesAnswers()
		r, _ := w.do(buy("call", "one-to-one"))
		w.must(subscription.Cancel{Order: r.Receipt.OrderID})
		g.recovers()
		g.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
			return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}, nil
		}
		check(t, "order", w.settle(paid(r.Order)).Status, subscription.OrderCanceled)
		w.back(r.Receipt.OrderID, "1 late 199.00 USD failed")
		w.refuse(subscription.ErrNotFound, subscription.CloseReview{Order: r.Receipt.OrderID, Refunded: true, Note: "transferred"})
		w.must(subscription.RefundOrder{Order: r.Receipt.OrderID, Elsewhere: true, Note: "transferred"})
		w.back(r.Receipt.OrderID, "1 late 199.00 USD failed", "2 late 199.00 USD made")
		check(t, "asked for by nobody", w.refundRow(r.Receipt.OrderID, 2).Key, "")
		w.work(g, "2025-07-12T00:00:00Z", time.Hour)
		check(t, "refunds asked for", g.refunds, 1)
	})
	t.Run("a late payment after a person found none goes back", func(t *testing.T) {
		w, g := newUnsteady(t, setup{})
		g.Keeps = time.Hour
		g.losesAnswers()
		r, _ := w.do(buy("call", "one-to-one"))
		g.recovers()
		g.forgets()
		w.now = w.now.Add(time.Hour)
		_, err := w.Collect(t.Context(), app, r.Receipt.OrderID)
		fails(t, err, subscription.ErrReview)
		w.must(subscription.CloseReview{Order: r.Receipt.OrderID})
		w.must(buy("call", "group-call"))
		check(t, "order", w.settle(paid(r.Order)).Status, subscription.OrderCanceled)
		w.back(r.Receipt.OrderID, "1 late 199.00 USD made")
		w.pays(2, 1, "597.00")
	})
}
