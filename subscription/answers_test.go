package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// answering returns a gateway whose charges and lookups all give one answer, built from the key.
func answering(answer func(key string) (payment.Result, error)) func(*world, *balance.Accounts) payment.Gateway {
	return func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{
			Gateway:  behind,
			OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) { return answer(c.Key) },
			OnLookup: func(_ context.Context, key string) (payment.Result, error) { return answer(key) },
		}
	}
}

// An answer that can't be right is ignored: the order stays open and is looked up again for a day, and then goes to
// review instead of staying open forever. So does an order that the gateway can't be asked for, such as an amount that its
// provider doesn't charge.
// Rule: bad-answer-goes-to-review.
func TestAnswersThatCantBeRightGoToReviewAfterADay(t *testing.T) {
	for name, answer := range map[string]func(w *world, key string) (payment.Result, error){
		"success without an amount": func(_ *world, key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.Succeeded}, nil
		},
		"another key's success": func(w *world, _ string) (payment.Result, error) {
			return payment.Result{Key: "other", Status: payment.Succeeded, Amount: money(w.t, "199.00 USD")}, nil
		},
		"an unknown status": func(_ *world, key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: "ok"}, nil
		},
		"a request that can't be carried out": func(*world, string) (payment.Result, error) {
			return payment.Result{}, fmt.Errorf("%w: no fractions of MGA", payment.ErrInvalid)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var w *world
			w = newWorld(t, setup{gateway: answering(func(key string) (payment.Result, error) { return answer(w, key) })})
			r, err := w.do(buy("call", "one-to-one"))
			fails(t, err, subscription.ErrPaymentPending)
			collect := func(want subscription.OrderStatus) {
				t.Helper()
				o, _ := w.Collect(t.Context(), app, r.Receipt.OrderID)
				check(t, w.now.String(), o.Status, want)
			}
			collect(subscription.OrderOpen)
			w.now = w.now.Add(24*time.Hour - time.Second)
			collect(subscription.OrderOpen)
			w.now = w.now.Add(time.Second)
			collect(subscription.OrderReview)
			check(t, "nothing was delivered", len(w.stored().Subscriptions), 0)
		})
	}
}

// A missing answer isn't a wrong answer: the order is looked up for as long as it takes.
func TestNoAnswerIsWaitedFor(t *testing.T) {
	w := newWorld(t, setup{gateway: answering(func(string) (payment.Result, error) { return payment.Result{}, errLost })})
	r, _ := w.do(buy("call", "one-to-one"))
	w.now = w.now.AddDate(0, 3, 0)
	o, err := w.Collect(t.Context(), app, r.Receipt.OrderID)
	check(t, "open", o.Status, subscription.OrderOpen)
	fails(t, err, errLost)
}

// If the gateway knows a key with different content, as it does when two stores share it, nothing is delivered and the
// order goes to review.
// Rule: bad-answer-goes-to-review.
func TestKeyKnownWithAnotherContentGoesToReview(t *testing.T) {
	w := newWorld(t, setup{gateway: answering(func(string) (payment.Result, error) {
		return payment.Result{}, payment.ErrKeyConflict
	})})
	r, err := w.do(buy("call", "one-to-one"))
	fails(t, err, subscription.ErrReview)
	check(t, "status", w.order(r.Receipt.OrderID).Status, subscription.OrderReview)
	check(t, "nothing was delivered", len(w.stored().Subscriptions), 0)
}

// With a gateway that forgets keys, a lookup precedes every charge, even for a new order: a store that was restored
// from a backup reuses keys that the gateway may know. What was already collected is delivered and not charged again; a
// different amount goes to review.
// Rule: lookup-before-the-first-charge.
func TestGatewayIsLookedAtBeforeTheFirstCharge(t *testing.T) {
	for _, tt := range []struct {
		known string
		want  subscription.OrderStatus
	}{
		{"199.00 USD", subscription.OrderPaid}, {"99.00 USD", subscription.OrderReview},
	} {
		charged := 0
		w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
			return &gatewayFuncs{
				Gateway: behind, Keeps: 24 * time.Hour,
				OnCharge: func(ctx context.Context, c payment.Charge) (payment.Result, error) {
					charged++
					return behind.Charge(ctx, c)
				},
				OnLookup: func(_ context.Context, key string) (payment.Result, error) {
					return payment.Result{Key: key, Status: payment.Succeeded, Amount: money(w.t, tt.known)}, nil
				},
			}
		}})
		r, _ := w.do(buy("call", "one-to-one"))
		check(t, tt.known, w.order(r.Receipt.OrderID).Status, tt.want)
		check(t, "charged", charged, 0)
	}
}

// A result must match the order that it is applied to, even if it says that no charge was found.
func TestResolveComparesTheKey(t *testing.T) {
	o := openOrder(t)
	for _, status := range []payment.Status{payment.NotFound, payment.Pending} {
		_, err := subscription.Settle(o.s, o.id, payment.Result{Key: "other", Status: status}, o.catalog.ZoneOf, time.Now())
		check(t, string(status), errors.Is(err, subscription.ErrInvalid), true)
	}
	c, err := subscription.Settle(o.s, o.id, payment.Result{Key: string(o.order().Attempt), Status: payment.NotFound}, o.catalog.ZoneOf, o.order().PlacedAt)
	check(t, "its own", err == nil && c.Next.Orders[0].Status == subscription.OrderReview, true)
}

