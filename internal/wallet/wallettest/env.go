package wallettest

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// env is the environment of a case. The methods that fail the case must be called from its own goroutine.
type env struct {
	*testing.T
	Subject
}

// money parses an amount such as "10.00 USD".
func money(s string) pricing.Money {
	var m pricing.Money
	if err := m.UnmarshalText([]byte(s)); err != nil {
		return pricing.Money{} // no request accepts it
	}
	return m
}

// opened opens "acme" and makes the deposits, with the keys "deposit 0", "deposit 1" and so on.
func (e *env) opened(deposits ...string) {
	e.Helper()
	e.ok(e.Accounts.Open(e.Context(), "acme"))
	for i, d := range deposits {
		e.ok(e.Accounts.Deposit(e.Context(), "acme", "deposit "+strconv.Itoa(i), money(d)))
	}
}

func (e *env) ok(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// is fails the case unless err is want, which may be nil.
func (e *env) is(what string, err, want error) {
	e.Helper()
	if !errors.Is(err, want) {
		e.Errorf("%s: %v, want %v", what, err, want)
	}
}

func charge(key, amount string) payment.Charge {
	return payment.Charge{
		Key: key, Account: "acme", Amount: money(amount), Order: "order-1", Application: "app-1", Description: "Group Call",
	}
}

func refund(key, of, amount string) payment.Refund {
	return payment.Refund{Key: key, Charge: of, Account: "acme", Amount: money(amount), Reason: "goodwill"}
}

// pay charges "acme". The charge must succeed.
func (e *env) pay(key, amount string) payment.Result {
	e.Helper()
	c := charge(key, amount)
	r, err := e.Accounts.Charge(e.Context(), c)
	if err != nil || !r.Paid(c.Amount) {
		e.Fatalf("Charge(%s) = %+v, %v", key, r, err)
	}
	return r
}

// has fails the case unless a reports that balance for "acme".
func (e *env) has(a Accounts, want string) {
	e.Helper()
	m := money(want)
	if got, err := a.Balance(e.Context(), "acme", m.Currency()); err != nil || got != m {
		e.Errorf("Balance = %s, %v, want %s", got, err, want)
	}
}

// all returns all movements.
func (e *env) all(s iter.Seq2[balance.Movement, error]) []balance.Movement {
	e.Helper()
	var movements []balance.Movement
	for m, err := range s {
		e.ok(err)
		movements = append(movements, m)
	}
	return movements
}

// audit fails the case unless the statement of each account that was ever deposited to matches its balances, movement
// by movement, and the journal consists of the statements.
func (e *env) audit(a Accounts) {
	e.Helper()
	whole := e.all(a.Journal(e.Context()))
	if !slices.IsSortedFunc(whole, byNumber) {
		e.Error("the journal is not in the order of its numbers")
	}
	type purse struct {
		account  string
		currency pricing.Currency
	}
	sums, statements := make(map[purse]int64), make(map[string][]balance.Movement)
	for i, m := range whole {
		if n := i + 1; !e.Gaps && m.Number != n {
			e.Errorf("movement %d of the journal has number %d", n, m.Number)
		}
		p := purse{m.Account, m.Amount.Currency()}
		sums[p] += m.Amount.Minor()
		if sums[p] != m.Balance.Minor() || sums[p] < 0 || m.Balance.Currency() != p.currency {
			e.Errorf("movement %d has balance %s, but the movements up to it sum to %d", m.Number, m.Balance, sums[p])
		}
		statements[m.Account] = append(statements[m.Account], m)
	}
	for p, sum := range sums {
		if got, err := a.Balance(e.Context(), p.account, p.currency); err != nil || got.Minor() != sum {
			e.Errorf("%q has %s, %v, but its movements sum to %d", p.account, got, err, sum)
		}
	}
	for id, want := range statements {
		e.equal("statement of "+id, e.all(a.Statement(e.Context(), id)), want)
	}
}

func byNumber(a, b balance.Movement) int { return a.Number - b.Number }

// equal compares movements, including all fields.
func (e *env) equal(what string, got, want []balance.Movement) {
	e.Helper()
	if len(got) != len(want) {
		e.Errorf("%s: %d movements, want %d", what, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		g, w := got[i], want[i]
		if !g.At.Equal(w.At) {
			e.Errorf("%s: movement %d is of %s, want %s", what, i, g.At, w.At)
		}
		if g.At = w.At; g != w {
			e.Errorf("%s: movement %d is\n%+v, want\n%+v", what, i, g, w)
		}
	}
}
