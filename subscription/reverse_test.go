package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// notice is a provider's notice about an order's charge.
func (w *world) notice(o subscription.Order, id string, status payment.ReversalStatus, amount string) payment.Reversal {
	w.t.Helper()
	return payment.Reversal{ID: id, Charge: string(o.Attempt), Status: status, Amount: money(w.t, amount), Reason: "fraudulent"}
}

// reverse tells a notice, which must be accepted.
func (w *world) reverse(o subscription.Order, id string, status payment.ReversalStatus, amount string) subscription.Order {
	w.t.Helper()
	o, err := w.Reverse(w.t.Context(), o.Attempt, w.notice(o, id, status, amount))
	w.ok(err)
	return o
}

// A chargeback of a package that is half used: the period ends now, its promised end stays recorded, what is left of the
// minutes goes, and the service is interrupted. Once the payment is reinstated, the period goes on with what was left. Each
// notice counts once.
// Rule: reversal-takes-back, reinstatement-gives-again, notice-counts-once.
func TestChargebackAndReinstatement(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.use(m.used("audio", 50))
	m.at("2025-07-20T10:00:00Z")
	before := m.latest("call")
	for range 2 {
		got := m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
		check(t, "status", got.Status, subscription.OrderPaid)
		check(t, "reversed", got.RefundedAmount.String(), "10.00 USD")
		check(t, "taken back", got.TakenBackAt, m.now)
	}
	sameLines(t, "refunds", m.refunds(o.ID), "1 reversal 10.00 USD made")
	s := m.latest("call")
	check(t, "status", s.Status, subscription.Interrupted)
	check(t, "auto-renewal", s.AutoRenew, false)
	check(t, "end", s.End(), m.now)
	check(t, "promised", s.Cycles[0].Promised, before.End())
	check(t, "minutes", m.application().Minutes("call", m.now).String(), "0")
	m.at("2025-07-22T10:00:00Z")
	for range 2 {
		got := m.reverse(o, "dp-1", payment.Reinstated, "10.00 USD")
		check(t, "left", got.Left().String(), "10.00 USD")
		check(t, "taken back", got.TakenBackAt.IsZero(), true)
	}
	sameLines(t, "refunds", m.refunds(o.ID), "1 reversal 10.00 USD reinstated")
	s = m.latest("call")
	check(t, "status", s.Status, subscription.Active)
	check(t, "auto-renewal", s.AutoRenew, false)
	if diff := cmp.Diff(before.Cycles, s.Cycles, exactly); diff != "" {
		t.Errorf("periods (-before +after):\n%s", diff)
	}
	sameLines(t, "lots", m.lots(), "1 package 50/100")
	sameLines(t, "used again", m.use(m.used("audio", 50)), "50")
	m.run("2025-12-01T00:00:00Z")
	check(t, "reversed again, told late", m.reverse(o, "dp-1", payment.Reversed, "10.00 USD").Left().String(), "10.00 USD")
	m.balanced()
}

// After a chargeback the customer can pay for another period, from today on, or buy anew. Then a reinstatement gives nothing
// again, and a person decides.
// Rule: reinstatement-gives-again.
func TestReinstatedAfterAnotherPurchase(t *testing.T) {
	for name, again := range map[string]func(m *meter){
		"renewed": func(m *meter) { m.must(renewal.Renew{Product: "call"}) },
		"bought":  func(m *meter) { m.must(buy("call", "large")) },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeter(t)
			o := m.must(buy("call", "small")).Order
			m.at("2025-07-20T10:00:00Z")
			m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
			m.at("2025-07-21T10:00:00Z")
			again(m)
			check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-08-21")
			lots := m.lots()
			m.reverse(o, "dp-1", payment.Reinstated, "10.00 USD")
			check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-08-21")
			sameLines(t, "lots", m.lots(), lots...)
			check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
			m.run("2025-12-01T00:00:00Z")
			m.balanced()
		})
	}
}

