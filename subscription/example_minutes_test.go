package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// prepared is a service with its store and clock, and an application that holds a package of 100 minutes.
type prepared struct {
	*subscription.Service
	store   *memory.Store
	catalog *pricing.Catalog
	now     time.Time
	keys    int
}

// prepare opens the shop; edits are pairs of old and new text of its catalog.
func prepare(edits ...string) *prepared {
	ctx := context.Background()
	text, err := os.ReadFile("testdata/minutes.json")
	fine(err)
	p := &prepared{store: memory.New(), now: time.Date(2025, time.July, 10, 10, 0, 0, 0, time.UTC)}
	p.catalog, err = pricing.ParseCatalog(strings.NewReader(strings.NewReplacer(edits...).Replace(string(text))))
	fine(err)
	accounts := balance.New(nil)
	p.Service, err = subscription.NewService(p.store, accounts, subscription.StaticCatalog(p.catalog),
		&subscription.Options{Now: func() time.Time { return p.now }})
	must(err)
	funds, err := pricing.ParseMoney("1000.00", "USD")
	fine(err)
	fine(accounts.Open(ctx, "acme"))
	fine(accounts.Deposit(ctx, "acme", "wire-1", funds))
	p.do(subscription.Create{Account: "acme"})
	p.do(subscription.Accept{Agreement: p.catalog.AgreementVersion()})
	p.do(subscription.Purchase{Product: "call", Version: "small", Term: pricing.Months(1), Currency: "USD"})
	return p
}

// do runs a command under its own key.
func (p *prepared) do(cmd subscription.Command) subscription.Outcome {
	p.keys++
	r, err := p.Do(context.Background(), "video-chat", cmd, fmt.Sprint("key-", p.keys))
	fine(err)
	return r
}

func (p *prepared) application() subscription.Application {
	a, err := p.Application(context.Background(), "video-chat")
	fine(err)
	return a
}

// hd is a record of HD usage at this moment.
func (p *prepared) hd(id string, seconds int64) subscription.Usage {
	return subscription.Usage{ID: id, Product: "call", Kind: "hd", At: p.now, Seconds: seconds}
}

func fine(err error) {
	if err != nil {
		log.Fatal(err) //nolint:revive // an example has nothing else to do with it
	}
}

// Seconds of a day add up and are rounded up to minutes as a sum; one HD minute takes 4 package minutes. A record that
// doesn't fit is refused as a whole, and a repeated one counts once.
func ExampleService_Consume() {
	p := prepare()
	results, err := p.Consume(context.Background(), "video-chat",
		p.hd("a", 30), p.hd("b", 20), p.hd("c", 40), p.hd("a", 30), p.hd("d", 6000))
	fine(err)
	for _, r := range results {
		var exhausted *subscription.ExhaustedError
		switch {
		case r.Duplicate:
			fmt.Println(r.ID, "was counted before")
		case errors.As(r.Err, &exhausted):
			fmt.Println(r.ID, "is", exhausted.Short, "minutes short")
		default:
			fmt.Println(r.ID, "takes", r.Deducted)
		}
	}
	fmt.Println(p.application().Minutes("call", p.now), "minutes left")
	// Output:
	// a takes 4
	// b takes 0
	// c takes 4
	// a was counted before
	// d is 308 minutes short
	// 92 minutes left
}

// A call was recorded as 20 minutes, and lasted a minute: a record with negative seconds, of the same product, kind and day,
// takes back the rest. What the package gave comes back as a lot of its own.
func ExampleService_Consume_correction() {
	p := prepare()
	ctx := context.Background()
	_, err := p.Consume(ctx, "video-chat", p.hd("call-7", 1200))
	fine(err)
	fmt.Println(p.application().Minutes("call", p.now), "minutes left")

	results, err := p.Consume(ctx, "video-chat", p.hd("call-7-corrected", 60-1200))
	fine(err)
	fmt.Println(results[0].Deducted, "are taken, so", p.application().Minutes("call", p.now), "are left")
	for _, l := range p.application().Lots {
		fmt.Println(l.Source, l.Remaining, "of", l.Granted)
	}
	// Output:
	// 20 minutes left
	// -76 are taken, so 96 are left
	// package 20 of 100
	// returned 76 of 76
}

