package renewal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// sold is a service on 1 January 2025 on which acme, with 1,000.00 USD, has bought a month of 1-to-1 calls.
type sold struct {
	*subscription.Service
	store    *memory.Store
	accounts *balance.Accounts
	catalog  *pricing.Catalog
	now      time.Time
}

func sell() *sold {
	ctx := context.Background()
	file, err := os.ReadFile("testdata/catalog.json")
	if err != nil {
		panic(err)
	}
	s := &sold{store: memory.New(), now: time.Date(2025, 1, 1, 10, 0, 0, 0, time.UTC)}
	if s.catalog, err = pricing.ParseCatalog(bytes.NewReader(file)); err != nil {
		panic(err)
	}
	s.accounts = balance.New(&balance.Options{Now: func() time.Time { return s.now }})
	s.Service, err = subscription.NewService(s.store, s.accounts, subscription.StaticCatalog(s.catalog),
		&subscription.Options{Now: func() time.Time { return s.now }})
	if err != nil {
		panic(err)
	}
	funds, err := pricing.ParseMoney("1000.00", "USD")
	if err == nil {
		err = errors.Join(s.accounts.Open(ctx, "acme"), s.accounts.Deposit(ctx, "acme", "wire-1", funds))
	}
	for key, cmd := range []subscription.Command{subscription.Create{Account: "acme"}, buy("call", "one-to-one")} {
		if err == nil {
			_, err = s.Do(ctx, "video-chat", cmd, strconv.Itoa(key))
		}
	}
	if err != nil {
		panic(err)
	}
	return s
}

func (s *sold) application() subscription.Application {
	app, err := s.Application(context.Background(), "video-chat")
	if err != nil {
		panic(err)
	}
	return app
}

func (s *sold) print() {
	app := s.application()
	for _, sub := range app.Subscriptions {
		fmt.Printf("%s is %s until %s\n", sub.ID, sub.Status, sub.End().Format(time.DateOnly))
	}
}

// A decision is data: it can be inspected before it takes effect.
func ExampleDecide() {
	s := sell()
	s.now = time.Date(2025, 1, 31, 0, 0, 0, 0, time.UTC)
	change, err := renewal.Decide(subscription.Snapshot{Application: s.application()}, renewal.Policy{}, s.catalog, s.now)
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range change.Orders {
		fmt.Println(o.Kind, o.Status, o.Amount, "from", o.Deliveries[0].Extend.From.Format(time.DateOnly))
	}
	// Output:
	// renewal open 199.00 USD from 2025-02-01
}

func ExampleDue() {
	s := sell()
	fmt.Println(renewal.Due(s.application(), renewal.DefaultPolicy(), s.catalog, s.now))
	// Output:
	// 2025-01-25 00:00:00 +0000 UTC
}

// The charges and grants up to the end of February.
func ExamplePreview() {
	s := sell()
	until := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	for u := range renewal.Preview(s.application(), renewal.Policy{}, s.catalog, s.now, until) {
		if u.Granted > 0 {
			fmt.Println(u.At.Format(time.DateOnly), "grant ", u.Granted, "minutes")
		} else {
			fmt.Println(u.At.Format(time.DateOnly), "charge", u.Charge, "for", u.Period)
		}
	}
	// Output:
	// 2025-01-31 charge 199.00 USD for [2025-02-01, 2025-03-01) UTC
	// 2025-02-01 grant  100000 minutes
	// 2025-02-28 charge 199.00 USD for [2025-03-01, 2025-04-01) UTC
	// 2025-03-01 grant  100000 minutes
}

// A manual renewal for two more months: no paid time is lost.
func ExampleRenew() {
	s := sell()
	cmd := renewal.Renew{Product: "call", Cycles: 2}
	quote, err := s.Quote(context.Background(), "video-chat", cmd)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(quote.Lines[0].Formula(), "=", quote.Amount)
	if _, err := s.Confirm(context.Background(), "video-chat", cmd, quote, "renew-1"); err != nil {
		log.Fatal(err)
	}
	s.print()
	// Output:
	// 199.00 × 2 = 398.00 USD
	// call-1 is active until 2025-04-01
}

