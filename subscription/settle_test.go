package subscription_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderIn is an order brought into a status by decisions alone, with the snapshot to continue from.
type orderIn struct {
	t       testing.TB
	catalog *pricing.Catalog
	s       subscription.Snapshot
	id      subscription.OrderID
}

// then applies a decision as a store would, and returns its events.
func (o *orderIn) then(c subscription.Change, err error) []subscription.Event {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	if c.IsZero() {
		return nil
	}
	if err := c.Check(o.s.Application); err != nil {
		o.t.Fatal(err)
	}
	o.s.Application = c.Next
	for _, row := range c.Orders {
		if row.ID == o.id {
			o.s.Orders = []subscription.Order{row}
		}
	}
	return c.Events
}

func (o *orderIn) order() subscription.Order { return o.s.Orders[0] }

func (o *orderIn) settle(now string, r payment.Result) []subscription.Event {
	o.t.Helper()
	return o.then(subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, instant(o.t, now)))
}

// result returns one of the results that a gateway can give for an order of 199.00 USD.
func result(tb testing.TB, o subscription.Order, name string) payment.Result {
	tb.Helper()
	r := payment.Result{Key: string(o.Attempt), Status: payment.Status(name)}
	switch name {
	case "paid":
		r.Status, r.Amount = payment.Succeeded, money(tb, "199.00 USD")
	case "less":
		r.Status, r.Amount = payment.Succeeded, money(tb, "198.99 USD")
	case "more":
		r.Status, r.Amount = payment.Succeeded, money(tb, "199.01 USD")
	case "JPY":
		r.Status, r.Amount = payment.Succeeded, money(tb, "19900 JPY")
	case "declined":
		r.Reason = payment.InsufficientBalance
	}
	return r
}

// orderStates are all the states of an order, with the paths that lead to them.
var orderStates = []struct {
	name string
	path []string // results, or "cancel", "abandon", "refund", "refund declined", "refund less", "refund forgotten", "found refunded"
	want subscription.OrderStatus
}{
	{"open", nil, subscription.OrderOpen},
	{"paid", []string{"paid"}, subscription.OrderPaid},
	{"declined", []string{"declined"}, subscription.OrderDeclined},
	{"cancelling", []string{"cancel"}, subscription.OrderCanceling},
	{"cancelled", []string{"cancel", "declined"}, subscription.OrderCanceled},
	{"review, outcome unknown", []string{"abandon"}, subscription.OrderReview},
	{"review, another amount", []string{"less"}, subscription.OrderReview},
	{"given up under review, outcome unknown", []string{"abandon", "cancel"}, subscription.OrderCanceling},
	{"canceled by hand, outcome unknown", []string{"abandon", "found uncollected"}, subscription.OrderCanceled},
	{"refund due of another amount late", []string{"cancel", "less"}, subscription.OrderRefundDue},
	{"refund due", []string{"declined", "paid"}, subscription.OrderRefundDue},
	{"refund due of another amount", []string{"less", "cancel"}, subscription.OrderRefundDue},
	{"refunded", []string{"declined", "paid", "refund"}, subscription.OrderRefunded},
	{"refunded by hand, outcome unknown", []string{"abandon", "found refunded"}, subscription.OrderRefunded},
	{"stray, outcome unknown", []string{"cancel", "abandon"}, subscription.OrderUnreconciled},
	{"stray, refund declined", []string{"declined", "paid", "refund declined"}, subscription.OrderUnreconciled},
	{"stray, refund of another amount", []string{"declined", "paid", "refund less"}, subscription.OrderUnreconciled},
	{"stray, refund forgotten", []string{"declined", "paid", "refund forgotten"}, subscription.OrderUnreconciled},
}

