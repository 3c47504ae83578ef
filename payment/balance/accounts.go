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

// ErrNoAccount means that the account was never opened.
var ErrNoAccount = wallet.ErrNoAccount

// Options configures [New]. Nil or the zero value gives the defaults.
type Options struct {
	// Now returns the time for movements and results. The default is time.Now.
	Now func() time.Time
}

// Accounts holds prepaid balances and is the [payment.Gateway] that collects from them. It is safe for concurrent use.
// The zero value has no clock; use [New].
type Accounts struct {
	now func() time.Time

	mu       sync.Mutex
	accounts map[string]*account
	journal  []*Movement // append-only, so readers may keep a prefix
	deposits map[deposit]wallet.Deposit
	charges  map[string]*wallet.Charge
	refunds  map[string]wallet.Refund
}

// account is the record of one payer.
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

// Open opens an account with a payment method and a zero balance. If the account is already open, it does not change.
// It returns [payment.ErrInvalid] if no charge could use the ID, and ctx's error if ctx is done.
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

// SetPaymentMethod sets whether the account has a payment method. Without one, charges are declined with
// [payment.NoPaymentMethod] whatever the balance is; refunds and deposits are still credited. It returns
// [ErrNoAccount], and ctx's error if ctx is done.
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

// Balance returns the account's balance in the currency, or zero if it never had one. It returns [ErrNoAccount] or
// [pricing.ErrCurrency], and ctx's error if ctx is done.
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

// position returns the facts about the account that a decision needs. The caller must hold the lock.
func (a *Accounts) position(id string, c pricing.Currency) wallet.Position {
	acct := a.accounts[id]
	if acct == nil {
		return wallet.Position{}
	}
	return wallet.Position{Open: true, Bound: acct.bound, Balance: acct.balances[c]}
}
