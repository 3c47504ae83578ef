package subscription_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A day's bill with an unknown outcome isn't canceled, so the day isn't billed again under a new key. The bill is
// closed when the gateway answers, or when a person has found out.
// Rule: bill-of-unknown-outcome-is-not-repeated.
func TestBillUnderReviewIsNotBilledAgain(t *testing.T) {
	lost := errors.New("timeout")
	billed := func(t *testing.T) (*meter, subscription.Order) {
		t.Helper()
		m := newMeter(t)
		m.paidGo()
		m.use(m.used("transcoding", 1000))
		// It is collected, the answer is lost, and the gateway forgets the key.
		m.gate.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
			_, _ = m.accounts.Charge(ctx, c)
			return payment.Result{}, lost
		}
		m.gate.OnLookup = func(context.Context, string) (payment.Result, error) { return payment.Result{}, lost }
		m.at("2025-07-12T00:00:00Z")
		m.work()
		m.gate.OnCharge = nil
		m.gate.OnLookup = func(_ context.Context, key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.NotFound}, nil
		}
		o := m.stored().Orders[0]
		c, err := subscription.SettleUnknown(m.load(), o.ID, m.now)
		m.ok(err)
		m.ok(m.store.Commit(t.Context(), c))
		return m, o
	}
	days := func(m *meter) {
		for range 40 {
			m.now = m.now.Add(6 * time.Hour)
			m.work()
		}
	}
	t.Run("it can't be canceled", func(t *testing.T) {
		m, o := billed(t)
		paid := m.balance()
		m.refuse(subscription.ErrInvalid, subscription.Cancel{Order: o.ID})
		days(m)
		check(t, "collected once", m.balance(), paid)
		check(t, "orders of usage", m.kinds(subscription.UsageOrder), 1)
	})
	t.Run("a person found that it wasn't collected", func(t *testing.T) {
		m, o := billed(t)
		m.must(subscription.CloseReview{Order: o.ID, Note: "not on the statement"})
		m.gate.OnLookup = nil
		days(m)
		check(t, "billed again", m.kinds(subscription.UsageOrder), 2)
	})
	t.Run("the gateway tells at last", func(t *testing.T) {
		m, o := billed(t)
		paid := m.balance()
		_, err := m.Settle(t.Context(), o.Attempt, payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount})
		m.ok(err)
		days(m)
		check(t, "collected once", m.balance(), paid)
		check(t, "nothing is owed", len(m.stored().Counters), 0)
	})
}

// kinds counts the orders of one kind.
func (m *meter) kinds(kind subscription.OrderKind) int {
	m.t.Helper()
	n := 0
	for _, o := range m.orders() {
		if o.Kind == kind {
			n++
		}
	}
	return n
}

// An order that a customer cancels while it is under review may have been collected: it is looked up, and the money
// goes back.
// Rule: canceled-order-is-watched.
func TestCanceledReviewIsLookedUp(t *testing.T) {
	w, g := newUnsteady(t, setup{})
	g.losesAnswers()
	r, _ := w.do(buy("call", "one-to-one"))
	before := w.balance()
	c, err := subscription.SettleUnknown(w.load(r.Receipt.OrderID), r.Receipt.OrderID, w.now)
	w.ok(err)
	w.ok(w.store.Commit(t.Context(), c))
	w.must(subscription.Cancel{Order: r.Receipt.OrderID})
	check(t, "status", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceling)
	g.recovers()
	w.work(g, "2025-07-11T00:00:00Z", time.Hour)
	check(t, "status", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
	w.back(r.Receipt.OrderID, "1 late 199.00 USD made")
	check(t, "it had been collected", before != w.balance(), true)
	check(t, "balance", w.balance(), "100000.00 USD")
}

// If the gateway doesn't know a refund's charge yet, the refund is requested again until the money is back.
// Rule: refund-waits-for-its-charge.
func TestRefundIsAskedAgainWhileTheChargeIsUnknown(t *testing.T) {
	w, g := newUnsteady(t, setup{})
	g.losesAnswers()
	r, _ := w.do(buy("call", "one-to-one"))
	w.must(subscription.Cancel{Order: r.Receipt.OrderID})
	g.recovers()
	asked, lags := 0, true
	g.OnRefund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
		asked++
		if lags {
			return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
		}
		return g.Gateway.Refund(ctx, r)
	}
	w.work(g, "2025-07-10T08:00:00Z", time.Hour)
	check(t, "status", w.order(r.Receipt.OrderID).Status, subscription.OrderCanceled)
	w.back(r.Receipt.OrderID, "1 late 199.00 USD due")
	check(t, "in the document", len(w.stored().Refunds), 1)
	check(t, "asked", asked > 1, true)
	lags = false
	w.work(g, "2025-07-11T08:00:00Z", time.Hour)
	w.back(r.Receipt.OrderID, "1 late 199.00 USD made")
	check(t, "in the document", len(w.stored().Refunds), 0)
	check(t, "balance", w.balance(), "100000.00 USD")
}

