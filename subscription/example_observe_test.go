package subscription_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// watch returns a service like the counter's own, with other options.
func (c *counter) watch(opts subscription.Options) *subscription.Service {
	opts.Now = func() time.Time { return c.now }
	s, err := subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(c.catalog), &opts)
	must(err)
	return s
}

// What an observer is told of a purchase. A host counts it, by the fields that have few values.
func ExampleObservation() {
	c := newCounter()
	service := c.watch(subscription.Options{Observe: func(_ context.Context, o subscription.Observation) {
		fmt.Println(o.Op, o.Name, o.Outcome)
	}})
	_, err := service.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	// Output:
	// load  ok
	// commit  ok
	// order purchase placed
	// gateway charge succeeded
	// load  ok
	// commit  ok
	// order purchase paid
	// command purchase ok
}

// A logger that leaves out debug records has nothing to say about an ordinary day. Here the gateway gives no answer.
func ExampleLogTo() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{} // for the example
		}
		return a
	}}))
	tell := subscription.LogTo(log)
	tell(context.Background(), subscription.Observation{Op: subscription.OpCommand, Name: "purchase", Outcome: subscription.OutcomeOK})
	tell(context.Background(), subscription.Observation{
		Op: subscription.OpGateway, Name: "charge", Outcome: subscription.OutcomeUnknown, Took: 30 * time.Second,
		Application: "chat", Order: "o-1",
	})
	// Output:
	// level=WARN msg=prepaid op=gateway name=charge outcome=unknown took=30s application=chat order=o-1
}

// Two functions share the one option.
func ExampleObservers() {
	declined := 0
	observe := subscription.Observers(
		func(_ context.Context, o subscription.Observation) {
			if o.Op == subscription.OpOrder && o.Outcome == "declined" {
				declined++
			}
		},
		func(_ context.Context, o subscription.Observation) { fmt.Println(o.Op, o.Name, o.Outcome, o.Reason) },
	)
	observe(context.Background(), subscription.Observation{
		Op: subscription.OpOrder, Name: "renewal", Outcome: "declined", Reason: payment.ExpiredMethod,
	})
	fmt.Println(declined)
	// Output:
	// order renewal declined expired_method
	// 1
}

func ExampleOutcomeOf() {
	fmt.Println(subscription.OutcomeOf(nil), subscription.OutcomeOf(subscription.ErrArrears), subscription.OutcomeOf(context.Canceled))
	// Output:
	// ok arrears context
}

// A worker of the host's own tells of its rounds as package renewal does.
func ExampleCollector_Observe() {
	c := newCounter()
	collector := c.watch(subscription.Options{Observe: func(_ context.Context, o subscription.Observation) {
		fmt.Println(o.Op, o.Outcome, o.Size)
	}}).Collector()
	began := collector.Began()
	collector.Observe(c.ctx, began, subscription.Observation{Op: subscription.OpRound, Size: 3})
	// Output:
	// round ok 3
}

// The time at which an operation begins is taken only if somebody listens.
func ExampleCollector_Began() {
	c := newCounter()
	fmt.Println(c.Collector().Began().IsZero())
	// Output:
	// true
}

// A commit tells of the steps that its changes took, as well.
func ExampleCollector_ObserveCommit() {
	c := newCounter()
	collector := c.watch(subscription.Options{Observe: func(_ context.Context, o subscription.Observation) {
		fmt.Println(o.Op, o.Name, o.Outcome)
	}}).Collector()
	change, err := purchase.Decide(c.snapshot(), c.catalog, c.now)
	must(err)
	began := collector.Began()
	err = c.store.Commit(c.ctx, change)
	collector.ObserveCommit(c.ctx, began, err, change)
	// Output:
	// commit  ok
	// order purchase placed
}

func ExampleCollector_Clock() {
	c := newCounter()
	fmt.Println(c.Collector().Clock())
	// Output:
	// 2025-07-16 12:00:00 +0000 UTC
}
