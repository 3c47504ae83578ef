package subscription_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Random walks through everything that moves minutes, over a gateway that sometimes declines or doesn't
// answer: every command ends in one of the errors that it names, every change passes its check, the ledger
// is the document after each step, and in the end every day of excess was collected once, or is still owed.
// Rule: ledger-is-the-balance.
func TestRandomWalksOfMinutes(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { stroll(t, rand.New(rand.NewPCG(seed, 2))) })
	}
}

func stroll(t *testing.T, r *rand.Rand) {
	t.Helper()
	m := newMeter(t)
	luck, mu := rand.New(rand.NewPCG(r.Uint64(), 3)), sync.Mutex{}
	m.gate.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		mu.Lock()
		defer mu.Unlock()
		switch luck.IntN(8) {
		case 0:
			return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.InsufficientBalance}, nil
		case 1:
			_, _ = m.gate.Gateway.Charge(ctx, c)
			return payment.Result{}, errors.New("no answer")
		case 2:
			return payment.Result{}, errors.New("not reached")
		}
		return m.gate.Gateway.Charge(ctx, c)
	}
	kinds := m.catalog.UsageKinds()
	var sent []subscription.Usage
	fresh := func() subscription.Usage {
		u := m.used(kinds[r.IntN(len(kinds))].ID, 0)
		u.Seconds, u.At = 1+r.Int64N(900), m.now.Add(-time.Duration(r.IntN(60*3600))*time.Second)
		u.Product = []pricing.ProductID{"call", "live"}[r.IntN(2)]
		sent = append(sent, u)
		return u
	}
	var bought []subscription.OrderID
	for range 150 {
		m.now = m.now.Add(time.Duration(r.IntN(40*3600*1000)) * time.Millisecond)
		var cmd subscription.Command
		switch r.IntN(14) {
		case 0:
			cmd = buy([]pricing.ProductID{"call", "call", "live"}[r.IntN(3)], []pricing.VersionID{"small", "large", "lite"}[r.IntN(3)])
		case 1:
			cmd = try()
		case 2:
			cmd = subscription.Upgrade{Product: "call", To: "large"}
		case 3, 4:
			cmd = topUp([]pricing.PackID{"call-50", "any-50", "short-50"}[r.IntN(3)])
		case 5:
			cmd = subscription.ClaimFree{Free: []pricing.FreeGrantID{"starter", "welcome"}[r.IntN(2)]}
		case 6:
			if r.IntN(4) == 0 {
				cmd = subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement}
			}
		case 7:
			cmd = subscription.Reserve{
				ID: strconv.Itoa(r.IntN(4)), Product: "call", Usage: kinds[r.IntN(len(kinds))].ID,
				Minutes: r.Int64N(9), Until: m.now.Add(time.Duration(1+r.IntN(6*24*60)) * time.Minute),
			}
		case 8:
			release := subscription.Release{ID: strconv.Itoa(r.IntN(4))}
			if r.IntN(3) > 0 {
				u := fresh()
				release.Used = &u
			}
			cmd = release
		case 9:
			if len(bought) > 0 {
				cmd = subscription.ReturnPackage{Order: bought[r.IntN(len(bought))]}
			}
		case 10:
			cmd = subscription.BillUsage{}
		case 11:
			m.work()
		default:
			batch := []subscription.Usage{fresh(), fresh(), fresh()}
			if len(sent) > 10 {
				batch = append(batch, sent[r.IntN(len(sent))], sent[r.IntN(len(sent))])
			}
			if _, err := m.Consume(t.Context(), app, batch...); err != nil {
				t.Fatal(err)
			}
		}
		if cmd != nil {
			receipt, err := m.do(cmd)
			if errors.Is(err, subscription.ErrInvariant) || errors.Is(err, subscription.ErrConflict) {
				t.Fatalf("%+v: %v", cmd, err)
			}
			if receipt.Receipt.OrderID != "" {
				bought = append(bought, receipt.Receipt.OrderID)
			}
		}
		m.balanced()
	}
	m.gate.charge = nil
	m.now = m.now.Add(48 * time.Hour)
	for range 20 { // until open orders are looked up, and what was declined is tried again
		m.work()
		m.now = m.now.Add(7 * time.Hour)
	}
	for _, o := range m.orders() {
		if o.Status == subscription.OrderCanceled { // it may have been collected all the same
			_, _ = m.Collect(t.Context(), app, o.ID)
		}
	}
	a := m.application()
	check(t, "unbilled days", len(a.Unbilled(m.catalog)), 0)
	check(t, "arrears", a.Arrears, subscription.Arrears{})
	check(t, "reservations", len(a.Reservations), 0)
	check(t, "set aside", m.count(subscription.EventDecisionFailed), 0)
	m.balanced()
	days := map[pricing.Date]bool{}
	var want pricing.Money
	for _, o := range m.orders() {
		if o.Status == subscription.OrderOpen || o.Status == subscription.OrderReview || o.Status == subscription.OrderRefundDue {
			t.Errorf("order %s is still %s: %s", o.ID, o.Status, o.Note)
		}
		if o.Status != subscription.OrderPaid {
			continue
		}
		if want.IsZero() {
			want = o.Amount
		} else {
			var err error
			want, err = want.Add(o.Amount)
			m.ok(err)
		}
		if o.Kind == subscription.UsageOrder {
			if day := o.Deliveries[0].Usage.Day; days[day] {
				t.Errorf("%s is paid twice", day)
			} else {
				days[day] = true
			}
		}
	}
	if _, _, net := m.charged(); !want.IsZero() && net != want {
		t.Errorf("collected %s, orders of %s are paid", net, want)
	}
}
