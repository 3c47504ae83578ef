package sqlite

import (
	"context"
	"errors"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// The statements erase in all rows of an application what the Erased methods of those rows erase. The events of the erasure's
// own revision stay: they have nothing to erase.
const (
	eraseOrders  = `UPDATE prepaid_orders SET account = '', note = NULL, reference = NULL, action = NULL WHERE application_id = ?`
	eraseRefunds = `UPDATE prepaid_order_refunds SET account = '', note = NULL, reference = NULL, asked_by = NULL
WHERE application_id = ?`
	eraseSubscriptions = `UPDATE prepaid_subscription_rows SET account = '' WHERE application_id = ?`
	eraseEvents        = `UPDATE prepaid_events SET note = NULL, actor = NULL, why = NULL WHERE application_id = ? AND revision < ?`

	// dealtOrders may have the reason of a deal in what they deliver.
	dealtOrders = `SELECT id, deliveries FROM prepaid_orders WHERE application_id = ? AND deliveries LIKE '%"deal"%'`
	putDealt    = `UPDATE prepaid_orders SET deliveries = ? WHERE application_id = ? AND id = ?`
)

// Erase implements [subscription.Eraser]. What was erased may still be in free pages of the file and in the write-ahead
// log, until they are overwritten: VACUUM removes it at once.
func (s *Store) Erase(ctx context.Context, change subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e, err := newErasure(change)
	if err != nil {
		return err
	}
	return s.write(ctx, groupWeight, e.run) // alone, since it may write many rows
}

// erasure is one call of Erase.
type erasure struct {
	batch batch
	app   string
	last  int64 // the revision of the change
}

func newErasure(change subscription.Change) (*erasure, error) {
	b, err := newBatch([]subscription.Change{change})
	if err == nil {
		err = b.refused.Err()
	}
	return &erasure{b, string(change.Application), change.Base + 1}, err
}

// run commits the change and erases the rows. It fails if the change doesn't hold, so that nothing is written.
func (e *erasure) run(q session) error {
	out, err := e.batch.apply(q, false)
	switch {
	case errors.Is(err, errLate):
		out = commitresult.Result{}
		if why := refusalOf(err); why != nil {
			out.Refuse(subscription.ApplicationID(e.app), why)
		} else {
			out.Conflict(subscription.ApplicationID(e.app))
		}
		return out.Err()
	case err != nil:
		return err
	}
	if err := out.Err(); err != nil {
		return err
	}
	if err := e.deals(q); err != nil {
		return err
	}
	for _, statement := range []string{eraseOrders, eraseRefunds, eraseSubscriptions} {
		if _, err := q.exec(statement, e.app); err != nil {
			return err
		}
	}
	_, err = q.exec(eraseEvents, e.app, e.last)
	return err
}

// deals erases the reasons of the deals that orders deliver.
func (e *erasure) deals(q session) error {
	var found [][]any
	err := q.query(dealtOrders, func(r row) error {
		deliveries, err := document.DecodeDeliveries([]byte(r.text(1)))
		if err != nil {
			return &CorruptError{e.app, err}
		}
		text, err := document.AppendDeliveries(nil, subscription.Order{Deliveries: deliveries}.Erased().Deliveries)
		found = append(found, []any{string(text), e.app, r.text(0)})
		return err
	}, e.app)
	for _, args := range found {
		if err == nil {
			_, err = q.exec(putDealt, args...)
		}
	}
	return err
}
