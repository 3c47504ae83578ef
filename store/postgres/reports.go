package postgres

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/report"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	findMore = `($1 = '' OR s.product = $1) AND ($2::boolean IS NULL OR s.auto_renew = $2)`

	// find merges the first rows of each status.
	//
	//nolint:unqueryvet // each of them is selected
	find = `
SELECT ` + subscriptionColumns + `
FROM unnest($3::text[]) AS w (status), LATERAL (
	SELECT s.* FROM {schema}.subscription_rows s
	WHERE s.status = w.status AND s.paid_until < $4 AND (s.paid_until, s.application_id, s.id) > ($5, $6, $7) AND ` + findMore + `
	ORDER BY s.paid_until, s.application_id, s.id
	LIMIT $8
) s
ORDER BY s.paid_until, s.application_id, s.id
LIMIT $8`

	//nolint:unqueryvet // likewise
	findOf = `
SELECT ` + subscriptionColumns + `
FROM (SELECT id FROM {schema}.applications WHERE account = $3 AND id >= $4) a, LATERAL (
	SELECT s.* FROM {schema}.subscription_rows s WHERE s.application_id = a.id OFFSET 0
) s
WHERE (s.application_id > $4 OR s.id > $5) AND s.paid_until >= $6 AND s.paid_until < $7 AND s.status = ANY ($8) AND ` + findMore + `
ORDER BY a.id, s.id
LIMIT $9`

	listPaid = `
SELECT o.application_id, {order}
FROM {schema}.orders o
WHERE o.paid_at < $1 AND (o.paid_at, o.application_id, o.id) > ($2, $3, $4) AND o.collected > 0
ORDER BY o.paid_at, o.application_id, o.id
LIMIT $5`

	listPlaced = `
SELECT f.application_id, {refund}
FROM {schema}.order_refunds f
WHERE f.due_at < $1 AND (f.due_at, f.application_id, f.order_id, f.number) > ($2, $3, $4, $5) AND f.amount > 0
ORDER BY f.due_at, f.application_id, f.order_id, f.number
LIMIT $6`

	// sums has a row for all payments of the same product, kind, currency and taxes, and one for each refund. A payment of another
	// amount than was ordered is summed with its equals, and with what was ordered. A refund is found once: it was placed in the
	// span, was undone in it, failed before its end and was made after all, or counts in it since its order was paid then.
	sums = `
SELECT true, COALESCE(product, ''), kind, collected_currency, COALESCE(taxes, ''), sum(collected)::text, count(*), COALESCE(ordered, 0),
	COALESCE(ordered_currency, ''), '', ` + absent + `, ` + absent + `, ` + absent + `, ` + absent + `, ` + absent + `
FROM (
	SELECT product, kind, collected_currency, taxes, collected, CASE WHEN other THEN amount END AS ordered,
		CASE WHEN other THEN currency END AS ordered_currency, CASE WHEN other THEN collected END AS each
	FROM (
		SELECT product, kind, collected, collected_currency, amount, currency, taxes,
			taxes IS NOT NULL AND (collected <> amount OR collected_currency <> currency) AS other
		FROM {schema}.orders
		WHERE paid_at >= $1 AND paid_at < $2 AND collected > 0
	) o
) o
GROUP BY product, kind, collected_currency, taxes, ordered, ordered_currency, each
UNION ALL
SELECT ` + backColumns + ` FROM {schema}.order_refunds f JOIN {schema}.orders o` + backOf + `f.due_at >= $1 AND f.due_at < $2
UNION ALL
SELECT ` + backColumns + ` FROM {schema}.order_refunds f JOIN {schema}.orders o` + backOf + `
	f.closed_at >= $1 AND f.closed_at < $2 AND f.status IN ('failed', 'reinstated') AND (f.due_at < $1 OR f.due_at >= $2)
UNION ALL
SELECT ` + backColumns + ` FROM {schema}.order_refunds f JOIN {schema}.orders o` + backOf + `
	f.failed_at < $2 AND (f.due_at < $1 OR f.due_at >= $2)
	AND NOT (f.status IN ('failed', 'reinstated') AND f.closed_at >= $1 AND f.closed_at < $2)
UNION ALL
SELECT ` + backColumns + `
FROM {schema}.orders o, LATERAL (
	SELECT f.status, f.amount, f.currency, f.taxes, f.due_at, f.closed_at, f.failed_at, f.made_at FROM {schema}.order_refunds f
	WHERE f.application_id = o.application_id AND f.order_id = o.id OFFSET 0
) f
WHERE o.paid_at >= $1 AND o.paid_at < $2 AND o.refunds > 0 AND f.amount > 0 AND f.due_at < $1
	AND (f.failed_at IS NULL OR f.failed_at >= $2)
	AND NOT (f.status IN ('failed', 'reinstated') AND f.closed_at >= $1 AND f.closed_at < $2)`
	sumColumns  = 15
	backColumns = `false, COALESCE(o.product, ''), o.kind, f.currency, COALESCE(f.taxes, ''), f.amount::text, 1, 0, '', f.status,
	o.paid_at, f.due_at, COALESCE(f.closed_at, ` + absent + `), COALESCE(f.failed_at, ` + absent + `), COALESCE(f.made_at, ` + absent + `)`
	backOf = ` ON f.application_id = o.application_id AND f.order_id = o.id
WHERE o.paid_at IS NOT NULL AND f.amount > 0 AND `
)