func ExampleRenew_Decide() {
	s := sell()
	_, err := renewal.Renew{Product: "live"}.Decide(subscription.Snapshot{Application: s.application()}, s.catalog, s.now)
	fmt.Println(errors.Is(err, subscription.ErrNotFound))
	// Output:
	// true
}

func ExampleRenew_Kind() {
	fmt.Println(renewal.Renew{}.Kind())
	// Output:
	// renew
}

// One round of a worker processes everything that is due.
func ExampleWorker_Once() {
	s := sell()
	worker, err := renewal.NewWorker(s.Service, s.store, nil)
	if err != nil {
		log.Fatal(err)
	}
	s.now = time.Date(2025, 1, 31, 0, 5, 0, 0, time.UTC)
	stats, err := worker.Once(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d placed, %d paid\n", stats.Placed, stats.Paid)
	s.print()
	// Output:
	// 1 placed, 1 paid
	// call-1 is active until 2025-03-01
}

// A worker in its own process: it stops gracefully when its context is done.
func ExampleWorker_Run() {
	s := sell()
	ctx, stop := context.WithCancel(context.Background())
	s.now = time.Date(2025, 1, 31, 0, 0, 0, 0, time.UTC)
	worker, err := renewal.NewWorker(s.Service, s.store, &renewal.Options{
		Interval: time.Minute,
		Report: func(stats renewal.Stats, err error) {
			fmt.Println("paid:", stats.Paid, "error:", err)
			stop() // after the first round, to end the example
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("stopped:", worker.Run(ctx))
	// Output:
	// paid: 1 error: <nil>
	// stopped: <nil>
}

// A custom policy: two attempts, one reminder a week before the end, and missed periods are billed.
func ExampleNewWorker() {
	s := sell()
	worker, err := renewal.NewWorker(s.Service, s.store, &renewal.Options{
		Policy: renewal.Policy{
			Attempts:  []time.Duration{-24 * time.Hour, 0},
			Reminders: []time.Duration{-7 * 24 * time.Hour},
			CatchUp:   renewal.BillEach,
		},
		Batch: 500, Concurrency: 32,
	})
	fmt.Println(worker != nil, err)
	// Output:
	// true <nil>
}

func ExamplePolicy_Validate() {
	err := renewal.Policy{Attempts: []time.Duration{0, -time.Hour}}.Validate()
	fmt.Println(errors.Is(err, renewal.ErrPolicy))
	fmt.Println(err)
	// Output:
	// true
	// renewal: invalid policy: attempts [0s -1h0m0s]: want ascending values from -648h0m0s to 8784h0m0s
}

func ExampleDefaultPolicy() {
	p := renewal.DefaultPolicy()
	fmt.Println("attempts: ", p.Attempts)
	fmt.Println("reminders:", p.Reminders)
	// Output:
	// attempts:  [-24h0m0s -12h0m0s -3h0m0s 0s 6h0m0s 12h0m0s 18h0m0s]
	// reminders: [-168h0m0s -72h0m0s -24h0m0s]
}

func ExampleStats_Add() {
	sum := renewal.Stats{Claimed: 3, Paid: 2, Late: time.Minute}
	sum.Add(renewal.Stats{Claimed: 1, Paid: 1, Late: time.Second})
	fmt.Println(sum.Claimed, sum.Paid, sum.Late)
	// Output:
	// 4 3 1m0s
}

// A page of a console shows how the worker is doing.
func ExampleWorker_Health() {
	s := sell()
	worker, err := renewal.NewWorker(s.Service, s.store, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("rounds:", worker.Health().Rounds)
	s.now = time.Date(2025, 1, 31, 0, 5, 0, 0, time.UTC)
	if _, err := worker.Once(context.Background()); err != nil {
		log.Fatal(err)
	}
	h := worker.Health()
	fmt.Println("rounds:", h.Rounds, "failed:", h.Failed, "ended:", h.EndedAt.Format(time.DateTime), "paid:", h.Stats.Paid)
	// Output:
	// rounds: 0
	// rounds: 1 failed: 0 ended: 2025-01-31 00:05:00 paid: 1
}