// forgive is a defective caller-defined command: it drops what is owed.
type forgive struct {
	Name string
	drop func(a *subscription.Application)
}

func (forgive) Kind() string { return "forgive" }

func (c forgive) Decide(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
	d := subscription.Begin(s, now)
	c.drop(&d.Application)
	d.AddEvent(subscription.Event{Type: "forgiven"})
	return d.Change(), nil
}

// What is owed decreases only when an order is paid or minutes cover it, and arrears end only together with their
// cause, whatever a command does.
// Rule: what-is-owed-stays.
func TestWhatIsOwedDoesNotVanish(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.drain()
	m.run("2025-07-12T00:00:00Z")
	check(t, "in arrears", m.stored().Arrears.Since.IsZero(), false)
	for _, c := range []forgive{
		{"counters", func(a *subscription.Application) { a.Counters = nil }},
		{"excess", func(a *subscription.Application) { a.Counters[0].Excess -= 1000 }},
		{"arrears", func(a *subscription.Application) { a.Arrears = subscription.Arrears{} }},
		{"the interruption", func(a *subscription.Application) { a.Arrears.Through-- }},
	} {
		before := m.stored()
		_, err := m.do(c)
		check(t, c.Name+": refused", errors.Is(err, subscription.ErrInvariant), true)
		check(t, c.Name+": nothing changed", m.stored().Revision, before.Revision)
	}
}

// refundPaid is a defective caller-defined command: it refunds a paid order, says that all that was delivered is taken back,
// and takes nothing back. It does so with a refund or, as the first version did, by the order's status.
type refundPaid struct {
	Order  subscription.OrderID `json:"order"`
	Status bool                 `json:"status,omitzero"`
}

func (refundPaid) Kind() string { return "refund_paid" }

func (c refundPaid) Needs() subscription.Needs {
	return subscription.Needs{Orders: []subscription.OrderID{c.Order}}
}

func (c refundPaid) Decide(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
	d := subscription.Begin(s, now)
	o := s.Orders[slices.IndexFunc(s.Orders, func(o subscription.Order) bool { return o.ID == c.Order })]
	if c.Status {
		o.Status, o.ClosedAt = subscription.OrderRefundDue, now
		d.Application.Orders = append(d.Application.Orders, o)
		d.AddEvent(subscription.Event{Type: subscription.EventOrderRefundDue, Order: o.ID})
		change := d.Change()
		change.Orders = append(change.Orders, o)
		return change, nil
	}
	r := subscription.Refund{
		Application: app, Order: o.ID, Number: 1, Kind: subscription.RefundRequested, Account: o.Account, Amount: o.Collected,
		Key: string(o.Attempt) + "/refund", Take: subscription.TakeAll, Status: subscription.RefundDue, DueAt: now,
	}
	o.Refunds, o.RefundedAmount, o.TakenBackAt = 1, o.Collected, now
	d.Application.Refunds = append(d.Application.Refunds, r)
	d.AddEvent(subscription.Event{Type: subscription.EventRefundDue, Order: o.ID})
	change := d.Change()
	change.Orders, change.Refunds = append(change.Orders, o), append(change.Refunds, r)
	return change, nil
}

// A refund that takes back what a paid order granted takes all that is left of its pack, whether or not minutes were used.
// The order itself stays paid, also if the pack is used up and out of the document.
// Rule: what-is-owed-stays.
func TestUsedTopUpIsNotRefunded(t *testing.T) {
	for _, minutes := range []int64{0, 1, 50} {
		m := newMeter(t)
		r := m.must(topUp("call-50"))
		if minutes > 0 {
			m.use(m.used("audio", minutes))
		}
		m.must(topUp("call-50")) // a used-up lot leaves the document
		_, err := m.do(refundPaid{Order: r.Receipt.OrderID, Status: true})
		fails(t, err, subscription.ErrInvariant)
		if minutes < 50 {
			_, err = m.do(refundPaid{Order: r.Receipt.OrderID})
			fails(t, err, subscription.ErrInvariant)
			check(t, "it is the pack that stays", strings.Contains(err.Error(), "is taken back, but lot"), true)
		}
		check(t, "status", m.order(r.Receipt.OrderID).Status, subscription.OrderPaid)
	}
}

