package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// banked is a provider whose accounts have all made a deposit, so that none pays by card.
type banked struct{ *provider }

func (b banked) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if nothing, err := pricing.FromMinor(0, c.Amount.Currency()); err == nil {
		if err := b.deposit(c.Account, nothing); err != nil {
			return payment.Result{}, err
		}
	}
	return b.provider.Charge(ctx, c)
}

// TestProviderIsAGateway holds the provider to the contract of gateways.
func TestProviderIsAGateway(t *testing.T) {
	paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
		p := newProvider(func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) })
		every := func(a answer, reason payment.Reason, account string, on ...call) {
			for _, on := range on {
				p.put(&scripted{on: on, account: account, answer: a, reason: reason, calls: int(allCalls)})
			}
		}
		return paymenttest.Harness{
			Gateway: banked{p},
			Deposit: func(_ context.Context, account string, amount pricing.Money) error {
				every(normal, "", account, onCharge)
				return p.deposit(account, amount)
			},
			Balance: func(_ context.Context, account string, c pricing.Currency) (pricing.Money, error) {
				b, err := p.of(account, c)
				if b.Balance.IsZero() && err == nil {
					return pricing.FromMinor(0, c)
				}
				return b.Balance, err
			},
			Decline: func(_ context.Context, account string, reason payment.Reason) error {
				every(decline, reason, account, onCharge)
				return nil
			},
			NeedPayer: func(_ context.Context, account string) error {
				action := payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/confirm"}
				p.put(&scripted{on: onCharge, account: account, answer: pending, action: action, calls: int(allCalls)})
				return nil
			},
			Confirm: func(_ context.Context, key string, confirms bool) error {
				to := ending{status: payment.Declined, reason: payment.NeedsAuthentication}
				if confirms {
					to = ending{status: payment.Succeeded}
				}
				_, err := p.end(key, to)
				return err
			},
			Fail: func(_ context.Context, acts bool) (func(), error) {
				how := timeoutBefore
				if acts {
					how = timeoutAfter
				}
				every(how, "", "", onCharge, onLookup, onRefund)
				return func() { every(normal, "", "", onCharge, onLookup, onRefund) }, nil
			},
		}
	})
}

// TestScript pins whose calls an answer is for, and for how many of them.
func TestScript(t *testing.T) {
	p := newProvider(time.Now)
	p.put(&scripted{on: onCharge, account: "acme", answer: decline, calls: 2})
	p.put(&scripted{on: onCharge, answer: pending, calls: 1})
	p.put(&scripted{on: onCharge, answer: timeoutAfter, calls: int(allCalls)})
	p.put(&scripted{on: onRefund, answer: timeoutBefore, calls: int(allCalls)})
	for i, tt := range []struct {
		on      call
		account string
		want    answer
	}{
		{onCharge, "acme", decline},
		{onCharge, "emca", pending},
		{onCharge, "acme", decline},
		{onLookup, "acme", normal},
		{onCharge, "acme", timeoutAfter},
		{onCharge, "emca", timeoutAfter},
		{onRefund, "acme", timeoutBefore},
	} {
		if got := p.next(tt.on, tt.account); got.answer != tt.want {
			t.Errorf("call %d: got %s, want %s", i, got.answer, tt.want)
		}
	}
	p.put(&scripted{on: onCharge, answer: normal, calls: int(allCalls)})
	if c, r := p.next(onCharge, "acme"), p.next(onRefund, "acme"); c.answer != normal || r.answer != timeoutBefore {
		t.Errorf("when the queue is emptied: charges %s, refunds %s", c.answer, r.answer)
	}
}

