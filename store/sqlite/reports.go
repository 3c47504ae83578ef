package sqlite

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/report"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	foundColumns = `s.application_id, s.id, s.account, s.product, s.version, s.status, s.currency, s.trial, s.auto_renew, s.opened_at,
	s.paid_until`
	// findStatus is a part of a statement that has one for each status, whose rows are merged.
	findStatus = `SELECT ` + foundColumns + ` FROM prepaid_subscription_rows s
WHERE s.status = ? AND (s.paid_until, s.application_id, s.id) > (?, ?, ?) AND s.paid_until < ? AND ` + findMore
	findMore  = `(? = '' OR s.product = ?) AND (? IS NULL OR s.auto_renew = ?)`
	findOrder = `
ORDER BY 11, 1, 2 LIMIT ?`
	findOf = `SELECT ` + foundColumns + ` FROM prepaid_applications a CROSS JOIN prepaid_subscription_rows s ON s.application_id = a.id
WHERE a.account = ? AND a.id >= ? AND (a.id, s.id) > (?, ?) AND s.paid_until >= ? AND s.paid_until < ?
	AND +s.status IN (?, ?, ?, ?, ?, ?) AND ` + findMore + `
ORDER BY a.id, s.id LIMIT ?`

	listPlaced = `SELECT ` + refundColumns + `, application_id FROM prepaid_order_refunds
WHERE due_at < ? AND (due_at, application_id, order_id, number) > (?, ?, ?, ?) AND amount > 0
ORDER BY due_at, application_id, order_id, number LIMIT ?`

	sumPaid = `SELECT product, kind, collected, collected_currency, taxes, amount, currency FROM prepaid_orders
WHERE paid_at >= ?1 AND paid_at < ?2 AND collected > 0`
	backColumns = `f.status, f.amount, f.currency, f.taxes, f.due_at, f.closed_at, o.product, o.kind, o.paid_at, f.failed_at, f.made_at`
	backOf      = ` ON f.application_id = o.application_id AND f.order_id = o.id
WHERE o.paid_at IS NOT NULL AND f.amount > 0 AND `
	// sumBack finds each refund once: it was placed in the span, was undone in it, failed before its end and was made
	// after all, or counts in it since its order was paid then.
	sumBack = `SELECT ` + backColumns + ` FROM prepaid_order_refunds f CROSS JOIN prepaid_orders o` + backOf + `
	f.due_at >= ?1 AND f.due_at < ?2
UNION ALL SELECT ` + backColumns + ` FROM prepaid_order_refunds f CROSS JOIN prepaid_orders o` + backOf + `
	f.closed_at >= ?1 AND f.closed_at < ?2 AND f.status IN ('failed', 'reinstated') AND (f.due_at < ?1 OR f.due_at >= ?2)
UNION ALL SELECT ` + backColumns + ` FROM prepaid_order_refunds f CROSS JOIN prepaid_orders o` + backOf + `
	f.failed_at < ?2 AND (f.due_at < ?1 OR f.due_at >= ?2)
	AND NOT (f.status IN ('failed', 'reinstated') AND f.closed_at >= ?1 AND f.closed_at < ?2)
