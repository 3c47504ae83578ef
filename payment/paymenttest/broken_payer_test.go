package paymenttest_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

// issuer is a gateway whose charges can need the payer, and that can cancel; a test damages some of its calls.
type issuer struct {
	*testworld.Card
	charge  func(context.Context, payment.Charge) (payment.Result, error)
	lookup  func(context.Context, string) (payment.Result, error)
	refund  func(context.Context, payment.Refund) (payment.Result, error)
	cancel  func(context.Context, string) (payment.Result, error)
	confirm func(context.Context, string, bool) error
}

func (g *issuer) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	return g.charge(ctx, c)
}

func (g *issuer) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return g.lookup(ctx, key)
}

func (g *issuer) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	return g.refund(ctx, r)
}

func (g *issuer) Cancel(ctx context.Context, key string) (payment.Result, error) {
	return g.cancel(ctx, key)
}

// newIssuer returns a correct one with its harness.
func newIssuer() (*issuer, *balance.Accounts, paymenttest.Harness) {
	accounts := balance.New(nil)
	card := &testworld.Card{Gateway: accounts}
	g := &issuer{
		Card: card, charge: card.Charge, lookup: card.Lookup, refund: card.Refund, cancel: card.Cancel, confirm: card.Confirm,
	}
	h := paymenttest.Prepaid(g, accounts)
	var mu sync.Mutex
	needs := map[string]bool{}
	card.Asks = func(c payment.Charge) bool {
		mu.Lock()
		defer mu.Unlock()
		return needs[c.Account]
	}
	deposit := h.Deposit
	h.Deposit = func(ctx context.Context, account string, amount pricing.Money) error {
		mu.Lock()
		defer mu.Unlock()
		needs[account] = false
		return deposit(ctx, account, amount)
	}
	h.NeedPayer = func(_ context.Context, account string) error {
		mu.Lock()
		defer mu.Unlock()
		needs[account] = true
		return nil
	}
	h.Confirm = func(ctx context.Context, key string, confirms bool) error { return g.confirm(ctx, key, confirms) }
	return g, accounts, h
}

// A gateway whose payments can need the payer, and that can cancel them, passes every case of that.
// Rule: gateways-keep-a-contract, customer-action, cancel-first.
func TestIssuerConforms(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
		_, _, h := newIssuer()
		return h
	})
	for _, v := range paymenttest.Verdicts(t.Context(), func() paymenttest.Harness { _, _, h := newIssuer(); return h }) {
		if area, _, _ := cutArea(v.Case); (area == "action" || area == "cancel") && v.Skipped != "" {
			t.Errorf("%s is skipped: %s", v.Case, v.Skipped)
		}
	}
}

func cutArea(name string) (area, rest string, found bool) {
	for i := range name {
		if name[i] == '/' {
			return name[:i], name[i+1:], true
		}
	}
	return name, "", false
}

