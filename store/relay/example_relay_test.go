package relay_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// commit creates an application.
func commit(st *memory.Store, app subscription.ApplicationID) {
	change := subscription.Change{Application: app, Events: []subscription.Event{{Application: app, Revision: 1, Type: subscription.EventCreated}}}
	change.Next.ID, change.Next.Account, change.Next.Revision = app, "acme", 1
	if err := st.Commit(context.Background(), change); err != nil {
		panic(err)
	}
}

// follow returns a relay that calls handle for each application that is created.
func follow(st *memory.Store, handle func(app subscription.ApplicationID)) *relay.Relay {
	r, err := relay.New(relay.Options{
		Name: "mails", Store: st, Poll: time.Millisecond,
		Handle: func(_ context.Context, c store.FeedChange) error {
			handle(c.Application)
			return nil
		},
	})
	if err != nil {
		panic(err)
	}
	return r
}

// What a relay needs: a name, under which it remembers how far it is, a store, and a function.
func ExampleNew() {
	st := memory.New()
	_, err := relay.New(relay.Options{Name: "mails", Store: st})
	fmt.Println(errors.Is(err, subscription.ErrInvalid))

	commit(st, "call")
	r, err := relay.New(relay.Options{
		Name: "mails", Store: st,
		Handle: func(_ context.Context, c store.FeedChange) error {
			fmt.Println(c.Cursor.Number, c.Application, c.Events[0].Type)
			return nil
		},
	})
	fmt.Println(err)
	_, err = r.Once(context.Background())
	fmt.Println(err)
	// Output:
	// true
	// <nil>
	// 1 call application_created
	// <nil>
}

// A job that runs once an hour, say, handles what there is. What was handled before isn't handled again.
func ExampleRelay_Once() {
	st := memory.New()
	commit(st, "call")
	for range 2 {
		r := follow(st, func(app subscription.ApplicationID) { fmt.Println("welcome,", app) })
		stats, err := r.Once(context.Background())
		fmt.Println(stats.Handled, "handled,", stats.Behind, "behind,", err)
	}
	// Output:
	// welcome, call
	// 1 handled, 0 behind, <nil>
	// 0 handled, 0 behind, <nil>
}

// A process that follows the feed until it is told to stop.
func ExampleRelay_Run() {
	st := memory.New()
	ctx, stop := context.WithCancel(context.Background())
	r := follow(st, func(app subscription.ApplicationID) {
		fmt.Println("welcome,", app)
		stop()
	})
	commit(st, "call")
	fmt.Println(r.Run(ctx))
	// Output:
	// welcome, call
	// <nil>
}

// A backup was put back, so numbers are given again. The relay says that it can't go on, the host looks at its applications,
// and lets the relay go on from the end.
func ExampleRelay_Restart() {
	ctx, st := context.Background(), memory.New()
	r := follow(st, func(app subscription.ApplicationID) { fmt.Println("welcome,", app) })
	commit(st, "call")
	_, err := r.Once(ctx)
	fmt.Println(err)

	fmt.Println(st.NewFeed(ctx))
	_, err = r.Once(ctx)
	fmt.Println(errors.Is(err, store.ErrCursor))

	_, last, err := st.FeedEnds(ctx)
	fmt.Println(err, r.Restart(ctx, last))
	commit(st, "voice")
	_, err = r.Once(ctx)
	fmt.Println(err)
	// Output:
	// welcome, call
	// <nil>
	// <nil>
	// true
	// <nil> <nil>
	// welcome, voice
	// <nil>
}
