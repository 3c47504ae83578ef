package storetest_test

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

func (b *broken) Feed(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
	if b.feed != nil {
		return b.feed(ctx, after, limit)
	}
	return b.Store.Feed(ctx, after, limit)
}

func (b *broken) FeedOf(ctx context.Context, app subscription.ApplicationID, after store.Cursor, limit int) ([]store.FeedChange, error) {
	if b.feedOf != nil {
		return b.feedOf(ctx, app, after, limit)
	}
	return b.Store.FeedOf(ctx, app, after, limit)
}

func (b *broken) FeedEnds(ctx context.Context) (first, last store.Cursor, err error) {
	if b.ends != nil {
		return b.ends(ctx)
	}
	return b.Store.FeedEnds(ctx)
}

func (b *broken) NewFeed(ctx context.Context) error {
	if b.newFeed != nil {
		return b.newFeed(ctx)
	}
	return b.Store.NewFeed(ctx)
}

func (b *broken) SetMark(
	ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID,
) error {
	if b.setMark != nil {
		return b.setMark(ctx, relay, is, parks, goesOn)
	}
	return b.Store.SetMark(ctx, relay, is, parks, goesOn)
}

func (b *broken) Mark(ctx context.Context, relay string) (store.Mark, error) {
	if b.mark != nil {
		return b.mark(ctx, relay)
	}
	return b.Store.Mark(ctx, relay)
}

func (b *broken) Parked(ctx context.Context, relay string, at time.Time, limit int) ([]store.Parked, error) {
	if b.parked != nil {
		return b.parked(ctx, relay, at, limit)
	}
	return b.Store.Parked(ctx, relay, at, limit)
}

func (b *broken) ParkedAmong(ctx context.Context, relay string, apps []subscription.ApplicationID) ([]store.Parked, error) {
	if b.among != nil {
		return b.among(ctx, relay, apps)
	}
	return b.Store.ParkedAmong(ctx, relay, apps)
}

func (b *broken) DropMark(ctx context.Context, relay string) error {
	if b.drop != nil {
		return b.drop(ctx, relay)
	}
	return b.Store.DropMark(ctx, relay)
}

// feeds makes the feed return what edit makes of its changes.
func feeds(edit func(changes []store.FeedChange) []store.FeedChange) func(b *broken) {
	return func(b *broken) {
		b.feed = func(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
			changes, err := b.Store.Feed(ctx, after, limit)
			return edit(changes), err
		}
	}
}

var feedFlaws = []flaw{
	{"a change is skipped", feeds(func(changes []store.FeedChange) []store.FeedChange {
		return slices.DeleteFunc(changes, func(c store.FeedChange) bool { return c.Application == "a" && c.Revision == 2 })
	}), "feed/every change"},
	{"events are missing", feeds(func(changes []store.FeedChange) []store.FeedChange {
		for i := range changes {
			changes[i].Events = nil
		}
		return changes
	}), "feed/every change"},
	{"the last come first", feeds(func(changes []store.FeedChange) []store.FeedChange {
		slices.Reverse(changes)
		return changes
	}), "feed/from every cursor"},
	{"the change at the cursor comes again", func(b *broken) {
		b.feed = func(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
			after.Number = max(after.Number-1, 0)
			return b.Store.Feed(ctx, after, limit)
		}
	}, "feed/from every cursor"},
	{"more than the limit", func(b *broken) {
		b.feed = func(ctx context.Context, after store.Cursor, _ int) ([]store.FeedChange, error) {
			return b.Store.Feed(ctx, after, 100)
		}
	}, "feed/from every cursor"},
	{"a late commit is numbered before what was read", func(b *broken) {
		n := 0
		b.feed = func(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
			changes, err := b.Store.Feed(ctx, after, limit)
			b.mu.Lock()
			defer b.mu.Unlock()
			if n++; n%3 == 0 && len(changes) > 1 {
				changes = changes[1:]
			}
			return changes, err
		}
	}, "feed/many at once"},
	{"changes of all applications for one", func(b *broken) {
		b.feedOf = func(ctx context.Context, _ subscription.ApplicationID, after store.Cursor, limit int) ([]store.FeedChange, error) {
			return b.Store.Feed(ctx, after, limit)
		}
	}, "feed/of one application"},
	{"every cursor is taken", func(b *broken) {
		b.feed = func(ctx context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
			_, last, _ := b.Store.FeedEnds(ctx)
			return b.Store.Feed(ctx, store.Cursor{Feed: last.Feed, Number: min(max(after.Number, 0), last.Number)}, limit)
		}
	}, "feed/a cursor of another feed"},
	{"a new feed is the old one", func(b *broken) { b.newFeed = func(ctx context.Context) error { return ctx.Err() } }, "feed/a cursor of another feed"},
	{"the end is further on", func(b *broken) {
		b.ends = func(ctx context.Context) (store.Cursor, store.Cursor, error) {
			first, last, err := b.Store.FeedEnds(ctx)
			last.Number++
			return first, last, err
		}
	}, "feed/an empty feed"},
	{"the context is ignored", func(b *broken) {
		b.feed = func(_ context.Context, after store.Cursor, limit int) ([]store.FeedChange, error) {
			return b.Store.Feed(context.Background(), after, limit)
		}
	}, "feed/a context"},
}

