package storetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/prepaidkit/prepaid/subscription"
)

type ids = []subscription.ApplicationID

// lists makes a store list other applications than it has.
func lists(change func(all ids) ids) func(b *broken) {
	return func(b *broken) {
		b.apps = func(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
			return listed(func(ctx context.Context, _ subscription.ApplicationID) iter.Seq2[subscription.ApplicationID, error] {
				return b.Store.Applications(ctx)
			}, change)(ctx, "")
		}
	}
}

// yields makes a store list applications as something else does.
func yields(list func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool)) func(b *broken) {
	return func(b *broken) {
		b.apps = func(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
			return func(yield func(subscription.ApplicationID, error) bool) { list(ctx, b, yield) }
		}
	}
}

func sortBy(key func(subscription.ApplicationID) string) func(all ids) ids {
	return func(all ids) ids {
		slices.SortStableFunc(all, func(a, b subscription.ApplicationID) int { return strings.Compare(key(a), key(b)) })
		return all
	}
}

// pages lists by pages whose next one is found in a way that may be wrong.
func pages(size int, next func(all ids, last subscription.ApplicationID) int) func(all ids) ids {
	return func(all ids) ids {
		var out ids
		for from := 0; from < len(all); {
			page := all[from:min(from+size, len(all))]
			out = append(out, page...)
			from = next(all, page[len(page)-1])
		}
		return out
	}
}

// keys yields the IDs of a list until its error.
func keys(list iter.Seq2[subscription.ApplicationID, error]) iter.Seq[subscription.ApplicationID] {
	return func(yield func(subscription.ApplicationID) bool) {
		for id, err := range list {
			if err != nil || !yield(id) {
				return
			}
		}
	}
}

// pairs yields IDs, or the error of a context that has ended.
func pairs(ctx context.Context, all ids) iter.Seq2[subscription.ApplicationID, error] {
	return func(yield func(subscription.ApplicationID, error) bool) {
		if err := ctx.Err(); err != nil {
			yield("", err)
			return
		}
		for _, id := range all {
			if !yield(id, nil) {
				return
			}
		}
	}
}

