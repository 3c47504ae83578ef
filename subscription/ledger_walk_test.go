package subscription_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Random walks through everything that moves minutes, over a gateway that sometimes declines or doesn't answer. Every
// command ends with one of its documented errors, every change passes its check, the ledger equals the document after
// each step, and finally every day of excess was collected once or is still owed.
// Rule: ledger-is-the-balance.
func TestLedgerIsTheBalanceThroughRandomWalks(t *testing.T) {
	for seed := range testsize.Of[uint64](12, 40) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			s := newStroll(t, seed)
			for range 150 {
				s.step()
				s.balanced()
			}
			s.settle()
			s.nothingIsLeft()
			s.paidOnce()
		})
	}
}

// stroll is one walk.
type stroll struct {
	*meter
	r      *rand.Rand
	sent   []subscription.Usage
	bought []subscription.OrderID
}

func newStroll(t *testing.T, seed uint64) *stroll {
	t.Helper()
	s := &stroll{r: rand.New(rand.NewPCG(seed, 2))}
	s.meter = newMeter(t, `"low_balance_percent"`, []string{`"low_balance_percent"`, `"overrun": "take", "low_balance_percent"`}[seed%2])
	luck, mu := rand.New(rand.NewPCG(s.r.Uint64(), 3)), sync.Mutex{}
	s.gate.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		mu.Lock()
		defer mu.Unlock()
		switch luck.IntN(8) {
		case 0:
			return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.InsufficientBalance}, nil
		case 1:
			_, _ = s.gate.Gateway.Charge(ctx, c)
			return payment.Result{}, errors.New("no answer")
		case 2:
			return payment.Result{}, errors.New("not reached")
		}
		return s.gate.Gateway.Charge(ctx, c)
	}
	return s
}

// fresh returns a usage record that hasn't been sent; sometimes it corrects one that may have been counted.
func (s *stroll) fresh() subscription.Usage {
	u := s.used(s.kind(), 0)
	u.Seconds, u.At = 1+s.r.Int64N(900), s.now.Add(-time.Duration(s.r.IntN(60*3600))*time.Second)
	u.Product = []pricing.ProductID{"call", "live"}[s.r.IntN(2)]
	if len(s.sent) > 0 && s.r.IntN(4) == 0 {
		of := s.sent[len(s.sent)-1-s.r.IntN(min(len(s.sent), 10))]
		u.Product, u.Kind, u.At, u.Seconds = of.Product, of.Kind, of.At, -1-s.r.Int64N(900)
	}
	s.sent = append(s.sent, u)
	return u
}

func (s *stroll) kind() pricing.UsageKindID {
	kinds := s.catalog.UsageKinds()
	return kinds[s.r.IntN(len(kinds))].ID
}

// step lets some time pass and does one thing.
func (s *stroll) step() {
	s.now = s.now.Add(time.Duration(s.r.IntN(40*3600*1000)) * time.Millisecond)
	switch n := s.r.IntN(14); {
	case n < 11:
		if cmd := s.command(n); cmd != nil {
			s.run(cmd)
		}
	case n == 11:
		s.work()
	default:
		batch := []subscription.Usage{s.fresh(), s.fresh(), s.fresh()}
		if len(s.sent) > 10 {
			batch = append(batch, s.sent[s.r.IntN(len(s.sent))], s.sent[s.r.IntN(len(s.sent))])
		}
		_, err := s.Consume(s.t.Context(), app, batch...)
		s.ok(err)
	}
}

