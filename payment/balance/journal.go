package balance

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Kind says what a movement was.
type Kind string

// The kinds of movements.
const (
	Deposited Kind = "deposited"
	Charged   Kind = "charged"
	Refunded  Kind = "refunded"
)

// Movement is one change of one balance. The amounts of an account's movements in a currency sum to its
// balance in it.
//
// Numbers are unique, and increase from each movement of an account to its next, whatever the currencies. In
// memory and on SQLite they are 1, 2, 3, … through the whole journal, as the movements happened. On Postgres they
// have gaps, and say nothing about the order of two accounts: a movement may come to light after one of another
// account that has a greater number. Whoever reads on from where they stopped reads statements, not the journal.
type Movement struct {
	Number      int           `json:"number"` // positive; the Reference of results
	At          time.Time     `json:"at"`
	Kind        Kind          `json:"kind"`
	Account     string        `json:"account"`
	Key         string        `json:"key"`                   // of the deposit, the charge or the refund
	Charge      string        `json:"charge,omitempty"`      // of a refund: the key of the charge
	Amount      pricing.Money `json:"amount"`                // positive: to the account; negative: from it
	Balance     pricing.Money `json:"balance"`               // the account's in that currency, after this
	Order       string        `json:"order,omitempty"`       // of the charge
	Application string        `json:"application,omitempty"` // of the charge
	Description string        `json:"description,omitempty"` // of the charge; the reason of a refund
}

// Journal yields every movement up to the moment the iteration begins, oldest first. It is an immutable
// snapshot: the loop may call any method, and later movements don't show up in it. It ends with ctx's error once ctx
// is done.
func (a *Accounts) Journal(ctx context.Context) iter.Seq2[Movement, error] {
	return yields(ctx, func() []*Movement {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.journal
	})
}

// Statement yields the movements of one account as Journal does, none for an account that isn't open.
func (a *Accounts) Statement(ctx context.Context, id string) iter.Seq2[Movement, error] {
	return yields(ctx, func() []*Movement {
		a.mu.Lock()
		defer a.mu.Unlock()
		acct := a.accounts[id]
		if acct == nil {
			return nil
		}
		return acct.statement
	})
}

// yields gives what get returns when the iteration begins, one by one, and looks at ctx before each movement, and
// once where there is none.
func yields(ctx context.Context, get func() []*Movement) iter.Seq2[Movement, error] {
	return func(yield func(Movement, error) bool) {
		movements := get()
		for i := 0; ; i++ {
			if err := ctx.Err(); err != nil {
				yield(Movement{}, fmt.Errorf("balance: movements: %w", err))
				return
			}
			if i == len(movements) || !yield(*movements[i], nil) {
				return
			}
		}
	}
}

// move writes m to the journal, sets the balance it leaves, and returns it with its number and time. The
// account is open. The caller holds the lock.
func (a *Accounts) move(m Movement) Movement {
	m.Number, m.At = len(a.journal)+1, a.now()
	acct := a.accounts[m.Account]
	acct.balances[m.Amount.Currency()] = m.Balance
	acct.statement = append(acct.statement, &m)
	a.journal = append(a.journal, &m)
	return m
}
