package subscription_test

import (
	"context"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// The gateway says that it returned another currency.
// Rule: refund-is-a-row.
func TestRefundInAnotherCurrency(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.gate.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: money(t, "9.00 EUR")}, nil
	}
	m.must(m.refund(o.ID, "", ""))
	check(t, "due", len(m.stored().Refunds), 0)
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
}

// A bill is refunded as goodwill: there is nothing to take back.
// Rule: refund-takes-what-it-says.
func TestGoodwillForABill(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 1000))
	m.run("2025-07-12T12:00:00Z")
	bill := m.orders()[0]
	m.must(m.refund(bill.ID, "", ""))
	check(t, "left", m.order(bill.ID).Left().Sign(), 0)
	m.refuse(subscription.ErrNotRefundable, m.refund(bill.ID, "", subscription.TakeUnused))
}

// A payment that comes too late is on record, and goes back, even if nothing else can be decided about the application.
// Rule: unapplied-payment-is-on-record.
func TestLatePaymentInADamagedDocument(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Other})
	w.damage(func(a *subscription.Application) {
		a.Free = append(a.Free, subscription.FreeClaim{ID: "x", Zone: "Nowhere/Land", Cycles: 2, Begun: 1, NextAt: a.CreatedAt})
	})
	for range 2 {
		got, err := w.Settle(t.Context(), o.Attempt, paid(o))
		w.ok(err)
		check(t, "status", got.Status, subscription.OrderDeclined)
		check(t, "collected", got.Collected, o.Amount)
		check(t, "refunds", got.Refunds, 1)
	}
}

// A reversal is on record even if nothing else can be decided about the application. Nothing is taken back then, so a person is
// told.
// Rule: reversal-is-recorded-in-full.
func TestReversalInADamagedDocument(t *testing.T) {
	w := newWorld(t, setup{})
	o := w.must(buy("call", "one-to-one")).Order
	w.damage(func(a *subscription.Application) {
		a.Free = append(a.Free, subscription.FreeClaim{ID: "x", Zone: "Nowhere/Land", Cycles: 2, Begun: 1, NextAt: a.CreatedAt})
	})
	for range 2 {
		got, err := w.Reverse(t.Context(), o.Attempt, w.notice(o, "dp-1", payment.Reversed, "199.00 USD"))
		w.ok(err)
		check(t, "left", got.Left().String(), "0.00 USD")
		check(t, "taken back", !got.TakenBackAt.IsZero(), false)
		check(t, "for a person", w.count(subscription.EventNeedsPerson), 1)
	}
}

// A package that was refunded as goodwill is returned: there is no money left.
func TestReturnOfARefundedPackage(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.must(m.refund(o.ID, "", ""))
	m.refuse(subscription.ErrNotRefundable, subscription.ReturnPackage{Order: o.ID})
}

// Staff can't give back more of a tax than was charged.
// Rule: refund-shares-tax.
func TestTaxIsGivenBackOnce(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	o := w.must(buy("call", "one-to-one")).Order
	c := w.refund(o.ID, "37.81 USD", "")
	c.Taxes = []pricing.Tax{{Name: "VAT", Amount: money(t, "37.81 USD")}}
	w.must(c)
	w.refuse(subscription.ErrInvalid, c)
}

// A call that holds minutes of a lot that is taken back meanwhile can use them.
// Rule: reservation-holds-minutes.
func TestHeldMinutesOfALotThatIsTakenBack(t *testing.T) {
	m := newMeter(t)
	o := m.must(topUp("call-50")).Order
	m.must(m.hold("a", 10)) // 40
	m.must(m.refund(o.ID, "3.00 USD", subscription.TakeUnused))
	u := m.used("hd", 8)
	before := m.stored().Revision
	m.must(subscription.Release{ID: "a", Used: &u})
	sameLines(t, "entries", m.ledger(before+1), "released 1 40", "consumed 1 32 call hd 2025-07-10", "refunded 1 8")
	sameLines(t, "lots", m.lots(), "1 top_up 0/50")
	m.balanced()
}

// keyInUse is the answer of a gateway that knows the key of a refund with other content.
func keyInUse(context.Context, payment.Refund) (payment.Result, error) {
	return payment.Result{}, payment.ErrKeyConflict
}

// A refund of unknown outcome was repeated under another key, and then the first one turns out to be made.
// Rule: failed-refund-is-left-again.
func TestUnknownRefundIsMadeAfterAll(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.gate.OnRefund = keyInUse
	m.must(m.refund(o.ID, "", ""))
	m.gate.OnRefund = nil
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 10.00 USD failed")
	m.must(m.refund(o.ID, "", ""))
	key := subscription.AttemptID(string(o.Attempt) + "/refund")
	_, err := m.Settle(t.Context(), key, payment.Result{Key: string(key), Status: payment.Succeeded, Amount: o.Amount})
	m.ok(err)
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 10.00 USD made", "2 refund 10.00 USD made")
	check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
}

