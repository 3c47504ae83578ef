package subscription_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// A bill that is paid shows a payment method that works.
func TestBillPaidByHandEndsAHardDecline(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.at("2025-07-11T10:00:00Z")
	m.use(m.used("transcoding", 2000))
	stolen := true
	m.gate.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		if stolen {
			return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.LostOrStolen}, nil
		}
		return m.accounts.Charge(ctx, c)
	}
	m.at("2025-07-13T06:00:00Z") // the first round after a downtime bills both days
	m.run("2025-07-13T06:00:00Z")
	check(t, "declined", m.count(subscription.EventOrderDeclined), 2)
	stolen = false
	o := m.must(subscription.BillUsage{}).Order // the customer pays by hand, with a card that works
	check(t, "paid by hand", o.Status, subscription.OrderPaid)
	m.run("2025-08-20T01:00:00Z")
	a := m.stored()
	check(t, "stopped", a.Arrears.Stopped, "")
	check(t, "interrupted", a.Arrears.Interrupted, false)
	check(t, "unbilled", len(a.Unbilled(m.catalog)), 0)
	t.Logf("due %v", a.Due)
}

// The credit limit is compared with what would be charged, taxes included.
func TestCreditLimitWithTax(t *testing.T) {
	m := newMeter(t, `"low_balance_percent"`, `"credit_limit": {"USD": "1.00"}, "low_balance_percent"`,
		`"agreement": {`, `"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "25"}]}]}, "agreement": {`)
	m.must(subscription.SetTax{Region: "DE"})
	m.paidGo()
	results, err := m.Consume(t.Context(), app, m.used("hd", 250))
	m.ok(err)
	m.run("2025-07-14T00:00:00Z")
	o := m.orders()
	t.Logf("result %v, bill %s", results[0].Err, o[len(o)-1].Amount)
	check(t, "refused, or within the limit of 1.00", errors.Is(results[0].Err, subscription.ErrCreditLimit) || o[len(o)-1].Amount.Minor() <= 100, true)
}

// A quote's totals can't be edited.
func TestQuoteTotalIsCovered(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	q := w.quote(buy("call", "one-to-one"))
	e := *q.Deliveries[0].Extend
	e.Total = money(t, "1.00 USD")
	q.Deliveries = []subscription.Delivery{{Extend: &e}}
	_, err := w.Confirm(t.Context(), app, buy("call", "one-to-one"), q, "buy")
	fails(t, err, subscription.ErrQuoteStale)
}

// A bill paid by hand ends the hard decline of a renewal, too.
func TestBillPaidByHandEndsAHardDeclineOfARenewal(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.paidGo()
	stolen := true
	m.gate.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		if stolen {
			return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.LostOrStolen}, nil
		}
		return m.accounts.Charge(ctx, c)
	}
	m.run("2025-08-07T12:00:00Z")
	m.at("2025-08-07T12:00:00Z")
	m.use(m.used("transcoding", 1000))
	m.run("2025-08-09T10:00:00Z")
	t.Logf("%+v %+v", m.latest("call").Renewal, m.stored().Arrears)
	stolen = false
	o := m.must(subscription.BillUsage{}).Order
	check(t, "paid by hand", o.Status, subscription.OrderPaid)
	check(t, "stopped", m.latest("call").Renewal.Stopped, "")
	m.run("2025-08-11T00:00:00Z")
	t.Logf("%s until %s", m.latest("call").Status, m.latest("call").End())
}
