package balance

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Kind is the kind of a movement.
type Kind string

// The kinds of movements.
const (
	Deposited Kind = "deposited"
	Charged   Kind = "charged"
	Refunded  Kind = "refunded"
)

// Movement is one change of one balance. The amounts of an account's movements in a currency sum to its balance in that
// currency.
//
// Numbers are unique and increase from each movement of an account to its next, across all currencies. In memory and on
// SQLite they are 1, 2, 3, … through the whole journal, in the order of the movements. On Postgres they have gaps and
// do not order the movements of two accounts: a movement may become visible after one of another account that has a
// greater number. To resume reading from a position, read statements, not the journal.
type Movement struct {
	Number      int           `json:"number"` // positive; the Reference of results
	At          time.Time     `json:"at"`
	Kind        Kind          `json:"kind"`
	Account     string        `json:"account"`
	Key         string        `json:"key"`                   // of the deposit, the charge or the refund
	Charge      string        `json:"charge,omitempty"`      // refunds only: the key of the charge
	Amount      pricing.Money `json:"amount"`                // positive: into the account; negative: out of it
	Balance     pricing.Money `json:"balance"`               // the account's balance in that currency after the movement
	Order       string        `json:"order,omitempty"`       // of the charge
	Application string        `json:"application,omitempty"` // of the charge
	Description string        `json:"description,omitempty"` // of the charge, or the reason for the refund
}

// Journal yields all movements up to the start of the iteration, oldest first. It is an immutable snapshot: the loop
// may call any method, and later movements do not appear in it. It ends with ctx's error once ctx is done.
func (a *Accounts) Journal(ctx context.Context) iter.Seq2[Movement, error] {
	return yields(ctx, func() []*Movement {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.journal
	})
}

// Statement yields the movements of one account, in the same way as Journal. It yields none for an account that isn't
// open.
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

// yields calls get when the iteration begins and yields its movements one by one. It checks ctx before each movement,
// and once if there are none.
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

// move appends m to the journal, sets the resulting balance, and returns m with its number and time. The account must
// be open. The caller must hold the lock.
func (a *Accounts) move(m Movement) Movement {
	m.Number, m.At = len(a.journal)+1, a.now()
	acct := a.accounts[m.Account]
	acct.balances[m.Amount.Currency()] = m.Balance
	acct.statement = append(acct.statement, &m)
	a.journal = append(a.journal, &m)
	return m
}
