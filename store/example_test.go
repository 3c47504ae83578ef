package store_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// Any store can list its books: here, what is paid for in each application.
func ExampleHistory() {
	ctx := context.Background()
	paid := func(books store.History) {
		for id, err := range books.Applications(ctx) {
			check(err)
			for o, err := range books.Orders(ctx, id) {
				check(err)
				if o.Status == subscription.OrderPaid {
					fmt.Println(id, o.ID)
				}
			}
		}
	}
	s := memory.New()
	check(s.Commit(ctx, change("voice", noon()), change("call", noon())))
	paid(s)
	// Output:
	// call 1-order
	// voice 1-order
}

// A year of history is kept, in every store that can forget. What is older goes, but for orders for which money moved:
// this one was paid.
func ExamplePruner() {
	ctx := context.Background()
	var s store.Store = memory.New()
	check(s.Commit(ctx, change("call", noon().AddDate(-2, 0, 0)), change("voice", noon())))
	if p, ok := s.(store.Pruner); ok {
		pruned, err := p.Prune(ctx, noon().AddDate(-1, 0, 0))
		check(err)
		fmt.Printf("%+v\n", pruned)
	}
	// Output:
	// {Receipts:1 Events:1 Orders:0 Records:0}
}

// Usage records go when their day has ended in every zone for more than two days.
func ExamplePrunedDay() {
	fmt.Println(store.PrunedDay(noon()))
	// Output:
	// 2025-06-12
}

func noon() time.Time { return time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC) }

// change returns what a service would commit: an application with an order that is paid at once.
func change(id subscription.ApplicationID, at time.Time) subscription.Change {
	return subscription.Change{
		Application: id,
		Next:        subscription.Application{ID: id, Account: "acme", Revision: 1, CreatedAt: at},
		Orders: []subscription.Order{{
			ID: "1-order", Application: id, Account: "acme", PlacedAt: at, Status: subscription.OrderPaid, ClosedAt: at,
		}},
		Events:   []subscription.Event{{Application: id, Revision: 1, At: at, Type: subscription.EventOrderPaid, Order: "1-order"}},
		Receipts: []subscription.Receipt{{Application: id, Key: "buy", Kind: "purchase", Revision: 1, At: at, OrderID: "1-order"}},
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
