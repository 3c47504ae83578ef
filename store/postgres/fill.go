package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	getFilled  = `SELECT after FROM {schema}.filled`
	putFilled  = `UPDATE {schema}.filled SET after = $1`
	dropFilled = `DROP TABLE {schema}.filled`

	// getUnfilled keeps others from changing the applications in the meantime.
	getUnfilled = `SELECT id, document FROM {schema}.applications WHERE id > $1 ORDER BY id LIMIT $2 FOR NO KEY UPDATE`
	putDocument = `UPDATE {schema}.applications SET document = $2 WHERE id = $1`
	// fillPaid is for orders that are paid and for those that once were. If the event was pruned, the time of payment
	// is unknown.
	fillPaid = `
UPDATE {schema}.orders o
SET paid_at = CASE WHEN o.status = 'paid' THEN o.closed_at ELSE (
	SELECT max(e.at) FROM {schema}.events e
	WHERE e.application_id = o.application_id AND e.order_id = o.id AND e.type = 'order_paid'
) END
WHERE o.application_id = ANY ($1) AND o.paid_at IS NULL AND o.status IN ('paid', 'refund_due', 'refunded', 'stray', 'cancelled')`
	getPaid = `SELECT id, paid_at FROM {schema}.orders WHERE application_id = $1 AND id = ANY ($2) AND paid_at IS NOT NULL`
)

// filledAtOnce is the number of applications that one transaction fills in.
const filledAtOnce = 200

// fill copies data from documents and events into the columns and tables that migration 0003 added. Each call handles
// the next few applications; done reports that there are none left.
func fill(ctx context.Context, s *Store, tx pgx.Tx) (done bool, err error) {
	f := filling{store: s, tx: txSession{tx, s.pool.mode}}
	var after string
	if err := f.each(ctx, getFilled, nil, func(r rows) error { return r.Scan(&after) }); err != nil {
		return false, err
	}
	if err := f.read(ctx, after); err != nil {
		return false, err
	}
	if len(f.ids) > 0 {
		if err := f.write(ctx); err != nil {
			return false, err
		}
	}
	if len(f.ids) == filledAtOnce {
		return false, f.each(ctx, putFilled, []any{f.ids[len(f.ids)-1]}, nil)
	}
	return true, f.each(ctx, dropFilled, nil, nil)
}

// filling holds the applications of one transaction.
type filling struct {
	store *Store
	tx    txSession

	ids           []string
	subscriptions subscriptionRows
	givenBack     []subscription.Application // their documents have orders that may once have been paid
}

// each runs a statement without a time limit.
func (f *filling) each(ctx context.Context, statement string, args []any, scan func(rows) error) error {
	r, err := f.tx.query(ctx, f.store.sql(statement), args)
	if err != nil {
		return err
	}
	return every(r, scan)
}

// read reads the documents of the next applications, one at a time. It leaves a document that can't be read as it is:
// such an application can't be used for anything else either.
func (f *filling) read(ctx context.Context, after string) error {
	return f.each(ctx, getUnfilled, []any{after, int64(filledAtOnce)}, func(r rows) error {
		var (
			id  string
			doc borrowed
		)
		if err := r.Scan(&id, &doc); err != nil {
			return err
		}
		f.ids = append(f.ids, id)
		app, unreadable := document.Decode(doc)
		if unreadable != nil {
			return nil //nolint:nilerr // see above
		}
		if slices.ContainsFunc(app.Orders, oncePaid) {
			f.givenBack = append(f.givenBack, app)
		}
		for _, row := range app.Rows() {
			if err := f.subscriptions.add(subscription.ApplicationID(id), &row); err != nil {
				return err
			}
		}
		return nil
	})
}

// oncePaid reports whether an order in a document may have been paid although it doesn't say so.
func oncePaid(o subscription.Order) bool {
	return o.PaidAt.IsZero() && (o.Status == subscription.OrderRefundDue || o.Status == subscription.OrderUnreconciled)
}

// write writes what read has collected.
func (f *filling) write(ctx context.Context) error {
	if err := f.each(ctx, fillPaid, []any{f.ids}, nil); err != nil {
		return err
	}
	if columns := f.subscriptions.columns(); columns.len() > 0 {
		args := make([]any, len(columns))
		for i, c := range columns {
			args[i] = c.values
		}
		// It doesn't overwrite rows that a change has written.
		add := columns.insert("subscription_rows", "s") + "\n\tON CONFLICT (application_id, id) DO NOTHING"
		statement := strings.NewReplacer("{applied}", "", "{of s}", "\n\tWHERE true").Replace(add)
		if err := f.each(ctx, numbered(statement, false), args, nil); err != nil {
			return err
		}
	}
	for i := range f.givenBack {
		if err := f.document(ctx, &f.givenBack[i]); err != nil {
			return err
		}
	}
	return nil
}

// document adds to a document when its orders were paid.
func (f *filling) document(ctx context.Context, app *subscription.Application) error {
	var ids []string
	for i := range app.Orders {
		if oncePaid(app.Orders[i]) {
			ids = append(ids, string(app.Orders[i].ID))
		}
	}
	paid := map[string]time.Time{}
	if err := f.each(ctx, getPaid, []any{string(app.ID), ids}, func(r rows) error {
		var (
			id string
			at time.Time
		)
		err := r.Scan(&id, &at)
		paid[id] = at.UTC()
		return err
	}); err != nil || len(paid) == 0 {
		return err
	}
	for i := range app.Orders {
		if o := &app.Orders[i]; oncePaid(*o) {
			o.PaidAt = paid[string(o.ID)]
		}
	}
	doc, tooLarge := document.Append(nil, app)
	if tooLarge != nil {
		return nil //nolint:nilerr // only the row says when the order was paid
	}
	return f.each(ctx, putDocument, []any{string(app.ID), string(doc)}, nil)
}
