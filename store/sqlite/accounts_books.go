package sqlite

import (
	"context"
	"iter"
	"slices"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// movementsPage is the number of movements read at a time.
const movementsPage = 500

const (
	lastMovement = `SELECT COALESCE(max(number), 0) FROM prepaid_movements`
	getMovements = `SELECT account, amount, currency, balance, number, at, kind, key, charge, order_id, application_id, description
		FROM prepaid_movements WHERE `
	getStatement = getMovements + `account = ? AND number > ? AND number <= ? ORDER BY number LIMIT ?`
	getJournal   = getMovements + `number > ? AND number <= ? ORDER BY number LIMIT ?`
)

// Journal yields every movement made before the iteration begins, oldest first; later ones don't appear. The loop may
// call any method: no lock or connection is held while it runs, and at most a few hundred movements are in memory. An
// error, such as ctx's, ends the iteration.
func (a *Accounts) Journal(ctx context.Context) iter.Seq2[balance.Movement, error] {
	return a.movements(ctx, "journal", "", getJournal)
}

// Statement is like Journal, but yields the movements of one account, or none if the account isn't open.
func (a *Accounts) Statement(ctx context.Context, id string) iter.Seq2[balance.Movement, error] {
	if wallet.ValidateAccount(id) != nil {
		return func(func(balance.Movement, error) bool) {}
	}
	return a.movements(ctx, "statement of", id, getStatement, id)
}

// movements reads pages of a query, up to the last movement that is on record when the iteration begins.
func (a *Accounts) movements(ctx context.Context, verb, id, query string, args ...any) iter.Seq2[balance.Movement, error] {
	return func(yield func(balance.Movement, error) bool) {
		var last int64
		err := a.read(ctx, verb, id, func(q session) (err error) {
			last, err = getNumber(q, lastMovement)
			return err
		})
		page := make([]balance.Movement, 0, movementsPage)
		for number := int64(0); err == nil; {
			page = page[:0]
			err = a.read(ctx, verb, id, func(q session) error {
				return q.query(query, func(r row) error {
					m, err := r.movement()
					page = append(page, m)
					return err
				}, append(slices.Clip(args), number, last, int64(movementsPage))...)
			})
			if err != nil {
				break
			}
			for _, m := range page {
				if !yield(m, nil) {
					return
				}
			}
			if len(page) < movementsPage {
				return
			}
			number = int64(page[len(page)-1].Number)
		}
		yield(balance.Movement{}, err)
	}
}

// movement returns a row of getMovements.
func (r row) movement() (balance.Movement, error) {
	m := balance.Movement{
		Number: int(r.number(4)), At: r.time(5), Kind: balance.Kind(r.text(6)), Account: r.text(0), Key: r.text(7),
		Charge: r.text(8), Order: r.text(9), Application: r.text(10), Description: r.text(11),
	}
	var err error
	if m.Amount, err = r.money(1); err == nil {
		m.Balance, err = pricing.FromMinor(r.number(3), m.Amount.Currency())
	}
	return m, err
}
