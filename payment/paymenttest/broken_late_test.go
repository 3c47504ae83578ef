package paymenttest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// forgetful is a provider that forgets keys after 24 hours, and its adapter.
type forgetful struct {
	payment.Gateway
	provider *outage
	keeps    time.Duration // what the adapter says

	mu  sync.Mutex
	now time.Time
}

func newForgetful() (*forgetful, paymenttest.Harness) {
	accounts := balance.New(nil)
	g := &forgetful{keeps: 24 * time.Hour, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	g.provider = &outage{Gateway: paymenttest.NewHostile(accounts, &paymenttest.HostileOptions{
		Odds: map[paymenttest.Fault]int{}, Retention: 24 * time.Hour, Now: g.time,
	})}
	g.Gateway = g.provider
	h := paymenttest.Prepaid(g, accounts)
	h.Fail = g.provider.fail
	h.Wait = func(_ context.Context, d time.Duration) error {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.now = g.now.Add(d)
		return nil
	}
	h.PayDeclined = func(context.Context, string) error { return errors.New("it is closed") }
	return g, h
}

func (g *forgetful) time() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *forgetful) Retention() time.Duration { return g.keeps }

// A gateway that says how long its provider remembers keys passes, and no case about time is skipped.
// Rule: gateways-keep-a-contract.
func TestForgetfulGatewayConforms(t *testing.T) {
	for _, v := range paymenttest.Verdicts(t.Context(), func() paymenttest.Harness { _, h := newForgetful(); return h }) {
		if v.Failed != "" {
			t.Errorf("%s: %s", v.Case, v.Failed)
		}
		if area, _, _ := cutArea(v.Case); area == "late" && v.Skipped != "" {
			t.Errorf("%s is skipped: %s", v.Case, v.Skipped)
		}
	}
}

// An adapter that relies on its provider's keys for longer than the provider keeps them collects or refunds twice.
// Rule: gateways-keep-a-contract.
func TestSuiteCatchesTrustInForgottenKeys(t *testing.T) {
	for _, keeps := range []time.Duration{0, 72 * time.Hour} {
		for _, caught := range []string{
			"late/the same charge", "late/the same refund", "late/a decline",
			"late/a charge whose answer was lost", "late/a refund whose answer was lost",
		} {
			suite.Catch(t, paymenttest.Cases(), caught, func(name string) suite.Verdict {
				return paymenttest.Judge(t.Context(), name, func() paymenttest.Harness {
					g, h := newForgetful()
					g.keeps = keeps
					return h
				})
			})
		}
	}
}

// An adapter that answers Declined for a payment that can still be made loses track of the money.
// Rule: gateways-keep-a-contract.
func TestSuiteCatchesDeclinesThatCanBePaid(t *testing.T) {
	suite.Catch(t, paymenttest.Cases(), "decline/a declined charge is never paid", func(name string) suite.Verdict {
		return paymenttest.Judge(t.Context(), name, func() paymenttest.Harness {
			accounts := balance.New(nil)
			g := &broken{Accounts: accounts, provider: &outage{Gateway: accounts}}
			var open sync.Map
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := accounts.Charge(ctx, c)
				if r.Status == payment.Declined {
					open.Store(c.Key, c)
				}
				return r, err
			}
			h := paymenttest.Prepaid(g, accounts)
			h.PayDeclined = func(ctx context.Context, key string) error {
				c, _ := open.Load(key)
				_, err := g.as(ctx, g.fresh(), c.(payment.Charge))
				return err
			}
			return h
		})
	})
}