// The payment of periods ahead is reversed: they are suspended, and the current one goes on. Reinstated, they return; but
// not if others were paid for meanwhile.
// Rule: reversal-takes-back, reinstatement-gives-again.
func TestChargebackOfCyclesAhead(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	o := m.must(renewal.Renew{Product: "call", Cycles: 2}).Order
	before := m.latest("call")
	m.reverse(o, "dp-1", payment.Reversed, "20.00 USD")
	s := m.latest("call")
	check(t, "status", s.Status, subscription.Active)
	check(t, "end", s.End().Format("2006-01-02"), "2025-08-10")
	check(t, "suspended", len(s.Suspended), 2)
	m.reverse(o, "dp-1", payment.Reinstated, "20.00 USD")
	after := m.latest("call")
	if diff := cmp.Diff(before.Cycles, after.Cycles, exactly); diff != "" || after.Next != before.Next || len(after.Suspended) > 0 {
		t.Errorf("periods (-before +after):\n%s", diff)
	}
	m.reverse(o, "dp-2", payment.Reversed, "20.00 USD")
	m.must(renewal.Renew{Product: "call"})
	check(t, "suspended", len(m.latest("call").Suspended), 0)
	taken := m.order(o.ID).TakenBackAt
	check(t, "still taken back", m.reverse(o, "dp-2", payment.Reinstated, "20.00 USD").TakenBackAt, taken)
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-09-10")
	m.run("2026-03-01T00:00:00Z")
	m.balanced()
}

// The payment of the current period is reversed, and another order paid for the next: the service is interrupted until
// that begins.
// Rule: reversal-takes-back.
func TestChargebackBeforeAPaidPeriod(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.must(renewal.Renew{Product: "call"})
	m.at("2025-07-20T10:00:00Z")
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	check(t, "status", m.latest("call").Status, subscription.Interrupted)
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-09-10")
	m.run("2025-08-10T00:00:00Z")
	check(t, "status", m.latest("call").Status, subscription.Active)
	sameLines(t, "minutes", m.use(m.used("audio", 100)), "100")
	m.run("2026-03-01T00:00:00Z")
	m.balanced()
}

// Whoever buys anew, or imports, instead of waiting for a period that is paid for leaves it behind: a person is told, and can
// return its money.
// Rule: reversal-takes-back, early-renewal-loses-nothing.
func TestPurchaseInsteadOfAPaidPeriod(t *testing.T) {
	for _, tt := range []struct {
		name  string
		again subscription.Command
		left  string // of 100000: the bank returns what it took by itself, so 199 and, for a purchase, 597 were paid
	}{
		{"a purchase", buy("call", "group-call"), "99204.00 USD"},
		{"an import", imported(t, "2025-07-10", "2025-08-10"), "99801.00 USD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			o := w.must(buy("call", "one-to-one")).Order
			ahead := w.must(renewal.Renew{Product: "call", Cycles: 2}).Order
			w.at("2025-07-20T10:00:00Z")
			w.reverse(o, "dp-1", payment.Reversed, "199.00 USD")
			w.must(tt.again)
			check(t, "the new one", w.latest("call").ID, "call-2")
			var told []string
			for _, e := range w.events() {
				if e.Type == subscription.EventNeedsPerson {
					told = append(told, fmt.Sprint(e.Order == ahead.ID, " ", e.Subscription, " ", e.Note))
				}
			}
			sameLines(t, "for a person", told, "true call-1 2 of its periods hadn't begun when another subscription took their place")
			w.must(subscription.RefundOrder{Order: ahead.ID, Take: subscription.TakeAll})
			check(t, "back", w.balance(), tt.left)
		})
	}
}

