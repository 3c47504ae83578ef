package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// consultation is a caller-defined command: it sells a consultant's hours in addition to the packages.
type consultation struct {
	Hours int64 `json:"hours"`
}

func (consultation) Kind() string { return "consultation" }

func (c consultation) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	hour, err := pricing.ParseMoney("120.00", "USD")
	if err != nil {
		return subscription.Change{}, err
	}
	price, err := pricing.PricePurchase("consultation", hour, int(c.Hours), cat.Rounding())
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	agreement, err := d.Agree(cat, "2025-06")
	if err != nil {
		return subscription.Change{}, err
	}
	if _, err = d.Place(subscription.Order{Kind: "consultation", Agreement: agreement}, price, cat); err != nil {
		return subscription.Change{}, err
	}
	d.AddEvent(subscription.Event{Type: "consultation_ordered"})
	return d.Change(), nil
}

// Caller-defined commands are quoted, confirmed, collected and repeated like all others.
func ExampleBegin() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", consultation{Hours: 3})
	fmt.Println(q.Amount, q.Lines[0].Formula(), err)
	r, err := c.Confirm(c.ctx, "chat", consultation{Hours: 3}, q, "consult-1")
	fmt.Println(r.Order.Status, err)
	// Output:
	// 360.00 USD 120.00 × 3 <nil>
	// paid <nil>
}

// Fee is the command of the package's documentation.
type Fee struct {
	Amount    pricing.Money `json:"amount"`
	Agreement string        `json:"agreement"` // the version that the customer accepted
}

func (Fee) Kind() string { return "fee" }

func (c Fee) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	unit, err := c.Amount.Rate()
	if err != nil {
		return subscription.Change{}, err
	}
	price, err := pricing.Total(c.Amount.Currency(), cat.Rounding(), []pricing.Line{
		{Kind: "fee", Item: "fee", Unit: unit, Times: pricing.Ratio{Num: 1, Den: 1}},
	})
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return subscription.Change{}, err
	}
	_, err = d.Place(subscription.Order{Kind: "fee", Catalog: cat.Revision(), Agreement: agreement}, price, cat)
	return d.Change(), err
}

func ExampleDraft_Agree() {
	c := newCounter()
	amount, err := pricing.ParseMoney("25.00", "USD")
	must(err)
	_, err = c.Do(c.ctx, "chat", Fee{Amount: amount}, "fee-1")
	fmt.Println(errors.Is(err, subscription.ErrAgreementRequired))
	r, err := c.Do(c.ctx, "chat", Fee{Amount: amount, Agreement: "2025-06"}, "fee-2")
	fmt.Println(r.Order.Status, r.Order.Collected, err)
	// Output:
	// true
	// paid 25.00 USD <nil>
}

// goodwill is a caller-defined command: it grants free minutes.
type goodwill struct {
	Product  pricing.ProductID `json:"product"`
	Minutes  int64             `json:"minutes"`
	Currency pricing.Currency  `json:"currency"`
	Ticket   string            `json:"ticket"`
}

func (goodwill) Kind() string { return "goodwill" }

func (c goodwill) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	// An order has a line even if its amount is zero: 0 × 1.
	price, err := pricing.Total(c.Currency, cat.Rounding(), []pricing.Line{
		{Kind: "goodwill", Item: c.Ticket, Times: pricing.Ratio{Num: 1, Den: 1}},
	})
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	_, err = d.Place(subscription.Order{
		Kind: "goodwill", Product: c.Product, Catalog: cat.Revision(), Note: c.Ticket,
		Deliveries: []subscription.Delivery{{Grant: &subscription.GrantDelivery{
			Source: subscription.FromTopUp, Products: []pricing.ProductID{c.Product}, Minutes: c.Minutes,
			Validity: pricing.Validity{Months: 3}, Zone: cat.Zone().Name(),
		}}},
	}, price, cat)
	return d.Change(), err
}

