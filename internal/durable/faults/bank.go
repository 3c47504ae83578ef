package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// clock is the time of a run: it stands still until it is advanced.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// bank is the gateway of all processes, in the process that is never killed: prepaid accounts behind a hostile gateway,
// whose ledger is the truth about money.
type bank struct {
	accounts *balance.Accounts
	hostile  *paymenttest.Hostile

	mu     sync.Mutex
	honest bool
}

func newBank(c *clock, seed uint64, honest bool) *bank {
	b := &bank{accounts: balance.New(&balance.Options{Now: c.read}), honest: honest}
	fault := func(call string, n int, key string) paymenttest.Fault {
		if b.isHonest() {
			return paymenttest.None
		}
		draw := int(hash(seed, uint64(n), call+key) % 1000)
		for _, o := range odds() {
			if draw -= o.n; draw < 0 {
				return o.fault
			}
		}
		return paymenttest.None
	}
	b.hostile = paymenttest.NewHostile(b.accounts, &paymenttest.HostileOptions{
		Plan:       func(n int, c payment.Charge) paymenttest.Fault { return fault("charge", n, c.Key) },
		Refunds:    func(n int, r payment.Refund) paymenttest.Fault { return fault("refund", n, r.Key) },
		Lookups:    func(n int, key string) paymenttest.Fault { return fault("lookup", n, key) },
		PendingFor: 3 * time.Hour, PendingAsks: 4, Disorder: true, Now: c.read,
	})
	return b
}

// odds are the numbers of calls per thousand with a fault. None of them declines, so only customers without money are
// declined, and none collects a different amount, which would need a person to resolve.
func odds() []struct {
	fault paymenttest.Fault
	n     int
} {
	return []struct {
		fault paymenttest.Fault
		n     int
	}{
		{paymenttest.TimeoutBefore, 40}, {paymenttest.TimeoutAfter, 40}, {paymenttest.Silent, 30}, {paymenttest.InFlight, 30},
		{paymenttest.PendingThenPaid, 30}, {paymenttest.Duplicate, 40}, {paymenttest.RefundWithdrawn, 60},
	}
}

func (b *bank) isHonest() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.honest
}

// rest ends all faults and decides what was deferred.
func (b *bank) rest(ctx context.Context) error {
	b.mu.Lock()
	b.honest = true
	b.mu.Unlock()
	return b.hostile.Settle(ctx)
}

// deposit pays into an account.
func (b *bank) deposit(ctx context.Context, d deposit) error {
	return b.accounts.Deposit(ctx, d.Account, d.Key, d.Amount)
}

// serve answers a child's calls to its gateway.
func (b *bank) serve(f frame) (any, error) {
	ctx := context.Background()
	switch f.Call {
	case "charge":
		var c payment.Charge
		if err := json.Unmarshal(f.Body, &c); err != nil {
			return nil, err
		}
		return b.hostile.Charge(ctx, c)
	case "lookup":
		var key string
		if err := json.Unmarshal(f.Body, &key); err != nil {
			return nil, err
		}
		return b.hostile.Lookup(ctx, key)
	case "refund":
		var r payment.Refund
		if err := json.Unmarshal(f.Body, &r); err != nil {
			return nil, err
		}
		return b.hostile.Refund(ctx, r)
	}
	return nil, fmt.Errorf("faults: no call %q", f.Call)
}

// journal returns the statement of all accounts.
func (b *bank) journal(ctx context.Context) (all []balance.Movement, err error) {
	for m, err := range b.accounts.Journal(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// hash mixes its arguments into a number.
func hash(a, b uint64, text string) uint64 {
	x := a*0x9e3779b97f4a7c15 ^ b*0xbf58476d1ce4e5b9
	for _, c := range []byte(text) {
		x = (x ^ uint64(c)) * 0x100000001b3
	}
	x = (x ^ x>>30) * 0x94d049bb133111eb
	return x ^ x>>31
}
