package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/clone"
	"github.com/prepaidkit/prepaid/internal/report"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// page is the number of rows that a report has in memory at a time.
const page = 1000

// FindSubscriptions implements [store.Reports].
func (s *Store) FindSubscriptions(ctx context.Context, f store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error] {
	span := report.Between(f.From, f.Until)
	f.Statuses, f.AutoRenew = slices.Clone(f.Statuses), clone.Pointer(f.AutoRenew)
	order := byEnd
	if f.Account != "" {
		order = byApplication
	}
	return sorted(ctx, s, order, func(r *record, found func(*subscription.SubscriptionRow)) {
		if f.Account != "" && f.Account != r.document.Account {
			return
		}
		for i := range r.rows {
			if report.Finds(f, span, r.rows[i]) {
				found(&r.rows[i])
			}
		}
	}, func(row *subscription.SubscriptionRow) subscription.SubscriptionRow { return *row })
}

// PaymentsBetween implements [store.Reports].
func (s *Store) PaymentsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error] {
	span := report.Between(from, until)
	return sorted(ctx, s, byPayment, func(r *record, found func(*subscription.Order)) {
		for _, o := range r.orders {
			if pays(o, span) {
				found(o)
			}
		}
	}, func(o *subscription.Order) subscription.Order { return o.Clone() })
}

// RefundsBetween implements [store.Reports].
func (s *Store) RefundsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Refund, error] {
	span := report.Between(from, until)
	return sorted(ctx, s, byPlacing, func(r *record, found func(*subscription.Refund)) {
		for i := range r.refunds {
			if f := &r.refunds[i]; !f.DueAt.IsZero() && span.Has(f.DueAt) && f.Amount.Sign() > 0 {
				found(f)
			}
		}
	}, func(f *subscription.Refund) subscription.Refund { return f.Clone() })
}

// TotalsBetween implements [store.Reports].
func (s *Store) TotalsBetween(ctx context.Context, from, until time.Time) ([]store.Total, error) {
	span := report.Between(from, until)
	totals := report.NewTotals(span)
	err := s.each(ctx, func(r *record) error {
		for _, o := range r.orders {
			if !pays(o, span) {
				continue
			}
			if err := totals.Paid(o.Product, o.Kind, o.Collected, 1, o.CollectedTaxes()); err != nil {
				return err
			}
		}
		for i := range r.refunds {
			f := &r.refunds[i]
			o := r.orders[f.Order]
			if o == nil {
				continue
			}
			if err := totals.Back(o.Product, o.Kind, o.PaidAt, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("memory: totals: %w", err)
	}
	return totals.All(), nil
}

// pays reports whether an order is a payment in a span.
func pays(o *subscription.Order, span report.Span) bool {
	return !o.PaidAt.IsZero() && o.Collected.Sign() > 0 && span.Has(o.PaidAt)
}

func byEnd(a, b *subscription.SubscriptionRow) int {
	return cmp.Or(a.PaidUntil.Compare(b.PaidUntil), byApplication(a, b))
}

func byApplication(a, b *subscription.SubscriptionRow) int {
	return cmp.Or(cmp.Compare(a.Application, b.Application), cmp.Compare(a.ID, b.ID))
}

func byPayment(a, b *subscription.Order) int {
	return cmp.Or(a.PaidAt.Compare(b.PaidAt), cmp.Compare(a.Application, b.Application), cmp.Compare(a.ID, b.ID))
}

func byPlacing(a, b *subscription.Refund) int {
	return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.Application, b.Application), cmp.Compare(a.Order, b.Order),
		cmp.Compare(a.Number, b.Number))
}

// each calls do for every application, with its shard locked for reading.
func (s *Store) each(ctx context.Context, do func(r *record) error) error {
	for i := range s.shards {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.shards[i].each(do); err != nil {
			return err
		}
	}
	return nil
}

func (sh *shard) each(do func(r *record) error) error {
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	for _, r := range sh.apps {
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// sorted yields copies of the rows that some pass to found, in order. The store has no index for them: it looks at all
// applications for each page, a shard at a time, and keeps the first rows after the page before.
func sorted[T any](
	ctx context.Context, s *Store, order func(a, b *T) int, some func(r *record, found func(*T)), copied func(*T) T,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var (
			zero  T
			after *T
		)
		for {
			first := &smallest[T]{order: order, after: after, clone: copied}
			err := s.each(ctx, func(r *record) error {
				some(r, first.add)
				return nil
			})
			if err != nil {
				yield(zero, err)
				return
			}
			rows := first.rows()
			for i := range rows {
				if err := ctx.Err(); err != nil {
					yield(zero, err)
					return
				}
				if !yield(rows[i], nil) {
					return
				}
			}
			if len(rows) < page {
				return
			}
			last := copied(&rows[len(rows)-1])
			after = &last
		}
	}
}

// smallest keeps copies of the first rows after another one.
type smallest[T any] struct {
	order func(a, b *T) int
	clone func(*T) T
	after *T   // nil: from the beginning
	kept  []T  // at most two pages
	full  bool // the first page of kept is sorted, and nothing after it belongs to it
}

func (m *smallest[T]) add(row *T) {
	if m.after != nil && m.order(row, m.after) <= 0 || m.full && m.order(row, &m.kept[page-1]) > 0 {
		return
	}
	if m.kept = append(m.kept, m.clone(row)); len(m.kept) == 2*page {
		m.cut()
	}
}

func (m *smallest[T]) cut() {
	slices.SortFunc(m.kept, func(a, b T) int { return m.order(&a, &b) })
	if m.full = len(m.kept) >= page; m.full {
		clear(m.kept[page:])
		m.kept = m.kept[:page]
	}
}

// rows returns the first page of rows.
func (m *smallest[T]) rows() []T {
	m.cut()
	return m.kept
}
