package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// A page of an application's rows, by their key, each with whether it is old: a receipt or an event without a time is older
// than any instant. Every row is looked at once, however many stay.
const (
	agedReceipts = `SELECT key, at IS NULL OR at < ? FROM prepaid_receipts
WHERE application_id = ? AND key > ? ORDER BY key LIMIT ?`
	agedEvents = `SELECT revision, "index", at IS NULL OR at < ? FROM prepaid_events
WHERE application_id = ? AND (revision, "index") > (?, ?) ORDER BY revision, "index" LIMIT ?`
	agedRecords = `SELECT id, day <= ? FROM prepaid_records
WHERE application_id = ? AND id > ? ORDER BY id LIMIT ?`
	oldOrders = `SELECT id FROM prepaid_orders WHERE application_id = ? AND ` + forgettable + `
	AND closed_at < ? AND id > ? ORDER BY id LIMIT ?`
	// forgettable is what [subscription.Order.Prunable] says of a closed order.
	forgettable = `status IN ('declined', 'cancelled') AND COALESCE(collected, 0) = 0 AND refunds = 0`

	deleteReceipt = `DELETE FROM prepaid_receipts WHERE application_id = ? AND key = ?`
	deleteEvent   = `DELETE FROM prepaid_events WHERE application_id = ? AND revision = ? AND "index" = ?`
	deleteRecord  = `DELETE FROM prepaid_records WHERE application_id = ? AND id = ?`
	deleteOrder   = `DELETE FROM prepaid_orders WHERE application_id = ? AND id = ? AND ` + forgettable + ` AND closed_at < ?`
)

// Prune implements [store.Pruner]. It looks at each row once; each transaction deletes at most a few thousand rows of one
// application. Of an application whose document can't be read the orders stay; the others are pruned all the same, and the
// first [*CorruptError] is returned.
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

// aged goes through an application's rows of one kind.
type aged struct {
	page, remove string
	bound        int64
	from         []any   // before the first key, and then the last one that was looked at
	old          [][]any // the keys of the page's old rows, with the application's
	rows         int     // of the page
	count        *int64
}

// find looks at the page behind the last one.
func (a *aged) find(q session, app string) error {
	a.old, a.rows = nil, 0
	last := a.from
	err := q.query(a.page, func(r row) error {
		a.rows++
		key := make([]any, len(r)-1)
		for i := range key {
			key[i] = r[i]
		}
		if r.number(len(r)-1) != 0 {
			a.old = append(a.old, append([]any{app}, key...))
		}
		last = key
		return nil
	}, append(append([]any{a.bound, app}, a.from...), int64(page))...)
	a.from = last
	return err
}

// application prunes one application, a page of each kind of row at a time.
func (p *pruning) application(ctx context.Context, app string) error {
	var deleted store.Pruned
	kinds := []*aged{
		{page: agedReceipts, remove: deleteReceipt, bound: p.before, from: []any{""}, count: &deleted.Receipts},
		{page: agedEvents, remove: deleteEvent, bound: p.before, from: []any{int64(-1), int64(-1)}, count: &deleted.Events},
		{page: agedRecords, remove: deleteRecord, bound: p.through, from: []any{""}, count: &deleted.Records},
	}
	var unreadable error
	after := "" // the last order that was looked at
	for {
		var orders []string
		more, found := false, false
		if err := p.store.read(ctx, func(q session) error {
			for _, kind := range kinds {
				if err := kind.find(q, app); err != nil {
					return err
				}
				more, found = more || kind.rows == page, found || len(kind.old) > 0
			}
			return q.query(oldOrders, func(r row) error {
				orders = append(orders, r.text(0))
				return nil
			}, app, p.before, after, int64(page))
		}); err != nil {
			return err
		}
		if n := len(orders); n > 0 {
			after, found, more = orders[n-1], true, more || n == page
		}
		if found {
			var corrupt error
			if err := p.store.write(ctx, page, func(q session) (err error) {
				deleted, corrupt = store.Pruned{}, nil
				for _, kind := range kinds {
					for _, key := range kind.old {
						n, err := q.exec(kind.remove, key...)
						if err != nil {
							return err
						}
						*kind.count += n
					}
				}
				deleted.Orders, corrupt, err = p.orders(q, app, orders)
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
		}
		if !more {
			return unreadable
		}
	}
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
		if document.References(subscription.OrderID(id)) {
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