// sets makes a mark be set as something else does.
func sets(set func(b *broken, ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error) func(b *broken) {
	return func(b *broken) {
		b.setMark = func(ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error {
			return set(b, ctx, relay, is, parks, goesOn)
		}
	}
}

var markFlaws = []flaw{
	{"any version is taken", sets(func(b *broken, ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error {
		if was, _ := b.Store.Mark(ctx, relay); was.Version > 0 {
			is.Version = was.Version + 1
		}
		return b.Store.SetMark(ctx, relay, is, parks, goesOn)
	}), "marks/a mark moves"},
	{"it is looked at before it is set", sets(func(b *broken, ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error {
		was, _ := b.Store.Mark(ctx, relay)
		if was.Version != is.Version-1 {
			return subscription.ErrConflict
		}
		time.Sleep(5 * time.Millisecond)
		for {
			was, _ = b.Store.Mark(ctx, relay)
			is.Version = was.Version + 1
			if b.Store.SetMark(ctx, relay, is, parks, goesOn) == nil {
				return nil
			}
		}
	}), "marks/many at once"},
	{"it parks though the mark has moved", sets(func(b *broken, ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error {
		err := b.Store.SetMark(ctx, relay, is, parks, goesOn)
		if was, _ := b.Store.Mark(ctx, relay); err != nil && was.Version > 0 {
			was.Version++
			_ = b.Store.SetMark(ctx, relay, was, parks, nil)
		}
		return err
	}), "marks/a mark moves"},
	{"the holder is forgotten", sets(func(b *broken, ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error {
		is.Holder = ""
		return b.Store.SetMark(ctx, relay, is, parks, goesOn)
	}), "marks/a mark moves"},
	{"nothing goes on", sets(func(b *broken, ctx context.Context, relay string, is store.Mark, parks []store.Parked, _ []subscription.ApplicationID) error {
		return b.Store.SetMark(ctx, relay, is, parks, nil)
	}), "marks/applications are parked"},
	{"relays share what is parked", func(b *broken) {
		b.parked = func(ctx context.Context, _ string, at time.Time, limit int) ([]store.Parked, error) {
			return b.Store.Parked(ctx, "books", at, limit)
		}
	}, "marks/applications are parked"},
	{"what isn't to be tried yet is", func(b *broken) {
		b.parked = func(ctx context.Context, relay string, _ time.Time, limit int) ([]store.Parked, error) {
			return b.Store.Parked(ctx, relay, time.UnixMicro(math.MaxInt64/2), limit)
		}
	}, "marks/applications are parked"},
	{"all that are parked, not those asked for", func(b *broken) {
		b.among = func(ctx context.Context, relay string, _ []subscription.ApplicationID) ([]store.Parked, error) {
			return b.Store.Parked(ctx, relay, time.UnixMicro(math.MaxInt64/2), 10)
		}
	}, "marks/applications are parked"},
	{"a dropped relay keeps its mark", func(b *broken) { b.drop = func(ctx context.Context, _ string) error { return ctx.Err() } }, "marks/a relay that is dropped"},
	{"any name is taken", sets(func(b *broken, ctx context.Context, relay string, is store.Mark, parks []store.Parked, goesOn []subscription.ApplicationID) error {
		if store.RelayName(relay) != nil {
			return ctx.Err()
		}
		return b.Store.SetMark(ctx, relay, is, parks, goesOn)
	}), "marks/names"},
	{"prune doesn't wait for relays", func(b *broken) {
		b.prune = func(ctx context.Context, before time.Time) (store.Pruned, error) {
			for _, relay := range []string{"mails", "books"} {
				parked, _ := b.Store.Parked(ctx, relay, time.UnixMicro(math.MaxInt64/2), 10)
				was, _ := b.Store.Mark(ctx, relay)
				_, last, _ := b.Store.FeedEnds(ctx)
				var apps []subscription.ApplicationID
				for _, p := range parked {
					apps = append(apps, p.Application)
				}
				_ = b.Store.SetMark(ctx, relay, store.Mark{Version: was.Version + 1, Cursor: last}, nil, apps)
			}
			return b.Store.Prune(ctx, before)
		}
	}, "marks/prune keeps"},
	{"prune doesn't wait for what is parked", func(b *broken) {
		b.prune = func(ctx context.Context, before time.Time) (store.Pruned, error) {
			was, _ := b.Store.Mark(ctx, "books")
			_ = b.Store.SetMark(ctx, "books", store.Mark{Version: was.Version + 1, Cursor: was.Cursor}, nil, []subscription.ApplicationID{"a", "b"})
			return b.Store.Prune(ctx, before)
		}
	}, "marks/prune keeps"},
	{"the context is ignored", func(b *broken) {
		b.mark = func(_ context.Context, relay string) (store.Mark, error) {
			return b.Store.Mark(context.Background(), relay)
		}
	}, "marks/a context"},
}