// command returns a command of the nth kind, nil for none.
func (s *stroll) command(n int) subscription.Command {
	r := s.r
	switch n {
	case 0:
		return buy([]pricing.ProductID{"call", "call", "live"}[r.IntN(3)], []pricing.VersionID{"small", "large", "lite"}[r.IntN(3)])
	case 1:
		return try()
	case 2:
		return subscription.Upgrade{Product: "call", To: "large"}
	case 3, 4:
		return topUp([]pricing.PackID{"call-50", "any-50", "short-50"}[r.IntN(3)])
	case 5:
		return subscription.ClaimFree{Free: []pricing.FreeGrantID{"starter", "welcome"}[r.IntN(2)]}
	case 6:
		if r.IntN(4) == 0 {
			return subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement}
		}
	case 7:
		return subscription.Reserve{
			ID: strconv.Itoa(r.IntN(4)), Product: "call", Usage: s.kind(),
			Minutes: r.Int64N(9), Until: s.now.Add(time.Duration(1+r.IntN(6*24*60)) * time.Minute),
		}
	case 8:
		release := subscription.Release{ID: strconv.Itoa(r.IntN(4))}
		if r.IntN(3) > 0 {
			u := s.fresh()
			release.Used = &u
		}
		return release
	case 9:
		if len(s.bought) > 0 {
			return subscription.ReturnPackage{Order: s.bought[r.IntN(len(s.bought))]}
		}
	case 10:
		return subscription.BillUsage{}
	}
	return nil
}

// run runs a command, which may fail only with its documented errors.
func (s *stroll) run(cmd subscription.Command) {
	s.t.Helper()
	r, err := s.do(cmd)
	if errors.Is(err, subscription.ErrInvariant) || errors.Is(err, subscription.ErrConflict) {
		s.t.Fatalf("%+v: %v", cmd, err)
	}
	if r.Receipt.OrderID != "" {
		s.bought = append(s.bought, r.Receipt.OrderID)
	}
}

// settle lets time pass with a working gateway until open orders have been looked up and declined ones retried.
func (s *stroll) settle() {
	s.gate.OnCharge = nil
	s.now = s.now.Add(48 * time.Hour)
	for range 20 {
		s.work()
		s.now = s.now.Add(7 * time.Hour)
	}
	for _, o := range s.orders() {
		if o.Status == subscription.OrderCanceled { // it may have been collected anyway
			_, _ = s.Collect(s.t.Context(), app, o.ID)
		}
	}
}

// nothingIsLeft fails the test if anything is still owed or held.
func (s *stroll) nothingIsLeft() {
	t := s.t
	t.Helper()
	a := s.application()
	check(t, "unbilled days", len(a.Unbilled(s.catalog)), 0)
	check(t, "arrears", a.Arrears, subscription.Arrears{})
	check(t, "reservations", len(a.Reservations), 0)
	check(t, "set aside", s.count(subscription.EventDecisionFailed), 0)
	s.balanced()
	for _, o := range s.orders() {
		if o.Status == subscription.OrderOpen || o.Status == subscription.OrderReview {
			t.Errorf("order %s is still %s: %s", o.ID, o.Status, o.Note)
		}
	}
	for _, r := range a.Refunds {
		t.Errorf("refund %d of order %s is still %s", r.Number, r.Order, r.Status)
	}
}

// paidOnce fails the test unless the amount collected equals that of the paid orders, without what went back of them, with
// no day of usage paid twice.
func (s *stroll) paidOnce() {
	s.t.Helper()
	days := map[pricing.Date]bool{}
	want := money(s.t, "0.00 USD")
	for _, o := range s.orders() {
		refunds, err := s.Refunds(s.t.Context(), app, o.ID)
		s.ok(err)
		figures(s.t, o, refunds)
		for _, r := range refunds {
			check(s.t, "refund", r.Status, subscription.RefundMade)
		}
		if o.Status != subscription.OrderPaid {
			check(s.t, "left of order "+string(o.ID), o.Left().Sign(), 0)
			continue
		}
		if o.Amount.Sign() == 0 {
			continue
		}
		check(s.t, "taken back", !o.TakenBackAt.IsZero(), o.Refunds > 0)
		check(s.t, "collected", o.Collected, o.Amount)
		want, err = want.Add(o.Left())
		s.ok(err)
		if o.Kind == subscription.UsageOrder {
			if day := o.Deliveries[0].Usage.Day; days[day] {
				s.t.Errorf("%s is paid twice", day)
			} else {
				days[day] = true
			}
		}
	}
	if _, _, net := s.charged(); net != want {
		s.t.Errorf("collected %s, and %s is left of the paid orders", net, want)
	}
}
