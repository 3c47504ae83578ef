package storetest_test

import (
	"context"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

func (b *broken) FindSubscriptions(ctx context.Context, f store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error] {
	if b.find != nil {
		return b.find(ctx, f)
	}
	return b.Store.FindSubscriptions(ctx, f)
}

func (b *broken) PaymentsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error] {
	if b.pays != nil {
		return b.pays(ctx, from, until)
	}
	return b.Store.PaymentsBetween(ctx, from, until)
}

func (b *broken) RefundsBetween(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Refund, error] {
	if b.places != nil {
		return b.places(ctx, from, until)
	}
	return b.Store.RefundsBetween(ctx, from, until)
}

func (b *broken) TotalsBetween(ctx context.Context, from, until time.Time) ([]store.Total, error) {
	if b.totals != nil {
		return b.totals(ctx, from, until)
	}
	return b.Store.TotalsBetween(ctx, from, until)
}

// looksFor makes a store look for other subscriptions than it is asked for.
func looksFor(edit func(f *store.SubscriptionFilter)) func(b *broken) {
	return func(b *broken) {
		b.find = func(ctx context.Context, f store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error] {
			edit(&f)
			return b.Store.FindSubscriptions(ctx, f)
		}
	}
}

// adds makes the totals what edit makes of them.
func adds(edit func(total *store.Total)) func(b *broken) {
	return func(b *broken) {
		b.totals = func(ctx context.Context, from, until time.Time) ([]store.Total, error) {
			all, err := b.Store.TotalsBetween(ctx, from, until)
			for i := range all {
				edit(&all[i])
			}
			return all, err
		}
	}
}

// some leaves out what a list yields, unless keep says otherwise of its place.
func some[T any](list iter.Seq2[T, error], keep func(n int) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := -1
		for row, err := range list {
			n++
			if (keep(n) || err != nil) && !yield(row, err) {
				return
			}
		}
	}
}

// recount makes the totals those that count computes of all orders and refunds, as a store might that was written in haste.
func recount(count func(o *subscription.Order, f *subscription.Refund, in func(time.Time) bool, total *store.Total)) func(b *broken) {
	return func(b *broken) {
		b.totals = func(ctx context.Context, from, until time.Time) ([]store.Total, error) {
			in := func(t time.Time) bool {
				return !t.IsZero() && !t.Before(from) && (until.IsZero() || t.Before(until))
			}
			all, err := b.Store.TotalsBetween(ctx, from, until)
			if err != nil {
				return nil, err
			}
			zero, _ := pricing.FromMinor(0, "USD")
			for i := range all {
				all[i].Refunded, all[i].Undone = store.Sum{Amount: zero, Tax: zero}, store.Sum{Amount: zero, Tax: zero}
			}
			for app, err := range b.Applications(ctx) {
				if err != nil {
					return nil, err
				}
				orders := map[subscription.OrderID]subscription.Order{}
				for o, err := range b.Store.Orders(ctx, app) {
					if err != nil {
						return nil, err
					}
					orders[o.ID] = o
				}
				for f, err := range b.Store.Refunds(ctx, app) {
					if err != nil {
						return nil, err
					}
					o := orders[f.Order]
					for i := range all {
						if all[i].Currency == f.Amount.Currency() && all[i].Kind == o.Kind && all[i].Product == o.Product {
							count(&o, &f, in, &all[i])
						}
					}
				}
			}
			return all, nil
		}
	}
}

// goesBack adds a refund to a sum.
func goesBack(s *store.Sum, f *subscription.Refund) {
	s.Count++
	s.Amount, _ = s.Amount.Add(f.Amount)
	for _, t := range f.Taxes {
		s.Tax, _ = s.Tax.Add(t.Amount)
	}
}

