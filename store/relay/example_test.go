package relay_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// A host greets its customers. One of the mails can't be sent at first, and is sent later.
func Example() {
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	st := memory.New()
	down := true
	r, err := relay.New(relay.Options{
		Name: "mails", Store: st, Now: func() time.Time { return now },
		Handle: func(_ context.Context, c store.FeedChange) error {
			for _, e := range c.Events {
				if e.Type != subscription.EventCreated {
					continue
				}
				if c.Application == "call" && down {
					return fmt.Errorf("no mail server for %s", c.Application)
				}
				fmt.Println("welcome,", c.Application)
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, app := range []subscription.ApplicationID{"call", "voice"} {
		change := subscription.Change{Application: app, Events: []subscription.Event{{Application: app, Revision: 1, Type: subscription.EventCreated, At: now}}}
		change.Next.ID, change.Next.Account, change.Next.Revision = app, "acme", 1
		if err := st.Commit(ctx, change); err != nil {
			fmt.Println(err)
		}
	}
	for range 2 { // Run does so again and again
		stats, err := r.Once(ctx)
		fmt.Printf("%d handled, %d failed, %v\n", stats.Handled, stats.Failed, err)
		down, now = false, now.Add(10*time.Second)
	}
	// Output:
	// welcome, voice
	// 1 handled, 1 failed, <nil>
	// welcome, call
	// 1 handled, 0 failed, <nil>
}

// How far a relay is behind, for a metric or an alarm.
func ExampleOptions() {
	ctx, st := context.Background(), memory.New()
	r, err := relay.New(relay.Options{
		Name: "mails", Store: st,
		Handle: func(context.Context, store.FeedChange) error { return nil },
		Observe: func(_ context.Context, o subscription.Observation) {
			fmt.Println(o.Op, o.Name, o.Outcome, "handled:", o.Size, "behind:", o.Behind)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := r.Once(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// relay mails ok handled: 0 behind: 0
}
