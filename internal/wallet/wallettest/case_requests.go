package wallettest

import (
	"context"
	"math"
	"strconv"
	"sync"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// results checks every field of every result, and that a repeated request has the same result.
func results(e *env) {
	e.opened("100.00 USD")
	ctx, a := e.Context(), e.Accounts
	stranger := charge("k4", "0.01 USD")
	stranger.Account = "nobody"
	tests := []struct {
		name string
		call func() (payment.Result, error)
		want payment.Result // a Reference of "m": the number of the movement with that key
	}{
		{
			"a charge", func() (payment.Result, error) { return a.Charge(ctx, charge("k1", "30.00 USD")) },
			payment.Result{Key: "k1", Status: payment.Succeeded, Amount: money("30.00 USD"), Reference: "m", At: Now()},
		},
		{
			"too much", func() (payment.Result, error) { return a.Charge(ctx, charge("k2", "70.01 USD")) },
			payment.Result{Key: "k2", Status: payment.Declined, Reason: payment.InsufficientBalance, At: Now()},
		},
		{
			"a currency never deposited", func() (payment.Result, error) { return a.Charge(ctx, charge("k3", "0.01 EUR")) },
			payment.Result{Key: "k3", Status: payment.Declined, Reason: payment.InsufficientBalance, At: Now()},
		},
		{
			"an account never opened", func() (payment.Result, error) { return a.Charge(ctx, stranger) },
			payment.Result{Key: "k4", Status: payment.Declined, Reason: payment.NoPaymentMethod, At: Now()},
		},
		{
			"lookup", func() (payment.Result, error) { return a.Lookup(ctx, "k1") },
			payment.Result{Key: "k1", Status: payment.Succeeded, Amount: money("30.00 USD"), Reference: "m", At: Now()},
		},
		{
			"lookup of a decline", func() (payment.Result, error) { return a.Lookup(ctx, "k2") },
			payment.Result{Key: "k2", Status: payment.Declined, Reason: payment.InsufficientBalance, At: Now()},
		},
		{
			"a deposit's key is no charge's", func() (payment.Result, error) { return a.Lookup(ctx, "deposit 0") },
			payment.Result{Key: "deposit 0", Status: payment.NotFound},
		},
		{
			"a refund", func() (payment.Result, error) { return a.Refund(ctx, refund("r1", "k1", "10.00 USD")) },
			payment.Result{Key: "r1", Status: payment.Succeeded, Amount: money("10.00 USD"), Reference: "m", At: Now()},
		},
		{
			"a refund of more than is left", func() (payment.Result, error) { return a.Refund(ctx, refund("r2", "k1", "20.01 USD")) },
			payment.Result{Key: "r2", Status: payment.Declined, Reason: payment.ExceedsCharge, At: Now()},
		},
		{
			"a refund in another currency", func() (payment.Result, error) { return a.Refund(ctx, refund("r3", "k1", "1.00 EUR")) },
			payment.Result{Key: "r3", Status: payment.Declined, Reason: payment.Mismatch, At: Now()},
		},
		{
			"a refund of a decline", func() (payment.Result, error) { return a.Refund(ctx, refund("r4", "k2", "0.01 USD")) },
			payment.Result{Key: "r4", Status: payment.Declined, Reason: payment.ExceedsCharge, At: Now()},
		},
		{
			"a refund of nothing known", func() (payment.Result, error) { return a.Refund(ctx, refund("r5", "k9", "0.01 USD")) },
			payment.Result{Key: "r5", Status: payment.NotFound},
		},
		{
			"a refund's key may be a charge's", func() (payment.Result, error) { return a.Refund(ctx, refund("k1", "k1", "1.00 USD")) },
			payment.Result{Key: "k1", Status: payment.Succeeded, Amount: money("1.00 USD"), Reference: "m", At: Now()},
		},
	}
	for _, tt := range tests {
		var before payment.Result
		for n := range 2 {
			got, err := tt.call()
			if err != nil {
				e.Errorf("%s: %v", tt.name, err)
				continue
			}
			if n == 1 && got.Reference != before.Reference {
				e.Errorf("%s: the reference is %q, was %q", tt.name, got.Reference, before.Reference)
			}
			before = got
			if tt.want.Reference != "" {
				e.refers(tt.name, got)
				got.Reference = tt.want.Reference
			}
			if !got.At.Equal(tt.want.At) {
				e.Errorf("%s: at %s, want %s", tt.name, got.At, tt.want.At)
			}
			if got.At = tt.want.At; got != tt.want {
				e.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
			}
		}
	}
	e.has(a, "81.00 USD")
	e.audit(a)
	if got := a.Retention(); got != 0 {
		e.Errorf("Retention = %s, want 0", got)
	}
}

// refers fails the case unless r refers to the movement with its key and amount.
func (e *env) refers(what string, r payment.Result) {
	e.Helper()
	for m, err := range e.Accounts.Statement(e.Context(), "acme") {
		e.ok(err)
		if m.Key == r.Key && (m.Amount == r.Amount || m.Amount.Minor() == -r.Amount.Minor()) && r.Reference == strconv.Itoa(m.Number) {
			return
		}
	}
	e.Errorf("%s: no movement of %q has the reference %q", what, r.Key, r.Reference)
}

func depositOnce(e *env) {
	e.opened()
	for range 3 {
		e.ok(e.Accounts.Deposit(e.Context(), "acme", "wire-1", money("50.00 USD")))
	}
	e.has(e.Accounts, "50.00 USD")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := e.Accounts.Deposit(e.Context(), "acme", "wire-2", money("7.00 USD")); err != nil {
				e.Error(err)
			}
		})
	}
	wg.Wait()
	e.has(e.Accounts, "57.00 USD")
	e.audit(e.Accounts)
}

