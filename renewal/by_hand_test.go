package renewal_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// newCard returns a world whose card issuer wants the payments confirmed for which the customer isn't present, and that
// has bought a month of January.
func newCard(tb testing.TB, s setup) (*world, *testworld.Card) {
	tb.Helper()
	card := &testworld.Card{Asks: func(c payment.Charge) bool { return !c.Present }}
	s.gateway = func(_ *world, behind *balance.Accounts) payment.Gateway {
		card.Gateway = behind
		return card
	}
	w := newWorld(tb, s)
	w.must(buy("call", "one-to-one"))
	return w, card
}

// waiting runs the worker to an instant and returns the automatic renewal that waits for the customer then.
func (w *world) waiting(at string) subscription.Order {
	w.t.Helper()
	w.run(at)
	for _, o := range w.stored().Orders {
		if o.Action != nil {
			return o
		}
	}
	w.t.Fatal("no order waits for the customer")
	return subscription.Order{}
}

// An automatic renewal that waits for the customer ends with the grace time, as its subscription's service does, in
// whatever way: the worker gives it up then, or whoever collects it.
// Rule: customer-action, pending-hours.
func TestAutomaticRenewalWaitsUntilTheGraceTimeEnds(t *testing.T) {
	for _, tt := range []struct {
		name, grace, end string
	}{
		{"a day", `"grace_hours": 24`, "2025-02-02T00:00:00Z"},
		{"three days", `"grace_hours": 72`, "2025-02-04T00:00:00Z"},
		{"none", `"grace_hours": 0`, "2025-02-01T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, card := newCard(t, setup{catalog: catalog(t, `"grace_hours": 24`, tt.grace)})
			o := w.waiting("2025-01-31T00:00:00Z")
			check(t, "not present", o.Present, false)
			end := instant(t, tt.end)
			check(t, "end", w.stored().GivenUpAt(o, w.catalog.ServiceTerms()), end)
			w.run(end.Add(-time.Microsecond).Format(time.RFC3339Nano))
			check(t, "order before", w.stored().Orders[0].Status, subscription.OrderOpen)
			check(t, "due", !w.stored().Due.After(end), true)
			w.run(tt.end)
			check(t, "status", w.status(), subscription.Interrupted)
			check(t, "orders", len(w.stored().Orders), 0)
			check(t, "calls", slices.Contains(card.Calls(), "cancel "+string(o.Attempt)), true)
			w.must(renew(1)) // the customer resumes it
			check(t, "charges", len(w.charges()), 2)
		})
	}
	t.Run("confirmed within it", func(t *testing.T) {
		w, card := newCard(t, setup{})
		o := w.waiting("2025-02-01T12:00:00Z")
		w.ok(card.Confirm(t.Context(), string(o.Attempt), true))
		_, err := w.Notify(t.Context(), o.Attempt)
		w.ok(err)
		check(t, "status", w.status(), subscription.Active)
		check(t, "end", w.end(), "2025-03-01 00:00")
	})
	t.Run("refused", func(t *testing.T) {
		w, card := newCard(t, setup{})
		o := w.waiting("2025-01-31T00:00:00Z")
		w.ok(card.Confirm(t.Context(), string(o.Attempt), false))
		_, err := w.Notify(t.Context(), o.Attempt)
		w.ok(err)
		check(t, "reason, which stops nothing", w.latest("call").Renewal.Stopped, "")
		next := w.waiting("2025-01-31T12:00:00Z")
		check(t, "another attempt", next.ID != o.ID, true)
	})
	t.Run("an attempt after the grace time waits for a day", func(t *testing.T) {
		w, _ := newCard(t, setup{policy: renewal.Policy{Attempts: hours(48)}})
		o := w.waiting("2025-02-03T00:00:00Z")
		check(t, "end", w.stored().GivenUpAt(o, w.catalog.ServiceTerms()), instant(t, "2025-02-04T00:00:00Z"))
		w.run("2025-02-04T00:00:00Z")
		check(t, "orders", len(w.stored().Orders), 0)
	})
}

