package sqlite

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// A page of an application's rows, in key order. Each row says whether it is old; a receipt or an event without a
// time is older than any instant. Every row is looked at once, no matter how many stay.
const (
	agedReceipts = `SELECT key, at IS NULL OR at < ? FROM prepaid_receipts
WHERE application_id = ? AND key > ? ORDER BY key LIMIT ?`
	agedEvents = `SELECT revision, "index", (at IS NULL OR at < ?) AND NOT EXISTS (SELECT 1 FROM prepaid_feed f
	WHERE f.application_id = e.application_id AND f.revision = e.revision AND f.number > ?) FROM prepaid_events e
WHERE application_id = ? AND (revision, "index") > (?, ?) ORDER BY revision, "index" LIMIT ?`
	agedRecords = `SELECT id, day <= ? FROM prepaid_records
WHERE application_id = ? AND id > ? ORDER BY id LIMIT ?`
	oldOrders = `SELECT id FROM prepaid_orders WHERE application_id = ? AND ` + forgettable + `
	AND closed_at < ? AND id > ? ORDER BY id LIMIT ?`
	// forgettable is the SQL form of [subscription.Order.Prunable] for a closed order.
	forgettable = `status IN ('declined', 'cancelled') AND COALESCE(collected, 0) = 0 AND refunds = 0`

	deleteReceipt = `DELETE FROM prepaid_receipts WHERE application_id = ? AND key = ?`
	deleteEvent   = `DELETE FROM prepaid_events WHERE application_id = ? AND revision = ? AND "index" = ?`
	deleteRecord  = `DELETE FROM prepaid_records WHERE application_id = ? AND id = ?`
	deleteOrder   = `DELETE FROM prepaid_orders WHERE application_id = ? AND id = ? AND ` + forgettable + ` AND closed_at < ?`
)

// Prune implements [store.Pruner]. It looks at each row once. Each transaction deletes at most a few thousand rows of
// one application. If an application's document can't be read, its orders stay, but its other rows are still pruned.
// Prune returns the first such [*CorruptError].
func (s *Store) Prune(ctx context.Context, before time.Time) (store.Pruned, error) {
	p := pruning{store: s, before: before.UnixMicro(), through: int64(store.PrunedDay(before))}
	var err error
	if p.passed, err = s.passed(ctx); err != nil {
		return p.pruned, err
	}
	if err := s.pruneFeed(ctx, before, p.passed); err != nil {
		return p.pruned, err
	}
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
	passed          int64 // the last number that every relay has handled
	pruned          store.Pruned
}

// aged pages through an application's rows of one kind.
type aged struct {
	page, remove string
	bounds       []any
	from         []any   // sorts before the first key; later the key of the last row looked at
	old          [][]any // the page's old rows: application ID and key
	rows         int     // in the page
	count        *int64
}

// find looks at the next page.
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
	}, slices.Concat(a.bounds, []any{app}, a.from, []any{int64(page)})...)
	a.from = last
	return err
}

// application prunes one application, one page of each kind of row at a time. If the document can't be read, it still
// prunes the other rows and returns that error at the end.
func (p *pruning) application(ctx context.Context, app string) error {
	pages := p.pages(app)
	var unreadable error
	for more := true; more; {
		var err error
		if more, err = pages.find(ctx); err != nil {
			return err
		}
		if !pages.found() {
			continue
		}
		corrupt, err := pages.remove(ctx)
		if err != nil {
			return err
		}
		if corrupt != nil {
			unreadable = corrupt
		}
	}
	return unreadable
}

// pages are the current pages of one application: one for each kind of row, and one for orders.
type pages struct {
	*pruning

	app     string
	kinds   []*aged
	orders  []string     // the page's old ones
	after   string       // the last old one found
	deleted store.Pruned // from these pages
}

func (p *pruning) pages(app string) *pages {
	g := &pages{pruning: p, app: app}
	g.kinds = []*aged{
		{page: agedReceipts, remove: deleteReceipt, bounds: []any{p.before}, from: []any{""}, count: &g.deleted.Receipts},
		{
			page: agedEvents, remove: deleteEvent, bounds: []any{p.before, p.passed}, from: []any{int64(-1), int64(-1)},
			count: &g.deleted.Events,
		},
		{page: agedRecords, remove: deleteRecord, bounds: []any{p.through}, from: []any{""}, count: &g.deleted.Records},
	}
	return g
}

// find looks at the next pages and reports whether there may be more after them.
func (g *pages) find(ctx context.Context) (more bool, err error) {
	g.orders = nil
	err = g.store.read(ctx, func(q session) error {
		for _, kind := range g.kinds {
			if err := kind.find(q, g.app); err != nil {
				return err
			}
			more = more || kind.rows == page
		}
		return q.query(oldOrders, func(r row) error {
			g.orders = append(g.orders, r.text(0))
			return nil
		}, g.app, g.before, g.after, int64(page))
	})
	if n := len(g.orders); n > 0 {
		g.after, more = g.orders[n-1], more || n == page
	}
	return more, err
}

// found reports whether there is anything to delete.
func (g *pages) found() bool {
	return len(g.orders) > 0 || slices.ContainsFunc(g.kinds, func(kind *aged) bool { return len(kind.old) > 0 })
}

// remove deletes the rows found, in one transaction, and counts them.
func (g *pages) remove(ctx context.Context) (corrupt, err error) {
	if err := g.store.write(ctx, page, func(q session) (err error) {
		g.deleted = store.Pruned{} // this function may run again
		for _, kind := range g.kinds {
			if err := kind.delete(q); err != nil {
				return err
			}
		}
		g.deleted.Orders, corrupt, err = g.deleteOrders(q, g.app, g.orders)
		return err
	}); err != nil {
		return nil, err
	}
	g.pruned.Receipts += g.deleted.Receipts
	g.pruned.Events += g.deleted.Events
	g.pruned.Records += g.deleted.Records
	g.pruned.Orders += g.deleted.Orders
	return corrupt, nil
}

// delete deletes the page's old rows.
func (a *aged) delete(q session) error {
	for _, key := range a.old {
		n, err := q.exec(a.remove, key...)
		if err != nil {
			return err
		}
		*a.count += n
	}
	return nil
}

// deleteOrders deletes those orders that are still old and that the current document doesn't mention.
func (p *pruning) deleteOrders(q session, app string, ids []string) (deleted int64, corrupt, err error) {
	if len(ids) == 0 {
		return 0, nil, nil
	}
	text, err := getText(q, getDocument, app)
	if err != nil {
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
