package reconcile_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// refunds makes a refund of an order at the gateway that the restored store has lost.
func (s *shop) refunds(o subscription.Order, suffix, amount string) {
	s.Helper()
	_, err := s.gateway.Gateway.Refund(s.ctx, payment.Refund{
		Key: string(o.Attempt) + suffix, Charge: string(o.Attempt), Account: string(o.Account),
		Amount: testworld.Money(s, amount), Reason: "order " + string(o.ID),
	})
	s.ok(err)
}

// Before the backup an order was given up; after it, its charge arrived late and was refunded. The statement's charge has
// the refund requested again, with the same key, so the statement's refund is no other one.
//
// Rule: difference-is-applied-once.
func TestLostRefundIsRecordedOnce(t *testing.T) {
	s := newShop(t)
	s.gateway.OnCharge = nil
	s.unanswered()
	o := s.buy()
	s.must(o, subscription.Cancel{Order: o.ID})
	s.gateway.OnLookup, s.gateway.OnCharge = nil, nil
	s.refunds(o, "/refund", "199.00 USD")
	for d, err := range reconcile.Compare(s.ctx, s.store, of(
		s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund", "199.00 USD")), march()) {
		s.ok(err)
		_, err := reconcile.Apply(s.ctx, s.Service, d)
		s.ok(err)
	}
	rows, err := s.Refunds(s.ctx, o.Application, o.ID)
	s.ok(err)
	if len(rows) != 1 || rows[0].Status != subscription.RefundMade || rows[0].Amount.String() != "199.00 USD" {
		t.Errorf("refunds: %v", rows)
	}
}

// The backup knows neither of the first refund, which had failed, nor of the second one. If that were recorded as the first,
// the next refund would have its key, and the gateway would say that it had been made.
//
// Rule: difference-is-applied-once.
func TestLostRefundAfterAnotherIsLeftToAPerson(t *testing.T) {
	s := newShop(t)
	o := s.buy()
	s.refunds(o, "/refund/2", "50.00 USD")
	for _, d := range s.compare(march(), s.line(reconcile.Charge, o, "", "199.00 USD"), s.line(reconcile.Refund, o, "/refund/2", "50.00 USD")) {
		_, err := reconcile.Apply(s.ctx, s.Service, d)
		s.ok(err)
	}
	rows, err := s.Refunds(s.ctx, o.Application, o.ID)
	s.ok(err)
	if len(rows) > 0 {
		t.Errorf("refunds: %v", rows)
	}
	for e, err := range s.store.Events(s.ctx, o.Application) {
		s.ok(err)
		if e.Type == subscription.EventNeedsPerson && e.Order == o.ID {
			return
		}
	}
	t.Error("nobody is told")
}