// openOrder is a purchase of 199.00 USD that was placed and isn't collected.
func openOrder(tb testing.TB) *orderIn {
	tb.Helper()
	w := newWorld(tb, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	return &orderIn{t: tb, catalog: w.catalog, s: w.load(o.ID), id: o.ID}
}

func orderAfter(tb testing.TB, path []string) *orderIn {
	tb.Helper()
	o := openOrder(tb)
	const now = "2025-07-10T03:00:00Z"
	for _, step := range path {
		var events []subscription.Event
		refund := payment.Result{Key: string(o.order().Attempt) + "/refund", Status: payment.Succeeded, Amount: o.order().Collected}
		switch step {
		case "cancel":
			events = o.then(subscription.Cancel{Order: o.id}.Decide(o.s, o.catalog, instant(tb, now)))
		case "abandon":
			events = o.then(subscription.SettleUnknown(o.s, o.id, instant(tb, now)))
		case "refund":
			events = o.then(subscription.Settle(o.s, o.id, refund, o.catalog.ZoneOf, instant(tb, now)))
		case "refund declined":
			refund = payment.Result{Key: refund.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}
			events = o.then(subscription.Settle(o.s, o.id, refund, o.catalog.ZoneOf, instant(tb, now)))
		case "refund forgotten":
			refund = payment.Result{Key: refund.Key, Status: payment.NotFound}
			events = o.then(subscription.Settle(o.s, o.id, refund, o.catalog.ZoneOf, instant(tb, now)))
		case "found refunded":
			events = o.then(subscription.CloseReview{Order: o.id, Refunded: true}.Decide(o.s, o.catalog, instant(tb, now)))
		case "found uncollected":
			events = o.then(subscription.CloseReview{Order: o.id}.Decide(o.s, o.catalog, instant(tb, now)))
		case "refund less":
			refund.Amount = money(tb, "1.00 USD")
			events = o.then(subscription.Settle(o.s, o.id, refund, o.catalog.ZoneOf, instant(tb, now)))
		default:
			events = o.settle(now, result(tb, o.order(), step))
		}
		if len(events) == 0 {
			tb.Fatalf("%s did nothing", step)
		}
	}
	return o
}

// Settle is idempotent, a late payment is never dropped, and a different amount is never delivered. Every status is
// combined with every result; "" means no change.
// Rule: settling-is-idempotent, another-amount-is-not-delivered.
func TestSettleEveryStatusEveryResult(t *testing.T) {
	want := map[string]map[string]subscription.OrderStatus{
		"open": {
			"paid": subscription.OrderPaid, "less": subscription.OrderReview, "more": subscription.OrderReview,
			"JPY": subscription.OrderReview, "declined": subscription.OrderDeclined, "not_found": subscription.OrderReview,
		},
		"declined": {
			"paid": subscription.OrderRefundDue, "less": subscription.OrderRefundDue, "more": subscription.OrderRefundDue,
			"JPY": subscription.OrderRefundDue,
		},
		"cancelled": {
			"paid": subscription.OrderRefundDue, "less": subscription.OrderRefundDue, "more": subscription.OrderRefundDue,
			"JPY": subscription.OrderRefundDue,
		},
		"cancelling": {
			"paid": subscription.OrderRefundDue, "less": subscription.OrderRefundDue, "more": subscription.OrderRefundDue,
			"JPY": subscription.OrderRefundDue, "declined": subscription.OrderCanceled,
			"not_found": subscription.OrderUnreconciled,
		},
		"given up under review, outcome unknown": {
			"paid": subscription.OrderRefundDue, "less": subscription.OrderRefundDue, "more": subscription.OrderRefundDue,
			"JPY": subscription.OrderRefundDue, "declined": subscription.OrderCanceled,
			"not_found": subscription.OrderUnreconciled,
		},
		"canceled by hand, outcome unknown": {
			"paid": subscription.OrderRefundDue, "less": subscription.OrderRefundDue, "more": subscription.OrderRefundDue,
			"JPY": subscription.OrderRefundDue,
		},
		"stray, outcome unknown": {
			"paid": subscription.OrderRefundDue, "less": subscription.OrderRefundDue, "more": subscription.OrderRefundDue,
			"JPY": subscription.OrderRefundDue,
		},
		"review, outcome unknown": {
			"paid": subscription.OrderPaid, "less": subscription.OrderReview, "more": subscription.OrderReview,
			"JPY": subscription.OrderReview, "declined": subscription.OrderDeclined,
		},
		// In all other statuses the whereabouts of the money are already known: the gateway has said what it collected,
		// or a person found that it went back. Whatever the gateway says now, money is neither forgotten, nor delivered
		// for twice, nor returned twice.
	}
	for _, state := range orderStates {
		for _, name := range []string{"paid", "less", "more", "JPY", "declined", "pending", "not_found"} {
			t.Run(state.name+" meets "+name, func(t *testing.T) {
				o := orderAfter(t, state.path)
				check(t, "status before", o.order().Status, state.want)
				collected := o.order().Collected
				r := result(t, o.order(), name)
				events := o.settle("2025-07-10T04:00:00Z", r)
				next := want[state.name][name]
				if next == "" {
					check(t, "events", len(events), 0)
					check(t, "status", o.order().Status, state.want)
					check(t, "collected", o.order().Collected, collected)
					return
				}
				check(t, "status", o.order().Status, next)
				check(t, "there is an event", len(events) > 0, true)
				if r.Status == payment.Succeeded {
					check(t, "collected", o.order().Collected, r.Amount)
				}
				subscriptions := 0
				if next == subscription.OrderPaid {
					subscriptions = 1
				}
				check(t, "subscriptions", len(o.s.Application.Subscriptions), subscriptions)

				// The same result again, or any other, doesn't affect the money any further.
				check(t, "again", len(o.settle("2025-07-10T05:00:00Z", r)), 0)
			})
		}
	}
}

// Whatever a gateway says, in any order and any number of times, the money that it collected is either delivered for
// once, on its way back, or left to a person.
// Rule: late-payment-goes-back.
func TestSettleInAnyOrder(t *testing.T) {
	words := []string{"paid", "less", "declined", "pending", "not_found", "cancel", "abandon"}
	var sequences func(prefix []string, n int)
	sequences = func(prefix []string, n int) {
		if n > 0 {
			for _, word := range words {
				sequences(append(slices.Clip(prefix), word), n-1)
			}
			return
		}
		o := openOrder(t)
		heard := pricing.Money{} // the first amount that the gateway said it collected
		for _, word := range prefix {
			switch word {
			case "cancel":
				c, err := subscription.Cancel{Order: o.id}.Decide(o.s, o.catalog, instant(t, "2025-07-10T03:00:00Z"))
				if !errors.Is(err, subscription.ErrNotFound) {
					o.then(c, err)
				}
			case "abandon":
				o.then(subscription.SettleUnknown(o.s, o.id, instant(t, "2025-07-10T03:00:00Z")))
			default:
				r := result(t, o.order(), word)
				if r.Status == payment.Succeeded && heard.IsZero() {
					heard = r.Amount
				}
				o.settle("2025-07-10T03:00:00Z", r)
			}
		}
		got := o.order()
		held := got.Status == subscription.OrderPaid || got.Status == subscription.OrderRefundDue || got.Status == subscription.OrderReview
		if got.Collected != heard || !heard.IsZero() && !held {
			t.Errorf("%v: collected %s, and the order is %s with %s", prefix, heard, got.Status, got.Collected)
		}
		if delivered := len(o.s.Application.Subscriptions) == 1; delivered != (got.Status == subscription.OrderPaid) ||
			delivered && heard != got.Amount {
			t.Errorf("%v: delivered %t for %s, and the order is %s", prefix, delivered, heard, got.Status)
		}
	}
	for n := range 5 {
		sequences(nil, n)
	}
}

func TestSettleRefuses(t *testing.T) {
	o := openOrder(t)
	now := instant(t, "2025-07-10T03:00:00Z")
	settle := func(id subscription.OrderID, r payment.Result) error {
		_, err := subscription.Settle(o.s, id, r, o.catalog.ZoneOf, now)
		return err
	}
	good := paid(o.order())
	for _, tt := range []struct {
		name string
		err  error
		want error
	}{
		{"an unknown order", settle("9-abc", good), subscription.ErrNotFound},
		{"another attempt's result", settle(o.id, payment.Result{Key: "other", Status: payment.Pending}), subscription.ErrInvalid},
		{"the zero result", settle(o.id, payment.Result{}), subscription.ErrInvalid},
		{"and it is payment's error too", settle(o.id, payment.Result{}), payment.ErrInvalid},
		{"an unknown status", settle(o.id, payment.Result{Key: good.Key, Status: "maybe"}), subscription.ErrInvalid},
		{"success without an amount", settle(o.id, payment.Result{Key: good.Key, Status: payment.Succeeded}), subscription.ErrInvalid},
		{"a decline with an amount", settle(o.id, payment.Result{Key: good.Key, Status: payment.Declined, Reason: "x", Amount: good.Amount}), subscription.ErrInvalid},
	} {
		check(t, tt.name, errors.Is(tt.err, tt.want), true)
	}
	_, err := subscription.Settle(subscription.Snapshot{}, o.id, good, o.catalog.ZoneOf, now)
	fails(t, err, subscription.ErrNotFound)
	_, err = subscription.SettleUnknown(o.s, "9-abc", now)
	fails(t, err, subscription.ErrNotFound)

	// A zone that can't be loaded leaves a collected order open, so nothing is lost.
	nowhere := func(string) (pricing.Zone, error) { return pricing.Zone{}, pricing.ErrZone }
	_, err = subscription.Settle(o.s, o.id, good, nowhere, now)
	fails(t, err, pricing.ErrZone)
}

// A successful refund closes its order; a failed one needs a person.
// Rule: a-person-ends-the-unknown.
func TestSettleRefund(t *testing.T) {
	now := instant(t, "2025-07-10T04:00:00Z")
	for _, state := range orderStates {
		t.Run(state.name, func(t *testing.T) {
			for name, want := range map[payment.Status]subscription.OrderStatus{
				payment.Succeeded: subscription.OrderRefunded, payment.Declined: subscription.OrderUnreconciled,
				payment.Pending: "", payment.NotFound: subscription.OrderUnreconciled,
			} {
				o := orderAfter(t, state.path)
				r := payment.Result{Key: string(o.order().Attempt) + "/refund", Status: name}
				switch name {
				case payment.Succeeded:
					r.Amount = money(t, "199.00 USD")
					if !o.order().Collected.IsZero() {
						r.Amount = o.order().Collected
					}
				case payment.Declined:
					r.Reason = payment.ExceedsCharge
				case payment.Pending, payment.NotFound:
				}
				events := o.then(subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, now))
				if state.want != subscription.OrderRefundDue || want == "" {
					check(t, string(name)+": events", len(events), 0)
					check(t, string(name)+": status", o.order().Status, state.want)
					continue
				}
				check(t, string(name)+": status", o.order().Status, want)
				check(t, string(name)+": events", len(events), 1)
				check(t, string(name)+": again", len(o.then(subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, now))), 0)
			}
		})
	}
	t.Run("refuses", func(t *testing.T) {
		o := orderAfter(t, []string{"cancel", "paid"})
		for name, r := range map[string]payment.Result{
			"the zero result": {},
			"another order's": {Key: "x/1-2/refund", Status: payment.Pending},
		} {
			_, err := subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, now)
			check(t, name, errors.Is(err, subscription.ErrInvalid), true)
		}
		_, err := subscription.Settle(o.s, "9-abc", payment.Result{Key: "9-abc/refund"}, o.catalog.ZoneOf, now)
		fails(t, err, subscription.ErrNotFound)
	})
}