// The decision alone, on a given state at a given time. For a long call: hold minutes, extend the reservation, and
// commit what was used. The rest is released.
func ExampleReserve() {
	p := prepare()
	p.do(subscription.Reserve{ID: "call-7", Product: "call", Usage: "hd", Minutes: 10, Until: p.now.Add(10 * time.Minute)})
	p.now = p.now.Add(9 * time.Minute)
	p.do(subscription.Reserve{ID: "call-7", Product: "call", Usage: "hd", Minutes: 10, Until: p.now.Add(11 * time.Minute)})
	fmt.Println("while it goes on:", p.application().Minutes("call", p.now))
	p.now = p.now.Add(3 * time.Minute)
	used := p.hd("call-7", 12*60)
	p.do(subscription.Release{ID: "call-7", Used: &used})
	fmt.Println("afterward:", p.application().Minutes("call", p.now))
	// Output:
	// while it goes on: 20
	// afterward: 52
}

// An unused reservation. It doesn't need to be released: it lapses at its deadline.
func ExampleRelease() {
	p := prepare()
	for _, id := range []string{"a", "b"} {
		p.do(subscription.Reserve{ID: id, Product: "call", Usage: "audio", Minutes: 30, Until: p.now.Add(time.Hour)})
	}
	p.do(subscription.Release{ID: "a"})
	fmt.Println("one released:", p.application().Minutes("call", p.now))
	p.now = p.now.Add(time.Hour)
	fmt.Println("one lapsed:", p.application().Minutes("call", p.now))
	// Output:
	// one released: 70
	// one lapsed: 100
}

// Free minutes are spent first, and count every kind 1:1.
func ExampleClaimFree() {
	p := prepare()
	p.do(subscription.ClaimFree{Free: "starter"})
	results, err := p.Consume(context.Background(), "video-chat", p.hd("a", 25*60))
	fine(err)
	fmt.Println("25 HD minutes, 20 of them free, take", results[0].Deducted)
	for _, l := range p.application().Lots {
		fmt.Println(l.Source, l.Remaining, "of", l.Granted, "until", l.Period.End.Format(time.DateOnly))
	}
	// Output:
	// 25 HD minutes, 20 of them free, take 40
	// package 80 of 100 until 2025-08-10
	// free 0 of 20 until 2025-08-10
}

// In pay-as-you-go mode, usage beyond the minutes is billed by the day: computed exactly, and rounded once.
func ExampleEnablePayAsYouGo() {
	p := prepare()
	p.do(subscription.EnablePayAsYouGo{Currency: "USD"})
	results, err := p.Consume(context.Background(), "video-chat", p.hd("a", 325*60))
	fine(err)
	fmt.Println(results[0].Deducted, "from the package,", results[0].Excess, "to be paid")
	// Output:
	// 100 from the package, 1200 to be paid
}

// The days whose excess isn't collected yet, and when they close.
func ExampleApplication_Unbilled() {
	p := prepare()
	p.do(subscription.EnablePayAsYouGo{Currency: "USD"})
	_, err := p.Consume(context.Background(), "video-chat", p.hd("a", 325*60))
	fine(err)
	for _, day := range p.application().Unbilled(p.catalog) {
		fmt.Println(day.Day, "is closed at", day.At.Format(time.DateTime))
	}
	// Output:
	// 2025-07-10 is closed at 2025-07-12 00:00:00
}