// reportKey is a row's position in a report. Reports that aren't in the order of an instant leave out at.
type reportKey struct {
	at     time.Time
	app    string
	id     string
	number int32
}

// FindSubscriptions implements [store.Reports].
func (s *Store) FindSubscriptions(ctx context.Context, f store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error] {
	statement, args := s.findQuery(f)
	if !storable(f.Product) || !storable(f.Account) {
		args = nil
	}
	return paged(ctx, s, statement, func(r rows, at *reportKey) (subscription.SubscriptionRow, error) {
		row, err := scanSubscription(r)
		*at = reportKey{at: row.PaidUntil, app: string(row.Application), id: string(row.ID)}
		return row, err
	}, args)
}

// findQuery returns the statement of a filter, and a function that returns its arguments for the rows after a key.
func (s *Store) findQuery(f store.SubscriptionFilter) (statement string, args func(after reportKey) []any) {
	span := report.Between(f.From, f.Until)
	var statuses []string
	for _, status := range report.Statuses(f) {
		statuses = append(statuses, string(status))
	}
	var renews any
	if f.AutoRenew != nil {
		renews = *f.AutoRenew
	}
	if f.Account != "" {
		return s.sql(findOf), func(after reportKey) []any {
			return []any{
				string(f.Product), renews, string(f.Account), after.app, after.id, span.From, span.Until, statuses, int64(page),
			}
		}
	}
	return s.sql(find), func(after reportKey) []any {
		return []any{string(f.Product), renews, statuses, span.Until, after.since(span), after.app, after.id, int64(page)}
	}
}

// since returns the instant of a key: that of the span for the first one.
func (k reportKey) since(span report.Span) time.Time {
	if k == (reportKey{}) {
		return span.From
	}
	return k.at
}

// PaymentsBetween implements [store.Reports].
func (s *Store) PaymentsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error] {
	return func(yield func(subscription.Order, error) bool) {
		statement, args := s.paidQuery(from, until)
		var row orderRow
		dest := append(make([]any, 1), row.dest()...)
		paged(ctx, s, statement, func(r rows, at *reportKey) (subscription.Order, error) {
			dest[0] = &at.app
			if err := r.Scan(dest...); err != nil {
				return subscription.Order{}, err
			}
			at.at, at.id = row.paid.UTC(), string(row.order.ID)
			return row.value(subscription.ApplicationID(at.app))
		}, args)(yield)
	}
}

