package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/prepaidkit/prepaid/subscription"
)

// forgetful is a store that erases, but for what keep gives back to the rows of a list, each as it was before and as it is.
func forgetful[T any](
	b *broken, list func(context.Context, subscription.ApplicationID) iter.Seq2[T, error], key func(T) string, keep func(was, is *T),
) func(context.Context, subscription.ApplicationID) iter.Seq2[T, error] {
	before := map[string]T{}
	b.erase = func(ctx context.Context, c subscription.Change) error {
		for row, err := range list(ctx, c.Application) {
			if err != nil {
				return err
			}
			before[string(c.Application)+" "+key(row)] = row
		}
		return b.Store.Erase(ctx, c)
	}
	return func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[T, error] {
		return listed(list, func(rows []T) []T {
			for i := range rows {
				if was, had := before[string(app)+" "+key(rows[i])]; had {
					keep(&was, &rows[i])
				}
			}
			return rows
		})(ctx, app)
	}
}

// keepsOrders is the damage of a store that keeps something of orders.
func keepsOrders(keep func(was, is *subscription.Order)) func(b *broken) {
	return func(b *broken) {
		b.orders = forgetful(b, b.Store.Orders, func(o subscription.Order) string { return string(o.ID) }, keep)
	}
}

// keepsEvents is the same for events.
func keepsEvents(keep func(was, is *subscription.Event)) func(b *broken) {
	return func(b *broken) {
		b.events = forgetful(b, b.Store.Events, func(e subscription.Event) string { return fmt.Sprint(e.Revision, ".", e.Index) }, keep)
	}
}

// keepsRefunds is the same for refunds.
func keepsRefunds(keep func(was, is *subscription.Refund)) func(b *broken) {
	return func(b *broken) {
		b.refunds = forgetful(b, b.Store.Refunds, func(r subscription.Refund) string { return fmt.Sprint(r.Order, ".", r.Number) }, keep)
	}
}

const (
	everyField = "erase/every field"
	isErased   = subscription.EventErased
)

var eraseFlaws = []flaw{
	{"what was written before stays", func(b *broken) {
		b.erase = func(ctx context.Context, c subscription.Change) error { return b.Store.Commit(ctx, c) }
	}, everyField},
	{"the account of orders stays", keepsOrders(func(was, is *subscription.Order) { is.Account = was.Account }), everyField},
	{"notes of orders stay", keepsOrders(func(was, is *subscription.Order) { is.Note = was.Note }), everyField},
	{"references of orders stay", keepsOrders(func(was, is *subscription.Order) { is.Reference = was.Reference }), everyField},
	{"actions of orders stay", keepsOrders(func(was, is *subscription.Order) { is.Action = was.Action }), everyField},
	{"reasons of deals stay", keepsOrders(func(was, is *subscription.Order) { is.Deliveries = was.Deliveries }), everyField},
	{"amounts of orders go", keepsOrders(func(_, is *subscription.Order) { is.Amount = is.Collected }), everyField},
	{"notes of events stay", keepsEvents(func(was, is *subscription.Event) { is.Note = was.Note }), everyField},
	{"names of staff stay in events", keepsEvents(func(was, is *subscription.Event) { is.By = was.By }), everyField},
	{"their reasons stay in events", keepsEvents(func(was, is *subscription.Event) { is.Why = was.Why }), everyField},
	{"the account of refunds stays", keepsRefunds(func(was, is *subscription.Refund) { is.Account = was.Account }), everyField},
	{"notes of refunds stay", keepsRefunds(func(was, is *subscription.Refund) { is.Note = was.Note }), everyField},
	{"references of refunds stay", keepsRefunds(func(was, is *subscription.Refund) { is.Reference = was.Reference }), everyField},
	{"names of staff stay in refunds", keepsRefunds(func(was, is *subscription.Refund) { is.By = was.By }), everyField},
	{"the account of subscriptions stays", func(b *broken) {
		key := func(r subscription.SubscriptionRow) string { return string(r.ID) }
		b.rows = forgetful(b, b.Store.Subscriptions, key, func(was, is *subscription.SubscriptionRow) { is.Account = was.Account })
	}, everyField},
	{"other applications are erased too", func(b *broken) {
		b.erase = func(ctx context.Context, c subscription.Change) error {
			for id, err := range b.Store.Applications(ctx) {
				if err != nil || id == c.Application {
					continue
				}
				s, _ := b.Store.Load(ctx, subscription.Read{Application: id})
				_ = b.Store.Erase(ctx, subscription.Change{Application: id, Base: s[0].Application.Revision, Next: s[0].Application})
			}
			return b.Store.Erase(ctx, c)
		}
	}, everyField},
	{"receipts go", func(b *broken) {
		erased := map[subscription.ApplicationID]bool{}
		b.erase = func(ctx context.Context, c subscription.Change) error {
			erased[c.Application] = true
			return b.Store.Erase(ctx, c)
		}
		b.shows(func(s *subscription.Snapshot) {
			if erased[s.Application.ID] {
				s.Receipts = nil
			}
		})
	}, everyField},
	{"the event itself goes", func(b *broken) {
		b.events = listed(b.Store.Events, func(events []subscription.Event) []subscription.Event {
			if n := len(events); n > 0 && events[n-1].Type == isErased {
				return events[:n-1]
			}
			return events
		})
	}, everyField},
	{"the account still finds it", func(b *broken) {
		var was []subscription.ApplicationID
		b.erase = func(ctx context.Context, c subscription.Change) error {
			was = append(was, c.Application)
			return b.Store.Erase(ctx, c)
		}
		b.of = func(ctx context.Context, a subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
			return func(yield func(subscription.ApplicationID, error) bool) {
				for _, id := range was {
					if !yield(id, nil) {
						return
					}
				}
				b.Store.ApplicationsOf(ctx, a)(yield)
			}
		}
	}, "erase/the account finds"},
	{"rows are erased though the change conflicts", func(b *broken) { b.erase = erasesAnyway(b, subscription.ErrConflict) }, "erase/a conflict"},
	{"rows are erased though the change is refused", func(b *broken) { b.erase = erasesAnyway(b, subscription.ErrExists) }, "erase/a refusal"},
	{"a conflict is no error", func(b *broken) {
		b.erase = func(ctx context.Context, c subscription.Change) error {
			_ = b.Store.Erase(ctx, c)
			return ctx.Err()
		}
	}, "erase/a conflict"},
	{"a thousand rows at most", func(b *broken) {
		n := 0
		b.events = forgetful(b, b.Store.Events, func(e subscription.Event) string { return fmt.Sprint(e.Revision, ".", e.Index) },
			func(was, is *subscription.Event) {
				if n++; n > 1000 {
					*is = *was
				}
			})
	}, "erase/thousands of rows"},
	{"a context that has ended is no matter", func(b *broken) {
		b.erase = func(ctx context.Context, c subscription.Change) error {
			return b.Store.Erase(context.WithoutCancel(ctx), c)
		}
	}, "erase/a context that has ended"},
}

// erasesAnyway erases what is stored, though the change isn't applied for a reason.
func erasesAnyway(b *broken, reason error) func(context.Context, subscription.Change) error {
	return func(ctx context.Context, c subscription.Change) error {
		err := b.Store.Erase(ctx, c)
		if err == nil || !errors.Is(err, reason) {
			return err
		}
		s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application})
		_ = b.Store.Erase(ctx, subscription.Change{Application: c.Application, Base: s[0].Application.Revision, Next: s[0].Application})
		return err
	}
}
