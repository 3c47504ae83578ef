package subscription_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The cases of this file were found by internal/simulation.

// More is reversed than was collected: all of the tax goes back, and no more.
// Rule: refund-shares-tax.
func TestReversalOfMoreThanWasCollectedSharesTheTax(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	o := w.must(buy("call", "one-to-one")).Order
	check(t, "amount", o.Amount.String(), "236.81 USD")
	w.reverse(o, "dp-1", payment.Reversed, "300.00 USD")
	sameLines(t, "refunds", w.refunds(o.ID), "1 reversal 300.00 USD made, VAT 37.81 USD")
}

// The amount of a paid bill can be refunded: usage can't be taken back, and nothing is.
// Rule: refund-takes-what-it-says.
func TestRefundOfABill(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 1000))
	m.run("2025-07-12T12:00:00Z")
	bill := m.orders()[0]
	m.must(m.refund(bill.ID, "0.50 USD", ""))
	m.must(m.refund(bill.ID, "", subscription.TakeNothing))
	sameLines(t, "refunds", m.refunds(bill.ID), "1 refund 0.50 USD made", "2 refund 0.49 USD made")
	check(t, "interrupted", m.stored().Arrears.Interrupted, false)
}

// A late payment's refund that failed is requested again, for a bill too.
// Rule: refund-key-is-its-own.
func TestRefundOfALateBillAgain(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 1000))
	m.gate.OnCharge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
		return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: money(t, "0.98 USD")}, nil
	}
	m.run("2025-07-12T12:00:00Z")
	bill := m.orders()[0]
	check(t, "status", bill.Status, subscription.OrderReview)
	m.gate.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Other}, nil
	}
	m.must(subscription.Cancel{Order: bill.ID})
	m.run("2025-07-12T18:00:00Z")
	m.gate.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount}, nil
	}
	m.must(m.refund(bill.ID, "", ""))
	sameLines(t, "refunds", m.refunds(bill.ID), "1 late 0.98 USD failed", "2 late 0.98 USD made")
}

// A package of which something was used can't be returned, also when the rest was taken back for a refund.
func TestReturnOfAPackageWhoseRestWasTaken(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.use(m.used("audio", 40))
	m.must(m.refund(o.ID, "6.00 USD", subscription.TakeUnused))
	m.refuse(subscription.ErrNotRefundable, subscription.ReturnPackage{Order: o.ID})
	check(t, "status", m.latest("call").Status, subscription.Active)
	check(t, "left", m.order(o.ID).Left().String(), "4.00 USD")
}

// Whether a refund was placed isn't known while its order can't be read: there is no half of an outcome.
func TestRefundWhoseOrderCannotBeRead(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	down := errors.New("the store is down")
	loads := 0
	st := &storeFuncs{Store: m.store}
	st.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
		loads++
		if loads > 1 {
			return nil, down
		}
		return st.Store.Load(ctx, reads...)
	}
	s := sure.Of(subscription.NewService(st, m.gate, subscription.StaticCatalog(m.catalog),
		&subscription.Options{Now: func() time.Time { return m.now }}))
	r, err := s.Do(t.Context(), app, m.refund(o.ID, "", ""), "refund")
	fails(t, err, down)
	check(t, "receipt", r.Receipt.Key, "")
	st.load = nil
	r, err = s.Do(t.Context(), app, m.refund(o.ID, "", ""), "refund")
	m.ok(err)
	check(t, "receipt", r.Receipt.Key, "refund")
	check(t, "order", r.Order.ID, o.ID)
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 10.00 USD made")
}

// A request that is repeated tells of its order: it is paid, whatever becomes of a refund.
func TestPaidRequestIsRepeatedWhileARefundIsDue(t *testing.T) {
	m := newMeter(t)
	first, err := m.Do(t.Context(), app, buy("call", "small"), "buy")
	m.ok(err)
	m.gate.OnRefund = func(context.Context, payment.Refund) (payment.Result, error) {
		return payment.Result{}, errors.New("gateway is down")
	}
	m.must(m.refund(first.Order.ID, "", ""))
	again, err := m.Do(t.Context(), app, buy("call", "small"), "buy")
	m.ok(err)
	check(t, "status", again.Order.Status, subscription.OrderPaid)
	sameLines(t, "refunds", m.refunds(first.Order.ID), "1 refund 10.00 USD due")
}

