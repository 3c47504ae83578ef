package postgres

import (
	"context"
	"iter"
	"math"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
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
	COALESCE(usage, ''), COALESCE(day - DATE '1970-01-01', 0), COALESCE(reservation, '')
FROM {schema}.entries
WHERE application_id = $1 AND (revision, index) > ($2, $3)
ORDER BY revision, index
LIMIT $4`

	listEvents = `
SELECT revision, index, COALESCE(at, ` + absent + `), type, COALESCE(subscription, ''), COALESCE(product, ''), COALESCE(version, ''),
	COALESCE(from_status, ''), COALESCE(status, ''), COALESCE(period_start, ` + absent + `), COALESCE(period_end, ` + absent + `),
	COALESCE(period_zone, ''), COALESCE(order_id, ''), COALESCE(kind, ''), COALESCE(amount, 0), COALESCE(currency, ''),
	COALESCE(lot, 0), COALESCE(quantity, 0), COALESCE(reason, ''), COALESCE(note, '')
FROM {schema}.events
WHERE application_id = $1 AND (revision, index) > ($2, $3)
ORDER BY revision, index
LIMIT $4`

	listRefunds = `
SELECT order_id, number, kind, status, account, amount, currency, COALESCE(taxes, ''), COALESCE(take, ''), COALESCE(notice, ''),
	COALESCE(key, ''), COALESCE(note, ''), COALESCE(asked_by, ''), COALESCE(due_at, ` + absent + `), COALESCE(closed_at, ` + absent + `),
	COALESCE(reason, ''), COALESCE(reference, '')
FROM {schema}.order_refunds
WHERE application_id = $1 AND (order_id, number) > ($2, $3)
ORDER BY order_id, number
LIMIT $4`

	listSubscriptions = `
SELECT id, account, product, COALESCE(version, ''), status, currency, trial, auto_renew, COALESCE(opened_at, ` + absent + `),
	COALESCE(paid_until, ` + absent + `)
FROM {schema}.subscription_rows
WHERE application_id = $1 AND id > $2
ORDER BY id
LIMIT $3`
)

// place is a row's position among those of its application.
type place struct {
	revision int64
	index    int32
}

// Applications implements [store.Store].
func (s *Store) Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
	return pages(ctx, func(ctx context.Context, after subscription.ApplicationID) (ids, _ []subscription.ApplicationID, err error) {
		err = s.repeat(ctx, func() error {
			ids = ids[:0]
			return s.each(ctx, s.sql(listApplications), []any{string(after), int64(page)}, func(r rows) error {
				var id string
				err := r.Scan(&id)
				ids = append(ids, subscription.ApplicationID(id))
				return err
			})
		})
		return ids, ids, err
	})
}

// ApplicationsOf implements [subscription.Store].
func (s *Store) ApplicationsOf(ctx context.Context, account subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
	scan := func(r rows, at *string) (subscription.ApplicationID, error) {
		err := r.Scan(at)
		return subscription.ApplicationID(*at), err
	}
	return keyed(ctx, s, account, listOf, scan, func(after string) []any { return []any{after} })
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
			(*string)(&e.Order), (*string)(&e.Product), (*string)(&e.Usage), &day, &e.Reservation)
		e.Revision, e.Index, e.At, e.Day = at.revision, int(at.index), e.At.UTC(), pricing.Date(day)
		return e, err
	})
}

// Events implements [store.Store].
func (s *Store) Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error] {
	return list(ctx, s, app, listEvents, func(r rows, at *place) (subscription.Event, error) {
		e := subscription.Event{Application: app}
		var (
			minor    int64
			currency string
		)
		err := r.Scan(&at.revision, &at.index, &e.At, (*string)(&e.Type), (*string)(&e.Subscription), (*string)(&e.Product),
			(*string)(&e.Version), (*string)(&e.From), (*string)(&e.Status), &e.Period.Start, &e.Period.End, &e.Period.Zone,
			(*string)(&e.Order), (*string)(&e.Kind), &minor, &currency, (*int64)(&e.Lot), (*int64)(&e.Quantity),
			(*string)(&e.Reason), &e.Note)
		if err == nil {
			e.Amount, err = money(minor, currency)
		}
		e.Revision, e.Index, e.At = at.revision, int(at.index), e.At.UTC()
		e.Period.Start, e.Period.End = e.Period.Start.UTC(), e.Period.End.UTC()
		return e, err
	})
}

// refundKey is a refund's position among those of its application.
type refundKey struct {
	order  string
	number int32
}

// Refunds implements [store.Store].
func (s *Store) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	scan := func(r rows, at *refundKey) (subscription.Refund, error) {
		f := subscription.Refund{Application: app}
		var (
			minor    int64
			currency string
			taxes    []byte
		)
		err := r.Scan(&at.order, &at.number, (*string)(&f.Kind), (*string)(&f.Status), (*string)(&f.Account), &minor, &currency, &taxes,
			(*string)(&f.Take), &f.ID, &f.Key, &f.Note, &f.By, &f.DueAt, &f.ClosedAt, (*string)(&f.Reason), &f.Reference)
		if err == nil {
			f.Amount, err = money(minor, currency)
		}
		if err == nil && len(taxes) > 0 {
			f.Taxes, err = document.DecodeTaxes(taxes)
		}
		f.Order, f.Number = subscription.OrderID(at.order), int(at.number)
		f.DueAt, f.ClosedAt = f.DueAt.UTC(), f.ClosedAt.UTC()
		return f, err
	}
	return keyed(ctx, s, app, listRefunds, scan, func(after refundKey) []any {
		if after == (refundKey{}) {
			after.number = math.MinInt32
		}
		return []any{after.order, int64(after.number)}
	})
}

// Subscriptions implements [store.Store].
func (s *Store) Subscriptions(
	ctx context.Context, app subscription.ApplicationID,
) iter.Seq2[subscription.SubscriptionRow, error] {
	scan := func(r rows, at *string) (subscription.SubscriptionRow, error) {
		row := subscription.SubscriptionRow{Application: app}
		err := r.Scan(at, (*string)(&row.Account), (*string)(&row.Product), (*string)(&row.Version), (*string)(&row.Status),
			(*string)(&row.Currency), &row.Trial, &row.AutoRenew, &row.OpenedAt, &row.PaidUntil)
		row.ID = subscription.SubscriptionID(*at)
		row.OpenedAt, row.PaidUntil = row.OpenedAt.UTC(), row.PaidUntil.UTC()
		return row, err
	}
	return keyed(ctx, s, app, listSubscriptions, scan, func(after string) []any { return []any{after} })
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
	return pages(ctx, func(ctx context.Context, after K) (found []T, keys []K, err error) {
		if !storable(of) {
			return nil, nil, nil
		}
		args := append(append([]any{string(of)}, args(after)...), int64(page))
		err = s.repeat(ctx, func() error {
			found, keys = found[:0], keys[:0]
			return s.each(ctx, s.sql(statement), args, func(r rows) error {
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
