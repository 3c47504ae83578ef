package subscription_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// toppedUp is prepared with an automatic top-up: packs of 50 minutes, as soon as less than 30 is left.
func toppedUp() *prepared {
	p := prepare()
	p.do(subscription.SetAutoTopUp{
		Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(30), PerPeriod: 2,
	})
	return p
}

// use counts so many minutes of HD, which take 4 each.
func (p *prepared) use(id string, minutes int64) {
	_, err := p.Consume(context.Background(), "video-chat", p.hd(id, minutes*60))
	fine(err)
}

// The customer turns it on once. When 28 of 100 minutes are left, a worker's next round buys a pack.
func ExampleSetAutoTopUp() {
	p := toppedUp()
	worker, err := renewal.NewWorker(p.Service, p.store, nil)
	fine(err)
	for _, id := range []string{"a", "b", "c"} {
		p.use(id, 6)
		_, err := worker.Once(context.Background())
		fine(err)
		fmt.Println(p.application().Minutes("call", p.now), "minutes left")
	}
	p.do(subscription.SetAutoTopUp{Product: "call", Off: true})
	// Output:
	// 76 minutes left
	// 52 minutes left
	// 78 minutes left
}

func ExampleSetAutoTopUp_Kind() {
	fmt.Println(subscription.SetAutoTopUp{}.Kind())
	// Output: auto_top_up
}

func ExampleSetAutoTopUp_Decide() {
	p := prepare()
	c := subscription.SetAutoTopUp{Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(30)}
	change, err := c.Decide(subscription.Snapshot{Application: p.application()}, p.catalog, p.now)
	fine(err)
	for _, e := range change.Events {
		fmt.Println(e.Type, "below", e.Quantity, "minutes:", e.Note)
	}
	// Output:
	// auto_top_up_on below 30 minutes: 1 × call-50 in USD, at most 1 in a period
}

// What a page shows of it.
func ExampleApplication_AutoTopUp() {
	t, known := toppedUp().application().AutoTopUp("call")
	fmt.Println(known, t.Pack, "below", t.Below, "minutes, bought", t.Bought, "of", t.PerPeriod)
	// Output: true call-50 below 30 minutes, bought 0 of 2
}

// With enough left, there is something to do when the package's minutes expire.
func ExampleApplication_TopUpDue() {
	p := toppedUp()
	fmt.Println(p.application().TopUpDue(p.catalog, p.now).Format(time.DateOnly))
	p.use("a", 18)
	fmt.Println(p.application().TopUpDue(p.catalog, p.now).Format(time.DateOnly))
	// Output:
	// 2025-08-10
	// 2025-07-10
}

// A worker of one's own has what is due ordered, with a second attempt after an hour if the first isn't paid.
func ExampleDraft_TopUp() {
	p := toppedUp()
	p.use("a", 18)
	d := subscription.Begin(subscription.Snapshot{Application: p.application()}, p.now)
	fine(d.TopUp("call", []time.Duration{time.Hour}, p.catalog))
	o := d.Change().Orders[0]
	product, automatic := o.AutoTopUp()
	fmt.Println(o.Kind, o.Amount, product, automatic)
	// Output: top_up 6.00 USD call true
}

func ExampleOrder_AutoTopUp() {
	byHand := subscription.Order{ID: "k-0123456789abcdef", Kind: subscription.TopUpOrder}
	_, automatic := byHand.AutoTopUp()
	fmt.Println(automatic)
	// Output: false
}

// A command of one's own that sells a pack.
func ExampleDraft_PlacePack() {
	p := prepare()
	d := subscription.Begin(subscription.Snapshot{Application: p.application()}, p.now)
	_, err := d.PlacePack(subscription.PackOrder{Pack: "call-50", Currency: "USD", Quantity: 2}, "", p.catalog)
	fine(err)
	o := d.Change().Orders[0]
	fmt.Println(o.Amount, "for", o.Deliveries[0].Grant.Minutes, "minutes")
	// Output: 12.00 USD for 100 minutes
}
