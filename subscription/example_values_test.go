package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

func ExampleStatus_CanBecome() {
	fmt.Println(subscription.Active.CanBecome(subscription.PastDue), subscription.Expired.CanBecome(subscription.Active))
	// Output: true false
}

func ExampleStatus_Transitions() {
	fmt.Println(subscription.Interrupted.Transitions(), subscription.Interrupted.Live())
	// Output: [active expired] false
}

func ExampleOrderStatus_CanBecome() {
	fmt.Println(subscription.OrderDeclined.CanBecome(subscription.OrderPaid), subscription.OrderReview.CanBecome(subscription.OrderPaid))
	// Output: false true
}

func ExampleOrderStatus_Transitions() {
	fmt.Println(subscription.OrderRefundDue.Transitions())
	// Output: [refunded stray]
}

func ExampleOrderStatus_Unresolved() {
	for _, s := range []subscription.OrderStatus{subscription.OrderOpen, subscription.OrderReview, subscription.OrderPaid} {
		fmt.Println(s, s.Unresolved(), s.AwaitsGateway())
	}
	// Output:
	// open true true
	// review true false
	// paid false false
}

func ExampleOrder_Err() {
	o := subscription.Order{ID: "2-abc", Status: subscription.OrderDeclined, Reason: payment.InsufficientBalance}
	var declined *subscription.OrderError
	fmt.Println(errors.Is(o.Err(), subscription.ErrDeclined), errors.As(o.Err(), &declined), declined.Reason)
	fmt.Println(o.Err())
	// Output:
	// true true insufficient_balance
	// subscription: payment declined: order 2-abc: insufficient_balance
}

func ExampleQuantity() {
	q := subscription.Minutes(3) + 500 // thousandths of a minute
	fmt.Println(q, q.Whole(), -q)
	// Output: 3.5 3 -3.5
}

func ExampleAttemptID_Parse() {
	app, order, err := subscription.AttemptID("chat/2-4bed7af998a16897").Parse()
	fmt.Println(app, order, err)
	// Output: chat 2-4bed7af998a16897 <nil>
}

// Of a refund's key, the charge and the number of the refund are to be found.
func ExampleParseKey() {
	fmt.Println(subscription.ParseKey("chat/2-4bed7af998a16897/refund/2"))
	// Output: chat/2-4bed7af998a16897 2
}

func ExampleDigest() {
	var d subscription.Digest
	fmt.Println(d.UnmarshalText([]byte("not a digest")))
	// Output: subscription: invalid input: digest of 12 bytes
}

func ExampleApplication_Minutes() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	a, err := c.Application(c.ctx, "chat")
	fmt.Println(a.Minutes("call", c.now), a.Minutes("live", c.now), a.Lots[0].Covers("call"), err)
	// Output: 100000 0 true <nil>
}

func ExampleApplication_Live() {
	c := newCounter()
	_, err := c.Application(c.ctx, "chat")
	must(err)
	_, live := c.snapshot().Application.Live("call")
	fmt.Println(live)
	// Output: false
}

func ExampleApplication_Latest() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	c.now = c.now.AddDate(0, 2, 0)
	a, err := c.Application(c.ctx, "chat")
	must(err)
	sub, known := a.Latest("call")
	fmt.Println(sub.ID, sub.Status, known)
	// Output: call-1 interrupted true
}

func ExampleApplication_Blocking() {
	c := newCounter()
	s, _ := c.open()
	o, blocked := s.Application.Blocking("call-1")
	same, found := s.Application.OpenOrder(o.ID)
	fmt.Println(o.Amount, blocked, same.Amount, found)
	// Output: 199.00 USD true 199.00 USD true
}

func ExampleSubscription_Current() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	sub := c.snapshot().Application.Subscriptions[0]
	cycle, ok := sub.Current(c.now)
	fmt.Println(cycle.Version, cycle.Period, cycle.Price, ok)
	_, ok = sub.Current(sub.End())
	fmt.Println(sub.Version(), "until", sub.End().Format(time.DateOnly), ok)
	// Output:
	// one-to-one [2025-07-16, 2025-08-16) UTC 199.00 USD true
	// one-to-one until 2025-08-16 false
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
