package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Totals sums what is counted in a span.
type Totals struct {
	span Span
	sums map[Group]*store.Total
}

// Group is what has a sum of its own.
type Group struct {
	Product  pricing.ProductID
	Kind     subscription.OrderKind
	Currency pricing.Currency
}

// NewTotals returns the totals of a span in which nothing has been counted.
func NewTotals(span Span) *Totals { return &Totals{span, map[Group]*store.Total{}} }

// Paid counts a number of payments of one kind of order in the span: what was collected in all, and the taxes in each of
// them.
func (t *Totals) Paid(product pricing.ProductID, kind subscription.OrderKind, collected pricing.Money, n int64, taxes []pricing.Tax) error {
	total, err := t.total(Group{product, kind, collected.Currency()})
	if err != nil {
		return err
	}
	tax, err := taxOf(taxes, total.Currency)
	if err == nil {
		tax, err = tax.Mul(n)
	}
	if err != nil {
		return err
	}
	return count(&total.Paid, n, collected, tax)
}

// Back counts a refund of an order that was paid at an instant, as a refund when it began to count and as undone when it no longer
// did, each if that is in the span.
func (t *Totals) Back(product pricing.ProductID, kind subscription.OrderKind, paidAt time.Time, r *subscription.Refund) error {
	if paidAt.IsZero() || r.Amount.Sign() == 0 {
		return nil
	}
	for _, s := range spells(r) {
		from, until := later(s.from, paidAt), later(s.until, paidAt)
		begins, ends := t.span.Has(from), !s.until.IsZero() && t.span.Has(until)
		if !s.until.IsZero() && !until.After(from) || !begins && !ends {
			continue // it never was one, or not in the span
		}
		total, err := t.total(Group{product, kind, r.Amount.Currency()})
		if err != nil {
			return err
		}
		tax, err := taxOf(r.Taxes, total.Currency)
		if err == nil && begins {
			err = count(&total.Refunded, 1, r.Amount, tax)
		}
		if err == nil && ends {
			err = count(&total.Undone, 1, r.Amount, tax)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spell is a time for which a refund counts; until is zero if it still does.
type spell struct{ from, until time.Time }

// spells returns when a refund counts: one that failed and was made after all does twice.
func spells(r *subscription.Refund) []spell {
	again, end := r.ClosedAt, time.Time{}
	if !r.Status.Counts() {
		again, end = r.MadeAt, r.ClosedAt
	}
	if r.FailedAt.IsZero() {
		return []spell{{r.DueAt, end}}
	}
	return []spell{{r.DueAt, r.FailedAt}, {later(again, r.FailedAt), end}}
}

// All returns the totals, by product, kind and currency.
func (t *Totals) All() []store.Total {
	all := make([]store.Total, 0, len(t.sums))
	for _, total := range t.sums {
		all = append(all, *total)
	}
	slices.SortFunc(all, func(a, b store.Total) int {
		return cmp.Or(cmp.Compare(a.Product, b.Product), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Currency, b.Currency))
	})
	return all
}

// total returns the total of a group.
func (t *Totals) total(g Group) (*store.Total, error) {
	if total := t.sums[g]; total != nil {
		return total, nil
	}
	none, err := pricing.FromMinor(0, g.Currency)
	if err != nil {
		return nil, err
	}
	nothing := store.Sum{Amount: none, Tax: none}
	total := &store.Total{Product: g.Product, Kind: g.Kind, Currency: g.Currency, Paid: nothing, Refunded: nothing, Undone: nothing}
	t.sums[g] = total
	return total, nil
}

// count adds a number of amounts to a sum.
func count(s *store.Sum, n int64, amount, tax pricing.Money) error {
	var err error
	if s.Amount, err = s.Amount.Add(amount); err == nil {
		s.Tax, err = s.Tax.Add(tax)
	}
	if err != nil {
		return fmt.Errorf("a total: %w", err)
	}
	s.Count += n
	return nil
}

// taxOf sums taxes.
func taxOf(taxes []pricing.Tax, c pricing.Currency) (pricing.Money, error) {
	sum, err := pricing.FromMinor(0, c)
	for i := range taxes {
		if err == nil {
			sum, err = sum.Add(taxes[i].Amount)
		}
	}
	return sum, err
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
