package subscription_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The bank took the money before it was told that it had come; then it is told. It isn't given back a second time.
// Rule: reversal-before-payment.
func TestLatePaymentOfAReversedOrder(t *testing.T) {
	for _, state := range []string{"canceling", "declined"} {
		t.Run(state, func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending})
			o := w.place(buy("call", "one-to-one"))
			if state == "canceling" {
				w.must(subscription.Cancel{Order: o.ID})
			} else {
				w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Other})
			}
			w.reverse(o, "dp-1", payment.Reversed, "199.00 USD")
			settled, err := w.Settle(t.Context(), o.Attempt, paid(o))
			w.ok(err)
			check(t, "collected", settled.Collected.String(), "199.00 USD")
			check(t, "went back", settled.RefundedAmount.String(), "199.00 USD")
			sameLines(t, "refunds", w.refunds(o.ID), "1 reversal 199.00 USD made")
		})
	}
}

// A notice in another currency is recorded.
// Rule: reversal-is-recorded-in-full.
func TestReversalInAnotherCurrency(t *testing.T) {
	for name, taxes := range map[string]bool{"untaxed": false, "taxed": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: taxed(t, false)})
			if taxes {
				w.tax(subscription.SetTax{Region: "DE"})
			}
			o := w.must(buy("call", "one-to-one")).Order
			w.must(w.refund(o.ID, "10.00 USD", ""))
			_, err := w.Reverse(t.Context(), o.Attempt, w.notice(o, "dp-1", payment.Reversed, "100.00 EUR"))
			w.ok(err)
			check(t, "refunds", len(w.refunds(o.ID)), 2)
			check(t, "for a person", w.count(subscription.EventNeedsPerson), 1)
		})
	}
}

// An order under review whose payment was charged back isn't delivered by hand either.
// Rule: reversal-before-payment.
func TestReversedOrderIsNotDeliveredByHand(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	w.reverse(o, "dp-1", payment.Reversed, "199.00 USD")
	w.settle(paid(o))
	w.refuse(subscription.ErrInvalid, subscription.CloseReview{Order: o.ID, Deliver: true})
	w.must(subscription.CloseReview{Order: o.ID, Refunded: true})
	check(t, "went back", w.order(o.ID).RefundedAmount.String(), "199.00 USD")
}

// A refund that is under way and a chargeback: the tax given back isn't more than was charged.
// Rule: refund-shares-tax.
func TestTaxOfAReversalBesideARefund(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	o := w.must(buy("call", "one-to-one")).Order
	w.must(w.refund(o.ID, "", ""))
	w.reverse(o, "dp-1", payment.Reversed, "236.81 USD")
	sameLines(t, "refunds", w.refunds(o.ID), "1 refund 236.81 USD made, VAT 37.81 USD", "2 reversal 236.81 USD made, VAT 0.00 USD")
}

// The payment is charged back in the grace time: auto-renewal is off, or the card is charged again.
// Rule: reversal-takes-back.
func TestReversalInTheGraceTime(t *testing.T) {
	m := newMeter(t)
	p := buy("call", "small")
	o := m.must(p).Order
	m.must(subscription.AutoRenew{Product: "call", On: true})
	m.drain()
	m.at("2025-08-10T00:10:00Z")
	check(t, "status", m.latest("call").Status, subscription.PastDue)
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	check(t, "auto-renewal", m.latest("call").AutoRenew, false)
}

// An interrupted subscription with a period ahead is paid for by hand: it isn't active before there is service.
// Rule: reversal-takes-back.
func TestPaidInTheGapOfAReversal(t *testing.T) {
	m := newMeter(t)
	o := m.must(buy("call", "small")).Order
	m.must(renewal.Renew{Product: "call"})
	m.at("2025-07-20T10:00:00Z")
	m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
	m.must(renewal.Renew{Product: "call"})
	s := m.latest("call")
	_, serves := s.Current(m.now)
	check(t, "active with service", s.Status == subscription.Active, serves)
	m.run("2025-08-10T00:00:00Z")
	check(t, "status", m.latest("call").Status, subscription.Active)
	m.run("2026-03-01T00:00:00Z")
	m.balanced()
}
