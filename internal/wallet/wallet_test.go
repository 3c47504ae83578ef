package wallet_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

func money(tb testing.TB, minor int64, c pricing.Currency) pricing.Money {
	tb.Helper()
	m, err := pricing.FromMinor(minor, c)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestDecideCharge(t *testing.T) {
	tests := []struct {
		name        string
		open, bound bool
		has, asked  int64 // has -1: that currency was never deposited
		status      payment.Status
		reason      payment.Reason
		left        int64
	}{
		{"less than it has", true, true, 500, 199, payment.Succeeded, "", 301},
		{"all that it has", true, true, 500, 500, payment.Succeeded, "", 0},
		{"one more than it has", true, true, 500, 501, payment.Declined, payment.InsufficientBalance, 500},
		{"all that a balance can hold", true, true, math.MaxInt64, math.MaxInt64, payment.Succeeded, "", 0},
		{"nothing left", true, true, 0, math.MaxInt64, payment.Declined, payment.InsufficientBalance, 0},
		{"never deposited", true, true, -1, 1, payment.Declined, payment.InsufficientBalance, -1},
		{"no payment method", true, false, 500, 1, payment.Declined, payment.NoPaymentMethod, 500},
		{"never opened", false, false, -1, 1, payment.Declined, payment.NoPaymentMethod, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			balance := func(minor int64) pricing.Money {
				if minor < 0 {
					return pricing.Money{}
				}
				return money(t, minor, "USD")
			}
			c := payment.Charge{Key: "k", Account: "acme", Amount: money(t, tt.asked, "USD")}
			want := payment.Result{Key: "k", Status: tt.status, Reason: tt.reason}
			if tt.status == payment.Succeeded {
				want.Amount = c.Amount
			}
			r, left := wallet.DecideCharge(wallet.Position{Open: tt.open, Bound: tt.bound, Balance: balance(tt.has)}, c)
			if r != want || left != balance(tt.left) {
				t.Errorf("DecideCharge = %+v, %s, want %+v, %s", r, left, want, balance(tt.left))
			}
		})
	}
}

func TestDecideRefund(t *testing.T) {
	usd := money(t, 500, "USD")
	made := wallet.Charge{
		Request:  payment.Charge{Key: "k", Account: "acme", Amount: usd},
		Result:   payment.Result{Key: "k", Status: payment.Succeeded, Amount: usd},
		Refunded: 100,
	}
	never := made
	never.Result = payment.Result{Key: "k", Status: payment.Declined, Reason: payment.InsufficientBalance}
	never.Refunded = 0
	tests := []struct {
		name    string
		made    wallet.Charge
		account string
		amount  pricing.Money
		has     int64
		reason  payment.Reason // "": succeeds
		left    int64
		err     error
	}{
		{"a part", made, "acme", money(t, 1, "USD"), 7, "", 8, nil},
		{"all that is left of the charge", made, "acme", money(t, 400, "USD"), 7, "", 407, nil},
		{"one more", made, "acme", money(t, 401, "USD"), 7, payment.ExceedsCharge, 7, nil},
		{"of a declined charge", never, "acme", money(t, 1, "USD"), 7, payment.ExceedsCharge, 7, nil},
		{"another account", made, "other", money(t, 1, "USD"), 7, payment.Mismatch, 7, nil},
		{"another currency", made, "acme", money(t, 1, "EUR"), 7, payment.Mismatch, 7, nil},
		{"as much as the balance can hold", made, "acme", money(t, 400, "USD"), math.MaxInt64 - 400, "", math.MaxInt64, nil},
		{"more than the balance can hold", made, "acme", money(t, 400, "USD"), math.MaxInt64 - 399, "", 0, pricing.ErrOverflow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := payment.Refund{Key: "r", Charge: "k", Account: tt.account, Amount: tt.amount}
			want, wantLeft := payment.Result{Key: "r", Status: payment.Succeeded, Amount: tt.amount}, money(t, tt.left, "USD")
			if tt.reason != "" {
				want = payment.Result{Key: "r", Status: payment.Declined, Reason: tt.reason}
			}
			if tt.err != nil {
				want, wantLeft = payment.Result{}, pricing.Money{}
			}
			p := wallet.Position{Open: true, Balance: money(t, tt.has, "USD")} // without a payment method refunds still arrive
			got, left, err := wallet.DecideRefund(p, tt.made, r)
			if got != want || left != wantLeft || !errors.Is(err, tt.err) {
				t.Errorf("DecideRefund = %+v, %s, %v, want %+v, %s, %v", got, left, err, want, wantLeft, tt.err)
			}
		})
	}
}

