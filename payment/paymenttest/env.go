package paymenttest

import (
	"context"
	"errors"
	"sync"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// patience limits how often a pending request is polled.
const patience = 1000

// env is the environment of a case: a harness, and helpers that most cases use. All of its methods except ask and
// refund must be called from the goroutine of the case.
type env struct {
	tb
	h   Harness
	ctx context.Context //nolint:containedctx // a case is one test, and this is its context
}

func newEnv(t tb, h Harness) *env {
	t.Helper()
	if h.Gateway == nil || h.Deposit == nil || h.Balance == nil {
		t.Fatalf("paymenttest: Harness: Gateway, Deposit and Balance are required")
	}
	return &env{tb: t, h: h, ctx: t.Context()}
}

// money parses an amount such as "10.00 USD".
func (e *env) money(s string) pricing.Money {
	e.Helper()
	var m pricing.Money
	if err := m.UnmarshalText([]byte(s)); err != nil {
		e.Fatalf("paymenttest: %v", err)
	}
	return m
}

// charge returns a charge of amount. It prepends the run's prefix to the key and the account.
func (e *env) charge(key, account, amount string) payment.Charge {
	e.Helper()
	return payment.Charge{
		Key: e.h.Prefix + key, Account: e.h.Prefix + account, Amount: e.money(amount),
		Order: "order of " + key, Application: "app", Description: "for the tests", Present: e.h.Present,
	}
}

// refundOf returns a refund of amount of the charge c.
func (e *env) refundOf(c payment.Charge, key, amount string) payment.Refund {
	e.Helper()
	return payment.Refund{
		Key: e.h.Prefix + key, Charge: c.Key, Account: c.Account, Amount: e.money(amount), Reason: "for the tests",
	}
}

// deposit deposits amount to the account, whose name is given without the prefix.
func (e *env) deposit(account, amount string) {
	e.Helper()
	if err := e.h.Deposit(e.ctx, e.h.Prefix+account, e.money(amount)); err != nil {
		e.Fatalf("Harness.Deposit(%q, %s): %v", account, amount, err)
	}
}

// balanced fails the case unless the account has exactly want in the provider's books.
func (e *env) balanced(account, want string) {
	e.Helper()
	m := e.money(want)
	got, err := e.h.Balance(e.ctx, e.h.Prefix+account, m.Currency())
	if err != nil {
		e.Fatalf("Harness.Balance(%q, %s): %v", account, m.Currency(), err)
	}
	if got != m {
		e.Fatalf("the provider's books say that %q has %s, want %s", account, got, m)
	}
}

// answered fails the case unless r is a valid, final answer for key.
func (e *env) answered(call, key string, r payment.Result, err error) {
	e.Helper()
	switch {
	case err != nil:
		e.Fatalf("%s(%q): %v; want a Result, since the outcome is known", call, key, err)
	case r.Key != key:
		e.Fatalf("%s(%q): the result has the key %q", call, key, r.Key)
	case r.Validate() != nil:
		e.Fatalf("%s(%q): %v", call, key, r.Validate())
	}
}

// settled repeats a request while it is pending, and returns the last answer.
func (e *env) settled(send func() (payment.Result, error)) (payment.Result, error) {
	r, err := send()
	for n := 0; err == nil && r.Status == payment.Pending && n < patience; n++ {
		if e.h.Advance != nil {
			if err := e.h.Advance(e.ctx); err != nil {
				return payment.Result{}, err
			}
		}
		r, err = send()
	}
	return r, err
}

// ask charges c and polls it while it is pending. It may be called from any goroutine.
func (e *env) ask(c payment.Charge) (payment.Result, error) {
	return e.settled(func() (payment.Result, error) { return e.h.Gateway.Charge(e.ctx, c) })
}

// refund refunds r and polls it while it is pending. It may be called from any goroutine.
func (e *env) refund(r payment.Refund) (payment.Result, error) {
	return e.settled(func() (payment.Result, error) { return e.h.Gateway.Refund(e.ctx, r) })
}

// paid charges c and fails the case unless exactly its amount was collected.
func (e *env) paid(c payment.Charge) payment.Result {
	e.Helper()
	r, err := e.ask(c)
	e.answered("Charge", c.Key, r, err)
	if !r.Paid(c.Amount) {
		e.Fatalf("Charge(%q) of %s: %s %s %s, want success", c.Key, c.Amount, r.Status, r.Reason, r.Amount)
	}
	return r
}

// declined charges c and fails the case unless it is declined.
func (e *env) declined(c payment.Charge) payment.Result {
	e.Helper()
	r, err := e.ask(c)
	e.answered("Charge", c.Key, r, err)
	if r.Status != payment.Declined {
		e.Fatalf("Charge(%q) of %s: %s, want a decline", c.Key, c.Amount, r.Status)
	}
	return r
}

// given refunds r and fails the case unless exactly its amount was refunded.
func (e *env) given(r payment.Refund) payment.Result {
	e.Helper()
	got, err := e.refund(r)
	e.answered("Refund", r.Key, got, err)
	if !got.Paid(r.Amount) {
		e.Fatalf("Refund(%q) of %s: %s %s %s, want success", r.Key, r.Amount, got.Status, got.Reason, got.Amount)
	}
	return got
}

// refused refunds r and fails the case unless it is declined.
func (e *env) refused(r payment.Refund) payment.Result {
	e.Helper()
	got, err := e.refund(r)
	e.answered("Refund", r.Key, got, err)
	if got.Status != payment.Declined {
		e.Fatalf("Refund(%q) of %s: %s, want a decline", r.Key, r.Amount, got.Status)
	}
	return got
}

// found looks up key and polls it while it is pending.
func (e *env) found(key string) payment.Result {
	e.Helper()
	r, err := e.settled(func() (payment.Result, error) { return e.h.Gateway.Lookup(e.ctx, key) })
	e.answered("Lookup", key, r, err)
	return r
}

// failed fails the case unless a call failed with want and the zero Result.
func (e *env) failed(call string, r payment.Result, err, want error) {
	e.Helper()
	if !errors.Is(err, want) {
		e.Fatalf("%s: %s, error %v; want an error that wraps %q", call, r.Status, err, want)
	}
	if r != (payment.Result{}) {
		e.Errorf("%s: an error with the result %+v, want the zero Result", call, r)
	}
}

// same fails the case unless both results are the same, apart from the location of their times.
func (e *env) same(what string, got, want payment.Result) {
	e.Helper()
	if !sameResult(got, want) {
		e.Fatalf("%s: the result is %+v, want the first one, %+v", what, got, want)
	}
}

func sameResult(a, b payment.Result) bool {
	at := a.At.Equal(b.At) && a.Action.Equal(b.Action)
	a.At, a.Action = b.At, b.Action
	return at && a == b
}

// unpayable makes the account, whose name is given without the prefix, unable to pay 10.00 USD, and returns the reason:
// its balance is 4.00 USD. If that isn't a reason for this gateway, it skips the case.
func (e *env) unpayable(account string) payment.Reason {
	e.Helper()
	e.deposit(account, "4.00 USD")
	if e.h.Credit {
		e.decline(account, payment.InsufficientBalance)
	}
	return payment.InsufficientBalance
}

// decline makes the account's charges be declined, or skips the case.
func (e *env) decline(account string, reason payment.Reason) {
	e.Helper()
	if e.h.Decline == nil {
		e.Skipf("the harness has no Decline")
		return
	}
	err := e.h.Decline(e.ctx, e.h.Prefix+account, reason)
	if errors.Is(err, errors.ErrUnsupported) {
		e.Skipf("the harness can't arrange %s", reason)
		return
	}
	if err != nil {
		e.Fatalf("Harness.Decline(%q, %s): %v", account, reason, err)
	}
}

// answer is the answer that one goroutine of a case got.
type answer struct {
	result payment.Result
	err    error
}

// together calls f n times concurrently, with 0 to n-1, and returns the answers in that order.
func together(n int, f func(i int) (payment.Result, error)) []answer {
	answers := make([]answer, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			answers[i].result, answers[i].err = f(i)
		})
	}
	close(start)
	wg.Wait()
	return answers
}