// An invalid ID is refused and never reaches a store, which may have no way to represent it.
// Rule: identifiers-are-plain.
func TestImpossibleIDsNeverReachTheStore(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	spy := &storeFuncs{Store: w.store, load: func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
		for _, r := range reads {
			for _, id := range append(append(r.Keys, r.Records...), texts(r.Orders)...) {
				check(t, "an ID", strings.ToValidUTF8(id, "?") == id && id != "" && len(id) <= 64, true)
			}
		}
		return w.store.Load(ctx, reads...)
	}}
	s := w.Bind(spy)
	for _, id := range []string{"", "\xff", "a\x00", strings.Repeat("x", 65)} {
		_, err := s.Order(t.Context(), app, subscription.OrderID(id))
		fails(t, err, subscription.ErrInvalid)
		_, err = s.Do(t.Context(), app, subscription.ReturnPackage{Order: subscription.OrderID(id)}, "k")
		fails(t, err, subscription.ErrNotFound)
		_, err = s.Do(t.Context(), app, subscription.Release{ID: "r", Used: &subscription.Usage{ID: id}}, "k")
		check(t, "Release", err != nil, true)
		results, err := s.Consume(t.Context(), app, subscription.Usage{ID: id})
		check(t, "Consume", err == nil && results[0].Err != nil, true)
	}
}

func texts[S ~string](ids []S) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// A key whose receipt was pruned is still recognized by its order, and nothing is collected for it again.
// Rule: pruned-key-collects-nothing.
func TestKeyOfAPrunedReceiptIsReused(t *testing.T) {
	m := newMeter(t)
	first, err := m.Do(t.Context(), app, topUp("call-50"), "top-up 1")
	m.ok(err)
	paid := m.balance()
	_, err = m.store.Store.Prune(t.Context(), m.now.AddDate(1, 0, 0))
	m.ok(err)
	_, err = m.Do(t.Context(), app, topUp("call-50"), "top-up 1")
	fails(t, err, subscription.ErrKeyReused)
	check(t, "balance", m.balance(), paid)
	check(t, "the order", m.order(first.Receipt.OrderID).Status, subscription.OrderPaid)
	m.must(topUp("call-50"))
}

// noted is a caller-defined command that sets a note on its order.
type noted struct{ subscription.Purchase }

func (c noted) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	change, err := c.Purchase.Decide(s, cat, now)
	if err != nil {
		return change, err
	}
	o := change.Orders[0]
	d := subscription.Begin(s, now)
	price := pricing.Price{Amount: o.Amount, Lines: o.Lines}
	o.Note = "a gift of the sales team"
	_, err = d.Place(o, price, cat)
	return d.Change(), err
}

// A note that an order was placed with is kept when the order is paid or declined.
func TestNoteOfAPlacedOrderStays(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(subscription.Accept{Agreement: agreement})
	r := w.must(noted{buy("call", "one-to-one")})
	check(t, "paid", w.order(r.Receipt.OrderID).Note, "a gift of the sales team")
}

// An answer that a charge just made can't be found isn't a valid answer.
func TestChargeThatIsNotFoundGoesToReview(t *testing.T) {
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
			return payment.Result{Key: c.Key, Status: payment.NotFound}, nil
		}}
	}})
	r, _ := w.do(buy("call", "one-to-one"))
	w.now = w.now.Add(aYear)
	o, _ := w.Collect(t.Context(), app, r.Order.ID)
	check(t, "status", o.Status, subscription.OrderReview)
}

// A key whose receipt was pruned is recognized while its order is unresolved.
// Rule: pruned-key-collects-nothing.
func TestKeyOfAPrunedReceiptAndAnOpenOrderIsReused(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	_, err := w.Do(t.Context(), app, buyPack{100}, "K")
	fails(t, err, subscription.ErrPaymentPending)
	w.now = w.now.AddDate(0, 3, 0)
	_, err = w.store.Store.Prune(t.Context(), w.now)
	w.ok(err)
	_, err = w.Do(t.Context(), app, buyPack{200}, "K")
	check(t, fmt.Sprint("reused: ", err), errors.Is(err, subscription.ErrKeyReused), true)
}

// Canceled orders with an unknown outcome don't block other orders. Beyond a limit no more can be canceled.
// Rule: canceled-order-is-watched.
func TestGivenUpOrdersKeepNothingBack(t *testing.T) {
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		still := func(key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.Pending}, nil
		}
		return &gatewayFuncs{
			Gateway: behind, OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) { return still(c.Key) },
			OnLookup: func(_ context.Context, key string) (payment.Result, error) { return still(key) },
		}
	}})
	given := 0
	for ; ; given++ {
		_, err := w.do(subscription.Cancel{Order: w.place(buyPack{100}).ID})
		if errors.Is(err, subscription.ErrTooLarge) {
			break
		}
		w.ok(err)
	}
	check(t, "given up", given > 15, true)
	w.place(buy("call", "one-to-one"))
}
