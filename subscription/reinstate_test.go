package subscription_test

import (
	"context"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Two renewals ahead are charged back one after the other; the first is reinstated alone. Only its own period may return.
// Rule: reinstatement-gives-again.
func TestReinstatementReturnsItsOwnPeriods(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	first := m.must(renewal.Renew{Product: "call"}).Order
	second := m.must(renewal.Renew{Product: "call"}).Order
	m.reverse(second, "dp-2", payment.Reversed, "10.00 USD")
	m.reverse(first, "dp-1", payment.Reversed, "10.00 USD")
	check(t, "suspended", len(m.latest("call").Suspended), 2)
	m.reverse(first, "dp-1", payment.Reinstated, "10.00 USD")
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-09-10")
	m.reverse(second, "dp-2", payment.Reinstated, "10.00 USD")
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-10-10")
}

// The second of them is reinstated alone: its period can't return yet, so that it stays taken back, and a person is told.
// Rule: reinstatement-gives-again.
func TestReinstatementOutOfOrder(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	first := m.must(renewal.Renew{Product: "call"}).Order
	second := m.must(renewal.Renew{Product: "call"}).Order
	m.reverse(second, "dp-2", payment.Reversed, "10.00 USD")
	m.reverse(first, "dp-1", payment.Reversed, "10.00 USD")
	got := m.reverse(second, "dp-2", payment.Reinstated, "10.00 USD")
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
	check(t, "taken back", got.TakenBackAt.IsZero(), false)
}

// A period ahead was charged back, and paid for again by the worker's own renewal; then the first payment is reinstated. The
// order stays taken back, or two paid orders would renew one period.
// Rule: reinstatement-gives-again, one-renewal-per-period.
func TestReinstatementOfAPeriodThatWasRenewedAgain(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(subscription.AutoRenew{Product: "call", On: true})
	m.run("2025-08-09T23:00:00Z")
	s := m.latest("call")
	check(t, "end", s.End().Format("2006-01-02"), "2025-09-10")
	first := m.order(s.Cycles[1].Order)
	m.reverse(first, "dp-1", payment.Reversed, "10.00 USD")
	m.must(subscription.AutoRenew{Product: "call", On: true})
	m.run("2025-08-09T23:30:00Z")
	second := m.order(m.latest("call").Cycles[1].Order)
	check(t, "another order", second.ID != first.ID, true)
	check(t, "the same period", second.PaysFrom(), first.PaysFrom())
	got := m.reverse(first, "dp-1", payment.Reinstated, "10.00 USD")
	check(t, "taken back", got.TakenBackAt.IsZero(), false)
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
}

// The period passed while its payment was charged back: nothing returns, so a person is told, and it stays taken back.
// Rule: reinstatement-gives-again.
func TestReinstatementAfterThePeriod(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.at("2025-07-20T10:00:00Z")
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	m.at("2025-08-11T10:00:00Z")
	got := m.reverse(o, "dp-1", payment.Reinstated, "10.00 USD")
	check(t, "taken back", got.TakenBackAt.IsZero(), false)
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
}

// Two periods ahead and the current one are of one order, which is charged back in the first and reinstated in the second:
// that goes on, with its minutes, and the third follows.
// Rule: reinstatement-gives-again.
func TestReinstatementInALaterPeriod(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	o := m.must(prepay{Product: "call", Cycles: 3}).Order
	m.run("2025-08-20T10:00:00Z")
	m.reverse(o, "dp-1", payment.Reversed, "30.00 USD")
	check(t, "status", m.latest("call").Status, subscription.Interrupted)
	check(t, "suspended", len(m.latest("call").Suspended), 2)
	m.run("2025-09-20T10:00:00Z")
	got := m.reverse(o, "dp-1", payment.Reinstated, "30.00 USD")
	check(t, "taken back", got.TakenBackAt.IsZero(), true)
	s := m.latest("call")
	check(t, "status", s.Status, subscription.Active)
	check(t, "end", s.End().Format("2006-01-02"), "2025-11-10")
	sameLines(t, "usage", m.use(m.used("audio", 100)), "100")
	m.run("2026-03-01T00:00:00Z")
	m.balanced()
}

// Staff took back what was unused, with its money, while a call held some; then the rest is charged back and reinstated.
// Rule: reinstatement-gives-again.
func TestReinstatementLeavesWhatWasRefunded(t *testing.T) {
	m := newMeter(t)
	o := m.must(topUp("call-50")).Order
	m.must(m.hold("a", 2)) // 8 of 50
	m.must(m.refund(o.ID, "5.00 USD", subscription.TakeUnused))
	sameLines(t, "lots", m.lots(), "1 top_up 0/50 reserved 8")
	m.reverse(o, "dp-1", payment.Reversed, "1.00 USD")
	m.reverse(o, "dp-1", payment.Reinstated, "1.00 USD")
	check(t, "minutes", m.application().Minutes("call", m.now).String(), "0")
}

// A part of what was reversed comes back: the customer hasn't paid, so nothing is given again, and a person decides. The
// reversal stays as it is. The notice counts once.
// Rule: reinstatement-gives-again, notice-counts-once.
func TestPartIsReinstated(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	m.at("2025-07-20T10:00:00Z")
	for range 2 {
		got := m.reverse(o, "dp-1", payment.Reinstated, "4.00 USD")
		check(t, "reversed", got.RefundedAmount.String(), "10.00 USD")
		check(t, "taken back", got.TakenBackAt.IsZero(), false)
	}
	sameLines(t, "refunds", m.refunds(o.ID), "1 reversal 10.00 USD made")
	check(t, "status", m.latest("call").Status, subscription.Interrupted)
	check(t, "minutes", m.application().Minutes("call", m.now).String(), "0")
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
	m.reverse(o, "dp-1", payment.Reinstated, "10.00 USD") // and then the rest
	check(t, "status", m.latest("call").Status, subscription.Active)
	sameLines(t, "refunds", m.refunds(o.ID), "1 reversal 10.00 USD reinstated")
}

// Half of the payment is charged back twice, and half of it reinstated: the customer has paid half.
// Rule: reinstatement-gives-again.
func TestHalfIsReinstated(t *testing.T) {
	m := newMeter(t)
	o := m.must(topUp("call-50")).Order
	m.reverse(o, "dp-1", payment.Reversed, "3.00 USD")
	m.reverse(o, "dp-2", payment.Reversed, "3.00 USD")
	m.reverse(o, "dp-1", payment.Reinstated, "3.00 USD")
	check(t, "minutes", m.application().Minutes("call", m.now).String(), "0")
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
}

// An upgrade was charged back, the next period was ordered of the version before, and then the payment of the upgrade is
// reinstated. The upgrade is given again; what was ordered stays as it was, and a person is told.
// Rule: reinstatement-gives-again.
func TestReinstatedUpgradeBeforeAnOpenRenewal(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	up := m.must(subscription.Upgrade{Product: "call", To: "large"}).Order
	m.at("2025-07-20T10:00:00Z")
	m.reverse(up, "dp-1", payment.Reversed, up.Amount.String())
	check(t, "version", m.latest("call").Version(), "small")
	m.gate.OnCharge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
		return payment.Result{Key: c.Key, Status: payment.Pending}, nil
	}
	next := m.place(renewal.Renew{Product: "call"})
	before := m.count(subscription.EventNeedsPerson)
	m.reverse(up, "dp-1", payment.Reinstated, up.Amount.String())
	check(t, "version", m.latest("call").Version(), "large")
	check(t, "for a person", m.count(subscription.EventNeedsPerson)-before, 1)
	m.settle(paid(next))
	m.at("2025-08-10T12:00:00Z")
	m.work()
	check(t, "version of the next period", m.latest("call").Version(), "small")
	m.balanced()
}
