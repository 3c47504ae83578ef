package subscription_test

import (
	"context"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// After a conflict the command is decided again on the state that won, up to a limit.
// Rule: conflict-decides-again.
func TestConflictDecidesAgain(t *testing.T) {
	conflict := &subscription.ConflictError{Applications: []subscription.ApplicationID{app}}
	t.Run("decides again", func(t *testing.T) {
		left := 5
		w := newWorld(t, setup{wrap: func(_ *world, st subscription.Store) subscription.Store {
			return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
				left--
				if left >= 0 {
					return conflict
				}
				return st.Commit(ctx, changes...)
			}}
		}})
		w.must(buy("call", "one-to-one"))
	})
	t.Run("a bounded number of times", func(t *testing.T) {
		for conflicts, want := range map[int]int{1: 1, 4: 4, 0: 30} {
			tries := 0
			w := newWorld(t, setup{
				options: subscription.Options{Conflicts: conflicts},
				wrap: func(_ *world, st subscription.Store) subscription.Store {
					return &storeFuncs{Store: st, commit: func(context.Context, ...subscription.Change) error {
						tries++
						return conflict
					}}
				},
			})
			w.refuse(subscription.ErrConflict, subscription.Accept{Agreement: agreement})
			check(t, "tries", tries, want)
		}
	})
	t.Run("until the caller goes away", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := newWorld(t, setup{
			options: subscription.Options{Conflicts: 1_000_000},
			wrap: func(_ *world, st subscription.Store) subscription.Store {
				return &storeFuncs{Store: st, commit: func(context.Context, ...subscription.Change) error {
					cancel()
					return conflict
				}}
			},
		})
		_, err := w.Do(ctx, app, subscription.Accept{Agreement: agreement}, "k")
		// Whichever case the jitter lets through first, no change is made.
		fails(t, err, context.Canceled)
		check(t, "acceptances", w.count(subscription.EventAccepted), 0)
	})
	t.Run("on the state that won", func(t *testing.T) {
		// Between load and commit another request bought the product.
		raced := false
		w := newWorld(t, setup{wrap: func(w *world, st subscription.Store) subscription.Store {
			return &storeFuncs{Store: st, commit: func(ctx context.Context, changes ...subscription.Change) error {
				if !raced {
					raced = true
					w.must(buy("call", "group-call")) //nolint:contextcheck // the world runs under the context of its test
				}
				return st.Commit(ctx, changes...)
			}}
		}})
		_, err := w.do(buy("call", "one-to-one"))
		fails(t, err, subscription.ErrAlreadySubscribed)
		charges, _, _ := w.charged()
		check(t, "charges", charges, 1)
	})
	t.Run("the error names applications", func(t *testing.T) {
		for n, want := range map[int]string{
			1: "subscription: conflict: a",
			3: "subscription: conflict: a, b, c",
			5: "subscription: conflict: a, b, c, and 2 more",
		} {
			err := &subscription.ConflictError{Applications: []subscription.ApplicationID{"a", "b", "c", "d", "e"}[:n]}
			check(t, "text", err.Error(), want)
			fails(t, err, subscription.ErrConflict)
		}
	})
}
