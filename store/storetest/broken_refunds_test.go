package storetest_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

var refundFlaws = []flaw{
	{"refunds are lost", edits(func(c *subscription.Change) { c.Refunds = nil }), "refunds/refunds are listed"},
	{"refunds are lost on the way back", func(b *broken) {
		b.refunds = func(context.Context, subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
			return func(func(subscription.Refund, error) bool) {}
		}
	}, "rows/every field of listed refunds"},
	{"of several refunds of an order the last is kept", edits(func(c *subscription.Change) {
		for i := range c.Refunds {
			c.Refunds[i].Number = 1
		}
	}), "refunds/a refund is replaced by order and number"},
	{"refunds are told apart by their number alone", func(b *broken) {
		b.refunds = listed(b.Store.Refunds, func(rows []subscription.Refund) []subscription.Refund {
			seen := map[int]bool{}
			return slices.DeleteFunc(rows, func(r subscription.Refund) bool {
				again := seen[r.Number]
				seen[r.Number] = true
				return again
			})
		})
	}, "refunds/a refund is replaced by order and number"},
	{"a refund that is replaced stays as it was", func(b *broken) {
		var first sync.Map
		b.edits(func(c *subscription.Change) {
			for i, r := range c.Refunds {
				was, _ := first.LoadOrStore(fmt.Sprint(r.Application, r.Order, r.Number), r)
				c.Refunds[i] = was.(subscription.Refund).Clone()
			}
		})
	}, "refunds/a refund is replaced by order and number"},
	{"a refund that is replaced is there twice", func(b *broken) {
		var all []subscription.Refund
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			all = append(all, c.Refunds...)
		})
		b.refunds = func(_ context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error] {
			return func(yield func(subscription.Refund, error) bool) {
				for _, r := range all {
					if r.Application == app && !yield(r, nil) {
						return
					}
				}
			}
		}
	}, "refunds/a refund is replaced by order and number"},
	{"refunds as they were written", func(b *broken) {
		b.refunds = listed(b.Store.Refunds, func(rows []subscription.Refund) []subscription.Refund {
			slices.Reverse(rows)
			return rows
		})
	}, "refunds/refunds are listed by order and number"},
	{"refunds by the text of their number", func(b *broken) {
		b.refunds = listed(b.Store.Refunds, func(rows []subscription.Refund) []subscription.Refund {
			slices.SortStableFunc(rows, func(x, y subscription.Refund) int {
				return strings.Compare(fmt.Sprint(x.Order, " ", x.Number), fmt.Sprint(y.Order, " ", y.Number))
			})
			return rows
		})
	}, "refunds/refunds are listed by order and number"},
	{"what is empty leaves the field of a refund as it was", func(b *broken) {
		notes := map[string]string{}
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for i := range c.Refunds {
				r := &c.Refunds[i]
				key := fmt.Sprint(r.Application, r.Order, r.Number)
				if r.Note == "" {
					r.Note = notes[key]
				}
				notes[key] = r.Note
			}
		})
	}, "refunds/fields of a refund that may be empty"},
	{"refunds of a conflict are written", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := b.Store.Commit(ctx, changes...)
			if err == nil {
				return nil
			}
			for _, c := range changes {
				s, _ := b.Store.Load(ctx, subscription.Read{Application: c.Application})
				_ = b.Store.Commit(ctx, subscription.Change{
					Application: c.Application, Base: s[0].Application.Revision, Next: s[0].Application, Refunds: c.Refunds,
				})
			}
			return err
		}
	}, "refunds/a conflict, nothing changes"},
	{"refunds are unique over all applications", func(b *broken) {
		seen := map[string]subscription.ApplicationID{}
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			c.Refunds = slices.DeleteFunc(c.Refunds, func(r subscription.Refund) bool {
				key := fmt.Sprint(r.Order, r.Number)
				owner, taken := seen[key]
				seen[key] = c.Application
				return taken && owner != c.Application
			})
		})
	}, "refunds/the same refund of two applications"},
	{"listed refunds are the store's own", func(b *broken) {
		kept := map[string]subscription.Refund{}
		b.refunds = listed(b.Store.Refunds, func(rows []subscription.Refund) []subscription.Refund {
			for i, r := range rows {
				key := fmt.Sprint(r.Order, r.Number)
				if was, ok := kept[key]; ok {
					rows[i] = was
				}
				kept[key] = rows[i]
			}
			return rows
		})
	}, "aliasing/listed rows that are spoilt spoil"},
	{"the caller's taxes are kept", func(b *broken) {
		kept := map[int][]pricing.Tax{}
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, r := range changes[0].Refunds {
				kept[r.Number] = r.Taxes
			}
			return b.Store.Commit(ctx, changes...)
		}
		b.refunds = listed(b.Store.Refunds, func(rows []subscription.Refund) []subscription.Refund {
			for i := range rows {
				rows[i].Taxes = kept[rows[i].Number]
			}
			return rows
		})
	}, "aliasing/a change that is spoilt"},

	{"rows of subscriptions are lost", edits(func(c *subscription.Change) { c.Subscriptions = nil }), "commit/base 0"},
	{"the first row of a subscription is kept", func(b *broken) {
		var first sync.Map
		b.edits(func(c *subscription.Change) {
			for i, r := range c.Subscriptions {
				was, _ := first.LoadOrStore(string(r.Application)+string(r.ID), r)
				c.Subscriptions[i] = was.(subscription.SubscriptionRow)
			}
		})
	}, "refunds/the row of a subscription is the last"},
	{"rows of subscriptions are a change behind", func(b *broken) {
		behind := map[subscription.ApplicationID][]subscription.SubscriptionRow{}
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			c.Subscriptions, behind[c.Application] = behind[c.Application], c.Subscriptions
		})
	}, "commit/base 0"},
	{"rows of subscriptions that are over are gone", func(b *broken) {
		b.rows = listed(b.Store.Subscriptions, func(rows []subscription.SubscriptionRow) []subscription.SubscriptionRow {
			return slices.DeleteFunc(rows, func(r subscription.SubscriptionRow) bool { return r.Status == subscription.Expired })
		})
	}, "refunds/the row of a subscription is the last"},
	{"rows that a change doesn't have are gone", func(b *broken) {
		last := map[subscription.ApplicationID][]subscription.SubscriptionRow{}
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			last[c.Application] = c.Subscriptions
		})
		b.rows = func(_ context.Context, app subscription.ApplicationID) iter.Seq2[subscription.SubscriptionRow, error] {
			return func(yield func(subscription.SubscriptionRow, error) bool) {
				for _, r := range last[app] {
					if !yield(r, nil) {
						return
					}
				}
			}
		}
	}, "refunds/a change without rows"},
	{"rows of subscriptions whatever their case", func(b *broken) {
		b.rows = listed(b.Store.Subscriptions, func(rows []subscription.SubscriptionRow) []subscription.SubscriptionRow {
			slices.SortStableFunc(rows, func(x, y subscription.SubscriptionRow) int {
				return strings.Compare(strings.ToLower(string(x.ID)), strings.ToLower(string(y.ID)))
			})
			return rows
		})
	}, "refunds/rows of subscriptions are listed by ID"},
	{"subscriptions are unique over all applications", func(b *broken) {
		b.rows = func(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.SubscriptionRow, error] {
			if app == "b" {
				app = "a"
			}
			return b.Store.Subscriptions(ctx, app)
		}
	}, "refunds/the same subscription of two applications"},
}
