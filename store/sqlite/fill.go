package sqlite

import (
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	getFilled  = `SELECT after FROM prepaid_filled WHERE one = 1`
	putFilled  = `UPDATE prepaid_filled SET after = ? WHERE one = 1`
	dropFilled = `DROP TABLE prepaid_filled`

	getUnfilled = `SELECT id, document FROM prepaid_applications WHERE id > ? ORDER BY id LIMIT ?`
	putDocument = `UPDATE prepaid_applications SET document = ? WHERE id = ?`
	// addSubscription doesn't overwrite a row that a change has written.
	addSubscription = insertSubscription + `NOTHING`

	fillPaid = `UPDATE prepaid_orders SET paid_at = closed_at WHERE application_id = ? AND status = 'paid' AND paid_at IS NULL`
	// fillOncePaid is for orders that were paid but no longer are. If the event was pruned, the time of payment is
	// unknown.
	fillOncePaid = `UPDATE prepaid_orders AS o SET paid_at = (
	SELECT max(e.at) FROM prepaid_events e WHERE e.application_id = o.application_id AND e.order_id = o.id AND e.type = 'order_paid'
)
WHERE application_id = ? AND status IN ('refund_due', 'refunded', 'stray', 'cancelled') AND paid_at IS NULL`
	getPaid = `SELECT paid_at FROM prepaid_orders WHERE application_id = ? AND id = ?`
)

// filledAtOnce is the number of applications that one transaction fills in.
const filledAtOnce = 200

// fill copies data from documents and events into the columns and tables that migration 0003 added. Each call handles
// the next few applications; done reports that there are none left.
func fill(q session) (done bool, err error) {
	after, err := getText(q, getFilled)
	if err != nil {
		return false, err
	}
	var ids, documents []string
	if err := q.query(getUnfilled, func(r row) error {
		ids, documents = append(ids, r.text(0)), append(documents, r.text(1))
		return nil
	}, after, int64(filledAtOnce)); err != nil {
		return false, err
	}
	for i, id := range ids {
		for _, statement := range [...]string{fillPaid, fillOncePaid} {
			if _, err := q.exec(statement, id); err != nil {
				return false, err
			}
		}
		if err := fillFrom(q, id, documents[i]); err != nil {
			return false, err
		}
	}
	if len(ids) == filledAtOnce {
		_, err = q.exec(putFilled, ids[len(ids)-1])
		return false, err
	}
	_, err = q.exec(dropFilled)
	return true, err
}

// fillFrom writes the rows of an application's subscriptions, and adds to its document when its orders were paid. It
// leaves a document that can't be read as it is, without rows: such an application can't be used for anything else
// either.
func fillFrom(q session, id, text string) error {
	app, unreadable := decodeDocument(id, text)
	if unreadable != nil {
		return nil //nolint:nilerr // see above
	}
	e := new(encoder)
	for _, r := range app.Rows() {
		if _, err := q.exec(addSubscription, e.subscription(&r, subscription.ApplicationID(id))...); err != nil {
			return err
		}
	}
	changed := false
	for i := range app.Orders {
		o := &app.Orders[i]
		if !o.PaidAt.IsZero() || o.Status != subscription.OrderRefundDue && o.Status != subscription.OrderUnreconciled {
			continue
		}
		if err := q.query(getPaid, func(r row) error {
			o.PaidAt = r.time(0)
			return nil
		}, id, string(o.ID)); err != nil {
			return err
		}
		changed = changed || !o.PaidAt.IsZero()
	}
	if !changed {
		return nil
	}
	doc, tooLarge := document.Append(nil, &app)
	if tooLarge != nil {
		return nil //nolint:nilerr // only the row says when the order was paid
	}
	_, err := q.exec(putDocument, string(doc), id)
	return err
}
