package journal_test

import (
	"context"
	"iter"
	"slices"
	"testing"

	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/subscription"
)

// broken is a source whose rows are changed or, if a function says so, left out.
type broken struct {
	journal.Source

	entry  func(*subscription.Entry) bool
	refund func(*subscription.Refund) bool
	order  func(*subscription.Order) bool
}

func changed[T any](rows iter.Seq2[T, error], change func(*T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			if err == nil && change != nil && !change(&row) {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// Entries implements [journal.Source].
func (b broken) Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error] {
	return changed(b.Source.Entries(ctx, app), b.entry)
}

// Refunds implements [journal.Source].
func (b broken) Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
	return changed(b.Source.Refunds(ctx, app), b.refund)
}

// Orders implements [journal.Source].
func (b broken) Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error] {
	return changed(b.Source.Orders(ctx, app), b.order)
}

// TestBrokenBooksAreFound checks that the checks of random lives find books that are wrong.
//
// Rule: journal-adds-up.
func TestBrokenBooksAreFound(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]broken{
		"minutes that don't expire": {entry: func(e *subscription.Entry) bool { return e.Kind != subscription.EntryExpired }},
		"no refunds":                {refund: func(*subscription.Refund) bool { return false }},
		"refunds without taxes": {refund: func(r *subscription.Refund) bool {
			r.Taxes = nil
			return true
		}},
		"orders by their amount": {order: func(o *subscription.Order) bool {
			o.Collected = o.Amount
			return true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			view := func(rows journal.Source) journal.Source {
				v := b
				v.Source = rows
				return v
			}
			for seed := range uint64(10) {
				for _, w := range worlds(t, 1+seed, 1, 8, view) {
					if _, problem := w.audit(t, slices.Clip); problem != "" {
						return
					}
				}
			}
			t.Error("nobody noticed")
		})
	}
	for name, spoil := range map[string]func([]journal.Posting) []journal.Posting{
		"a posting that is lost": func(all []journal.Posting) []journal.Posting { return all[:max(0, len(all)-1)] },
		"a posting that counts twice": func(all []journal.Posting) []journal.Posting {
			return append(slices.Clip(all), all[:min(1, len(all))]...)
		},
		"a posting the wrong way round": func(all []journal.Posting) []journal.Posting {
			for i := range all {
				all[i].Debit, all[i].Credit = all[i].Credit, all[i].Debit
			}
			return all
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, w := range worlds(t, 1, 1, 6, as) {
				if _, problem := w.audit(t, spoil); problem != "" {
					return
				}
			}
			t.Error("nobody noticed")
		})
	}
}