// Every case about the payer and about canceling catches a gateway that makes the mistake which the case is about.
// Rule: gateways-keep-a-contract, customer-action, cancel-first.
func TestBrokenIssuersAreCaught(t *testing.T) {
	canceled := func(key string) payment.Result {
		return payment.Result{Key: key, Status: payment.Declined, Reason: payment.Canceled}
	}
	tests := []struct {
		name   string
		damage func(g *issuer, accounts *balance.Accounts)
		caught string
	}{
		{"the action is in the first answer only", func(g *issuer, _ *balance.Accounts) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				r, err := g.Card.Lookup(ctx, key)
				r.Action = payment.Action{}
				return r, err
			}
		}, "action/a charge that needs the payer"},
		{"each answer has another reference", func(g *issuer, _ *balance.Accounts) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				r, err := g.Card.Lookup(ctx, key)
				if r.Status == payment.Pending {
					r.Reference += "'"
				}
				return r, err
			}
		}, "action/a charge that needs the payer"},
		{"an action without a value", func(g *issuer, _ *balance.Accounts) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Card.Charge(ctx, c)
				r.Action.Value = ""
				return r, err
			}
		}, "action/a charge that needs the payer"},
		{"the action outlives the payment", func(g *issuer, _ *balance.Accounts) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Card.Charge(ctx, c)
				if r.Status == payment.Succeeded {
					r.Action = payment.Action{Kind: payment.ActionSecret, Value: "again"}
				}
				return r, err
			}
		}, "action/a payment that the payer confirms"},
		{"a confirmed payment isn't collected", func(g *issuer, _ *balance.Accounts) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				r, err := g.Card.Lookup(ctx, key)
				if r.Status == payment.Succeeded {
					return payment.Result{Key: key, Status: payment.Declined, Reason: payment.Other}, nil
				}
				return r, err
			}
		}, "action/a payment that the payer confirms"},
		{"a refusal has another reason", func(g *issuer, _ *balance.Accounts) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Card.Charge(ctx, c)
				if r.Reason == payment.NeedsAuthentication {
					r.Reason = payment.Other
				}
				return r, err
			}
		}, "action/a payment that the payer refuses"},
		{"a key that waits isn't bound", func(g *issuer, _ *balance.Accounts) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Card.Charge(ctx, c)
				if errors.Is(err, payment.ErrKeyConflict) {
					return g.Card.Lookup(ctx, c.Key)
				}
				return r, err
			}
		}, "action/a key that waits"},
		{"a refund of what waits is declined forever", func(g *issuer, _ *balance.Accounts) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				if of, _ := g.Card.Lookup(ctx, r.Charge); of.Status == payment.Pending {
					return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}, nil
				}
				return g.Card.Refund(ctx, r)
			}
		}, "action/a payment that waits"},

		{"a canceled payment is collected when the payer confirms it", func(g *issuer, accounts *balance.Accounts) {
			asked := map[string]payment.Charge{}
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				asked[c.Key] = c
				return g.Card.Charge(ctx, c)
			}
			g.confirm = func(ctx context.Context, key string, _ bool) error {
				_, err := accounts.Charge(ctx, asked[key])
				return err
			}
		}, "cancel/a charge that waits"},
		{"canceling is only said", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(_ context.Context, key string) (payment.Result, error) { return canceled(key), nil }
		}, "cancel/a charge that waits"},
		{"a cancellation can be tried only once", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(ctx context.Context, key string) (payment.Result, error) {
				if r, _ := g.Card.Lookup(ctx, key); r.Status.Final() {
					return payment.Result{}, errors.New("already canceled")
				}
				return g.Card.Cancel(ctx, key)
			}
		}, "cancel/canceling again"},
		{"what was paid is refunded", func(g *issuer, accounts *balance.Accounts) {
			g.cancel = func(ctx context.Context, key string) (payment.Result, error) {
				r, err := g.Card.Cancel(ctx, key)
				if r.Status == payment.Succeeded {
					_, err = accounts.Refund(ctx, payment.Refund{Key: key + "!", Charge: key, Account: "a", Amount: r.Amount})
				}
				return r, err
			}
		}, "cancel/canceling what was paid"},
		{"what was paid is said to be canceled", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(ctx context.Context, key string) (payment.Result, error) {
				if r, err := g.Card.Cancel(ctx, key); err != nil || r.Status != payment.Succeeded {
					return r, err
				}
				return canceled(key), nil
			}
		}, "cancel/canceling what was paid"},
		{"what was declined is said to be canceled", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(ctx context.Context, key string) (payment.Result, error) {
				if r, err := g.Card.Cancel(ctx, key); err != nil || r.Status != payment.Declined {
					return r, err
				}
				return canceled(key), nil
			}
		}, "cancel/canceling what was declined"},
		{"an unknown key is said to be canceled", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(ctx context.Context, key string) (payment.Result, error) {
				if r, err := g.Card.Cancel(ctx, key); err != nil || r.Status != payment.NotFound {
					return r, err
				}
				return canceled(key), nil
			}
		}, "cancel/canceling an unknown key"},
		{"no key is unknown", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(ctx context.Context, key string) (payment.Result, error) {
				if key == "" {
					return payment.Result{Status: payment.NotFound}, nil
				}
				return g.Card.Cancel(ctx, key)
			}
		}, "cancel/canceling a bad key"},
		{"an ended context is a decline", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(ctx context.Context, key string) (payment.Result, error) {
				if ctx.Err() != nil {
					return payment.Result{}, errors.New("failed")
				}
				return g.Card.Cancel(ctx, key)
			}
		}, "cancel/a cancellation whose context"},
		{"a charge under way is said to be canceled", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(_ context.Context, key string) (payment.Result, error) { return canceled(key), nil }
		}, "cancel/a charge that is canceled while it is made"},
		{"a payment that is being confirmed is said to be canceled", func(g *issuer, _ *balance.Accounts) {
			g.cancel = func(_ context.Context, key string) (payment.Result, error) { return canceled(key), nil }
		}, "cancel/a charge that is canceled while the payer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			suite.Catch(t, paymenttest.Cases(), tt.caught, func(name string) suite.Verdict {
				return paymenttest.Judge(t.Context(), name, func() paymenttest.Harness {
					g, accounts, h := newIssuer()
					tt.damage(g, accounts)
					return h
				})
			})
		})
	}
}