func TestDepositDecide(t *testing.T) {
	d := wallet.Deposit{Key: "d", Account: "acme", Amount: money(t, 100, "USD")}
	tests := []struct {
		name string
		p    wallet.Position
		want int64
		err  error
	}{
		{"the first", wallet.Position{Open: true}, 100, nil},
		{"another", wallet.Position{Open: true, Balance: money(t, 50, "USD")}, 150, nil},
		{"to the limit", wallet.Position{Open: true, Balance: money(t, math.MaxInt64-100, "USD")}, math.MaxInt64, nil},
		{"beyond it", wallet.Position{Open: true, Balance: money(t, math.MaxInt64-99, "USD")}, 0, pricing.ErrOverflow},
		{"never opened", wallet.Position{}, 0, wallet.ErrNoAccount},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := d.Decide(tt.p)
			if !errors.Is(err, tt.err) || err == nil && got != money(t, tt.want, "USD") {
				t.Errorf("Decide = %s, %v, want %d, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// A record answers the same request again with its result, and refuses any other.
func TestAnswer(t *testing.T) {
	c := payment.Charge{
		Key: "k", Account: "acme", Amount: money(t, 5, "USD"), Order: "o", Application: "app", Description: "d",
	}
	r := payment.Refund{Key: "r", Charge: "k", Account: "acme", Amount: money(t, 5, "USD"), Reason: "goodwill"}
	d := wallet.Deposit{Key: "d", Account: "acme", Amount: money(t, 5, "USD")}
	result := payment.Result{Key: "k", Status: payment.Declined, Reason: payment.InsufficientBalance}

	charge := func(change func(*payment.Charge)) error {
		again := c
		change(&again)
		got, err := wallet.Charge{Request: c, Result: result}.Answer(again)
		if (err == nil) != (got == result) {
			t.Errorf("the answer is %+v, %v", got, err)
		}
		return err
	}
	refund := func(change func(*payment.Refund)) error {
		again := r
		change(&again)
		got, err := wallet.Refund{Request: r, Result: result}.Answer(again)
		if (err == nil) != (got == result) {
			t.Errorf("the answer is %+v, %v", got, err)
		}
		return err
	}
	deposit := func(change func(*wallet.Deposit)) error {
		again := d
		change(&again)
		return d.Answer(again)
	}
	for name, err := range map[string]error{
		"the same charge":  charge(func(*payment.Charge) {}),
		"the same refund":  refund(func(*payment.Refund) {}),
		"the same deposit": deposit(func(*wallet.Deposit) {}),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"charge: amount":      charge(func(c *payment.Charge) { c.Amount = money(t, 6, "USD") }),
		"charge: currency":    charge(func(c *payment.Charge) { c.Amount = money(t, 5, "EUR") }),
		"charge: account":     charge(func(c *payment.Charge) { c.Account = "other" }),
		"charge: order":       charge(func(c *payment.Charge) { c.Order = "" }),
		"charge: application": charge(func(c *payment.Charge) { c.Application = "" }),
		"charge: description": charge(func(c *payment.Charge) { c.Description = "D" }),
		"refund: charge":      refund(func(r *payment.Refund) { r.Charge = "k2" }),
		"refund: account":     refund(func(r *payment.Refund) { r.Account = "other" }),
		"refund: amount":      refund(func(r *payment.Refund) { r.Amount = money(t, 6, "USD") }),
		"refund: reason":      refund(func(r *payment.Refund) { r.Reason = "" }),
		"deposit: account":    deposit(func(d *wallet.Deposit) { d.Account = "other" }),
		"deposit: amount":     deposit(func(d *wallet.Deposit) { d.Amount = money(t, 6, "USD") }),
		"deposit: currency":   deposit(func(d *wallet.Deposit) { d.Amount = money(t, 5, "EUR") }),
	} {
		if !errors.Is(err, payment.ErrKeyConflict) {
			t.Errorf("%s: %v, want %v", name, err, payment.ErrKeyConflict)
		}
	}
}

func TestValidate(t *testing.T) {
	d := wallet.Deposit{Key: "d", Account: "acme", Amount: money(t, 5, "USD")}
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
	d.Amount = money(t, -5, "USD")
	if err := d.Validate(); !errors.Is(err, payment.ErrInvalid) {
		t.Errorf("a deposit of %s: %v", d.Amount, err)
	}
	for id, want := range map[string]error{"acme": nil, "": payment.ErrInvalid, strings.Repeat("a", 257): payment.ErrInvalid} {
		if err := wallet.ValidateAccount(id); !errors.Is(err, want) {
			t.Errorf("ValidateAccount(%.8q) = %v, want %v", id, err, want)
		}
	}
}
