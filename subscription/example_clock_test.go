package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/subscription"
)

// A machine whose clock is hours behind the last recorded change can't change anything until its clock is right, or
// until staff who know that the other clock was wrong reset the application's time.
func ExampleResetClock() {
	c := newCounter()
	ahead := sure.Of(subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(c.catalog), &subscription.Options{
		Now: func() time.Time { return c.now.Add(3 * time.Hour) },
	}))
	_, err := ahead.Do(c.ctx, "chat", subscription.Accept{Agreement: "2025-06"}, "accept-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrClock))

	_, err = c.Do(c.ctx, "chat", subscription.ResetClock{Note: "jo: the clock of web-3 was wrong"}, "reset-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleResetClock_Kind() {
	fmt.Println(subscription.ResetClock{}.Kind())
	// Output: reset_clock
}

// A decision is made at the clock's instant, or at that of the last change if the clock is slightly behind it.
func ExampleCollector_Now() {
	c := newCounter()
	app, err := c.Application(c.ctx, "chat")
	must(err)
	c.now = c.now.Add(-2 * time.Second)
	at, err := c.Collector().Now(c.ctx, app)
	fmt.Println(at.Equal(app.AsOf), err)
	// Output: true <nil>
}

func ExampleService_Catalog() {
	c := newCounter()
	cat, err := c.Catalog()
	fmt.Println(cat.Revision(), err)
	// Output: test-1 <nil>
}

// Two successive decisions become one change.
func ExampleSnapshot_After() {
	c := newCounter()
	s := c.snapshot()
	first, err := subscription.Accept{Agreement: "2025-06"}.Decide(s, c.catalog, c.now)
	must(err)
	s.Request = "buy-1"
	both, err := purchase.Decide(s.After(first), c.catalog, c.now)
	must(err)
	fmt.Println(both.Base, len(both.Events), both.Check(s.Application))
	// Output: 1 2 <nil>
}

// A store inserts the orders that a change places, and replaces the others.
func ExampleChange_Places() {
	c := newCounter()
	s := c.snapshot()
	s.Request = "buy-1"
	change, err := purchase.Decide(s, c.catalog, c.now)
	must(err)
	fmt.Println(change.Places(change.Orders[0].ID), change.Places("another"))
	// Output: true false
}

// An order may be pruned once it is old, unless money moved for it.
func ExampleOrder_Prunable() {
	declined := subscription.Order{Status: subscription.OrderDeclined, ClosedAt: time.Unix(0, 0)}
	paid := subscription.Order{Status: subscription.OrderPaid, ClosedAt: time.Unix(0, 0)}
	fmt.Println(declined.Prunable(), paid.Prunable())
	// Output: true false
}

// The next period begins where the last paid period ends.
func ExampleSubscription_PeriodAt() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	app, err := c.Application(c.ctx, "chat")
	must(err)
	s := app.Subscriptions[0]
	zone, err := c.catalog.ZoneOf(s.Zone)
	must(err)
	period, days, err := s.PeriodAt(s.Next, zone)
	fmt.Println(period.Start.Equal(s.End()), days, err)
	// Output: true [2025-08-16, 2025-09-16) <nil>
}

// The columns by which reports find subscriptions.
func ExampleApplication_Rows() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	app, err := c.Application(c.ctx, "chat")
	must(err)
	for _, row := range app.Rows() {
		fmt.Println(row.ID, row.Version, row.Status, "paid until", row.PaidUntil.Format(time.DateOnly))
	}
	// Output: call-1 one-to-one active paid until 2025-08-16
}

func ExampleTaxFacts_Equal() {
	facts := subscription.TaxFacts{Region: "DE", Number: "DE123456789"}
	fmt.Println(facts.Equal(subscription.TaxFacts{Region: "DE"}), facts.IsZero())
	// Output: false false
}

// Unpaid bills don't pile up without limit.
func ExampleApplication_BillsWait() {
	c := newCounter()
	app, err := c.Application(c.ctx, "chat")
	must(err)
	fmt.Println(app.BillsWait())
	// Output: false
}

// The provider reports a new card: what had been declined is tried again at once.
func ExamplePaymentMethodChanged() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.PaymentMethodChanged{}, "card-1")
	fmt.Println(err)
	// Output: <nil>
}

func ExamplePaymentMethodChanged_Kind() {
	fmt.Println(subscription.PaymentMethodChanged{}.Kind())
	// Output: payment_method_changed
}

func ExamplePaymentMethodChanged_Decide() {
	c := newCounter()
	change, err := subscription.PaymentMethodChanged{}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Events[0].Type, err)
	// Output: payment_method_changed <nil>
}