// A charge's key stands for whether the payer is present, too.
// Rule: gateways-keep-a-contract.
func TestForgottenPresenceIsCaught(t *testing.T) {
	suite.Catch(t, paymenttest.Cases(), "conflict/a key with another presence", func(name string) suite.Verdict {
		return paymenttest.Judge(t.Context(), name, func() paymenttest.Harness {
			g, _, h := newIssuer()
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				c.Present = true
				return g.Card.Charge(ctx, c)
			}
			return h
		})
	})
}

// handheld is a correct gateway of the kind that collects nothing without the payer.
type handheld struct {
	payment.Gateway

	mu     sync.Mutex
	absent map[string]payment.Charge
	binds  bool // whether the key of an absent payer's charge is bound
}

func (g *handheld) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	first, known := g.absent[c.Key]
	switch {
	case known && first != c:
		return payment.Result{}, payment.ErrKeyConflict
	case c.Present || c.Validate() != nil:
		return g.Gateway.Charge(ctx, c)
	case !known:
		if r, err := g.Gateway.Lookup(ctx, c.Key); err != nil || r.Status != payment.NotFound {
			return g.Gateway.Charge(ctx, c)
		}
	}
	if g.binds {
		g.absent[c.Key] = c
	}
	return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.NeedsAuthentication}, nil
}

func (g *handheld) Lookup(ctx context.Context, key string) (payment.Result, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, known := g.absent[key]; known {
		return payment.Result{Key: key, Status: payment.Declined, Reason: payment.NeedsAuthentication}, nil
	}
	return g.Gateway.Lookup(ctx, key)
}

func newHandheld(binds bool) paymenttest.Harness {
	accounts := balance.New(nil)
	h := paymenttest.Prepaid(&handheld{Gateway: accounts, absent: map[string]payment.Charge{}, binds: binds}, accounts)
	h.Present, h.OneCurrency = true, true
	return h
}

// A gateway that collects nothing without the payer, in one currency, passes; one that declines an absent payer and doesn't
// remember it is caught.
// Rule: gateways-keep-a-contract, customer-action.
func TestAbsentPayersAreDeclined(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Harness { return newHandheld(true) })
	suite.Catch(t, paymenttest.Cases(), "decline/a charge of an absent payer", func(name string) suite.Verdict {
		return paymenttest.Judge(t.Context(), name, func() paymenttest.Harness { return newHandheld(false) })
	})
}
