package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// A receipt or an event without a time is older than any instant.
const (
	oldReceipts = `SELECT key FROM prepaid_receipts WHERE application_id = ? AND (at IS NULL OR at < ?) LIMIT ?`
	oldEvents   = `SELECT revision, "index" FROM prepaid_events WHERE application_id = ? AND (at IS NULL OR at < ?) LIMIT ?`
	oldRecords  = `SELECT id FROM prepaid_records WHERE application_id = ? AND day <= ? LIMIT ?`
	oldOrders   = `SELECT id FROM prepaid_orders WHERE application_id = ? AND ` + forgettable + `
	AND closed_at < ? AND id > ? ORDER BY id LIMIT ?`
	// forgettable is what [subscription.Order.Forgettable] says of a closed order.
	forgettable = `status IN ('declined', 'cancelled') AND COALESCE(collected, 0) = 0 AND refunds = 0`

	deleteReceipt = `DELETE FROM prepaid_receipts WHERE application_id = ? AND key = ?`
	deleteEvent   = `DELETE FROM prepaid_events WHERE application_id = ? AND revision = ? AND "index" = ?`
	deleteRecord  = `DELETE FROM prepaid_records WHERE application_id = ? AND id = ?`
	deleteOrder   = `DELETE FROM prepaid_orders WHERE application_id = ? AND id = ? AND ` + forgettable + ` AND closed_at < ?`
)

// Prune implements [store.Pruner]. Each transaction deletes at most a few thousand rows of one application. Of an
// application whose document can't be read the orders stay; the others are pruned all the same, and the first
// [*CorruptError] is returned.
func (s *Store) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	p := pruning{store: s, before: before.UnixMicro(), through: int64(store.PrunedDay(before))}
	var unreadable error
	for app, err := range s.Applications(ctx) {
		if err != nil {
			return p.pruned, err
		}
		var corrupt *CorruptError
		switch err := p.application(ctx, string(app)); {
		case errors.As(err, &corrupt):
			if unreadable == nil {
				unreadable = err
			}
		case err != nil:
			return p.pruned, err
		}
	}
	return p.pruned, unreadable
}

// pruning is one call of Prune.
type pruning struct {
	store           *Store
	before, through int64
	pruned          store.Pruned
}

// old is some rows of an application that may be deleted, by their keys.
type old struct {
	receipts, events, records [][]any
	orders                    []string
}

// more reports whether there may be more than was found.
func (o *old) more() bool {
	return max(len(o.receipts), len(o.events), len(o.records), len(o.orders)) == page
}

func (o *old) empty() bool { return len(o.receipts)+len(o.events)+len(o.records)+len(o.orders) == 0 }

// application prunes one application, a page of each kind of row at a time.
func (p *pruning) application(ctx context.Context, app string) error {
	var unreadable error
	after := "" // the last order that was looked at
	for {
		var found old
		if err := p.store.read(ctx, func(q session) error { return p.find(q, app, after, &found) }); err != nil {
			return err
		}
		if found.empty() {
			return unreadable
		}
		if n := len(found.orders); n > 0 {
			after = found.orders[n-1]
		}
		var deleted store.Pruned
		var corrupt error
		if err := p.store.write(ctx, page, func(q session) (err error) {
			deleted, corrupt = store.Pruned{}, nil
			for _, rows := range []struct {
				statement string
				keys      [][]any
				count     *int64
			}{
				{deleteReceipt, found.receipts, &deleted.Receipts},
				{deleteEvent, found.events, &deleted.Events},
				{deleteRecord, found.records, &deleted.Records},
			} {
				for _, key := range rows.keys {
					n, err := q.exec(rows.statement, key...)
					if err != nil {
						return err
					}
					*rows.count += n
				}
			}
			deleted.Orders, corrupt, err = p.orders(q, app, found.orders)
			return err
		}); err != nil {
			return err
		}
		p.pruned.Receipts += deleted.Receipts
		p.pruned.Events += deleted.Events
		p.pruned.Records += deleted.Records
		p.pruned.Orders += deleted.Orders
		if corrupt != nil {
			unreadable = corrupt
		}
		if !found.more() {
			return unreadable
		}
	}
}

// find looks for a page of each kind of row.
func (p *pruning) find(q session, app, after string, found *old) error {
	for _, rows := range []struct {
		query string
		bound int64
		keys  *[][]any
	}{
		{oldReceipts, p.before, &found.receipts},
		{oldEvents, p.before, &found.events},
		{oldRecords, p.through, &found.records},
	} {
		if err := q.query(rows.query, func(r row) error {
			key := []any{app}
			for i := range r {
				key = append(key, r[i])
			}
			*rows.keys = append(*rows.keys, key)
			return nil
		}, app, rows.bound, int64(page)); err != nil {
			return err
		}
	}
	return q.query(oldOrders, func(r row) error {
		found.orders = append(found.orders, r.text(0))
		return nil
	}, app, p.before, after, int64(page))
}

// orders deletes those of the orders that are still old and that the document, as it is now, doesn't name.
func (p *pruning) orders(q session, app string, ids []string) (deleted int64, corrupt, err error) {
	if len(ids) == 0 {
		return 0, nil, nil
	}
	var text string
	if err := q.query(getDocument, func(r row) error {
		text = r.text(0)
		return nil
	}, app); err != nil {
		return 0, nil, err
	}
	document, corrupt := decodeDocument(app, text)
	if corrupt != nil {
		return 0, corrupt, nil
	}
	for _, id := range ids {
		if document.Names(subscription.OrderID(id)) {
			continue
		}
		n, err := q.exec(deleteOrder, app, id, p.before)
		if err != nil {
			return 0, nil, err
		}
		deleted += n
	}
	return deleted, nil, nil
}
