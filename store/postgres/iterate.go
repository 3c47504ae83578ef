package postgres

import (
	"context"
	"iter"
	"math"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// page is the number of rows the iterators read at a time.
const page = 1000

const (
	listApplications = `SELECT id FROM {schema}.applications WHERE id > $1 ORDER BY id LIMIT $2`

	listOf = `SELECT id FROM {schema}.applications WHERE account = $1 AND id > $2 ORDER BY id LIMIT $3`

	listOrders = `
SELECT o.placed_revision, o.placed_index, {order}
FROM {schema}.orders o
WHERE o.application_id = $1 AND (o.placed_revision, o.placed_index) > ($2, $3)
ORDER BY o.placed_revision, o.placed_index
LIMIT $4`

	listEntries = `
SELECT revision, index, COALESCE(at, ` + absent + `), kind, lot, quantity, COALESCE(order_id, ''), COALESCE(product, ''),
	COALESCE(usage, ''), COALESCE(day - DATE '1970-01-01', 0), COALESCE(reservation, ''),
	COALESCE(recorded_at, ` + absent + `)
FROM {schema}.entries
WHERE application_id = $1 AND (revision, index) > ($2, $3)
ORDER BY revision, index
LIMIT $4`

	listEvents = `
SELECT e.revision, e.index, ` + eventColumns + `
FROM {schema}.events e
WHERE e.application_id = $1 AND (e.revision, e.index) > ($2, $3)
ORDER BY e.revision, e.index
LIMIT $4`

	listRefunds = `
SELECT {refund}
FROM {schema}.order_refunds f
WHERE f.application_id = $1 AND (f.order_id, f.number) > ($2, $3)
ORDER BY f.order_id, f.number
LIMIT $4`

	subscriptionColumns = `s.application_id, s.id, s.account, s.product, COALESCE(s.version, ''), s.status, s.currency, s.trial,
	s.auto_renew, COALESCE(s.opened_at, ` + absent + `), COALESCE(s.paid_until, ` + absent + `)`

	listSubscriptions = `
SELECT ` + subscriptionColumns + `
FROM {schema}.subscription_rows s
WHERE s.application_id = $1 AND s.id > $2
ORDER BY s.id
LIMIT $3`
)

// place is a row's position among those of its application.
type place struct {
	revision int64
	index    int32
}

// Applications implements [store.Store].
func (s *Store) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return paged(ctx, s, s.sql(listApplications), scanID, func(after string) []any { return []any{after, int64(page)} })
}

func scanID(r rows, at *string) (subscription.ApplicationID, error) {
	err := r.Scan(at)
	return subscription.ApplicationID(*at), err
}

// ApplicationsOf implements [subscription.Store].
func (s *Store) ApplicationsOf(ctx context.Context, account subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	return keyed(ctx, s, account, listOf, scanID, func(after string) []any { return []any{after} })
}

// Orders implements [store.Store].
func (s *Store) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return func(yield func(subscription.Order, error) bool) {
		var row orderRow
		dest := append(make([]any, 2), row.dest()...)
		list(ctx, s, app, strings.Replace(listOrders, "{order}", selectOrder(), 1), func(r rows, at *place) (subscription.Order, error) {
			dest[0], dest[1] = &at.revision, &at.index
			if err := r.Scan(dest...); err != nil {
				return subscription.Order{}, err
			}
			return row.value(app)
		})(yield)
	}
}

// Entries implements [store.Store].
func (s *Store) Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	return list(ctx, s, app, listEntries, func(r rows, at *place) (subscription.Entry, error) {
		e := subscription.Entry{Application: app}
		var day int32
		err := r.Scan(&at.revision, &at.index, &e.At, (*string)(&e.Kind), (*int64)(&e.Lot), (*int64)(&e.Quantity),
			(*string)(&e.Order), (*string)(&e.Product), (*string)(&e.Usage), &day, &e.Reservation, &e.RecordedAt)
		e.Revision, e.Index, e.Day = at.revision, int(at.index), pricing.Date(day)
		e.At, e.RecordedAt = e.At.UTC(), e.RecordedAt.UTC()
		return e, err
	})
}

// Events implements [store.Store].
func (s *Store) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	var row eventRow
	dest := append(make([]any, 2), row.dest()...)
	return list(ctx, s, app, listEvents, func(r rows, at *place) (subscription.Event, error) {
		dest[0], dest[1] = &at.revision, &at.index
		if err := r.Scan(dest...); err != nil {
			return subscription.Event{}, err
		}
		return row.value(app, *at)
	})
}