// A restored store lost a refund, and its key was used again for another amount, which the gateway refuses. The refund that was
// lost is then told by a late answer, or by the statement: it is on record, once, and a person is told.
// Rule: failed-refund-is-left-again.
func TestLostRefundIsToldUnderAKeyInUse(t *testing.T) {
	for name, tell := range map[string]func(m *meter, o subscription.Order, key string, went pricing.Money) error{
		"by an answer": func(m *meter, _ subscription.Order, key string, went pricing.Money) error {
			answer := payment.Result{Key: key, Status: payment.Succeeded, Amount: went, Reference: "re-1"}
			_, err := m.Settle(t.Context(), subscription.AttemptID(key), answer)
			return err
		},
		"by a notice": func(m *meter, o subscription.Order, key string, went pricing.Money) error {
			n := m.notice(o, key, payment.GivenBack, went.String())
			n.Reference = "re-1"
			_, err := m.Reverse(t.Context(), o.Attempt, n)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeter(t)
			o := m.must(buy("call", "small")).Order
			m.gate.OnRefund = keyInUse
			m.must(m.refund(o.ID, "3.00 USD", ""))
			key := string(o.Attempt) + "/refund"
			for range 3 {
				m.ok(tell(m, o, key, money(t, "4.00 USD")))
				sameLines(t, "refunds", m.refunds(o.ID), "1 refund 3.00 USD failed", "2 provider 4.00 USD made")
				check(t, "left", m.order(o.ID).Left().String(), "6.00 USD")
				check(t, "for a person", m.count(subscription.EventNeedsPerson), 1)
			}
			m.ok(tell(m, o, key, money(t, "3.00 USD"))) // contradicts itself: one key, one refund
			sameLines(t, "refunds", m.refunds(o.ID), "1 refund 3.00 USD failed", "2 provider 4.00 USD made")
		})
	}
}

// The statement told of a refund that a restored store lost, and then its key comes up for another one, of the same amount: the
// gateway says what it knows of the lost one. That money is on record already, so the new refund has failed.
// Rule: failed-refund-is-left-again.
func TestKeyOfALostRefundComesUpAgain(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.reverse(o, string(o.Attempt)+"/refund/2", payment.GivenBack, "4.00 USD")
	m.gate.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount}, nil
	}
	m.must(m.refund(o.ID, "4.00 USD", ""))
	sameLines(t, "refunds", m.refunds(o.ID), "1 provider 4.00 USD made", "2 refund 4.00 USD failed")
	check(t, "left", m.order(o.ID).Left().String(), "6.00 USD")
	check(t, "under way", len(m.stored().Refunds), 0)
}

// A notice of the refund that was asked for here, whose outcome wasn't known, says that it was made.
// Rule: failed-refund-is-left-again.
func TestUnknownRefundIsToldByANotice(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.gate.OnRefund = keyInUse
	m.must(m.refund(o.ID, "3.00 USD", ""))
	for range 2 {
		m.reverse(o, string(o.Attempt)+"/refund", payment.GivenBack, "3.00 USD")
		sameLines(t, "refunds", m.refunds(o.ID), "1 refund 3.00 USD made")
	}
	m.reverse(o, string(o.Attempt)+"/refund", payment.GivenBack, "4.00 USD")
	sameLines(t, "refunds", m.refunds(o.ID), "1 refund 3.00 USD made")
}

// Refunds that the gateway doesn't make take room that orders which are given up can't have.
func TestRefundsUnderWayAreBounded(t *testing.T) {
	w := newWorld(t, setup{gateway: func(w *world, _ *balance.Accounts) payment.Gateway {
		g := pending(w, w.accounts).(*gatewayFuncs)
		g.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
			return payment.Result{Key: r.Key, Status: payment.Pending}, nil
		}
		return g
	}})
	var err error
	for range 200 {
		o := w.place(buy("call", "one-to-one"))
		if _, err = w.do(subscription.Cancel{Order: o.ID}); err != nil {
			break
		}
		_, settled := w.Settle(t.Context(), o.Attempt, paid(o))
		w.ok(settled)
	}
	fails(t, err, subscription.ErrTooLarge)
}

// Money of another currency than the order's was collected, and goes back once.
// Rule: late-payment-goes-back.
func TestRefundOfAnotherCurrencyThatWasCollected(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: money(t, "150.00 EUR")})
	w.must(subscription.Cancel{Order: o.ID})
	check(t, "went back", w.order(o.ID).RefundedAmount.String(), "150.00 EUR")
	check(t, "left", w.order(o.ID).Left().String(), "0.00 EUR")
}
