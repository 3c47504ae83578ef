package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// All that a service needs of a store: what is loaded has a revision, and a change is applied if that is still the same.
func ExampleStore() {
	c := newCounter()
	var st subscription.Store = c.store
	loaded, err := st.Load(c.ctx, subscription.Read{Application: "chat", Keys: []string{"create-1"}})
	must(err)
	s := loaded[0]
	fmt.Println("revision", s.Application.Revision, "with", len(s.Receipts), "receipt")

	change, err := purchase.Decide(s, c.catalog, c.now)
	must(err)
	fmt.Println(st.Commit(c.ctx, change))
	fmt.Println("once more:", errors.Is(st.Commit(c.ctx, change), subscription.ErrConflict))
	for app, err := range st.ApplicationsOf(c.ctx, "acme") {
		fmt.Println(app, err)
	}
	// Output:
	// revision 1 with 1 receipt
	// <nil>
	// once more: true
	// chat <nil>
}

// timed is a store on a server whose clock is an hour ahead of this machine's.
type timed struct{ *memory.Store }

func (timed) Clock(context.Context) (time.Time, error) { return time.Now().Add(time.Hour), nil }

// A service that uses the machine's clock compares it with the server's, and refuses to decide by a wrong one.
func ExampleClocked() {
	c := newCounter()
	service, err := subscription.NewService(timed{c.store}, c.accounts, subscription.StaticCatalog(c.catalog), nil)
	must(err)
	_, err = service.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrClock))
	// Output: true
}

// Of an application that was erased, the orders stay, and say nothing about whose they were.
func ExampleEraser() {
	c := newCounter()
	r, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.Close{}, "close-1")
	must(err)
	change, err := subscription.Erase{}.Decide(c.snapshot(), c.catalog, c.now)
	must(err)
	var st subscription.Eraser = c.store
	fmt.Println(st.Erase(c.ctx, change))
	o, err := c.Order(c.ctx, "chat", r.Order.ID)
	fmt.Printf("%q %s %v\n", o.Account, o.Amount, err)
	// Output:
	// <nil>
	// "" 199.00 USD <nil>
}

// A store keeps and returns copies, so that nobody shares memory with it.
func ExampleApplication_Clone() {
	a := subscription.Application{Lots: []subscription.Lot{{Remaining: subscription.Minutes(100)}}}
	c := a.Clone()
	c.Lots[0].Remaining = 0
	fmt.Println(a.Lots[0].Remaining)
	// Output: 100
}

func ExampleOrder_Clone() {
	o := subscription.Order{Lines: []pricing.Line{{Item: "call/one-to-one"}}}
	c := o.Clone()
	c.Lines[0].Item = "something else"
	fmt.Println(o.Lines[0].Item)
	// Output: call/one-to-one
}

func ExampleChange_Clone() {
	change := subscription.Change{Events: []subscription.Event{{Type: subscription.EventOrderPaid}}}
	c := change.Clone()
	c.Events[0].Type = "something else"
	fmt.Println(change.Events[0].Type)
	// Output: order_paid
}
