package sqlite

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// page is the number of rows an iterator reads at a time.
const page = 1000

const (
	listApplications = `SELECT id FROM prepaid_applications WHERE id > ? ORDER BY id LIMIT ?`
	listOf           = `SELECT id FROM prepaid_applications WHERE account = ? AND id > ? ORDER BY id LIMIT ?`
	listEntries      = `SELECT ` + entryColumns + ` FROM prepaid_entries
WHERE application_id = ? AND (revision, "index") > (?, ?) ORDER BY revision, "index" LIMIT ?`
	listRefunds = `SELECT ` + refundColumns + ` FROM prepaid_order_refunds
WHERE application_id = ? AND (order_id, number) > (?, ?) ORDER BY order_id, number LIMIT ?`
	listSubscriptions = `SELECT ` + subscriptionColumns + ` FROM prepaid_subscription_rows
WHERE application_id = ? AND id > ? ORDER BY id LIMIT ?`
	listEvents = `SELECT ` + eventColumns + ` FROM prepaid_events
WHERE application_id = ? AND (revision, "index") > (?, ?) ORDER BY revision, "index" LIMIT ?`
)

// Applications implements [store.Store].
func (s *Store) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return ids(listApplications).rows(ctx, s.read)
}

// ApplicationsOf implements [subscription.Store].
func (s *Store) ApplicationsOf(ctx context.Context, account subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	return ids(listOf, string(account)).rows(ctx, s.read)
}

// ids lists applications by ID.
func ids(query string, of ...any) *list[subscription.ApplicationID] {
	return &list[subscription.ApplicationID]{
		query: query, of: of, first: []any{""}, key: []int{0},
		decode: func(r row) (subscription.ApplicationID, error) { return subscription.ApplicationID(r.text(0)), nil },
	}
}

// Orders implements [store.Store].
func (s *Store) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return byPosition(app, listOrders, []int{len(orders), len(orders) + 1}, decodeOrder).rows(ctx, s.read)
}

// Entries implements [store.Store].
func (s *Store) Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	return byPosition(app, listEntries, []int{0, 1}, decodeEntry).rows(ctx, s.read)
}

// Events implements [store.Store].
func (s *Store) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	return byPosition(app, listEvents, []int{0, 1}, decodeEvent).rows(ctx, s.read)
}

// Refunds implements [store.Store].
func (s *Store) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	l := byPosition(app, listRefunds, []int{0, 1}, decodeRefund)
	l.first = []any{"", int64(math.MinInt64)}
	return l.rows(ctx, s.read)
}

// Subscriptions implements [store.Store].
func (s *Store) Subscriptions(
	ctx context.Context, app subscription.ApplicationID,
) iter.Seq2[subscription.SubscriptionRow, error] {
	return (&list[subscription.SubscriptionRow]{
		query: listSubscriptions, of: []any{string(app)}, first: []any{""}, key: []int{0},
		decode: func(r row) (subscription.SubscriptionRow, error) { return decodeSubscription(app, r) },
	}).rows(ctx, s.read)
}

// reading calls do with a session of a store or of a caller's transaction.
type reading func(ctx context.Context, do func(q session) error) error

// list reads rows page by page, each page starting after the key of the previous page's last row.
type list[T any] struct {
	query  string // its arguments: of, the key, and the size of a page
	of     []any
	args   func(after []any) []any // the arguments, if they are others; nil: these
	first  []any                   // sorts before the first key
	key    []int                   // the key columns
	decode func(r row) (T, error)
}

// byPosition lists an application's rows by revision and index, or by other key columns of the same types.
func byPosition[T any](
	app subscription.ApplicationID, query string, key []int, decode func(subscription.ApplicationID, row) (T, error),
) *list[T] {
	return &list[T]{
		query: query, of: []any{string(app)}, first: []any{int64(0), int64(-1)}, key: key,
		decode: func(r row) (T, error) { return decode(app, r) },
	}
}

// rows yields the rows. It checks ctx before each row, and once if there are none.
func (l *list[T]) rows(ctx context.Context, read reading) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		after := l.first
		for more := true; more; {
			rows, last, err := l.page(ctx, read, after)
			for i := range rows {
				if err := ctx.Err(); err != nil {
					yield(zero, err)
					return
				}
				if !yield(rows[i], nil) {
					return
				}
			}
			if err != nil {
				yield(zero, err)
				return
			}
			after, more = last, len(rows) == page
		}
	}
}

// page returns the rows after a key and the key of the last one. If there is an error, it also returns the rows
// before it.
func (l *list[T]) page(ctx context.Context, read reading, after []any) (rows []T, last []any, err error) {
	args := append(append(slices.Clip(l.of), after...), int64(page))
	if l.args != nil {
		args = l.args(after)
	}
	err = read(ctx, func(q session) error {
		return q.query(l.query, func(r row) error {
			v, err := l.decode(r)
			if err != nil {
				return err
			}
			rows = append(rows, v)
			if len(rows) == page {
				for _, column := range l.key {
					last = append(last, r[column])
				}
			}
			return nil
		}, args...)
	})
	return rows, last, err
}