// A worker bills each day once it is closed. A customer who has just topped up the account needn't wait for it.
func ExampleBillUsage() {
	p := prepare()
	p.do(subscription.EnablePayAsYouGo{Currency: "USD"})
	_, err := p.Consume(context.Background(), "video-chat", p.hd("a", 325*60))
	fine(err)
	p.now = p.now.AddDate(0, 0, 2)
	o := p.do(subscription.BillUsage{}).Order
	fmt.Println(o.Lines[0].Item, o.Lines[0].Formula(), "=", pricing.FormatExact(o.Lines[0].Exact()), "→", o.Amount)
	// Output:
	// hd 3.99 × 300/1000 = 1.197 → 1.20 USD
}

// What a caller-defined command, or a worker, orders for a closed day.
func ExampleDraft_BillUsage() {
	p := prepare()
	p.do(subscription.EnablePayAsYouGo{Currency: "USD"})
	_, err := p.Consume(context.Background(), "video-chat", p.hd("a", 325*60))
	fine(err)
	app := p.application()
	for _, day := range app.Unbilled(p.catalog) {
		d := subscription.Begin(subscription.Snapshot{Application: app}, day.At)
		fine(d.BillUsage(p.catalog, day.Day))
		o := d.Change().Orders[0]
		fmt.Println(o.Kind, "of", o.Deliveries[0].Usage.Day, o.Amount, o.Status)
	}
	// Output:
	// usage of 2025-07-10 1.20 USD open
}

// An unused package can be returned within the number of days set by the catalog.
func ExampleReturnPackage() {
	p := prepare()
	order := p.application().Subscriptions[0].Cycles[0].Order
	p.now = p.now.AddDate(0, 0, 3)
	p.do(subscription.ReturnPackage{Order: order})
	o, err := p.Order(context.Background(), "video-chat", order)
	must(err)
	fmt.Println(o.Status, o.Collected, "and returned", o.RefundedAmount)
	fmt.Println(p.application().Minutes("call", p.now), "minutes left")
	// Output:
	// paid 10.00 USD and returned 10.00 USD
	// 0 minutes left
}

// The balance at any instant follows from the ledger up to it.
func ExampleBalanceAt() {
	p := prepare()
	noon := p.now.Add(2 * time.Hour)
	for i := range 3 {
		p.now = p.now.Add(time.Hour)
		_, err := p.Consume(context.Background(), "video-chat", p.hd(strconv.Itoa(i), 60))
		fine(err)
	}
	balances, err := subscription.BalanceAt(p.store.Entries(context.Background(), "video-chat"), noon)
	fine(err)
	fmt.Printf("at noon %s of %s, now %s\n", balances[0].Remaining, balances[0].Granted, p.application().Lots[0].Remaining)
	// Output:
	// at noon 92 of 100, now 88
}

// A catalog's minutes are whole ones, and a quantity counts thousandths.
func ExampleMinutes() {
	q := subscription.Minutes(100)
	fmt.Println(q, q-1, q.Whole(), (q - 1).Whole())
	// Output: 100 99.999 100 99
}

// The lots of an application in the order in which they are spent.
func ExampleLot_Before() {
	p := prepare()
	p.do(topup.Buy{Pack: "any-50", Currency: "USD"})
	p.do(topup.Buy{Pack: "call-50", Currency: "USD"})
	p.do(subscription.ClaimFree{Free: "starter"})
	lots := p.application().Lots
	for i := range lots {
		for j := range i {
			if lots[i].Before(&lots[j]) {
				lots[i], lots[j] = lots[j], lots[i]
			}
		}
	}
	for _, l := range lots {
		fmt.Println(l.Source, l.Products)
	}
	// Output:
	// free [call live]
	// package [call]
	// top_up [call]
	// top_up [call live]
}

// Unpaid bills don't pile up without limit.
func ExampleApplication_BillsWait() {
	c := newCounter()
	app, err := c.Application(c.ctx, "chat")
	must(err)
	fmt.Println(app.BillsWait())
	// Output: false
}
