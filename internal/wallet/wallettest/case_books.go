package wallettest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/payment/balance"
)

func journal(e *env) {
	e.opened("100.00 USD", "5 JPY")
	ctx, a := e.Context(), e.Accounts
	e.pay("k1", "30.00 USD")
	_, err := a.Charge(ctx, charge("declined", "500.00 USD"))
	e.ok(err)
	e.ok(a.Open(ctx, "other"))
	e.ok(a.Deposit(ctx, "other", "o1", money("1.00 USD")))
	_, err = a.Refund(ctx, refund("r1", "k1", "10.00 USD"))
	e.ok(err)

	want := []balance.Movement{
		{Kind: balance.Deposited, Account: "acme", Key: "deposit 0", Amount: money("100.00 USD"), Balance: money("100.00 USD")},
		{Kind: balance.Deposited, Account: "acme", Key: "deposit 1", Amount: money("5 JPY"), Balance: money("5 JPY")},
		{
			Kind: balance.Charged, Account: "acme", Key: "k1", Amount: money("-30.00 USD"), Balance: money("70.00 USD"),
			Order: "order-1", Application: "app-1", Description: "Group Call",
		},
		{Kind: balance.Deposited, Account: "other", Key: "o1", Amount: money("1.00 USD"), Balance: money("1.00 USD")},
		{
			Kind: balance.Refunded, Account: "acme", Key: "r1", Charge: "k1", Amount: money("10.00 USD"), Balance: money("80.00 USD"),
			Order: "order-1", Application: "app-1", Description: "goodwill",
		},
	}
	got := e.all(a.Journal(ctx))
	for i := range want {
		want[i].At, want[i].Number = Now(), i+1
		if e.Gaps && i < len(got) {
			want[i].Number = got[i].Number
		}
	}
	e.equal("journal", got, want)
	e.equal("statement", e.all(a.Statement(ctx, "acme")), slices.Concat(want[:3], want[4:]))
	e.audit(a)
}

// pages checks listings of more than two pages, in any implementation or with any existing page size.
func pages(e *env) {
	many := testsize.Of(1100, 2100)
	e.opened()
	for i := range many {
		e.ok(e.Accounts.Deposit(e.Context(), "acme", strconv.Itoa(i), money("0.01 USD")))
	}
	e.audit(e.Accounts)
	got := e.all(e.Accounts.Statement(e.Context(), "acme"))
	if len(got) != many {
		e.Fatalf("%d movements, want %d", len(got), many)
	}
	for i, m := range got {
		if m.Key != strconv.Itoa(i) {
			e.Fatalf("movement %d has key %q", i, m.Key)
		}
	}
}

func (e *env) readings(ctx context.Context) map[string]iter.Seq2[balance.Movement, error] {
	return map[string]iter.Seq2[balance.Movement, error]{
		"journal": e.Accounts.Journal(ctx), "statement": e.Accounts.Statement(ctx, "acme"),
	}
}

func snapshot(e *env) {
	e.opened("100.00 USD", "50.00 USD")
	for name, movements := range e.readings(e.Context()) {
		before := len(e.all(e.Accounts.Journal(e.Context())))
		n := 0
		for _, err := range movements { // the loop may call the accounts
			e.ok(err)
			n++
			e.pay(name+strconv.Itoa(n), "1.00 USD")
		}
		if n != before {
			e.Errorf("%s: %d movements, want the %d from before the loop", name, n, before)
		}
		for _, err := range movements {
			e.ok(err)
			break // the loop may stop early
		}
	}
	e.audit(e.Accounts)
}

func readingEnds(e *env) {
	e.opened("100.00 USD")
	ended, cancel := context.WithCancel(e.Context())
	cancel()
	for name, movements := range e.readings(ended) {
		n := 0
		for m, err := range movements {
			n++
			if !errors.Is(err, context.Canceled) || m != (balance.Movement{}) {
				e.Errorf("%s: %+v, %v", name, m, err)
			}
		}
		if n != 1 {
			e.Errorf("%s: %d yields, want one error", name, n)
		}
	}
}