// TestLateFailureOfARefund pins that a refund that succeeded can still fail at the provider, and takes the money out again;
// nothing else that contradicts a result changes anything.
func TestLateFailureOfARefund(t *testing.T) {
	ctx, p := t.Context(), newProvider(time.Now)
	usd := func(minor int64) pricing.Money {
		m, err := pricing.FromMinor(minor, "USD")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	must := func(r payment.Result, err error) payment.Result {
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if err := p.deposit("acme", usd(1000)); err != nil {
		t.Fatal(err)
	}
	charge := payment.Charge{Key: "c", Account: "acme", Amount: usd(600)}
	must(p.Charge(ctx, charge))
	must(p.Refund(ctx, payment.Refund{Key: "r", Charge: "c", Account: "acme", Amount: usd(200)}))
	if told := must(p.end("c", ending{status: payment.Declined, reason: payment.Other})); told.Status != payment.Declined {
		t.Errorf("told %v of the charge", told)
	}
	if again := must(p.Charge(ctx, charge)); again.Status != payment.Succeeded {
		t.Errorf("the charge is %v", again)
	}
	if told := must(p.end("r", ending{status: payment.Declined, reason: payment.Other})); told.Status != payment.Declined {
		t.Errorf("told %v of the refund", told)
	}
	b, err := p.of("acme", "USD")
	if err != nil || b != (books{Balance: usd(400), Collected: usd(600), Returned: usd(0), Charges: 1, Asked: 1}) {
		t.Errorf("the books are %+v, error %v", b, err)
	}
	if _, err := p.end("x", ending{status: payment.Succeeded}); subscription.CodeOf(err) != "not_found" {
		t.Errorf("an unknown key: %v", err)
	}
	if _, err := p.Lookup(ctx, ""); !errors.Is(err, payment.ErrInvalid) {
		t.Errorf("no key: %v", err)
	}
}

// TestReversals pins that the money of a dispute moves once, in whatever order its notices come, and that what went back can't be
// refunded.
func TestReversals(t *testing.T) {
	ctx, p := t.Context(), newProvider(func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) })
	usd := func(minor int64) pricing.Money {
		m, err := pricing.FromMinor(minor, "USD")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if err := p.deposit("acme", usd(1000)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Charge(ctx, payment.Charge{Key: "c", Account: "acme", Amount: usd(600)}); err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		id             string
		status         payment.ReversalStatus
		amount         pricing.Money
		told, returned int64
	}{
		{"early", payment.Reinstated, usd(100), 100, 0},
		{"early", payment.Reversed, usd(100), 100, 0},
		{"a", payment.Reversed, usd(250), 250, 250},
		{"a", payment.Reversed, pricing.Money{}, 250, 250},
		{"b", payment.GivenBack, usd(50), 50, 300},
		{"a", payment.Reinstated, pricing.Money{}, 250, 50},
		{"a", payment.Reinstated, pricing.Money{}, 250, 50},
		{"a", payment.Reversed, usd(250), 250, 50},
		{"all", payment.Reversed, pricing.Money{}, 600, 650},
	} {
		told, err := p.reverse(payment.Reversal{ID: tt.id, Charge: "c", Status: tt.status, Amount: tt.amount})
		if err != nil || told.Amount != usd(tt.told) || told.At.IsZero() {
			t.Errorf("notice %d: told %+v, error %v", i, told, err)
		}
		b, err := p.of("acme", "USD")
		if want := (books{usd(400 + tt.returned), usd(600), usd(tt.returned), 1, 1}); err != nil || b != want {
			t.Errorf("notice %d: the books are %+v, want %+v, error %v", i, b, want, err)
		}
	}
	r, err := p.Refund(ctx, payment.Refund{Key: "r", Charge: "c", Account: "acme", Amount: usd(1)})
	if err != nil || r.Reason != payment.ExceedsCharge {
		t.Errorf("a refund of what went back: %v, error %v", r, err)
	}
	if _, err := p.reverse(payment.Reversal{ID: "x", Charge: "x", Status: payment.Reversed}); subscription.CodeOf(err) != "not_found" {
		t.Errorf("an unknown charge: %v", err)
	}
	if _, err := p.reverse(payment.Reversal{Charge: "c", Status: payment.Reversed}); subscription.CodeOf(err) != codeBadStep {
		t.Errorf("no ID: %v", err)
	}
}

// TestActions pins that a pending charge has the action that the script or the story gave it, until it is settled.
func TestActions(t *testing.T) {
	ctx, p := t.Context(), newProvider(time.Now)
	first, second := payment.Action{Kind: "k", Value: "1"}, payment.Action{Kind: "k", Value: "2"}
	amount, err := pricing.FromMinor(600, "USD")
	if err != nil {
		t.Fatal(err)
	}
	p.put(&scripted{on: onCharge, answer: pending, action: first, calls: 1})
	charge := payment.Charge{Key: "c", Account: "acme", Amount: amount}
	expect := func(want payment.Action, status payment.Status) {
		t.Helper()
		for _, ask := range []func() (payment.Result, error){
			func() (payment.Result, error) { return p.Charge(ctx, charge) },
			func() (payment.Result, error) { return p.Lookup(ctx, "c") },
		} {
			if r, err := ask(); err != nil || r.Status != status || r.Action != want || r.Validate() != nil {
				t.Errorf("got %+v, error %v", r, err)
			}
		}
	}
	expect(first, payment.Pending)
	for _, to := range []ending{{status: payment.Pending}, {status: payment.Pending, action: second}, {status: payment.Succeeded}} {
		if _, err := p.end("c", to); err != nil {
			t.Fatal(err)
		}
		switch {
		case to.status == payment.Succeeded:
			expect(payment.Action{}, payment.Succeeded)
		case to.action.IsZero():
			expect(first, payment.Pending)
		default:
			expect(second, payment.Pending)
		}
	}
}
