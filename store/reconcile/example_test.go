package reconcile_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// silent is a gateway that collects, and whose answers and notifications get lost.
type silent struct{ payment.Gateway }

func (g silent) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	_, _ = g.Gateway.Charge(ctx, c)
	return payment.Result{}, errNoAnswer
}

// business is a service with a customer who bought a package, and a file with the provider's statement. Nobody told that the
// package was paid.
func business() (*memory.Store, *subscription.Service, subscription.Order, string) {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC) }
	accounts := balance.New(&balance.Options{Now: now})
	check(accounts.Open(ctx, "acme"))
	check(accounts.Deposit(ctx, "acme", "first", sure.Of(pricing.ParseMoney("500.00", "USD"))))
	prices := sure.Of(pricing.ParseCatalog(strings.NewReader(catalog)))
	st := memory.New()
	service := sure.Of(subscription.NewService(st, silent{accounts}, subscription.StaticCatalog(prices), &subscription.Options{Now: now}))
	sure.Of(service.Do(ctx, "chat", subscription.Create{Account: "acme"}, "create"))
	month := subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD"}
	bought, _ := service.Do(ctx, "chat", month, "buy")
	return st, service, bought.Order, "kind,key,currency,amount,at,reference\n" +
		"charge," + string(bought.Order.Attempt) + ",USD,199.00,2026-03-10T10:00:01Z,ch_1\n" +
		"charge,somebody else's,USD,5.00,2026-03-10T11:00:00Z,ch_2\n"
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func march10() reconcile.Span {
	return reconcile.Span{From: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)}
}

// A day's statement is compared, and what it says is done. The order was open, since no answer had arrived, and is delivered.
// Whose the other payment is has to be found out by a person.
func Example() {
	ctx := context.Background()
	st, service, order, file := business()
	for d, err := range reconcile.Compare(ctx, st, reconcile.ReadCSV(strings.NewReader(file)), march10()) {
		check(err)
		o, err := reconcile.Apply(ctx, service.As("reconcile", "statement of 10 March"), d)
		fmt.Printf("%s: %s %s, then %q, error %q\n", d.Line.Reference, d.Kind, d.Line.Amount, o.Status, subscription.CodeOf(err))
	}
	now, err := service.Order(ctx, "chat", order.ID)
	check(err)
	fmt.Println(now.Status, now.Reference)
	// Output:
	// ch_1: unrecorded 199.00 USD, then "paid", error ""
	// ch_2: unknown 5.00 USD, then "", error "not_found"
	// paid ch_1
}

func ExampleCompare() {
	st, _, _, file := business()
	for d, err := range reconcile.Compare(context.Background(), st, reconcile.ReadCSV(strings.NewReader(file)), march10()) {
		check(err)
		fmt.Println(d.Kind, d.Line.Kind, d.Line.Amount, d.Order != "")
	}
	// Output:
	// unrecorded charge 199.00 USD true
	// unknown charge 5.00 USD false
}

// What only a person can decide is an event of the order.
func ExampleApply() {
	ctx := context.Background()
	st, service, order, _ := business()
	twice := reconcile.Difference{
		Kind: reconcile.Twice, Application: order.Application, Order: order.ID,
		Line: reconcile.Line{Kind: reconcile.Charge, Key: "store/chat/order", Amount: order.Amount, Reference: "ch_3"},
	}
	for range 2 { // it may be repeated
		_, err := reconcile.Apply(ctx, service, twice)
		check(err)
	}
	for e, err := range st.Events(ctx, "chat") {
		check(err)
		if e.Type == subscription.EventNeedsPerson {
			fmt.Println(e.Note)
		}
	}
	// Output:
	// statement: twice: charge of 199.00 USD, key "store/chat/order", reference "ch_3"
}

func ExampleReadCSV() {
	const file = "kind,key,currency,amount,at,reference\n" +
		"charge,3f0c/chat/k-1,USD,199.00,2026-03-10T10:00:01Z,ch_1\n" +
		"refund,3f0c/chat/k-1/refund,USD,40.005,2026-03-10T12:00:00Z,re_1\n"
	for l, err := range reconcile.ReadCSV(strings.NewReader(file)) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(l.Kind, l.Key, l.Amount)
	}
	// Output:
	// charge 3f0c/chat/k-1 199.00 USD
	// reconcile: line 3: subscription: invalid input: pricing: more digits than the currency has: "40.005" has 3 decimals, want at most 2
}

// The statements of two days are compared as one, so that nothing is missing that moved at midnight.
func ExampleJoin() {
	day := func(key string) reconcile.Statement {
		return reconcile.ReadCSV(strings.NewReader("kind,key,currency,amount\ncharge," + key + ",USD,1.00\n"))
	}
	for l, err := range reconcile.Join(day("a/b/k-1"), day("a/b/k-2")) {
		fmt.Println(l.Key, err)
	}
	// Output:
	// a/b/k-1 <nil>
	// a/b/k-2 <nil>
}

func ExampleLine_Validate() {
	fmt.Println(reconcile.Line{Kind: reconcile.Charge, Key: "a/b/k-1"}.Validate())
	// Output: subscription: invalid input: payment: invalid: amount is missing
}

func ExampleDifference_String() {
	amount, _ := pricing.ParseMoney("199.00", "USD")
	fmt.Println(reconcile.Difference{
		Kind: reconcile.Late, Line: reconcile.Line{Kind: reconcile.Charge, Key: "3f0c/chat/k-1", Amount: amount},
		Application: "chat", Order: "k-1", Status: subscription.OrderCanceled,
	})
	// Output: late: charge of 199.00 USD, key "3f0c/chat/k-1"; order k-1 of application "chat" is "cancelled"
}

func ExampleLineError() {
	fmt.Println(&reconcile.LineError{Line: 3, Err: subscription.ErrInvalid})
	// Output: reconcile: line 3: subscription: invalid input
}

func ExampleLineError_Code() {
	fmt.Println(subscription.CodeOf(&reconcile.LineError{Line: 3, Err: subscription.ErrInvalid}))
	// Output: statement
}
