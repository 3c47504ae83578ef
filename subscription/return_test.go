package subscription_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// An unused package can be returned within the number of days set by the catalog: the subscription ends, entries close
// its lots, and the money goes back. Afterward the product can be purchased again.
// Rule: unused-package-goes-back.
func TestReturnPackage(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small"))
	m.must(topUp("call-50"))
	m.at("2025-07-15T09:59:59Z")
	before := m.stored().Revision
	r, err := m.do(subscription.ReturnPackage{Order: bought.Receipt.OrderID})
	if err != nil || r.Receipt.Key == "" {
		t.Fatalf("Do = %+v, %v", r, err)
	}
	m.run("2025-07-15T10:00:00Z")
	sameLines(t, "entries", m.ledger(before+1), "refunded 1 100")
	sameLines(t, "lots", m.lots(), "2 top_up 50/50")
	check(t, "status", m.latest("call").Status, subscription.Refunded)
	check(t, "auto-renewal", m.latest("call").AutoRenew, false)
	check(t, "order", m.order(bought.Receipt.OrderID).Status, subscription.OrderPaid)
	check(t, "taken back at", m.order(bought.Receipt.OrderID).TakenBackAt, instant(t, "2025-07-15T09:59:59Z"))
	m.back(bought.Receipt.OrderID, "1 refund 10.00 USD made")
	check(t, "balance", m.balance(), "99994.00 USD")
	check(t, "event", m.count(subscription.EventLotRefunded), 1)
	m.refuse(subscription.ErrNotRefundable, subscription.ReturnPackage{Order: bought.Receipt.OrderID})
	m.must(buy("call", "large"))
	check(t, "again", m.latest("call").ID, "call-2")
	m.run("2025-12-01T00:00:00Z")
	m.balanced()
}

// What isn't refundable stays unchanged.
// Rule: unused-package-goes-back.
func TestReturnPackageRefuses(t *testing.T) {
	for name, prepare := range map[string]func(m *meter, bought subscription.OrderID) subscription.OrderID{
		"used": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.use(m.used("audience-audio", 1))
			return o
		},
		"reserved": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.must(m.hold("r", 1))
			return o
		},
		"took over the excess of its day": func(m *meter, _ subscription.OrderID) subscription.OrderID {
			m.paidGo()
			live := m.used("audio", 1)
			live.Product = "live"
			m.use(live)
			return m.must(buy("live", "lite")).Receipt.OrderID
		},
		"after the days": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.at("2025-07-15T10:00:00Z")
			return o
		},
		"upgraded": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.must(subscription.Upgrade{Product: "call", To: "large"})
			return o
		},
		"the upgrade": func(m *meter, _ subscription.OrderID) subscription.OrderID {
			return m.must(subscription.Upgrade{Product: "call", To: "large"}).Receipt.OrderID
		},
		"renewed": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.must(renewal.Renew{Product: "call", Cycles: 1})
			return o
		},
		"a top-up": func(m *meter, _ subscription.OrderID) subscription.OrderID {
			return m.must(topUp("call-50")).Receipt.OrderID
		},
		"an order open": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.gate.OnCharge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
				return payment.Result{Key: c.Key, Status: payment.Pending}, nil
			}
			m.place(subscription.Upgrade{Product: "call", To: "large"})
			return o
		},
		"never refundable": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.catalog = catalog(m.t, "minutes.json", `, "refund_days": 5`, ``)
			return o
		},
		"its period is over": func(m *meter, o subscription.OrderID) subscription.OrderID {
			m.catalog = catalog(m.t, "minutes.json", `"refund_days": 5`, `"refund_days": 60`, `"grace_hours": 24`, `"grace_hours": 240`)
			m.use(m.used("audio", 1))
			m.must(subscription.AutoRenew{Product: "call"})
			m.at("2025-08-12T00:00:00Z")
			return o
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeter(t)
			m.refuse(subscription.ErrNotRefundable, subscription.ReturnPackage{
				Order: prepare(m, m.must(buy("call", "small")).Receipt.OrderID),
			})
		})
	}
	m := newMeter(t)
	m.refuse(subscription.ErrNotFound, subscription.ReturnPackage{Order: "1-0"})
	if _, err := m.Do(t.Context(), "nobody", subscription.ReturnPackage{Order: "1-0"}, "k"); !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("without an application: %v", err)
	}
}

// A trial costs nothing and is returned without the gateway; it still counts toward its limit.
// Rule: trial-limit.
func TestReturnPackageOfATrial(t *testing.T) {
	m := newMeter(t)
	for range 2 {
		r := m.must(try())
		m.must(subscription.ReturnPackage{Order: r.Receipt.OrderID})
		check(t, "status", m.latest("call").Status, subscription.Refunded)
	}
	check(t, "lots", len(m.stored().Lots), 0)
	m.refuse(subscription.ErrTrialLimit, try())
	m.balanced()
}

// The eligibility hook is asked about orders, not about returns; and a key gives one answer.
func TestReturnPackageIsNoOrder(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small"))
	if _, err := m.Quote(t.Context(), app, subscription.ReturnPackage{Order: bought.Receipt.OrderID}); !errors.Is(err, subscription.ErrNoOrder) {
		t.Errorf("Quote = %v, want ErrNoOrder", err)
	}
	first, err := m.Do(t.Context(), app, subscription.ReturnPackage{Order: bought.Receipt.OrderID}, "back")
	m.ok(err)
	again, err := m.Do(t.Context(), app, subscription.ReturnPackage{Order: bought.Receipt.OrderID}, "back")
	m.ok(err)
	check(t, "revision", again.Receipt.Revision, first.Receipt.Revision)
	m.run("2025-07-11T00:00:00Z")
	check(t, "balance", m.balance(), "100000.00 USD")
	_, refunds, _ := m.charged()
	check(t, "refunds", refunds, 1)
}
