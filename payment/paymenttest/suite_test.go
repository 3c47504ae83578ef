package paymenttest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

func TestBalanceConforms(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
		accounts := balance.New(nil)
		return paymenttest.Prepaid(accounts, accounts)
	})
}

func TestHostileWithoutFaultsConforms(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
		accounts := balance.New(nil)
		hostile := paymenttest.NewHostile(accounts, &paymenttest.HostileOptions{Odds: map[paymenttest.Fault]int{}})
		return paymenttest.Prepaid(hostile, accounts)
	})
}

func TestGatewayThatIsAlwaysPendingFirstConforms(t *testing.T) {
	always := func() *paymenttest.HostileOptions {
		return &paymenttest.HostileOptions{
			Plan:    func(int, payment.Charge) paymenttest.Fault { return paymenttest.PendingThenPaid },
			Refunds: func(int, payment.Refund) paymenttest.Fault { return paymenttest.PendingThenPaid },
		}
	}
	t.Run("asking is enough", func(t *testing.T) {
		paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
			accounts := balance.New(nil)
			return paymenttest.Prepaid(paymenttest.NewHostile(accounts, always()), accounts)
		})
	})
	t.Run("it has to be advanced", func(t *testing.T) {
		paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
			accounts, o := balance.New(nil), always()
			o.PendingFor = time.Hour
			hostile := paymenttest.NewHostile(accounts, o)
			h := paymenttest.Prepaid(hostile, accounts)
			h.Advance = hostile.Settle
			return h
		})
	})
}

func TestGatewayWithCreditAndPrefixConforms(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
		accounts := balance.New(nil)
		h := paymenttest.Prepaid(&card{Gateway: accounts, blocked: map[string]payment.Reason{}, refused: map[string]payment.Refund{}}, accounts)
		return credit(h)
	})
}

// card declines the accounts that it is told to, for any reason.
type card struct {
	payment.Gateway
	mu      sync.Mutex
	blocked map[string]payment.Reason
	made    map[string]decision
	refused map[string]payment.Refund // of charges that it declined
}

type decision struct {
	charge payment.Charge
	result payment.Result
}

func (g *card) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if made, ok := g.made[c.Key]; ok {
		if made.charge != c {
			return payment.Result{}, payment.ErrKeyConflict
		}
		return made.result, nil
	}
	if reason := g.blocked[c.Account]; reason != "" && c.Validate() == nil {
		r := payment.Result{Key: c.Key, Status: payment.Declined, Reason: reason}
		if g.made == nil {
			g.made = map[string]decision{}
		}
		g.made[c.Key] = decision{c, r}
		return r, nil
	}
	return g.Gateway.Charge(ctx, c)
}

func (g *card) Lookup(ctx context.Context, key string) (payment.Result, error) {
	g.mu.Lock()
	made, ok := g.made[key]
	g.mu.Unlock()
	if ok {
		return made.result, nil
	}
	return g.Gateway.Lookup(ctx, key)
}

func (g *card) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	first, again := g.refused[r.Key]
	switch _, declined := g.made[r.Charge]; {
	case again && first != r:
		return payment.Result{}, payment.ErrKeyConflict
	case !declined || r.Validate() != nil:
		return g.Gateway.Refund(ctx, r)
	}
	g.refused[r.Key] = r
	return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}, nil
}

// credit makes a card's harness one with credit accounts, which decline on request.
func credit(h paymenttest.Harness) paymenttest.Harness {
	g := h.Gateway.(*card)
	deposit := h.Deposit
	h.Prefix, h.Credit = "run 7/", true
	h.Deposit = func(ctx context.Context, account string, amount pricing.Money) error {
		g.mu.Lock()
		delete(g.blocked, account)
		g.mu.Unlock()
		return deposit(ctx, account, amount)
	}
	h.Decline = func(_ context.Context, account string, reason payment.Reason) error {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.blocked[account] = reason
		return nil
	}
	return h
}