// A refund doesn't change when its order was paid, or what was paid, so the totals of a closed month stay as they are: what
// went back, and when, is in the refund's row.
// Rule: refund-leaves-the-paid-date.
func TestPaidAtStays(t *testing.T) {
	w := newMeter(t)
	r := w.must(buy("call", "small"))
	paidAt := w.now
	check(t, "paid at", w.order(r.Receipt.OrderID).PaidAt, paidAt)
	w.now = w.now.Add(24 * time.Hour)
	w.must(subscription.ReturnPackage{Order: r.Receipt.OrderID})
	o, err := w.Collect(t.Context(), app, r.Receipt.OrderID)
	w.ok(err)
	check(t, "status", o.Status, subscription.OrderPaid)
	check(t, "paid at", o.PaidAt, paidAt)
	check(t, "closed at", o.ClosedAt, paidAt)
	check(t, "collected", o.Collected, o.Amount)
	check(t, "taken back at", o.TakenBackAt, w.now)
	w.back(o.ID, "1 refund 10.00 USD made")
	refund := w.refundRow(o.ID, 1)
	check(t, "due at", refund.DueAt, w.now)
	check(t, "made at", refund.ClosedAt, w.now)
	check(t, "everything is taken back", refund.Take, subscription.TakeAll)
}

// What usage depends on is fixed: the terms of a day, the bill that collects it, the closed days, and what periods were
// granted and cost.
// Rule: what-is-owed-stays.
func TestCheckOfWhatUsageRestsOn(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json"), gateway: pending})
	use := func(id string) {
		_, err := w.Consume(t.Context(), app, subscription.Usage{ID: id, Product: "live", Kind: "hd", At: w.now, Seconds: 60000})
		w.ok(err)
	}
	w.must(subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement})
	use("u")
	w.settle(paid(w.place(buy("call", "small"))))
	w.now = w.now.AddDate(0, 0, 3)
	w.place(subscription.BillUsage{})
	use("v")
	base := w.stored()
	base.ClosedUntil, base.ClosedThrough = w.now, 1
	for name, f := range map[string]func(a *subscription.Application){
		"a bill's counter is freed while the bill is open": func(a *subscription.Application) { a.Counters[0].Order = "" },
		"the rate of what is owed falls":                   func(a *subscription.Application) { a.Counters[1].Rate = pricing.Rate{} },
		"the weight of what is owed rises":                 func(a *subscription.Application) { a.Counters[1].Weight *= 1000 },
		"closed days open again":                           func(a *subscription.Application) { a.ClosedThrough, a.ClosedUntil = 0, time.Time{} },
		"the granted minutes of a cycle change":            func(a *subscription.Application) { a.Subscriptions[0].Cycles[0].Granted = 1 },
		"the total of a cycle changes": func(a *subscription.Application) {
			a.Subscriptions[0].Cycles[0].Total = a.Subscriptions[0].Cycles[0].Price
		},
		"the anchor's passed months change": func(a *subscription.Application) { a.Subscriptions[0].Anchor.Passed = 1 },
	} {
		d := subscription.Begin(subscription.Snapshot{Application: base}, w.now)
		f(&d.Application)
		d.AddEvent(subscription.Event{Type: subscription.EventUsed})
		check(t, name, errors.Is(d.Change().Check(base), subscription.ErrInvariant), true)
	}
}

// The row of a replaced subscription says so.
func TestRowOfAReplacedSubscription(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(try())
	w.must(buy("call", "one-to-one"))
	for r, err := range w.store.Store.Subscriptions(t.Context(), app) {
		w.ok(err)
		if r.ID == "call-1" {
			check(t, "the trial", r.Status, subscription.Expired)
		}
	}
}

// Usage is owed: its open order can't be canceled.
// Rule: bill-of-unknown-outcome-is-not-repeated.
func TestUsageOrdersAreNotCanceled(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	app := m.stored()
	app.Orders = append(app.Orders, subscription.Order{
		ID: "9-u", Kind: subscription.UsageOrder, Status: subscription.OrderOpen,
	})
	d := subscription.Begin(subscription.Snapshot{Application: app}, m.now)
	fails(t, d.Cancel("9-u"), subscription.ErrInvalid)
}
