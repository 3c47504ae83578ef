package paymenttest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

// broken is a correct gateway with one or two calls replaced by a known mistake.
type broken struct {
	*balance.Accounts
	provider  *outage // in front of the accounts
	charge    func(context.Context, payment.Charge) (payment.Result, error)
	lookup    func(context.Context, string) (payment.Result, error)
	refund    func(context.Context, payment.Refund) (payment.Result, error)
	retention func() time.Duration
	n         atomic.Int64
	seen      sync.Map
}

func (g *broken) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if g.charge != nil {
		return g.charge(ctx, c)
	}
	return g.provider.Charge(ctx, c)
}

func (g *broken) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if g.lookup != nil {
		return g.lookup(ctx, key)
	}
	return g.provider.Lookup(ctx, key)
}

func (g *broken) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if g.refund != nil {
		return g.refund(ctx, r)
	}
	return g.provider.Refund(ctx, r)
}

func (g *broken) Retention() time.Duration {
	if g.retention != nil {
		return g.retention()
	}
	return 0
}

// as charges c under a different key and answers as if it had used c's.
func (g *broken) as(ctx context.Context, key string, c payment.Charge) (payment.Result, error) {
	asked := c.Key
	c.Key = key
	r, err := g.Accounts.Charge(ctx, c)
	if err == nil {
		r.Key = asked
	}
	return r, err
}

// fresh returns a key that was never used.
func (g *broken) fresh() string { return fmt.Sprintf("fresh %d", g.n.Add(1)) }

// onKeys makes the gateway see keys other than those it is given.
func (g *broken) onKeys(change func(string) string) {
	g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
		if c.Validate() != nil {
			return g.Accounts.Charge(ctx, c)
		}
		return g.as(ctx, change(c.Key), c)
	}
	g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
		r, err := g.Accounts.Lookup(ctx, change(key))
		if err == nil {
			r.Key = key
		}
		return r, err
	}
	g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
		if r.Validate() == nil {
			r.Charge = change(r.Charge)
		}
		return g.Accounts.Refund(ctx, r)
	}
}

// forgetsRefunds makes the gateway forget the keys of refunds that it declined for this reason.
func (g *broken) forgetsRefunds(reason payment.Reason) {
	g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
		asked := r.Key
		if r.Validate() == nil {
			key, _ := g.seen.LoadOrStore(asked, asked)
			r.Key = key.(string)
		}
		given, err := g.Accounts.Refund(ctx, r)
		if err == nil {
			given.Key = asked
		}
		if given.Reason == reason {
			g.seen.Store(asked, g.fresh())
		}
		return given, err
	}
}