// What a reversal takes depends on what was paid: a pack loses its rest, an upgrade is undone, unless a later order builds
// on it; a part that the provider gave back by itself takes nothing. With "keep" nothing is taken.
// Rule: reversal-takes-back.
func TestReversalOfOtherOrders(t *testing.T) {
	for _, tt := range []struct {
		name  string
		keep  bool
		order func(m *meter) subscription.Order
		how   payment.ReversalStatus
		share string
		want  string // version, minutes left, events for a person
	}{
		{"pack", false, func(m *meter) subscription.Order { return m.must(topUp("call-50")).Order }, payment.Reversed, "6.00 USD", "small 100 0"},
		{"pack, kept", true, func(m *meter) subscription.Order { return m.must(topUp("call-50")).Order }, payment.Reversed, "6.00 USD", "small 150 0"},
		{"pack, a part given back", false, func(m *meter) subscription.Order { return m.must(topUp("call-50")).Order }, payment.GivenBack, "2.00 USD", "small 150 0"},
		{"pack, given back", false, func(m *meter) subscription.Order { return m.must(topUp("call-50")).Order }, payment.GivenBack, "6.00 USD", "small 100 0"},
		{"pack, a part reversed", false, func(m *meter) subscription.Order { return m.must(topUp("call-50")).Order }, payment.Reversed, "2.00 USD", "small 100 0"},
		{"upgrade", false, func(m *meter) subscription.Order {
			return m.must(subscription.Upgrade{Product: "call", To: "large", Agreement: agreement}).Order
		}, payment.Reversed, "20.00 USD", "small 100 0"},
		{"upgrade, built on", false, func(m *meter) subscription.Order {
			o := m.must(subscription.Upgrade{Product: "call", To: "large", Agreement: agreement}).Order
			m.must(renewal.Renew{Product: "call"})
			return o
		}, payment.Reversed, "20.00 USD", "large 100 1"},
		{"more than was collected", false, func(m *meter) subscription.Order { return m.must(topUp("call-50")).Order }, payment.Reversed, "7.00 USD", "small 100 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var edits []string
			if tt.keep {
				edits = []string{`"arrears_hours": 24`, `"arrears_hours": 24, "reversal": "keep"`}
			}
			m := newMeter(t, edits...)
			m.must(buy("call", "small"))
			o := tt.order(m)
			m.reverse(o, "dp-1", tt.how, tt.share)
			got := string(m.latest("call").Version()) + " " + m.application().Minutes("call", m.now).String()
			check(t, "left", got, tt.want[:len(tt.want)-2])
			check(t, "for a person", m.count(subscription.EventNeedsPerson), int(tt.want[len(tt.want)-1]-'0'))
			m.run("2025-12-01T00:00:00Z")
			m.balanced()
		})
	}
}

// The payment of a bill is reversed: pay-as-you-go stops as in arrears, until a person ends that.
// Rule: reversed-bill-stops-the-service.
func TestReversalOfABill(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 1000))
	m.run("2025-07-12T12:00:00Z")
	bill := m.orders()[0]
	check(t, "kind", bill.Kind, subscription.UsageOrder)
	m.reverse(bill, "dp-1", payment.Reversed, "0.99 USD")
	sameLines(t, "usage within a day", m.use(m.used("audio", 1)), "0 and 1 excess")
	m.run("2025-07-13T12:00:00Z")
	sameLines(t, "usage a day later", m.use(m.used("audio", 1)), "subscription: service interrupted, usage isn't paid")
	m.run("2025-07-16T12:00:00Z") // what was used within the day is billed and paid, and doesn't end it
	sameLines(t, "usage", m.use(m.used("audio", 1)), "subscription: service interrupted, usage isn't paid")
	m.refuse(subscription.ErrNotFound, subscription.CloseReview{Order: "k-0"})
	m.must(subscription.CloseReview{Order: bill.ID, Note: "they sent a check"})
	sameLines(t, "usage", m.use(m.used("audio", 1)), "0 and 1 excess")
	m.refuse(subscription.ErrNotRefundable, m.refund(bill.ID, "", subscription.TakeAll))
}