// paidQuery is like findQuery, for the payments of a span.
func (s *Store) paidQuery(from, until time.Time) (statement string, args func(after reportKey) []any) {
	span := report.Between(from, until)
	return s.sql(strings.Replace(listPaid, "{order}", selectOrder(), 1)), func(after reportKey) []any {
		return []any{span.Until, after.since(span), after.app, after.id, int64(page)}
	}
}

// RefundsBetween implements [store.Reports].
func (s *Store) RefundsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Refund, error] {
	return func(yield func(subscription.Refund, error) bool) {
		statement, args := s.placedQuery(from, until)
		var row refundRow
		dest := append(make([]any, 1), row.dest()...)
		paged(ctx, s, statement, func(r rows, at *reportKey) (subscription.Refund, error) {
			dest[0] = &at.app
			if err := r.Scan(dest...); err != nil {
				return subscription.Refund{}, err
			}
			at.at, at.id, at.number = row.due.UTC(), string(row.refund.Order), row.number
			return row.value(subscription.ApplicationID(at.app))
		}, args)(yield)
	}
}

// placedQuery is like findQuery, for the refunds that were placed in a span.
func (s *Store) placedQuery(from, until time.Time) (statement string, args func(after reportKey) []any) {
	span := report.Between(from, until)
	return s.sql(strings.Replace(listPlaced, "{refund}", selectRefund(), 1)), func(after reportKey) []any {
		return []any{span.Until, after.since(span), after.app, after.id, int64(after.number), int64(page)}
	}
}

// TotalsBetween implements [store.Reports]. The server sums what has the same taxes.
func (s *Store) TotalsBetween(ctx context.Context, from, until time.Time) ([]store.Total, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	span := report.Between(from, until)
	var totals *report.Totals
	statement := s.sql(s.union(strings.Split(sums, unionAll), sumColumns))
	err := s.repeat(ctx, func() error {
		totals = report.NewTotals(span)
		return s.each(ctx, statement, []any{span.From, span.Until}, func(r rows) error { return addTotal(r, totals) })
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: totals: %w", err)
	}
	return totals.All(), nil
}

// addTotal adds a row of sums to totals.
func addTotal(r rows, totals *report.Totals) error {
	var (
		paid                                          bool
		product, kind, currency, sum, status, ordered string
		taxes                                         []byte
		n, amount                                     int64
		paidAt                                        time.Time
		f                                             subscription.Refund
	)
	err := r.Scan(&paid, &product, &kind, &currency, &taxes, &sum, &n, &amount, &ordered, &status, &paidAt, &f.DueAt, &f.ClosedAt,
		&f.FailedAt, &f.MadeAt)
	if err != nil {
		return err
	}
	minor, err := strconv.ParseInt(sum, 10, 64)
	if err != nil {
		return fmt.Errorf("a total: %w: %s minor units of %s", pricing.ErrOverflow, sum, currency)
	}
	if f.Amount, err = money(minor, currency); err == nil && len(taxes) > 0 {
		f.Taxes, err = document.DecodeTaxes(taxes)
	}
	if ordered != "" && err == nil {
		o := subscription.Order{Taxes: f.Taxes}
		if o.Collected, err = money(minor/n, currency); err == nil {
			o.Amount, err = money(amount, ordered)
		}
		f.Taxes = o.CollectedTaxes()
	}
	switch {
	case err != nil:
		return err
	case paid:
		return totals.Paid(pricing.ProductID(product), subscription.OrderKind(kind), f.Amount, n, f.Taxes)
	}
	f.Status = subscription.RefundStatus(status)
	f.DueAt, f.ClosedAt, f.FailedAt, f.MadeAt = f.DueAt.UTC(), f.ClosedAt.UTC(), f.FailedAt.UTC(), f.MadeAt.UTC()
	return totals.Back(pricing.ProductID(product), subscription.OrderKind(kind), paidAt.UTC(), &f)
}