// withSetup is a caller-defined command: a purchase with a setup fee as a second line.
type withSetup struct {
	subscription.Purchase
	Fee pricing.Money `json:"fee"`
}

func (withSetup) Kind() string { return "purchase_with_setup" }

func (c withSetup) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	change, err := c.Purchase.Decide(s, cat, now) // with all its conditions
	if err != nil {
		return subscription.Change{}, err
	}
	o := change.Orders[0]
	fee, err := c.Fee.Rate()
	if err != nil {
		return subscription.Change{}, err
	}
	price, err := pricing.Total(c.Fee.Currency(), cat.Rounding(), append(o.Lines,
		pricing.Line{Kind: "setup_fee", Item: "setup", Unit: fee, Times: pricing.Ratio{Num: 1, Den: 1}}))
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now) // another draft, since a change can't be edited
	if _, err := d.Agree(cat, c.Agreement); err != nil {
		return subscription.Change{}, err
	}
	_, err = d.Place(subscription.Order{
		Kind: o.Kind, Subscription: o.Subscription, Product: o.Product, Version: o.Version,
		Catalog: o.Catalog, Agreement: o.Agreement, Deliveries: o.Deliveries,
	}, price, cat)
	return d.Change(), err
}

// Free minutes are an order too, delivered at once; a surcharge is an additional line.
func ExampleDraft_Place() {
	c := newCounter()
	gift, err := c.Do(c.ctx, "chat", goodwill{Product: "call", Minutes: 500, Currency: "USD", Ticket: "T-17"}, "ticket-17")
	fmt.Println(gift.Order.Status, gift.Order.Amount, gift.Order.Delivered.Increment, gift.Order.Delivered.Period, err)

	fee, err := pricing.ParseMoney("25.00", "USD")
	must(err)
	bought, err := c.Do(c.ctx, "chat", withSetup{purchase, fee}, "buy-1")
	fmt.Println(bought.Order.Status, bought.Order.Amount, bought.Order.Delivered.Increment, err)
	for _, l := range bought.Order.Lines {
		fmt.Println(l.Kind, l.Item, l.Amount)
	}
	// Output:
	// paid 0.00 USD 500 [2025-07-16, 2025-10-16) UTC <nil>
	// paid 224.00 USD 100000 <nil>
	// purchase call/one-to-one 199.00 USD
	// setup_fee setup 25.00 USD
}

func ExampleDraft_Cancel() {
	c := newCounter()
	s, o := c.open()
	d := subscription.Begin(s, c.now)
	fmt.Println(d.Cancel(o.ID))
	fmt.Printf("%q\n", d.Change().Orders[0].Status)
	// Output:
	// <nil>
	// "cancelling"
}

// A change of several steps: the passing of time, and the gateway's result.
func ExampleDraft_Settle() {
	c := newCounter()
	s, o := c.open()
	d := subscription.Begin(s, c.now.AddDate(0, 0, 1)) // it is paid the next day
	must(d.Advance(c.catalog))
	paid := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount}
	changed, err := d.Settle(o.ID, paid, c.catalog.ZoneOf)
	fmt.Println(changed, err)
	changed, err = d.Settle(o.ID, paid, c.catalog.ZoneOf) // a repeated notification
	fmt.Println(changed, err)
	fmt.Println(d.Change().Next.Subscriptions[0].Cycles[0].Period)
	// Output:
	// true <nil>
	// false <nil>
	// [2025-07-17, 2025-08-17) UTC
}

func ExampleDraft_Advance() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	d := subscription.Begin(c.snapshot(), c.now.AddDate(0, 2, 0))
	must(d.Advance(c.catalog))
	for _, e := range d.Change().Events {
		fmt.Println(e.At.Format(time.DateOnly), e.Type, e.Status)
	}
	// Output:
	// 2025-08-16 status_changed past_due
	// 2025-08-17 status_changed interrupted
	// 2025-08-17 lot_expired
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