// The customer pays by hand instead of confirming an automatic renewal: that is canceled, at the gateway first, and the
// payment by hand is for the same period. Both never count.
// Trap: a payment that waits for the customer (3-D Secure) blocks the customer from paying in another way, for days.
// Rule: pay-by-hand, cancel-first.
func TestPaymentByHandReplacesWhatWaitsForTheCustomer(t *testing.T) {
	for _, tt := range []struct {
		name, at string
		end      string // what is paid for then
	}{
		{"before the end", "2025-01-31T08:00:00Z", "2025-03-01 00:00"},
		{"in the grace time", "2025-02-01T20:00:00Z", "2025-03-01 00:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, card := newCard(t, setup{})
			o := w.waiting(tt.at)
			card.Calls()
			q, err := w.Quote(t.Context(), app, renew(1))
			w.ok(err)
			check(t, "a quote cancels nothing", w.stored().Orders[0].Status, subscription.OrderOpen)
			r, err := w.Confirm(t.Context(), app, renew(1), q, "by hand")
			w.ok(err)
			check(t, "order", r.Order.Status, subscription.OrderPaid)
			check(t, "present", r.Order.Present, true)
			want := []string{"cancel " + string(o.Attempt), "charge " + string(r.Order.Attempt)}
			if got := card.Calls(); !slices.Equal(got, want) {
				t.Errorf("calls %q, want %q", got, want)
			}
			old, err := w.Order(t.Context(), app, o.ID)
			w.ok(err)
			check(t, "old order", old.Status, subscription.OrderCanceled)
			check(t, "end", w.end(), tt.end)
			w.run("2025-02-20T00:00:00Z")
			same(t, "charged", w.charges(), []string{"2025-01-01 10:00 -199.00 USD", short(instant(t, tt.at)) + " -199.00 USD"})
		})
	}
	t.Run("confirmed at the same moment: it goes back", func(t *testing.T) {
		w, card := newCard(t, setup{})
		o := w.waiting("2025-02-01T08:00:00Z")
		w.ok(card.Confirm(t.Context(), string(o.Attempt), true)) // and the notification is late
		w.must(renew(1))
		old, err := w.Order(t.Context(), app, o.ID)
		w.ok(err)
		check(t, "old order", old.Status, subscription.OrderCanceled)
		check(t, "left of it", old.Left().String(), "0.00 USD")
		check(t, "end", w.end(), "2025-03-01 00:00")
		check(t, "balance", w.balance(), "99602.00 USD")
	})
	t.Run("the gateway doesn't answer", func(t *testing.T) {
		w, card := newCard(t, setup{})
		o := w.waiting("2025-02-01T08:00:00Z")
		card.Down = errors.New("down")
		w.must(renew(1))
		old, err := w.Order(t.Context(), app, o.ID)
		w.ok(err)
		check(t, "old order", old.Status, subscription.OrderCanceling)
		w.ok(card.Confirm(t.Context(), string(o.Attempt), true)) // all the same
		card.Down = nil
		w.run("2025-02-02T00:00:00Z")
		check(t, "balance", w.balance(), "99602.00 USD")
		check(t, "end", w.end(), "2025-03-01 00:00")
	})
	t.Run("declined by hand: automatic attempts go on", func(t *testing.T) {
		w, _ := newCard(t, setup{})
		o := w.waiting("2025-01-31T08:00:00Z")
		w.drain()
		w.unpaid(subscription.ErrDeclined, renew(1))
		next := w.waiting("2025-01-31T12:00:00Z")
		check(t, "another attempt", next.ID != o.ID, true)
	})
}

// unpaid runs a command whose order isn't paid.
func (w *world) unpaid(want error, cmd subscription.Command) {
	w.t.Helper()
	if _, err := w.do(cmd); !errors.Is(err, want) {
		w.t.Errorf("Do(%+v) = %v, want %v", cmd, err, want)
	}
}

// Nothing else gives way to a payment by hand: not an automatic renewal that is merely under way, and not what the
// customer has ordered, which the customer can cancel.
// Rule: pay-by-hand, one-open-order.
func TestOnlyWhatWaitsGivesWay(t *testing.T) {
	t.Run("merely under way", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pendingFrom("2025-01-31")})
		w.must(buy("call", "one-to-one"))
		w.run("2025-01-31T01:00:00Z")
		w.refuse(subscription.ErrOrderOpen, renew(1))
	})
	t.Run("the customer's own", func(t *testing.T) {
		w, card := newCard(t, setup{})
		card.Asks = func(payment.Charge) bool { return true }
		w.unpaid(subscription.ErrPaymentPending, renew(1))
		w.refuse(subscription.ErrOrderOpen, renew(1))
		w.must(subscription.Cancel{Order: w.stored().Orders[0].ID})
		card.Asks = nil
		w.must(renew(1))
	})
}

// A new purchase after the interruption cancels an automatic renewal of the old subscription that waits for the customer.
// Rule: pay-by-hand.
func TestPurchaseReplacesWhatWaitsForTheCustomer(t *testing.T) {
	w, card := newCard(t, setup{policy: renewal.Policy{Attempts: hours(48)}})
	o := w.waiting("2025-02-03T00:00:00Z")
	card.Calls()
	r := w.must(buy("call", "group-call"))
	want := []string{"cancel " + string(o.Attempt), "charge " + string(r.Order.Attempt)}
	if got := card.Calls(); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
	check(t, "version", w.latest("call").Version(), "group-call")
}

// A worker that stopped after it had given up an order finds out the rest; the customer's payment isn't held up by it.
// Rule: cancel-first.
func TestGivenUpOrderIsCanceledByTheNextWorker(t *testing.T) {
	w, card := newCard(t, setup{})
	o := w.waiting("2025-02-01T23:00:00Z")
	card.Down = context.DeadlineExceeded
	w.run("2025-02-02T00:00:00Z")
	check(t, "given up", w.stored().Orders[0].Status, subscription.OrderCanceling)
	card.Down = nil
	w.run("2025-02-02T00:10:00Z")
	check(t, "orders", len(w.stored().Orders), 0)
	check(t, "canceled", slices.Contains(card.Calls(), "cancel "+string(o.Attempt)), true)
	check(t, "charges", len(w.charges()), 1)
}
