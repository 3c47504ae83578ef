package audit_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

func noon() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) }

// created returns the change that creates an application.
func created(id subscription.ApplicationID) subscription.Change {
	return subscription.Change{
		Application: id,
		Next:        subscription.Application{ID: id, Account: "acme", Revision: 1, CreatedAt: noon(), AsOf: noon()},
		Events:      []subscription.Event{{Application: id, Revision: 1, At: noon(), Type: subscription.EventCreated}},
	}
}

// lost returns a store in which somebody has deleted the entries of a lot.
func lost() *memory.Store {
	st := memory.New()
	c := created("video-chat")
	c.Next.LastLot = 1
	c.Next.Lots = []subscription.Lot{{ID: 1, Source: subscription.FromFree, Granted: subscription.Minutes(5), Remaining: subscription.Minutes(5)}}
	check(st.Commit(context.Background(), c, created("voice")))
	return st
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func ExampleStore() {
	for f, err := range audit.Store(context.Background(), lost(), nil) {
		check(err)
		fmt.Println(f)
	}
	// Output:
	// "video-chat": minutes: the last lot is 1, by the entries 0 of 0
	// "video-chat": minutes: lot 1: it has no entries
}

func ExampleApplication() {
	found, err := audit.Application(context.Background(), lost(), "voice", nil)
	fmt.Println(len(found), err)
	// Output: 0 <nil>
}

func ExampleKinds() {
	fmt.Println(audit.Kinds()[:3])
	// Output: [unreadable changing document]
}

func ExampleFinding_String() {
	fmt.Println(audit.Finding{Kind: audit.Kept, Application: "voice", Order: "u-1", Text: "1.00 USD is neither returned nor due"})
	// Output: "voice": kept: order "u-1": 1.00 USD is neither returned nor due
}