UNION ALL SELECT ` + backColumns + ` FROM prepaid_orders o CROSS JOIN prepaid_order_refunds f` + backOf + `
	o.paid_at >= ?1 AND o.paid_at < ?2 AND o.refunds > 0 AND f.due_at < ?1 AND (f.failed_at IS NULL OR f.failed_at >= ?2)
	AND NOT (f.status IN ('failed', 'reinstated') AND f.closed_at >= ?1 AND f.closed_at < ?2)`
)

//nolint:gochecknoglobals // text, never written
var listPaid = `SELECT ` + orderNames(plain) + `, application_id, paid_at FROM prepaid_orders
WHERE paid_at < ? AND (paid_at, application_id, id) > (?, ?, ?) AND collected > 0
ORDER BY paid_at, application_id, id LIMIT ?`

// FindSubscriptions implements [store.Reports].
func (s *Store) FindSubscriptions(ctx context.Context, f store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error] {
	statuses := report.Statuses(f)
	if len(statuses) == 0 {
		return nothing[subscription.SubscriptionRow](ctx)
	}
	var renews any
	if f.AutoRenew != nil {
		renews = flag(*f.AutoRenew)
	}
	span := report.Between(f.From, f.Until)
	from, until := span.From.UnixMicro(), span.Until.UnixMicro()
	more := []any{string(f.Product), string(f.Product), renews, renews}
	l := &list[subscription.SubscriptionRow]{
		query: strings.Repeat(findStatus+" UNION ALL ", len(statuses)-1) + findStatus + findOrder,
		first: []any{from, "", ""}, key: []int{10, 0, 1},
		args: func(after []any) []any {
			var args []any
			for _, status := range statuses {
				args = append(append(append(append(args, string(status)), after...), until), more...)
			}
			return append(args, int64(page))
		},
		decode: func(r row) (subscription.SubscriptionRow, error) {
			return decodeSubscription(subscription.ApplicationID(r.text(0)), r[1:])
		},
	}
	if f.Account != "" {
		account, among := string(f.Account), make([]any, 6)
		for i := range among {
			among[i] = string(statuses[min(i, len(statuses)-1)])
		}
		l.query, l.first, l.key = findOf, []any{"", ""}, []int{0, 1}
		l.args = func(after []any) []any {
			return append(slices.Concat([]any{account, after[0]}, after, []any{from, until}, among, more), int64(page))
		}
	}
	return l.rows(ctx, s.read)
}

// PaymentsBetween implements [store.Reports].
func (s *Store) PaymentsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error] {
	span := report.Between(from, until)
	app := len(orders)
	return (&list[subscription.Order]{
		query: listPaid, of: []any{span.Until.UnixMicro()}, first: []any{span.From.UnixMicro(), "", ""}, key: []int{app + 1, app, 0},
		decode: func(r row) (subscription.Order, error) {
			return decodeOrder(subscription.ApplicationID(r.text(app)), r)
		},
	}).rows(ctx, s.read)
}

// RefundsBetween implements [store.Reports].
func (s *Store) RefundsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Refund, error] {
	const order, number, due, app = 0, 1, 13, 20 // columns; the last follows refundColumns
	span := report.Between(from, until)
	return (&list[subscription.Refund]{
		query: listPlaced, of: []any{span.Until.UnixMicro()}, first: []any{span.From.UnixMicro(), "", "", int64(0)},
		key: []int{due, app, order, number},
		decode: func(r row) (subscription.Refund, error) {
			return decodeRefund(subscription.ApplicationID(r.text(app)), r)
		},
	}).rows(ctx, s.read)
}

// TotalsBetween implements [store.Reports]. It reads the payments of the span one after the other.
func (s *Store) TotalsBetween(ctx context.Context, from, until time.Time) ([]store.Total, error) {
	span := report.Between(from, until)
	totals := report.NewTotals(span)
	err := s.snapshot(ctx, func(q session) error {
		first, last := span.From.UnixMicro(), span.Until.UnixMicro()
		if err := q.query(sumPaid, paid(ctx, totals), first, last); err != nil {
			return err
		}
		return q.query(sumBack, back(ctx, totals), first, last)
	})
	if err != nil {
		return nil, fmt.Errorf("sqlite: totals: %w", err)
	}
	return totals.All(), nil
}

// paid counts a row of sumPaid. Most orders have the same taxes as another one.
func paid(ctx context.Context, totals *report.Totals) func(r row) error {
	const most = 1000
	known := map[string][]pricing.Tax{}
	return func(r row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		var o subscription.Order
		var err error
		if o.Collected, err = r.money(2); err == nil {
			o.Amount, err = r.money(5)
		}
		if err != nil {
			return err
		}
		text := r.text(4)
		var ok bool
		if o.Taxes, ok = known[text]; !ok {
			if o.Taxes, err = r.taxes(4); err != nil {
				return err
			}
			if len(known) == most {
				clear(known)
			}
			known[text] = o.Taxes
		}
		return totals.Paid(pricing.ProductID(r.text(0)), subscription.OrderKind(r.text(1)), o.Collected, 1, o.CollectedTaxes())
	}
}

// back counts a row of sumBack.
func back(ctx context.Context, totals *report.Totals) func(r row) error {
	return func(r row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := subscription.Refund{
			Status: subscription.RefundStatus(r.text(0)), DueAt: r.time(4), ClosedAt: r.time(5), FailedAt: r.time(9), MadeAt: r.time(10),
		}
		var err error
		if f.Amount, err = r.money(1); err == nil {
			f.Taxes, err = r.taxes(3)
		}
		if err != nil {
			return err
		}
		return totals.Back(pricing.ProductID(r.text(6)), subscription.OrderKind(r.text(7)), r.time(8), &f)
	}
}

// nothing yields nothing, but for the error of a context that has ended.
func nothing[T any](ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := ctx.Err(); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}