func TestAbandon(t *testing.T) {
	for _, state := range orderStates {
		o := orderAfter(t, state.path)
		events := o.then(subscription.SettleUnknown(o.s, o.id, instant(t, "2025-07-10T04:00:00Z")))
		if state.want != subscription.OrderOpen && state.want != subscription.OrderCanceling {
			check(t, state.name+": events", len(events), 0)
			continue
		}
		status, event := subscription.OrderReview, subscription.EventOrderReview
		if state.want == subscription.OrderCanceling {
			status, event = subscription.OrderUnreconciled, subscription.EventOrderUnreconciled
		}
		check(t, state.name+": status", o.order().Status, status)
		check(t, state.name+": event", events[0].Type, event)
		check(t, "note", events[0].Note, "the gateway can't tell the outcome any more")
	}
}

// A canceled order isn't delivered any more, even if its outcome was unknown for a while.
func TestAbandonedAfterItWasGivenUp(t *testing.T) {
	o := orderAfter(t, []string{"cancel", "abandon"})
	check(t, "status", o.order().Status, subscription.OrderUnreconciled)
	o.settle("2025-07-10T05:00:00Z", paid(o.order()))
	check(t, "status once it was collected", o.order().Status, subscription.OrderRefundDue)
	check(t, "subscriptions", len(o.s.Application.Subscriptions), 0)
}

