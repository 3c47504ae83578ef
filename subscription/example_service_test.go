package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A service asks for its catalog in every request. A host whose catalog never changes has it read once.
func ExampleStaticCatalog() {
	file, err := os.Open("testdata/catalog.json")
	must(err)
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	must(err)
	inForce := subscription.StaticCatalog(cat)
	fmt.Println(inForce().Revision(), inForce() == cat)
	// Output: test-1 true
}

// Whoever has had a trial in one application doesn't get one in another, though the catalog would allow ten.
func ExampleEligibility_Taken() {
	c := newCounter()
	service, err := subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(c.catalog), &subscription.Options{
		Now: func() time.Time { return c.now },
		Eligible: func(ctx context.Context, e subscription.Eligibility) error {
			if (e.Trial == pricing.Trial{}) {
				return nil // something else
			}
			n, err := e.Taken(ctx)
			if err == nil && n > 0 {
				err = fmt.Errorf("trials so far: %d", n)
			}
			return err
		},
	})
	must(err)
	_, err = service.Do(c.ctx, "video", subscription.Create{Account: "acme"}, "create-2")
	must(err)
	trial := subscription.Purchase{Product: "call", Version: "trial", Term: pricing.Days(7), Currency: "USD", Agreement: "2025-06"}
	for _, app := range []subscription.ApplicationID{"chat", "video"} {
		_, err = service.Do(c.ctx, app, trial, "try-1")
		fmt.Println(app, err)
	}
	// Output:
	// chat <nil>
	// video subscription: account not eligible: acme: trials so far: 1
}

// LookUp only looks: where the gateway knows of no charge, the order stays as it is.
func ExampleCollector_LookUp() {
	c := newCounter()
	_, o := c.open()
	collector := c.Collector()
	before, err := collector.LookUp(c.ctx, o)
	fmt.Println(before.Status, err)

	_, err = collector.Ask(c.ctx, o, true) // the answer gets lost
	must(err)
	after, err := collector.LookUp(c.ctx, o)
	fmt.Println(after.Status, after.Amount, err)
	// Output:
	// pending <nil>
	// succeeded 199.00 USD <nil>
}

// What a gateway has answered is applied to the order, and applied once.
func ExampleCollector_Settle() {
	c := newCounter()
	_, o := c.open()
	declined := payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.InsufficientBalance}
	for range 2 {
		settled, err := c.Collector().Settle(c.ctx, "chat", o.ID, declined)
		fmt.Println(settled.Status, settled.Reason, err)
	}
	// Output:
	// declined insufficient_balance <nil>
	// declined insufficient_balance <nil>
}

// note is a caller-defined command that writes what support did into the audit log.
type note struct {
	Text string `json:"text"`
}

func (note) Kind() string { return "note" }

func (c note) Decide(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	d.AddEvent(subscription.Event{Type: "support_note", Note: c.Text})
	return d.Change(), nil
}

// A host's own events stand in the audit log beside those of this package.
func ExampleDraft_AddEvent() {
	c := newCounter()
	_, err := c.As("ada", "ticket 17").Do(c.ctx, "chat", note{"called back"}, "note-1")
	must(err)
	for e, err := range c.store.Events(c.ctx, "chat") {
		must(err)
		fmt.Printf("%d %s: %s\n", e.Revision, e.Type, e.Note)
		if e.By != "" {
			fmt.Printf("by %s (%s)\n", e.By, e.Why)
		}
	}
	// Output:
	// 1 application_created: acme
	// 2 support_note: called back
	// by ada (ticket 17)
}

// A command that doesn't create the application begins with this.
func ExampleSnapshot_Exists() {
	c := newCounter()
	fmt.Println(c.snapshot().Exists())
	_, err := c.Do(c.ctx, "chess", note{"called back"}, "note-1")
	fmt.Println(err, errors.Is(err, subscription.ErrNotFound))
	// Output:
	// <nil>
	// subscription: not found: application "chess" true
}

// A change has everything that the draft has done, under one revision. It isn't committed, so the snapshot stays as it was.
func ExampleDraft_Change() {
	c := newCounter()
	s := c.snapshot()
	d := subscription.Begin(s, c.now)
	d.AddEvent(subscription.Event{Type: "support_note"})
	d.AddEvent(subscription.Event{Type: "support_note"})
	change := d.Change()
	fmt.Println("from", change.Base, "to", change.Next.Revision, "with", len(change.Events), "events; snapshot:", s.Application.Revision)
	// Output: from 1 to 2 with 2 events; snapshot: 1
}