// While only a period ahead is paid for, a renewal doesn't bring the service back before that begins.
// Rule: reversal-takes-back.
func TestRenewalAheadOfAReversedPeriod(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.must(renewal.Renew{Product: "call"})
	m.at("2025-07-20T10:00:00Z")
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	m.must(renewal.Renew{Product: "call"})
	check(t, "status", m.latest("call").Status, subscription.Interrupted)
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-10-10")
	m.run("2025-08-10T00:00:00Z")
	check(t, "status", m.latest("call").Status, subscription.Active)
	m.run("2026-03-01T00:00:00Z")
	m.balanced()
}

// The payments of two orders for periods ahead are reversed, and reinstated in either order: each gives its own periods
// again, if those before it are there.
// Rule: reinstatement-gives-again.
func TestReinstatementOfTwoOrdersAhead(t *testing.T) {
	for _, tt := range []struct {
		name          string
		first, second int // the orders, in the order in which they are reinstated
		ends          [2]string
		persons       int
	}{
		{"the earlier first", 0, 1, [2]string{"2025-10-10", "2025-11-10"}, 0},
		{"the later first", 1, 0, [2]string{"2025-08-10", "2025-10-10"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMeter(t)
			m.must(buy("call", "small"))
			orders := [2]subscription.Order{
				m.must(renewal.Renew{Product: "call", Cycles: 2}).Order, m.must(renewal.Renew{Product: "call"}).Order,
			}
			m.reverse(orders[1], "dp-1", payment.Reversed, "10.00 USD")
			m.reverse(orders[0], "dp-0", payment.Reversed, "20.00 USD")
			amounts, ids := [2]string{"20.00 USD", "10.00 USD"}, [2]string{"dp-0", "dp-1"}
			for i, n := range []int{tt.first, tt.second} {
				m.reverse(orders[n], ids[n], payment.Reinstated, amounts[n])
				check(t, "end", m.latest("call").End().Format("2006-01-02"), tt.ends[i])
			}
			check(t, "for a person", m.count(subscription.EventNeedsPerson), tt.persons)
			check(t, "suspended", len(m.latest("call").Suspended), 0)
			m.run("2026-03-01T00:00:00Z")
			m.balanced()
		})
	}
}

// What was paid ahead can't be given again in part: if periods are in the way, the current one doesn't go on either.
// Rule: reinstatement-gives-again.
func TestReinstatementGivesAllOrNothing(t *testing.T) {
	m := newMeter(t)
	bought := buy("call", "small")
	o := m.must(bought).Order
	renewed := m.must(renewal.Renew{Product: "call", Cycles: 2}).Order
	m.at("2025-08-20T10:00:00Z")
	m.reverse(renewed, "dp-1", payment.Reversed, "20.00 USD")
	check(t, "status", m.latest("call").Status, subscription.Interrupted)
	check(t, "suspended", len(m.latest("call").Suspended), 1)
	m.must(renewal.Renew{Product: "call"})
	m.at("2025-08-21T10:00:00Z")
	m.reverse(renewed, "dp-1", payment.Reinstated, "20.00 USD")
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-09-20")
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
	check(t, "taken back", m.order(renewed.ID).TakenBackAt.IsZero(), false)
	check(t, "left of the purchase", m.order(o.ID).Left().String(), "10.00 USD")
	m.run("2026-03-01T00:00:00Z")
	m.balanced()
}

// A period that goes on is renewed again if the customer turned that on, also if it was turned on while interrupted.
// Rule: reinstatement-gives-again.
func TestReinstatedPeriodIsRenewed(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.at("2025-07-20T10:00:00Z")
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	m.at("2025-07-21T10:00:00Z")
	m.must(subscription.AutoRenew{Product: "call", On: true})
	m.reverse(o, "dp-1", payment.Reinstated, "10.00 USD")
	check(t, "attempts", m.latest("call").Renewal.Attempts, 0)
	m.run("2025-08-20T00:00:00Z")
	check(t, "end", m.latest("call").End().Format("2006-01-02"), "2025-09-10")
	check(t, "status", m.latest("call").Status, subscription.Active)
}