func TestCancel(t *testing.T) {
	want := map[string]subscription.OrderStatus{
		"open": subscription.OrderCanceling, "review, outcome unknown": subscription.OrderCanceling,
		"review, another amount": subscription.OrderRefundDue,
	}
	for _, state := range orderStates {
		t.Run(state.name, func(t *testing.T) {
			o := orderAfter(t, state.path)
			c, err := subscription.Cancel{Order: o.id}.Decide(o.s, o.catalog, instant(t, "2025-07-10T04:00:00Z"))
			if want[state.name] == "" {
				fails(t, err, subscription.ErrNotFound)
				return
			}
			o.then(c, err)
			check(t, "status", o.order().Status, want[state.name])
		})
	}
}

// Webhooks arrive through Service.Settle: twice, late, out of order, and for refunds.
// Rule: settling-is-idempotent, late-payment-goes-back.
func TestServiceSettle(t *testing.T) {
	t.Run("the same webhook twice", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		for range 3 {
			got := w.settle(paid(o))
			check(t, "status", got.Status, subscription.OrderPaid)
		}
		check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
		check(t, "deliveries", w.count(subscription.EventOpened), 1)
	})
	t.Run("declined, and then paid after all: given back at once", func(t *testing.T) {
		w := newWorld(t, setup{gateway: collects})
		o := w.place(buy("call", "one-to-one"))
		w.settle(result(t, o, "declined"))
		got := w.settle(paid(o))
		check(t, "status", got.Status, subscription.OrderRefunded)
		check(t, "note", got.Note, "paid after it was closed")
		check(t, "balance", w.balance(), "100000.00 USD")
		check(t, "events", w.count(subscription.EventOrderRefundDue), 1)
	})
	t.Run("a refund that isn't answered is left to be collected", func(t *testing.T) {
		down := true
		w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
			g := collects(w, behind).(*gatewayFuncs)
			g.OnRefund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				if down {
					return payment.Result{}, errors.New("gateway is down")
				}
				return behind.Refund(ctx, r)
			}
			return g
		}})
		o := w.place(buy("call", "one-to-one"))
		w.must(subscription.Cancel{Order: o.ID})
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderRefundDue)
		_, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrRefunded)
		down = false
		got, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrRefunded)
		check(t, "status", got.Status, subscription.OrderRefunded)
		check(t, "balance", w.balance(), "100000.00 USD")
	})
	t.Run("a refund's webhook", func(t *testing.T) {
		w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
			g := collects(w, behind).(*gatewayFuncs)
			g.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
				return payment.Result{Key: r.Key, Status: payment.Pending}, nil
			}
			return g
		}})
		o := w.place(buy("call", "one-to-one"))
		w.must(subscription.Cancel{Order: o.ID})
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderRefundDue)
		hook := payment.Result{Key: string(o.Attempt) + "/refund", Status: payment.Succeeded, Amount: o.Amount}
		for range 2 {
			check(t, "status", w.settle(hook).Status, subscription.OrderRefunded)
		}
		check(t, "events", w.count(subscription.EventOrderRefunded), 1)
	})
	t.Run("a refund that the gateway declines needs a person", func(t *testing.T) {
		var asked []payment.Refund
		w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
			g := pending(w, behind).(*gatewayFuncs)
			g.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
				asked = append(asked, r)
				return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}, nil
			}
			return g
		}})
		o := w.place(buy("call", "one-to-one"))
		w.must(subscription.Cancel{Order: o.ID})
		got := w.settle(paid(o))
		check(t, "status", got.Status, subscription.OrderUnreconciled)
		check(t, "reason", got.Reason, payment.ExceedsCharge)
		// A repeated notification of the payment delivers nothing: the money may have gone back by hand.
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderUnreconciled)
		check(t, "subscriptions", len(w.application().Subscriptions), 0)
		// The refund isn't requested again automatically, and the order doesn't block other purchases.
		_, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrReview)
		w.refuse(subscription.ErrNotFound, subscription.Cancel{Order: o.ID})
		check(t, "refunds asked for", len(asked), 1)
		check(t, "another purchase", w.settle(paid(w.place(buy("call", "one-to-one")))).Status, subscription.OrderPaid)
	})
	t.Run("another amount needs a person, and a cancellation gives it back", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		_, err := w.accounts.Charge(t.Context(), payment.Charge{Key: string(o.Attempt), Account: string(acme), Amount: money(t, "198.99 USD")})
		w.ok(err)
		got := w.settle(result(t, o, "less"))
		check(t, "status", got.Status, subscription.OrderReview)
		fails(t, got.Err(), subscription.ErrReview)
		check(t, "nothing is delivered", len(w.application().Subscriptions), 0)
		w.must(subscription.Cancel{Order: o.ID})
		got, err = w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrRefunded)
		check(t, "status", got.Status, subscription.OrderRefunded)
		check(t, "balance", w.balance(), "100000.00 USD")
	})
	t.Run("refuses", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		free := w.must(subscription.Purchase{Product: "live", Version: "trial", Term: pricing.Days(14), Currency: "USD"})
		for _, tt := range []struct {
			name    string
			attempt subscription.AttemptID
			r       payment.Result
			want    error
		}{
			{"an attempt of nothing", "", paid(o), subscription.ErrNotFound},
			{"what is no attempt", "video-chat", paid(o), subscription.ErrNotFound},
			{"a refund of nothing", "/refund", paid(o), subscription.ErrNotFound},
			{"an unknown application", "nobody/2-abc", payment.Result{Key: "nobody/2-abc", Status: payment.Pending}, subscription.ErrNotFound},
			{"an unknown order", "video-chat/2-abc", payment.Result{Key: "video-chat/2-abc", Status: payment.Pending}, subscription.ErrNotFound},
			{"an unknown order's refund", "video-chat/2-abc/refund", payment.Result{Key: "video-chat/2-abc/refund", Status: payment.Pending}, subscription.ErrNotFound},
			{"another key's result", o.Attempt, payment.Result{Key: "x", Status: payment.Pending}, subscription.ErrInvalid},
			{"a malformed result", o.Attempt, payment.Result{Key: string(o.Attempt)}, subscription.ErrInvalid},
			{"an order that cost nothing", "/video-chat/" + subscription.AttemptID(free.Receipt.OrderID), payment.Result{Key: "/video-chat/" + string(free.Receipt.OrderID), Status: payment.Succeeded, Amount: o.Amount}, subscription.ErrInvalid},
		} {
			before := w.stored()
			if _, err := w.Settle(t.Context(), tt.attempt, tt.r); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
			if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
				t.Errorf("%s changed something (-before +after):\n%s", tt.name, diff)
			}
		}
	})
}
