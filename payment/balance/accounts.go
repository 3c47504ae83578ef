package balance

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// ErrNoAccount is an account that was never opened.
var ErrNoAccount = wallet.ErrNoAccount

// Options change what [New] makes. The zero value, like nil, is the default.
type Options struct {
	// Now dates movements and results. The default is time.Now.
	Now func() time.Time
}

// Accounts are prepaid balances, and the [payment.Gateway] that collects from them. They are safe for
// concurrent use. The zero value has no clock; use [New].
type Accounts struct {
	now func() time.Time

	mu       sync.Mutex
	accounts map[string]*account
	journal  []*Movement // append-only, so that readers may keep a prefix
	deposits map[deposit]wallet.Deposit
	charges  map[string]*wallet.Charge
	refunds  map[string]wallet.Refund
}

// account is what is on record of one payer.
type account struct {
	bound     bool
	balances  map[pricing.Currency]pricing.Money
	statement []*Movement // its part of the journal, append-only
}

var _ payment.Gateway = (*Accounts)(nil)

// New returns a gateway without accounts. o may be nil.
func New(o *Options) *Accounts {
	a := &Accounts{
		now:      time.Now, //nolint:forbidigo // the default of Options.Now
		accounts: make(map[string]*account),
		deposits: make(map[deposit]wallet.Deposit),
		charges:  make(map[string]*wallet.Charge),
		refunds:  make(map[string]wallet.Refund),
	}
	if o != nil && o.Now != nil {
		a.now = o.Now
	}
	return a
}

// Open opens an account with a payment method bound and nothing on its balance. An account that is open
// already stays as it is. It fails with [payment.ErrInvalid] for an ID that no charge could name, and with
// ctx's error if ctx is done.
func (a *Accounts) Open(ctx context.Context, id string) error {
	if err := wallet.ValidateAccount(id); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("balance: open %q: %w", id, err)
	}
	if a.accounts[id] == nil {
		a.accounts[id] = &account{bound: true, balances: make(map[pricing.Currency]pricing.Money)}
	}
	return nil
}

// SetPaymentMethod says whether the account has a payment method bound. Without one its charges are
// declined with [payment.NoPaymentMethod], whatever its balance; refunds and deposits still arrive. It
// fails with [ErrNoAccount], and with ctx's error if ctx is done.
func (a *Accounts) SetPaymentMethod(ctx context.Context, id string, bound bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("balance: payment method of %q: %w", id, err)
	}
	acct := a.accounts[id]
	if acct == nil {
		return wallet.NoAccount(id)
	}
	acct.bound = bound
	return nil
}

// Balance returns what the account has in that currency, zero of it if it never had any. It fails with
// [ErrNoAccount] or [pricing.ErrCurrency], and with ctx's error if ctx is done.
func (a *Accounts) Balance(ctx context.Context, id string, c pricing.Currency) (pricing.Money, error) {
	zero, err := pricing.FromMinor(0, c)
	if err != nil {
		return pricing.Money{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return pricing.Money{}, fmt.Errorf("balance: balance of %q: %w", id, err)
	}
	acct := a.accounts[id]
	if acct == nil {
		return pricing.Money{}, wallet.NoAccount(id)
	}
	if m, ok := acct.balances[c]; ok {
		return m, nil
	}
	return zero, nil
}

// position returns what a decision needs to know of the account. The caller holds the lock.
func (a *Accounts) position(id string, c pricing.Currency) wallet.Position {
	acct := a.accounts[id]
	if acct == nil {
		return wallet.Position{}
	}
	return wallet.Position{Open: true, Bound: acct.bound, Balance: acct.balances[c]}
}
