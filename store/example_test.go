package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// Any store can list its history. This example lists the paid periods of each application.
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

// This keeps a year of history, in every store that can prune. Older rows are deleted, except orders for which money
// moved: this one was paid.
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

// Usage records are deleted when their day ended more than two days ago in every zone.
func ExamplePrunedDay() {
	fmt.Println(store.PrunedDay(noon()))
	// Output:
	// 2025-06-12
}

// A price list without the version that a customer has: whoever puts it in force interrupts them at their next renewal.
func ExampleStrandedBy() {
	ctx := context.Background()
	s := memory.New()
	c := change("voice", noon())
	c.Next.Subscriptions = []subscription.Subscription{{
		ID: "call-1", Product: "call", Status: subscription.Active, Currency: "USD", Anchor: pricing.Anchor{Term: pricing.Months(1)},
		Cycles: []subscription.Cycle{{Number: 1, Version: "small", Begun: true}},
	}}
	check(s.Commit(ctx, c))
	cat, err := pricing.ParseCatalog(strings.NewReader(`{"revision": "2026", "zone": "UTC", "products": [
		{"id": "call", "name": "Call", "upgradable": true, "versions": [
			{"id": "large", "name": "Large", "rank": 2, "terms": [{"months": 1, "minutes": 300, "list": {"USD": "30.00"}}]}]}]}`))
	check(err)
	for found, err := range store.StrandedBy(ctx, s, cat) {
		check(err)
		fmt.Println(found)
	}
	// Output:
	// "voice": subscription "call-1": pricing: no such package version: "small" of call
}

func ExampleStranded_String() {
	fmt.Println(store.Stranded{Application: "voice", Kind: store.StrandedRegion, Name: "DE", Err: pricing.ErrUnknownRegion})
	// Output: "voice": region "DE": pricing: no such tax region
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

// This reads what has happened since the last time. Package relay does so for a function, and remembers how far it has come.
func ExampleFeeder() {
	ctx := context.Background()
	var s interface {
		store.Store
		store.Feeder
	} = memory.New()
	check(s.Commit(ctx, change("voice", noon()), change("call", noon())))
	var last store.Cursor // kept until the next time
	for {
		for n := 1; n > 0; { // only needed on Postgres
			var err error
			n, err = s.Sequence(ctx, 1000)
			check(err)
		}
		changes, err := s.Feed(ctx, last, 100)
		check(err)
		if len(changes) == 0 {
			break
		}
		for _, c := range changes {
			fmt.Println(c.Cursor.Number, c.Application, c.Revision, c.Events[0].Type)
			last = c.Cursor
		}
	}
	// Output:
	// 1 voice 1 order_paid
	// 2 call 1 order_paid
}

// Any store of this module sums a month. Nothing was paid here.
func ExampleReports() {
	ctx := context.Background()
	var s store.Store = memory.New()
	if r, ok := s.(store.Reports); ok {
		july := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
		totals, err := r.TotalsBetween(ctx, july, july.AddDate(0, 1, 0))
		check(err)
		fmt.Println(len(totals))
	}
	// Output:
	// 0
}

// Net is what is left of a sum without its tax.
func ExampleSum_Net() {
	amount, err := pricing.ParseMoney("119.00", "USD")
	check(err)
	tax, err := pricing.ParseMoney("19.00", "USD")
	check(err)
	fmt.Println(store.Sum{Count: 1, Amount: amount, Tax: tax}.Net())
	// Output:
	// 100.00 USD
}

// A gateway binds what its provider made of a key, before it asks for the money.
func ExampleProviderKeys() {
	var keys store.ProviderKeys = memory.New()
	for _, intent := range []string{"pi_1", "pi_2"} {
		bound, err := keys.BindProviderKey(context.Background(), "order-1", intent)
		fmt.Println(intent, "is", bound, err)
	}
	// Output:
	// pi_1 is pi_1 <nil>
	// pi_2 is pi_1 <nil>
}

func ExampleValidateProviderKey() {
	fmt.Println(store.ValidateProviderKey("order-1", "pi_1"))
	fmt.Println(errors.Is(store.ValidateProviderKey("order-1", ""), subscription.ErrInvalid))
	// Output:
	// <nil>
	// true
}