func depositRefused(e *env) {
	e.opened("50.00 USD")
	a := e.Accounts
	e.ok(a.Open(e.Context(), "other"))
	ended, cancel := context.WithCancel(e.Context())
	cancel()
	for _, tt := range []struct {
		name, account, key, amount string
		want                       error
	}{
		{"no key", "acme", "", "1.00 USD", payment.ErrInvalid},
		{"no account", "", "new", "1.00 USD", payment.ErrInvalid},
		{"zero", "acme", "new", "0.00 USD", payment.ErrInvalid},
		{"negative, which would be a withdrawal", "acme", "new", "-1.00 USD", payment.ErrInvalid},
		{"an account never opened", "nobody", "new", "1.00 USD", balance.ErrNoAccount},
		{"a key with another amount", "acme", "deposit 0", "1.00 USD", payment.ErrKeyConflict},
		{"a key with another currency", "acme", "deposit 0", "50.00 EUR", payment.ErrKeyConflict},
		{"the key of another account's", "other", "deposit 0", "0.01 USD", nil},
		{"a key with an account never opened", "nobody", "deposit 0", "50.00 USD", balance.ErrNoAccount},
		{"more than a balance can hold", "acme", "new", "92233720368547758.07 USD", pricing.ErrOverflow},
	} {
		e.is(tt.name, a.Deposit(e.Context(), tt.account, tt.key, money(tt.amount)), tt.want)
		e.has(a, "50.00 USD")
	}
	e.is("canceled", a.Deposit(ended, "acme", "new", money("1.00 USD")), context.Canceled)
	e.has(a, "50.00 USD")
	if err := a.Deposit(e.Context(), "acme", "new", money("1.00 USD")); err != nil {
		e.Errorf("a refused deposit has used its key: %v", err)
	}
	e.audit(a)
}

// limits checks that a refund that doesn't fit is undecided, not lost, and succeeds once there is room.
func limits(e *env) {
	most, err := pricing.FromMinor(math.MaxInt64, "USD")
	e.ok(err)
	e.opened(most.String())
	ctx, a := e.Context(), e.Accounts
	e.pay("k", most.String())
	e.has(a, "0.00 USD")
	e.ok(a.Deposit(ctx, "acme", "more", money("1.00 USD")))
	r := refund("r", "k", most.String())
	got, err := a.Refund(ctx, r)
	e.is("a refund beyond the limit", err, pricing.ErrOverflow)
	if got != (payment.Result{}) {
		e.Errorf("error with a non-zero result %+v", got)
	}
	e.has(a, "1.00 USD")
	e.pay("room", "1.00 USD")
	if got, err := a.Refund(ctx, r); err != nil || !got.Paid(most) {
		e.Errorf("Refund = %+v, %v", got, err)
	}
	e.has(a, most.String())
	e.audit(a)
}

func accounts(e *env) {
	e.opened("50.00 USD")
	ctx, a := e.Context(), e.Accounts
	ended, cancel := context.WithCancel(ctx)
	cancel()
	e.is("open without a name", a.Open(ctx, ""), payment.ErrInvalid)
	e.is("open, canceled", a.Open(ended, "late"), context.Canceled)
	e.is("payment method of an account never opened", a.SetPaymentMethod(ctx, "nobody", true), balance.ErrNoAccount)
	e.is("payment method of what is no text", a.SetPaymentMethod(ctx, "\xff\x00", true), balance.ErrNoAccount)
	e.is("payment method, canceled", a.SetPaymentMethod(ended, "acme", false), context.Canceled)
	e.is("open again", a.Open(ctx, "acme"), nil)
	e.has(a, "50.00 USD")
	e.has(a, "0.00 EUR")
	_, err := a.Balance(ctx, "nobody", "USD")
	e.is("balance of an account never opened", err, balance.ErrNoAccount)
	_, err = a.Balance(ctx, "\xff\x00", "USD")
	e.is("balance of what is no text", err, balance.ErrNoAccount)
	_, err = a.Balance(ctx, "acme", "XXX")
	e.is("balance in no currency", err, pricing.ErrCurrency)
	for _, id := range []string{"nobody", "\xff\x00", ""} {
		if got := e.all(a.Statement(ctx, id)); got != nil {
			e.Errorf("statement of %q: %+v", id, got)
		}
	}
}

func paymentMethod(e *env) {
	e.opened("50.00 USD")
	ctx, a := e.Context(), e.Accounts
	e.pay("k1", "20.00 USD")
	e.ok(a.SetPaymentMethod(ctx, "acme", false))
	e.ok(a.Open(ctx, "acme")) // already open: binds no payment method
	r, err := a.Charge(ctx, charge("k2", "20.00 USD"))
	if err != nil || r.Status != payment.Declined || r.Reason != payment.NoPaymentMethod {
		e.Errorf("Charge without a payment method = %+v, %v", r, err)
	}
	if r, err := a.Refund(ctx, refund("r", "k1", "20.00 USD")); err != nil || r.Status != payment.Succeeded {
		e.Errorf("Refund without a payment method = %+v, %v", r, err)
	}
	e.ok(a.Deposit(ctx, "acme", "wire-2", money("1.00 USD")))
	e.ok(a.SetPaymentMethod(ctx, "acme", true))
	e.pay("k3", "51.00 USD")
	e.has(a, "0.00 USD")
}
