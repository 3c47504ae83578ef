package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// The statements erase in all rows of an application what the Erased methods of those rows erase. The events of the erasure's
// own revision stay: they have nothing to erase.
const (
	eraseOrders  = `UPDATE {schema}.orders SET account = '', note = NULL, reference = NULL, action = NULL WHERE application_id = $1`
	eraseRefunds = `UPDATE {schema}.order_refunds SET account = '', note = NULL, reference = NULL, asked_by = NULL
WHERE application_id = $1`
	eraseSubscriptions = `UPDATE {schema}.subscription_rows SET account = '' WHERE application_id = $1`
	eraseEvents        = `UPDATE {schema}.events SET note = NULL, actor = NULL, why = NULL WHERE application_id = $1 AND revision < $2`

	// dealtOrders may have the reason of a deal in what they deliver.
	dealtOrders = `SELECT id, deliveries FROM {schema}.orders WHERE application_id = $1 AND deliveries LIKE '%"deal"%'`
	putDealt    = `UPDATE {schema}.orders SET deliveries = $1 WHERE application_id = $2 AND id = $3`
)

// Erase implements [subscription.Eraser]. What was erased stays in dead rows until they are vacuumed, and in archived
// write-ahead logs.
func (s *Store) Erase(ctx context.Context, change subscription.Change) error {
	return s.repeat(ctx, func() error {
		return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
			return s.within(txSession{tx, s.pool.mode}).store.eraseWithin(ctx, change)
		})
	})
}

// eraseWithin erases in a caller's transaction. If the change doesn't hold, nothing is written.
func (s *Store) eraseWithin(ctx context.Context, change subscription.Change) error {
	if err := s.Commit(ctx, change); err != nil {
		return err
	}
	app := string(change.Application)
	if err := s.eraseDeals(ctx, app); err != nil {
		return err
	}
	for _, statement := range []string{eraseOrders, eraseRefunds, eraseSubscriptions} {
		if err := s.run(ctx, statement, app); err != nil {
			return err
		}
	}
	return s.run(ctx, eraseEvents, app, change.Base+1)
}

// eraseDeals erases the reasons of the deals that orders deliver.
func (s *Store) eraseDeals(ctx context.Context, app string) error {
	type dealt struct{ id, deliveries string }
	var found []dealt
	err := s.each(ctx, s.sql(dealtOrders), []any{app}, func(r rows) error {
		var id string
		var text []byte
		if err := r.Scan(&id, &text); err != nil {
			return err
		}
		deliveries, err := document.DecodeDeliveries(text)
		if err != nil {
			return err
		}
		text, err = document.AppendDeliveries(nil, subscription.Order{Deliveries: deliveries}.Erased().Deliveries)
		found = append(found, dealt{id, string(text)})
		return err
	})
	for _, o := range found {
		if err == nil {
			err = s.run(ctx, putDealt, o.deliveries, app, o.id)
		}
	}
	return err
}