// The suite detects each flaw of a gateway with one of its cases.
// Rule: gateways-keep-a-contract.
func TestSuiteCatchesBrokenGateways(t *testing.T) {
	tests := []struct {
		name   string
		damage func(g *broken)
		caught string // a part of the name of a case that must fail
	}{
		{"keys are forgotten at once", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				if c.Validate() != nil {
					return g.Accounts.Charge(ctx, c)
				}
				return g.as(ctx, g.fresh(), c)
			}
		}, "idempotency/the same charge again collects nothing"},
		{"one content replays one result, whatever the key", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				if c.Validate() != nil {
					return g.Accounts.Charge(ctx, c)
				}
				return g.as(ctx, c.Account+c.Amount.String(), c)
			}
		}, "idempotency/another key is another charge"},
		{"one key, two contents, and the first result for both", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				if c.Validate() == nil {
					first, _ := g.seen.LoadOrStore(c.Key, c)
					c = first.(payment.Charge)
				}
				return g.Accounts.Charge(ctx, c)
			}
		}, "conflict/a key with another amount"},
		{"the order is no part of the content", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				c.Order = ""
				return g.Accounts.Charge(ctx, c)
			}
		}, "conflict/a key with another order"},
		{"the description is no part of the content", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				c.Description = ""
				return g.Accounts.Charge(ctx, c)
			}
		}, "conflict/a key with another description"},
		{"the description of a declined charge is no part of the content", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				if made, _ := g.Accounts.Lookup(ctx, c.Key); errors.Is(err, payment.ErrKeyConflict) && made.Status == payment.Declined {
					return made, nil
				}
				return r, err
			}
		}, "conflict/a declined key with another description"},
		{"check, then act", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				if c.Validate() != nil {
					return g.Accounts.Charge(ctx, c)
				}
				if made, ok := g.seen.Load(c.Key); ok {
					return made.(payment.Result), nil
				}
				time.Sleep(5 * time.Millisecond)
				r, err := g.as(ctx, g.fresh(), c)
				if err == nil {
					g.seen.Store(c.Key, r)
				}
				return r, err
			}
		}, "idempotency/the same charge many times at once"},
		{"it says paid and collects later, if at all", func(g *broken) {
			g.charge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
				return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}, c.Validate()
			}
		}, "idempotency/a charge collects its amount"},
		{"another amount than it says", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				asked := c.Amount
				if asked.Minor() > 1 {
					c.Amount, _ = pricing.FromMinor(asked.Minor()-1, asked.Currency())
				}
				r, err := g.Accounts.Charge(ctx, c)
				if r.Status == payment.Succeeded {
					r.Amount = asked
				}
				return r, err
			}
		}, "idempotency/a charge collects its amount"},
		{"a decline is an error", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				if r.Status == payment.Declined {
					return payment.Result{}, errors.New("declined")
				}
				return r, err
			}
		}, "decline/too small a balance"},
		{"a decline without a reason", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				r.Reason = ""
				return r, err
			}
		}, "decline/too small a balance"},
		{"a decline for another reason", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				if r.Status == payment.Declined {
					r.Reason = payment.Other
				}
				return r, err
			}
		}, "decline/declined for no_payment_method"},
		{"a declined key can be tried again", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				if r.Status == payment.Declined {
					return g.as(ctx, g.fresh(), c)
				}
				return r, err
			}
		}, "decline/a decline is final"},
		{"a small overdraft is granted", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				if r.Reason == payment.InsufficientBalance {
					return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}, nil
				}
				return r, err
			}
		}, "decline/the whole balance can be spent"},
		{"currencies are taken for one another", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				asked := c.Amount
				if asked.Currency() == "EUR" {
					c.Amount, _ = pricing.FromMinor(asked.Minor(), "USD")
				}
				r, err := g.Accounts.Charge(ctx, c)
				if r.Status == payment.Succeeded {
					r.Amount = asked
				}
				return r, err
			}
		}, "amount/one currency does not pay for another"},
		{"zero is collected, and counts as a duplicate", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				if c.Amount.Sign() == 0 {
					return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}, nil
				}
				return g.Accounts.Charge(ctx, c)
			}
		}, "amount/a charge whose amount is zero"},
		{"an unknown key is an error", func(g *broken) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				r, err := g.Accounts.Lookup(ctx, key)
				if r.Status == payment.NotFound {
					return payment.Result{}, errors.New("404")
				}
				return r, err
			}
		}, "lookup/an unknown key"},
		{"an unknown key was declined", func(g *broken) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				r, err := g.Accounts.Lookup(ctx, key)
				if r.Status == payment.NotFound {
					r.Status, r.Reason = payment.Declined, payment.Other
				}
				return r, err
			}
		}, "lookup/an unknown key"},
		{"a lookup is about the last charge", func(g *broken) {
			var last atomic.Pointer[payment.Result]
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				last.Store(&r)
				return r, err
			}
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				if r := last.Load(); r != nil {
					return *r, nil
				}
				return g.Accounts.Lookup(ctx, key)
			}
		}, "lookup/each key has its own result"},
		{"pending forever", func(g *broken) {
			g.charge = func(_ context.Context, c payment.Charge) (payment.Result, error) {
				return payment.Result{Key: c.Key, Status: payment.Pending}, nil
			}
		}, "idempotency/a charge collects its amount"},
		{"refunds are not idempotent", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				asked := r.Key
				if r.Validate() == nil {
					r.Key = g.fresh()
				}
				given, err := g.Accounts.Refund(ctx, r)
				if err == nil {
					given.Key = asked
				}
				return given, err
			}
		}, "refund/the same refund again"},
		{"more than the charge is given back", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				given, err := g.Accounts.Refund(ctx, r)
				if given.Reason == payment.ExceedsCharge {
					err = g.Deposit(ctx, r.Account, g.fresh(), r.Amount)
					return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount}, err
				}
				return given, err
			}
		}, "refund/a charge is given back in parts"},
		{"an unknown charge is a refund's end", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				given, err := g.Accounts.Refund(ctx, r)
				if given.Status == payment.NotFound {
					given.Status, given.Reason = payment.Declined, payment.Other
				}
				return given, err
			}
		}, "refund/of a charge that nobody knows"},
		{"a mismatch is called something else", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				given, err := g.Accounts.Refund(ctx, r)
				if given.Reason == payment.Mismatch {
					given.Reason = payment.Other
				}
				return given, err
			}
		}, "refund/to another account"},
		{"a mismatched refund is put right with its key", func(g *broken) {
			g.forgetsRefunds(payment.Mismatch)
		}, "conflict/a refund's key that was declined for another account"},
		{"a refund in another currency is put right with its key", func(g *broken) {
			g.forgetsRefunds(payment.Mismatch)
		}, "conflict/a refund's key that was declined for another currency"},
		{"a refund of too much is put right with its key", func(g *broken) {
			g.forgetsRefunds(payment.ExceedsCharge)
		}, "conflict/a refund's key that was declined for too large an amount"},
		{"a refund of the wrong charge is put right with its key", func(g *broken) {
			g.forgetsRefunds(payment.ExceedsCharge)
		}, "conflict/a refund's key that was declined for another charge"},
		{"the reason is no part of a refund's content", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				r.Reason = ""
				return g.Accounts.Refund(ctx, r)
			}
		}, "conflict/a refund's key with another reason"},
		{"a refund to another account is a mismatch, whatever the key stands for", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				given, err := g.Accounts.Refund(ctx, r)
				if first, _ := g.seen.LoadOrStore(r.Key, r.Account); errors.Is(err, payment.ErrKeyConflict) && first != r.Account {
					return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Mismatch}, nil
				}
				return given, err
			}
		}, "conflict/a refund's key with another account"},
		{"a declined charge is not found by a refund", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				if made, _ := g.Accounts.Lookup(ctx, r.Charge); made.Status == payment.Declined {
					return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
				}
				return g.Accounts.Refund(ctx, r)
			}
		}, "refund/of a declined charge"},
		{"a 500 is a decline", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.provider.Charge(ctx, c)
				if errors.Is(err, errServer) {
					return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.Other}, nil
				}
				return r, err
			}
		}, "failure/a charge that the provider fails before"},
		{"a 500 is a decline, although the money has moved", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.provider.Charge(ctx, c)
				if errors.Is(err, errServer) {
					return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.Other}, nil
				}
				return r, err
			}
		}, "failure/a charge that the provider fails after"},
		{"a 500 is a refund's decline", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				given, err := g.provider.Refund(ctx, r)
				if errors.Is(err, errServer) {
					return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Other}, nil
				}
				return given, err
			}
		}, "failure/a refund that the provider fails before"},
		{"a 500 is no such charge to a refund", func(g *broken) {
			g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				given, err := g.provider.Refund(ctx, r)
				if errors.Is(err, errServer) {
					return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
				}
				return given, err
			}
		}, "failure/a refund that the provider fails after"},
		{"a 500 is no such charge to a lookup", func(g *broken) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				r, err := g.provider.Lookup(ctx, key)
				if errors.Is(err, errServer) {
					return payment.Result{Key: key, Status: payment.NotFound}, nil
				}
				return r, err
			}
		}, "failure/a lookup that the provider fails"},
		{"a 500 is a decline when a known charge is repeated", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.provider.Charge(ctx, c)
				if made, _ := g.Accounts.Lookup(ctx, c.Key); errors.Is(err, errServer) && made.Status == payment.Succeeded {
					return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.Other}, nil
				}
				return r, err
			}
		}, "failure/a charge that is repeated while the provider fails"},
		{"a 500 is a bad request", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.provider.Charge(ctx, c)
				if errors.Is(err, errServer) {
					err = payment.ErrInvalid
				}
				return r, err
			}
		}, "failure/a charge that the provider fails before"},
		{"a 500 is a charge that is tried again with a key of its own", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.provider.Charge(ctx, c)
				if _, failed := g.seen.Load(c.Key); failed && err == nil {
					return g.as(ctx, g.fresh(), c)
				}
				if errors.Is(err, errServer) {
					g.seen.Store(c.Key, true)
				}
				return r, err
			}
		}, "failure/a charge that the provider fails after"},
		{"keys without case", func(g *broken) { g.onKeys(strings.ToLower) }, "text/keys that differ in case"},
		{"keys without spaces around them", func(g *broken) { g.onKeys(strings.TrimSpace) }, "text/keys that differ in a space"},
		{"keys of 255 bytes", func(g *broken) { g.onKeys(func(k string) string { return k[:min(len(k), 255)] }) }, "text/keys that differ in the last"},
		{"an error comes with a result", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				r.Key = c.Key
				return r, err
			}
		}, "conflict/a key with another amount"},
		{"the result is about another key", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				r, err := g.Accounts.Charge(ctx, c)
				if err == nil {
					r.Key += "!"
				}
				return r, err
			}
		}, "idempotency/a charge collects its amount"},
		{"a canceled charge was declined", func(g *broken) {
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				if ctx.Err() != nil {
					g.seen.Store(c.Key, true)
				}
				if _, ok := g.seen.Load(c.Key); ok {
					return payment.Result{Key: c.Key, Status: payment.Declined, Reason: payment.Canceled}, nil
				}
				return g.Accounts.Charge(ctx, c)
			}
		}, "context/a charge whose context is canceled"},
		{"a canceled call hides the context's error", func(g *broken) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				if ctx.Err() != nil {
					return payment.Result{}, errors.New("failed")
				}
				return g.Accounts.Lookup(ctx, key)
			}
		}, "context/a lookup whose context is past its deadline"},
		{"a canceled lookup says declined", func(g *broken) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				if ctx.Err() != nil {
					return payment.Result{Key: key, Status: payment.Declined, Reason: payment.Canceled}, nil //nolint:nilerr // the damage
				}
				return g.Accounts.Lookup(ctx, key)
			}
		}, "context/a lookup whose context is canceled"},
		{"a canceled lookup is not well-formed", func(g *broken) {
			g.lookup = func(ctx context.Context, key string) (payment.Result, error) {
				if ctx.Err() != nil {
					return payment.Result{}, nil //nolint:nilerr // the damage
				}
				return g.Accounts.Lookup(ctx, key)
			}
		}, "context/a lookup whose context is canceled"},
		{"a retention below zero", func(g *broken) {
			g.retention = func() time.Duration { return -1 }
		}, "idempotency/the retention"},
		{"a retention that shrinks", func(g *broken) {
			g.retention = func() time.Duration { return time.Hour - time.Duration(g.n.Add(1)) }
		}, "idempotency/the retention"},
		{"nothing at once", func(g *broken) {
			var busy atomic.Int64
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				defer busy.Add(-1)
				if busy.Add(1) > 1 {
					return payment.Result{}, errors.New("busy")
				}
				time.Sleep(time.Millisecond)
				return g.Accounts.Charge(ctx, c)
			}
		}, "concurrency/charges at once never spend more"},
		{"a conflict with oneself", func(g *broken) {
			var busy atomic.Int64
			g.charge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				defer busy.Add(-1)
				if busy.Add(1) > 1 {
					return payment.Result{}, payment.ErrKeyConflict
				}
				time.Sleep(time.Millisecond)
				return g.Accounts.Charge(ctx, c)
			}
		}, "idempotency/the same charge many times at once"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			suite.Catch(t, paymenttest.Cases(), tt.caught, func(name string) suite.Verdict {
				return paymenttest.Judge(t.Context(), name, func() paymenttest.Harness {
					accounts := balance.New(nil)
					g := &broken{Accounts: accounts, provider: &outage{Gateway: accounts}}
					tt.damage(g)
					h := paymenttest.Prepaid(g, accounts)
					h.Fail = g.provider.fail
					return h
				})
			})
		})
	}
}
