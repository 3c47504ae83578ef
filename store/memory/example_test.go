package memory_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// change returns a change of the application "video-chat" that opens one lot of minutes.
func change(base, minutes int64) subscription.Change {
	const app = "video-chat"
	at := time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC).Add(time.Duration(base) * time.Hour)
	revision, lot := base+1, subscription.LotID(base+1)
	order := subscription.OrderID(fmt.Sprintf("%d-order", revision))
	return subscription.Change{
		Application: app, Base: base,
		Next:   subscription.Application{ID: app, Account: "acme", Revision: revision, LastLot: lot},
		Orders: []subscription.Order{{ID: order, Application: app, PlacedAt: at, Status: subscription.OrderPaid, ClosedAt: at}},
		Entries: []subscription.Entry{{
			Application: app, Revision: revision, At: at, Kind: subscription.EntryGranted, Lot: lot,
			Quantity: subscription.Minutes(minutes), Order: order,
		}},
		Events: []subscription.Event{
			{Application: app, Revision: revision, Index: 0, At: at, Type: subscription.EventOrderPaid, Order: order},
			{Application: app, Revision: revision, Index: 1, At: at, Type: subscription.EventLotGranted, Lot: lot},
		},
	}
}

// filled returns a store with two such changes.
func filled() *memory.Store {
	s := memory.New()
	for base, minutes := range []int64{100_000, 25_000} {
		check(s.Commit(context.Background(), change(int64(base), minutes)))
	}
	return s
}

// Normally a service makes the changes; here they are made manually. Of two changes on one revision only one is
// applied.
func ExampleNew() {
	ctx := context.Background()
	s := memory.New()
	fmt.Println("first: ", s.Commit(ctx, change(0, 100_000)))
	err := s.Commit(ctx, change(0, 25_000))
	fmt.Println("second:", err, errors.Is(err, subscription.ErrConflict))

	snapshots, err := s.Load(ctx, subscription.Read{Application: "video-chat", Orders: []subscription.OrderID{"1-order"}})
	check(err)
	fmt.Println("revision", snapshots[0].Application.Revision, "with", len(snapshots[0].Orders), "order")
	// Output:
	// first:  <nil>
	// second: subscription: conflict: video-chat true
	// revision 1 with 1 order
}

// All orders of an application, in the order in which they were placed.
func ExampleStore_Orders() {
	for o, err := range filled().Orders(context.Background(), "video-chat") {
		check(err)
		fmt.Println(o.ID, o.Status)
	}
	// Output:
	// 1-order paid
	// 2-order paid
}

// All grants, from the minutes ledger.
func ExampleStore_Entries() {
	var granted subscription.Quantity
	for e, err := range filled().Entries(context.Background(), "video-chat") {
		check(err)
		if e.Kind == subscription.EntryGranted {
			granted += e.Quantity
		}
	}
	fmt.Println(granted, "minutes")
	// Output:
	// 125000 minutes
}

// The first events of the audit log. A loop may end early.
func ExampleStore_Events() {
	for e, err := range filled().Events(context.Background(), "video-chat") {
		check(err)
		if e.Revision > 1 {
			break
		}
		fmt.Printf("%d.%d %s %s\n", e.Revision, e.Index, e.At.Format(time.RFC3339), e.Type)
	}
	// Output:
	// 1.0 2025-06-16T12:00:00Z order_paid
	// 1.1 2025-06-16T12:00:00Z lot_granted
}

// All applications of the store in the order of their IDs. The loop may call the store.
func ExampleStore_Applications() {
	ctx := context.Background()
	s := memory.New()
	for _, id := range []subscription.ApplicationID{"voice", "live", "call"} {
		check(s.Commit(ctx, subscription.Change{Application: id, Next: subscription.Application{ID: id, Account: "acme", Revision: 1}}))
	}
	for id, err := range s.Applications(ctx) {
		check(err)
		snapshots, err := s.Load(ctx, subscription.Read{Application: id})
		check(err)
		fmt.Println(id, snapshots[0].Application.Account)
	}
	// Output:
	// call acme
	// live acme
	// voice acme
}

// Rows older than an instant are deleted, except the ledger entries and the documents.
func ExampleStore_Prune() {
	ctx := context.Background()
	s := filled() // at noon and an hour later
	before := time.Date(2025, time.June, 16, 13, 0, 0, 0, time.UTC)
	for range 2 {
		pruned, err := s.Prune(ctx, before)
		check(err)
		fmt.Println(pruned.Orders, "orders and", pruned.Events, "events")
	}
	for o, err := range s.Orders(ctx, "video-chat") { // paid orders are kept
		check(err)
		fmt.Println(o.ID, o.Status)
	}
	for e, err := range s.Entries(ctx, "video-chat") {
		check(err)
		fmt.Println(e.Revision, e.Kind, e.Quantity)
	}
	// Output:
	// 0 orders and 2 events
	// 0 orders and 0 events
	// 1-order paid
	// 2-order paid
	// 1 granted 100000
	// 2 granted 25000
}

// A due application is claimed, and hidden until its lease ends or it is committed.
func ExampleStore_Claim() {
	ctx := context.Background()
	s := memory.New()
	noon := time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC)
	due := change(0, 100_000)
	due.Next.Due = noon
	check(s.Commit(ctx, due))
	for _, asOf := range []time.Time{noon.Add(-time.Minute), noon, noon.Add(time.Minute), noon.Add(5 * time.Minute)} {
		claimed, err := s.Claim(ctx, asOf, 5*time.Minute, 1000)
		check(err)
		fmt.Print(asOf.Format(time.TimeOnly), ":")
		for _, c := range claimed {
			fmt.Print(" ", c.Application)
		}
		fmt.Println()
	}
	// Output:
	// 11:59:00:
	// 12:00:00: video-chat
	// 12:01:00:
	// 12:05:00: video-chat
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func ExampleStore_Erase() {
	s := filled()
	c := change(2, 1)
	c.Next.Account, c.Next.ClosedAt, c.Next.ErasedAt = "", time.Unix(0, 0).UTC(), time.Unix(1, 0).UTC()
	c.Orders, c.Entries = nil, nil
	c.Events = []subscription.Event{{Application: c.Application, Revision: 3, Type: subscription.EventErased}}
	fmt.Println(s.Erase(context.Background(), c))
	for o, err := range s.Orders(context.Background(), c.Application) {
		fmt.Printf("%s %q %v\n", o.ID, o.Account, err)
	}
	// Output:
	// <nil>
	// 1-order "" <nil>
	// 2-order "" <nil>
}
