package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment/balance"
)

// movementsPage is the number of movements read at a time.
const movementsPage = 500

// Journal yields every movement that is on record when the iteration begins, ordered by number. Movements that are
// being made at that moment may or may not appear. The loop may call any method: no lock or connection is held while
// it runs, and at most a few hundred movements are in memory. An error, such as ctx's, ends the iteration.
func (a *Accounts) Journal(ctx context.Context) iter.Seq2[balance.Movement, error] {
	return a.movements(ctx, "journal", "", lastOfAll, getJournal)
}

// Statement yields the movements of one account that were made before the iteration begins, oldest first, or none if
// the account isn't open. Otherwise it works like Journal.
func (a *Accounts) Statement(ctx context.Context, id string) iter.Seq2[balance.Movement, error] {
	if wallet.ValidateAccount(id) != nil {
		return func(func(balance.Movement, error) bool) {}
	}
	return a.movements(ctx, "statement of", id, lastOfAccount, getStatement, id)
}

// movements reads pages of a query, up to the number that another query returns. id holds the arguments of both.
func (a *Accounts) movements(
	ctx context.Context, verb, of, lastQuery, query string, id ...any,
) iter.Seq2[balance.Movement, error] {
	return func(yield func(balance.Movement, error) bool) {
		last, err := ask(ctx, a, verb, of, pgx.RowTo[int64], lastQuery, id...)
		for number := 0; err == nil; {
			var page []balance.Movement
			args := append([]any{number, *last, movementsPage}, id...)
			err = a.store.repeat(ctx, func() (err error) {
				page, err = a.page(ctx, query, args)
				return err
			})
			if err != nil {
				err = fmt.Errorf("postgres: %s %.80q: %w", verb, of, err)
				break
			}
			for _, m := range page {
				if !yield(m, nil) {
					return
				}
				number = m.Number
			}
			if len(page) < movementsPage {
				return
			}
		}
		yield(balance.Movement{}, err)
	}
}

func (a *Accounts) page(ctx context.Context, query string, args []any) ([]balance.Movement, error) {
	ctx, cancel := a.store.limit(ctx)
	defer cancel()
	rows, err := a.store.pool.rows(ctx, a.store.sql(query), args)
	if err != nil {
		return nil, ended(ctx, err)
	}
	page, err := pgx.CollectRows(rows, scanMovement)
	return page, ended(ctx, err)
}