func TestSkips(t *testing.T) {
	accountsOf := func(change func(*paymenttest.Harness)) func() paymenttest.Harness {
		return func() paymenttest.Harness {
			accounts := balance.New(nil)
			h := paymenttest.Prepaid(accounts, accounts)
			change(&h)
			return h
		}
	}
	tests := []struct {
		name string
		open func() paymenttest.Harness
		want map[string]string // reason by a part of the case's name
	}{
		{"a prepaid balance suspects nobody", accountsOf(func(*paymenttest.Harness) {}), map[string]string{
			"declined for suspected": "the harness can't arrange suspected",
		}},
		{"nothing to fail with", accountsOf(func(*paymenttest.Harness) {}), map[string]string{
			"a charge that the provider fails before": "the harness has no Fail",
			"a lookup that the provider fails":        "the harness has no Fail",
		}},
		{"no payer and no cancellation", accountsOf(func(*paymenttest.Harness) {}), map[string]string{
			"a payment that the payer refuses": "the harness has no NeedPayer and Confirm",
			"canceling what was paid":          "the gateway is no payment.Canceler",
		}},
		{"no way to act and fail", accountsOf(func(h *paymenttest.Harness) {
			provider := &outage{Gateway: h.Gateway}
			h.Gateway, h.Fail = provider, func(ctx context.Context, acts bool) (func(), error) {
				if acts {
					return nil, errors.ErrUnsupported
				}
				return provider.fail(ctx, acts)
			}
		}), map[string]string{
			"a charge that the provider fails before": "",
			"a charge that the provider fails after":  "the harness can't arrange a failure with acts = true",
			"a refund that the provider fails after":  "the harness can't arrange a failure with acts = true",
		}},
		{"nothing to decline with", accountsOf(func(h *paymenttest.Harness) { h.Decline = nil }), map[string]string{
			"declined for suspected":         "the harness has no Decline",
			"declined for no_payment_method": "the harness has no Decline",
		}},
		{"credit, and nothing to decline with", accountsOf(func(h *paymenttest.Harness) { h.Credit, h.Decline = true, nil }), map[string]string{
			"the whole balance can be spent": "accounts have credit",
			"a decline is final for its key": "the harness has no Decline",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := 0
			for _, v := range paymenttest.Verdicts(t.Context(), tt.open) {
				if v.Failed != "" {
					t.Errorf("%s: %s", v.Case, v.Failed)
				}
				for part, why := range tt.want {
					if strings.Contains(v.Case, part) {
						found++
						if v.Skipped != why {
							t.Errorf("%s: skipped for %q, want %q", v.Case, v.Skipped, why)
						}
					}
				}
			}
			if found != len(tt.want) {
				t.Errorf("%d cases have these names, want %d", found, len(tt.want))
			}
		})
	}
}

func TestHarnessThatCannotWorkFails(t *testing.T) {
	broken := errors.New("the provider's sandbox is down")
	tests := []struct {
		name   string
		change func(*paymenttest.Harness)
		want   string
	}{
		{"no gateway", func(h *paymenttest.Harness) { h.Gateway = nil }, "are required"},
		{"deposit fails", func(h *paymenttest.Harness) {
			h.Deposit = func(context.Context, string, pricing.Money) error { return broken }
		}, broken.Error()},
		{"balance fails", func(h *paymenttest.Harness) {
			h.Balance = func(context.Context, string, pricing.Currency) (pricing.Money, error) { return pricing.Money{}, broken }
		}, broken.Error()},
		{"decline fails", func(h *paymenttest.Harness) {
			h.Decline = func(context.Context, string, payment.Reason) error { return broken }
		}, broken.Error()},
		{"fail fails", func(h *paymenttest.Harness) {
			h.Fail = func(context.Context, bool) (func(), error) { return nil, broken }
		}, broken.Error()},
		{"advance fails", func(h *paymenttest.Harness) {
			h.Gateway = paymenttest.NewHostile(h.Gateway, &paymenttest.HostileOptions{
				Plan: paymenttest.Script(paymenttest.PendingThenPaid),
			})
			h.Advance = func(context.Context) error { return broken }
		}, broken.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, v := range paymenttest.Verdicts(t.Context(), func() paymenttest.Harness {
				accounts := balance.New(nil)
				h := paymenttest.Prepaid(accounts, accounts)
				tt.change(&h)
				return h
			}) {
				if strings.Contains(v.Failed, tt.want) {
					return
				}
			}
			t.Errorf("no case fails with %q", tt.want)
		})
	}
}