// refundKey is a refund's position among those of its application.
type refundKey struct {
	order  string
	number int32
}

// Refunds implements [store.Store].
func (s *Store) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	return func(yield func(subscription.Refund, error) bool) {
		var row refundRow
		dest := row.dest()
		scan := func(r rows, at *refundKey) (subscription.Refund, error) {
			if err := r.Scan(dest...); err != nil {
				return subscription.Refund{}, err
			}
			at.order, at.number = string(row.refund.Order), row.number
			return row.value(app)
		}
		keyed(ctx, s, app, strings.Replace(listRefunds, "{refund}", selectRefund(), 1), scan, func(after refundKey) []any {
			if after == (refundKey{}) {
				after.number = math.MinInt32
			}
			return []any{after.order, int64(after.number)}
		})(yield)
	}
}

// Subscriptions implements [store.Store].
func (s *Store) Subscriptions(
	ctx context.Context, app subscription.ApplicationID,
) iter.Seq2[subscription.SubscriptionRow, error] {
	scan := func(r rows, at *string) (subscription.SubscriptionRow, error) {
		row, err := scanSubscription(r)
		*at = string(row.ID)
		return row, err
	}
	return keyed(ctx, s, app, listSubscriptions, scan, func(after string) []any { return []any{after} })
}

func scanSubscription(r rows) (subscription.SubscriptionRow, error) {
	var row subscription.SubscriptionRow
	err := r.Scan((*string)(&row.Application), (*string)(&row.ID), (*string)(&row.Account), (*string)(&row.Product),
		(*string)(&row.Version), (*string)(&row.Status), (*string)(&row.Currency), &row.Trial, &row.AutoRenew, &row.OpenedAt,
		&row.PaidUntil)
	row.OpenedAt, row.PaidUntil = row.OpenedAt.UTC(), row.PaidUntil.UTC()
	return row, err
}

// list yields the rows of an application by revision and index.
func list[T any](
	ctx context.Context, s *Store, app subscription.ApplicationID, statement string, scan func(rows, *place) (T, error),
) iter.Seq2[T, error] {
	return keyed(ctx, s, app, statement, scan, func(after place) []any {
		if after == (place{}) {
			after.index = -1
		}
		return []any{after.revision, int64(after.index)}
	})
}

// keyed yields the rows of an application or an account in key order. args turns a key into arguments.
func keyed[T, K any, O ~string](
	ctx context.Context, s *Store, of O, statement string, scan func(rows, *K) (T, error), args func(after K) []any,
) iter.Seq2[T, error] {
	var all func(after K) []any
	if storable(of) {
		all = func(after K) []any { return append(append([]any{string(of)}, args(after)...), int64(page)) }
	}
	return paged(ctx, s, s.sql(statement), scan, all)
}

// paged yields the rows of a statement in key order. args turns a key into arguments; without it there are no rows.
func paged[T, K any](
	ctx context.Context, s *Store, statement string, scan func(rows, *K) (T, error), args func(after K) []any,
) iter.Seq2[T, error] {
	return pages(ctx, func(ctx context.Context, after K) (found []T, keys []K, err error) {
		if args == nil {
			return nil, nil, nil
		}
		err = s.repeat(ctx, func() error {
			found, keys = found[:0], keys[:0]
			return s.each(ctx, statement, args(after), func(r rows) error {
				var at K
				row, err := scan(r, &at)
				found, keys = append(found, row), append(keys, at)
				return err
			})
		})
		return found, keys, err
	})
}

// pages yields rows page by page, starting from the zero key. It holds nothing open while the caller handles a row.
func pages[T, K any](ctx context.Context, read func(ctx context.Context, after K) ([]T, []K, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var (
			zero  T
			after K
		)
		for {
			err := ctx.Err()
			var found []T
			var keys []K
			if err == nil {
				found, keys, err = read(ctx, after)
			}
			if err != nil {
				yield(zero, err)
				return
			}
			for _, row := range found {
				if err := ctx.Err(); err != nil {
					yield(zero, err)
					return
				}
				if !yield(row, nil) {
					return
				}
			}
			if len(found) < page {
				return
			}
			after = keys[len(keys)-1]
		}
	}
}
