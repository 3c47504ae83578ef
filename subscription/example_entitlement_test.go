package subscription_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// Before a host gives service it asks for the entitlement. The status doesn't tell: a customer who chose not to renew is
// served until the grace time has passed.
func ExampleService_Entitlement() {
	c := newCounter()
	once := purchase
	once.NoAutoRenew = true
	_, err := c.Do(c.ctx, "chat", once, "buy-1")
	must(err)
	for _, days := range []int{0, 31, 32} {
		c.now = time.Date(2025, time.July, 16+days, 0, 0, 0, 0, time.UTC)
		e, err := c.Entitlement(c.ctx, "chat", "call")
		must(err)
		a, err := c.Application(c.ctx, "chat")
		must(err)
		sub, _ := a.Latest("call")
		fmt.Printf("%s %s %t %q\n", c.now.Format(time.DateOnly), sub.Status, e.Service, e.Version)
	}
	// Output:
	// 2025-07-16 active true "one-to-one"
	// 2025-08-16 ended true "one-to-one"
	// 2025-08-17 ended false ""
}

// An application that was read answers for later instants too, if nothing but time passes.
func ExampleApplication_Entitlement() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	a, err := c.Application(c.ctx, "chat")
	must(err)
	for _, at := range []time.Time{c.now, c.now.AddDate(0, 2, 0)} {
		e, err := a.Entitlement("call", c.catalog, at)
		fmt.Println(e.Service, e.Version, e.Features, err)
	}
	// Output:
	// true one-to-one map[] <nil>
	// false  map[] <nil>
}

func ExampleSubscription_InService() {
	s := subscription.Subscription{Status: subscription.Ended}
	fmt.Println(s.InService(), s.Status.Live(), s.Status.Over())
	s.OutOfService = true // its grace time has passed
	fmt.Println(s.InService())
	// Output:
	// true false false
	// false
}

// A call runs on after the last minute: the version lends 50. The next pack repays what was used of them.
func ExampleApplication_Overdraft() {
	p := prepare(`"name": "Small", "rank": 1,`, `"name": "Small", "rank": 1, "overdraft_minutes": 50,`)
	for _, step := range []func(){
		func() {},
		func() {
			u := subscription.Usage{ID: "a", Product: "call", Kind: "audio", At: p.now, Seconds: int64(124 * time.Minute / time.Second)}
			results, err := p.Consume(context.Background(), "video-chat", u)
			fine(err)
			fmt.Println("used", results[0].Deducted, "of which", results[0].Overdraft, "are owed")
		},
		func() {
			o := p.do(topup.Buy{Pack: "call-50", Currency: "USD"}).Order
			fmt.Println("bought", o.Delivered.Increment)
		},
	} {
		step()
		a := p.application()
		o := a.Overdraft("call", p.catalog, p.now)
		fmt.Println(a.Minutes("call", p.now), "minutes; of the overdraft,", o.Left, "of", o.Limit)
	}
	// Output:
	// 100 minutes; of the overdraft, 50 of 50
	// used 124 of which 24 are owed
	// 0 minutes; of the overdraft, 26 of 50
	// bought 50
	// 26 minutes; of the overdraft, 50 of 50
}