// A reinstatement that is told before its reversal counts as one; a notice for an order that isn't paid puts it under
// review, where its payment isn't delivered; one for an unknown charge is an error, so that it comes again.
// Rule: notice-counts-once, reversal-before-payment.
func TestReversalsOutOfOrder(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.reverse(o, "dp-1", payment.Reinstated, "10.00 USD")
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	check(t, "left", m.order(o.ID).Left().String(), "10.00 USD")
	check(t, "status", m.latest("call").Status, subscription.Active)

	m.gate.OnCharge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	r, err := m.do(topUp("call-50"))
	fails(t, err, subscription.ErrPaymentPending)
	pending := r.Order
	got := m.reverse(pending, "dp-2", payment.Reversed, "6.00 USD")
	check(t, "status", got.Status, subscription.OrderReview)
	settled, err := m.Settle(t.Context(), pending.Attempt, paid(pending))
	m.ok(err)
	check(t, "status", settled.Status, subscription.OrderReview)
	check(t, "left", settled.Left().String(), "0.00 USD")
	m.must(subscription.Cancel{Order: pending.ID})
	check(t, "status", m.order(pending.ID).Status, subscription.OrderRefunded)
	sameLines(t, "refunds", m.refunds(pending.ID), "1 reversal 6.00 USD made")

	for name, tt := range map[string]struct {
		attempt subscription.AttemptID
		charge  string
		want    error
	}{
		"unknown order":   {o.Attempt + "1", string(o.Attempt + "1"), subscription.ErrNotFound},
		"no attempt":      {"x", "x", subscription.ErrNotFound},
		"another charge":  {o.Attempt, string(pending.Attempt), subscription.ErrInvalid},
		"malformed":       {o.Attempt, "", subscription.ErrInvalid},
		"another's store": {"0000000000000000/video-chat/" + subscription.AttemptID(o.ID), "0000000000000000/video-chat/" + string(o.ID), subscription.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			r := m.notice(o, "dp-3", payment.Reversed, "1.00 USD")
			r.Charge = tt.charge
			_, err := m.Reverse(t.Context(), tt.attempt, r)
			fails(t, err, tt.want)
		})
	}
}

// A refund was under way when the bank took the money back: both are on record, and a person is told.
// Rule: reversal-is-recorded-in-full.
func TestReversalWhileARefundIsUnderWay(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.gate.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) {
		return payment.Result{}, errors.New("gateway is down")
	}
	m.must(m.refund(o.ID, "", ""))
	got := m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	check(t, "went back", got.RefundedAmount.String(), "20.00 USD")
	check(t, "left", got.Left().String(), "0.00 USD")
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 10.00 USD due", "2 reversal 10.00 USD made")
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
}

// Two bills are charged back, one is reinstated: pay-as-you-go stays stopped until a person ends that.
// Rule: reversed-bill-stops-the-service.
func TestReinstatedBillWaitsForAPerson(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 1000))
	m.run("2025-07-12T12:00:00Z")
	m.use(m.used("audio", 1000))
	m.run("2025-07-14T12:00:00Z")
	bills := m.orders()
	check(t, "bills", len(bills), 2)
	m.reverse(bills[0], "dp-1", payment.Reversed, bills[0].Amount.String())
	m.reverse(bills[1], "dp-2", payment.Reversed, bills[1].Amount.String())
	m.reverse(bills[0], "dp-1", payment.Reinstated, bills[0].Amount.String())
	check(t, "stopped", m.stored().Arrears.Reversed, true)
}

// An upgrade is charged back while a later one builds on it, so a person decides: once the later one is taken back, so can
// be what the first one raised, though none of its money is left.
// Rule: reversal-takes-back.
func TestTakenBackByHandAfterAReversal(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	first := w.must(upgrade("group-call")).Order
	second := w.must(upgrade("stadium")).Order
	w.reverse(first, "dp-1", payment.Reversed, first.Amount.String())
	w.must(w.refund(second.ID, "", subscription.TakeAll))
	check(t, "version", w.latest("call").Version(), "group-call")
	_, err := w.do(w.refund(first.ID, "", subscription.TakeAll))
	w.ok(err)
	check(t, "version", w.latest("call").Version(), "one-to-one")
	sameLines(t, "refunds", w.refunds(first.ID), "1 reversal 398.00 USD made", "2 refund 0.00 USD made")
	w.refuse(subscription.ErrNotRefundable, w.refund(first.ID, "", subscription.TakeAll))
	w.refuse(subscription.ErrNotRefundable, w.refund(first.ID, "", ""))
}