var reportFlaws = []flaw{
	{"statuses are ignored", looksFor(func(f *store.SubscriptionFilter) { f.Statuses = nil }), "reports/subscriptions by every filter"},
	{"only the first status is looked for", looksFor(func(f *store.SubscriptionFilter) { f.Statuses = f.Statuses[:min(1, len(f.Statuses))] }), "reports/subscriptions by every filter"},
	{"the product is ignored", looksFor(func(f *store.SubscriptionFilter) { f.Product = "" }), "reports/subscriptions by every filter"},
	{"the account is ignored", looksFor(func(f *store.SubscriptionFilter) { f.Account = "" }), "reports/subscriptions by every filter"},
	{"auto-renewal is ignored", looksFor(func(f *store.SubscriptionFilter) { f.AutoRenew = nil }), "reports/subscriptions by every filter"},
	{"no auto-renewal is any", looksFor(func(f *store.SubscriptionFilter) {
		if f.AutoRenew != nil && !*f.AutoRenew {
			f.AutoRenew = nil
		}
	}), "reports/subscriptions by every filter"},
	{"the end of a span is in it", looksFor(func(f *store.SubscriptionFilter) {
		if !f.Until.IsZero() {
			f.Until = f.Until.Add(time.Microsecond)
		}
	}), "reports/subscriptions by every filter"},
	{"the beginning of a span isn't in it", looksFor(func(f *store.SubscriptionFilter) {
		if !f.From.IsZero() {
			f.From = f.From.Add(time.Microsecond)
		}
	}), "reports/subscriptions by every filter"},
	{"instants between microseconds are cut off", looksFor(func(f *store.SubscriptionFilter) {
		f.From, f.Until = f.From.Truncate(time.Microsecond), f.Until.Truncate(time.Microsecond)
	}), "reports/subscriptions by every filter"},
	{"a subscription is found as it was", func(b *broken) {
		first := map[subscription.ApplicationID]subscription.SubscriptionRow{}
		b.find = func(ctx context.Context, f store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error] {
			return func(yield func(subscription.SubscriptionRow, error) bool) {
				for row, err := range b.Store.FindSubscriptions(ctx, f) {
					if was, ok := first[row.Application]; ok && err == nil {
						row = was
					}
					first[row.Application] = row
					if !yield(row, err) {
						return
					}
				}
			}
		}
	}, "reports/subscriptions as they are now"},
	{"payments of the end are in the span", func(b *broken) {
		b.pays = func(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error] {
			if !until.IsZero() {
				until = until.Add(time.Microsecond)
			}
			return b.Store.PaymentsBetween(ctx, from, until)
		}
	}, "reports/payments and refunds of every span"},
	{"a refund is of the instant when it was made", func(b *broken) {
		b.places = func(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Refund, error] {
			return func(yield func(subscription.Refund, error) bool) {
				for f, err := range b.Store.RefundsBetween(ctx, time.Time{}, time.Time{}) {
					made := err != nil || !f.ClosedAt.Before(from) && (until.IsZero() || f.ClosedAt.Before(until))
					if made && !yield(f, err) {
						return
					}
				}
			}
		}
	}, "reports/payments and refunds of every span"},
	{"a page ends within an instant, and the next one begins after it", func(b *broken) {
		b.pays = func(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error] {
			return some(b.Store.PaymentsBetween(ctx, from, until), func(n int) bool { return n < 1000 })
		}
	}, "reports/thousands of rows"},
	{"a page repeats the last row of the one before", func(b *broken) {
		b.places = func(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Refund, error] {
			return func(yield func(subscription.Refund, error) bool) {
				n := 0
				for f, err := range b.Store.RefundsBetween(ctx, from, until) {
					if n++; n%1000 == 0 && !yield(f, err) || !yield(f, err) {
						return
					}
				}
			}
		}
	}, "reports/thousands of rows"},
	{"taxes are forgotten", adds(func(t *store.Total) { t.Paid.Tax, _ = t.Paid.Tax.Sub(t.Paid.Tax) }), "reports/totals by product"},
	{"what went back is taken off", adds(func(t *store.Total) { t.Paid.Amount, _ = t.Paid.Amount.Sub(t.Refunded.Amount) }), "reports/totals by product"},
	{"kinds are confused", adds(func(t *store.Total) { t.Kind = subscription.PurchaseOrder }), "reports/totals by product"},
	{"a refund counts once it is made", recount(func(_ *subscription.Order, f *subscription.Refund, in func(time.Time) bool, t *store.Total) {
		if f.Status == subscription.RefundMade && in(f.ClosedAt) {
			goesBack(&t.Refunded, f)
		}
	}), "reports/totals of a span"},
	{"a refund that failed never was", recount(func(_ *subscription.Order, f *subscription.Refund, in func(time.Time) bool, t *store.Total) {
		if f.Status.Counts() && in(f.DueAt) {
			goesBack(&t.Refunded, f)
		}
	}), "reports/totals of a span"},
	{"a refund that failed and was made had never failed", recount(func(o *subscription.Order, f *subscription.Refund, in func(time.Time) bool, t *store.Total) {
		if at := f.DueAt; in(at) && !o.PaidAt.IsZero() {
			goesBack(&t.Refunded, f)
		}
		if !f.Status.Counts() && in(f.ClosedAt) {
			goesBack(&t.Undone, f)
		}
	}), "reports/totals of a span stay as they are, though"},
	{"a refund counts before its payment", recount(func(o *subscription.Order, f *subscription.Refund, in func(time.Time) bool, t *store.Total) {
		if in(f.DueAt) && !o.PaidAt.IsZero() {
			goesBack(&t.Refunded, f)
		}
		if !f.Status.Counts() && in(f.ClosedAt) {
			goesBack(&t.Undone, f)
		}
	}), "reports/totals of a span"},
	{"a refund of what was never paid counts", recount(func(_ *subscription.Order, f *subscription.Refund, in func(time.Time) bool, t *store.Total) {
		if in(f.DueAt) {
			goesBack(&t.Refunded, f)
		}
	}), "reports/totals leave out"},
	{"a sum that is out of range is some number", func(b *broken) {
		b.totals = func(ctx context.Context, from, until time.Time) ([]store.Total, error) {
			all, err := b.Store.TotalsBetween(ctx, from, until)
			if err != nil && ctx.Err() == nil {
				return []store.Total{{Product: "call"}}, nil
			}
			return all, err
		}
	}, "reports/totals that are out of range"},
	{"the context is ignored", func(b *broken) {
		b.totals = func(_ context.Context, from, until time.Time) ([]store.Total, error) {
			return b.Store.TotalsBetween(context.Background(), from, until)
		}
	}, "reports/a context"},
	{"the context of a list is ignored", func(b *broken) {
		b.find = func(_ context.Context, f store.SubscriptionFilter) iter.Seq2[subscription.SubscriptionRow, error] {
			return b.Store.FindSubscriptions(context.Background(), f)
		}
	}, "reports/a context"},
	{"a lock is held in the loop", func(b *broken) {
		b.pays = func(ctx context.Context, from, until time.Time) iter.Seq2[subscription.Order, error] {
			return func(yield func(subscription.Order, error) bool) {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.Store.PaymentsBetween(ctx, from, until)(yield)
			}
		}
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.Store.Commit(ctx, changes...)
		}
	}, "reports/the store can be called"},
}