var applicationFlaws = []flaw{
	{"applications without case", lists(sortBy(func(id subscription.ApplicationID) string {
		return strings.ToLower(string(id))
	})), "applications/in the order"},
	{"applications by UTF-16", lists(sortBy(func(id subscription.ApplicationID) string {
		var key strings.Builder
		for _, unit := range utf16.Encode([]rune(string(id))) {
			key.WriteByte(byte(unit >> 8))
			key.WriteByte(byte(unit))
		}
		return key.String()
	})), "applications/in the order"},
	{"applications by what a collation sees", lists(sortBy(func(id subscription.ApplicationID) string {
		return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(string(id))
	})), "applications/in the order"},
	{"applications as they were created", func(b *broken) {
		var created ids
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if c.Base == 0 {
				created = append(created, c.Application)
			}
		})
		lists(func(all ids) ids {
			return slices.SortedFunc(slices.Values(all), func(x, y subscription.ApplicationID) int {
				return slices.Index(created, x) - slices.Index(created, y)
			})
		})(b)
	}, "applications/in the order"},
	{"a thousand applications at most", lists(func(all ids) ids { return all[:min(1000, len(all))] }), "applications/thousands"},
	{"the first of each page comes twice", lists(pages(500, func(all ids, last subscription.ApplicationID) int {
		if i := slices.Index(all, last); i < len(all)-1 {
			return i
		}
		return len(all)
	})), "applications/thousands"},
	{"pages skip what begins like their last", lists(pages(100, func(all ids, last subscription.ApplicationID) int {
		i := slices.Index(all, last)
		for i < len(all) && strings.HasPrefix(string(all[i]), string(last)) {
			i++
		}
		return i
	})), "applications/thousands"},
	{"an application for each of its events", yields(
		func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
			for id, err := range b.Store.Applications(ctx) {
				if err != nil {
					yield("", err)
					return
				}
				for range b.Store.Events(ctx, id) { //nolint:errcheck // the store in memory fails only with its context
					if !yield(id, nil) {
						return
					}
				}
			}
		}), "applications/each once"},
	{"accounts without case", func(b *broken) {
		b.of = func(ctx context.Context, a subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
			all := slices.Collect(keys(b.Store.ApplicationsOf(ctx, a)))
			if a == "ACME" {
				all = append(all, slices.Collect(keys(b.Store.ApplicationsOf(ctx, "acme")))...)
			}
			slices.Sort(all)
			return pairs(ctx, all)
		}
	}, "applications/of an account"},
	{"an account's first page", func(b *broken) {
		b.of = func(ctx context.Context, a subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
			all := slices.Collect(keys(b.Store.ApplicationsOf(ctx, a)))
			return pairs(ctx, all[:min(len(all), 1000)])
		}
	}, "applications/of an account"},
	{"an application stays its first account's", func(b *broken) {
		var mu sync.Mutex
		owners := map[subscription.ApplicationID]subscription.AccountID{}
		b.edits(func(c *subscription.Change) {
			mu.Lock()
			defer mu.Unlock()
			if c.Base == 0 {
				owners[c.Application] = c.Next.Account
			}
		})
		b.of = func(ctx context.Context, a subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
			mu.Lock()
			defer mu.Unlock()
			var all ids
			for id, owner := range owners {
				if owner == a {
					all = append(all, id)
				}
			}
			slices.Sort(all)
			return pairs(ctx, all)
		}
	}, "applications/of an account"},
	{"an account's applications for a context that has ended", func(b *broken) {
		b.of = func(ctx context.Context, a subscription.AccountID) iter.Seq2[subscription.ApplicationID, error] {
			return b.Store.ApplicationsOf(context.WithoutCancel(ctx), a)
		}
	}, "applications/of an account"},
	{"a conflict leaves an application behind", func(b *broken) {
		var tried ids
		b.edits(func(c *subscription.Change) {
			b.mu.Lock()
			defer b.mu.Unlock()
			tried = append(tried, c.Application)
		})
		lists(func(ids) ids { return slices.Compact(slices.Sorted(slices.Values(tried))) })(b)
	}, "applications/none that was only read"},
	{"a loop over applications that is left keeps its connection", func(b *broken) {
		pool := make(chan struct{}, 4)
		yields(func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
			pool <- struct{}{}
			for id, err := range b.Store.Applications(ctx) {
				if !yield(id, err) {
					return
				}
			}
			<-pool
		})(b)
	}, "applications/left early"},
	{"a loop over applications that panics keeps its connection", func(b *broken) {
		pool := make(chan struct{}, 4)
		yields(func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
			pool <- struct{}{}
			b.Store.Applications(ctx)(yield)
			<-pool
		})(b)
	}, "applications/left by a panic"},
	{"a loop over applications is good for once", func(b *broken) {
		b.apps = func(ctx context.Context) iter.Seq2[subscription.ApplicationID, error] {
			over := false
			return func(yield func(subscription.ApplicationID, error) bool) {
				if !over {
					over = true
					b.Store.Applications(ctx)(yield)
				}
			}
		}
	}, "applications/one loop after the other"},
	{"a lock is held while applications are listed", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.Store.Commit(ctx, changes...)
		}
		yields(func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.Store.Applications(ctx)(yield)
		})(b)
	}, "applications/the store can be called"},
	{"pages are counted", yields(func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
		const page = 10
		for offset := 0; ; offset += page {
			var all ids
			for id := range b.Store.Applications(ctx) { //nolint:errcheck // looked at below
				all = append(all, id)
			}
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if offset >= len(all) {
				return
			}
			for _, id := range all[offset:min(offset+page, len(all))] {
				if !yield(id, nil) {
					return
				}
			}
		}
	}), "applications/while applications are created"},
	{"applications of a replica that is behind", func(b *broken) {
		var behind ids
		lists(func(all ids) ids {
			was := behind
			behind = slices.Clone(all)
			return was
		})(b)
	}, "applications/while applications are created"},
	{"Applications ignores its context", yields(func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
		b.Store.Applications(context.WithoutCancel(ctx))(yield)
	}), "context/applications, the context canceled: one"},
	{"Applications just ends when it is canceled", yields(
		func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
			for id, err := range b.Store.Applications(ctx) {
				if err != nil || !yield(id, nil) {
					return
				}
			}
		}), "context/applications, the context canceled within"},
	{"Applications goes on after its error", yields(
		func(ctx context.Context, b *broken, yield func(subscription.ApplicationID, error) bool) {
			for id, err := range b.Store.Applications(context.WithoutCancel(ctx)) {
				if !yield(id, errors.Join(err, ctx.Err())) {
					return
				}
			}
		}), "context/applications, the context canceled within"},
}
