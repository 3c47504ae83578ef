package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// counter is a service with its dependencies, as the examples use it. The application "chat" exists, its account has
// 1,000.00 USD, and it is noon on 16 July 2025.
type counter struct {
	*subscription.Service
	ctx      context.Context
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	store    *memory.Store
	now      time.Time
}

func newCounter() *counter {
	file, err := os.Open("testdata/catalog.json")
	must(err)
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	must(err)
	c := &counter{
		ctx: context.Background(), catalog: cat, accounts: balance.New(nil), store: memory.New(),
		now: time.Date(2025, time.July, 16, 12, 0, 0, 0, time.UTC),
	}
	c.Service, err = subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(cat),
		&subscription.Options{Now: func() time.Time { return c.now }})
	must(err)
	deposit, err := pricing.ParseMoney("1000.00", "USD")
	must(err)
	must(c.accounts.Open(c.ctx, "acme"))
	must(c.accounts.Deposit(c.ctx, "acme", "wire-1", deposit))
	_, err = c.Do(c.ctx, "chat", subscription.Create{Account: "acme"}, "create-1")
	must(err)
	return c
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// snapshot loads what a pure decision needs.
func (c *counter) snapshot() subscription.Snapshot {
	s, err := c.store.Load(c.ctx, subscription.Read{Application: "chat"})
	must(err)
	return s[0]
}

// purchase is a month of 1-to-1 calls, with the agreement accepted.
var purchase = subscription.Purchase{
	Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Agreement: "2025-06",
}

// A customer buys a month, and upgrades fifteen days later.
func Example() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", purchase)
	must(err)
	bought, err := c.Confirm(c.ctx, "chat", purchase, q, "buy-1")
	must(err)
	fmt.Println(bought.Order.Amount, bought.Order.Delivered.Period)

	c.now = c.now.AddDate(0, 0, 15)
	raised, err := c.Do(c.ctx, "chat", subscription.Upgrade{Product: "call", To: "group-call"}, "upgrade-1")
	must(err)
	fmt.Println(raised.Order.Lines[0].Formula(), "=", raised.Order.Amount)
	fmt.Println("minutes:", raised.Order.Delivered.Increment, "more,", raised.Order.Delivered.Remaining, "remaining")
	// Output:
	// 199.00 USD [2025-07-16, 2025-08-16) UTC
	// (597.00 − 199.00) × 16/31 = 205.42 USD
	// minutes: 103225 more, 203225 remaining
}

// What a customer is told depends on the code, which stays the same from version to version.
func ExampleCodeOf() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.Upgrade{Product: "call", To: "group-call"}, "upgrade-1")
	fmt.Println(subscription.CodeOf(err))
	fmt.Println(subscription.CodeOf(context.DeadlineExceeded), subscription.CodeOf(nil) == "")
	// Output:
	// not_found
	// internal true
}

func ExampleNewService() {
	file, err := os.Open("testdata/catalog.json")
	must(err)
	defer file.Close()
	cat, err := pricing.ParseCatalog(file)
	must(err)
	service, err := subscription.NewService(memory.New(), balance.New(nil), subscription.StaticCatalog(cat), nil)
	must(err)

	receipt, err := service.Do(context.Background(), "chat", subscription.Create{Account: "acme"}, "create-1")
	fmt.Println(receipt.Receipt.Application, receipt.Receipt.Kind, err)
	// Output: chat create <nil>
}

func ExampleService_Quote() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", purchase)
	fmt.Println(q.Amount, "until", q.ExpiresAt.Format(time.TimeOnly), err)
	for _, l := range q.Lines {
		fmt.Println(l.Item, l.Formula())
	}
	// Output:
	// 199.00 USD until 12:15:00 <nil>
	// call/one-to-one 199.00
}

// The price shown is the price charged, or nothing is charged.
func ExampleService_Confirm() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", purchase)
	must(err)
	r, err := c.Confirm(c.ctx, "chat", purchase, q, "buy-1")
	fmt.Println(r.Order.Status, r.Order.Collected, err)

	// Repeated, it finds its receipt; under another key the quote is stale.
	again, err := c.Confirm(c.ctx, "chat", purchase, q, "buy-1")
	fmt.Println(again.Receipt.OrderID == r.Receipt.OrderID, err)
	_, err = c.Confirm(c.ctx, "chat", purchase, q, "buy-2")
	fmt.Println(errors.Is(err, subscription.ErrAlreadySubscribed))
	// Output:
	// paid 199.00 USD <nil>
	// true <nil>
	// true
}

// One key stands for one command, permanently.
func ExampleService_Do() {
	c := newCounter()
	r, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Status, r.Order.Delivered.Period, r.Order.Delivered.Increment, err)
	other := purchase
	other.Version = "group-call"
	_, err = c.Do(c.ctx, "chat", other, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrKeyReused))
	// Output:
	// paid [2025-07-16, 2025-08-16) UTC 100000 <nil>
	// true
}

// A webhook's result is applied once, however often it arrives.
func ExampleService_Settle() {
	c := newCounter()
	bound := c.Bind(c.store) // places orders, and leaves collecting to others
	r, err := bound.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrPaymentPending))

	hook := payment.Result{Key: string(r.Order.Attempt), Status: payment.Succeeded, Amount: r.Order.Amount}
	for range 2 {
		settled, err := c.Settle(c.ctx, subscription.AttemptID(hook.Key), hook)
		fmt.Println(settled.Status, settled.Delivered.Total, err)
	}
	// Output:
	// true
	// paid 100000 <nil>
	// paid 100000 <nil>
}

// A webhook that doesn't trust its body: only the attempt is used, and the gateway is asked for the result.
func ExampleService_Notify() {
	c := newCounter()
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrPaymentPending))

	forged, err := c.Notify(c.ctx, r.Order.Attempt) // nothing was paid
	fmt.Println(forged.Status, err)

	_, err = c.accounts.Charge(c.ctx, payment.Charge{
		Key: string(r.Order.Attempt), Account: "acme", Amount: r.Order.Amount,
		Order: string(r.Receipt.OrderID), Application: "chat", Description: r.Order.Lines[0].Item,
	})
	fmt.Println("charged:", err)
	now, err := c.Notify(c.ctx, r.Order.Attempt)
	fmt.Println(now.Status, err)
	// Output:
	// true
	// open <nil>
	// charged: <nil>
	// paid <nil>
}

func ExampleService_Collect() {
	c := newCounter()
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Status, errors.Is(err, subscription.ErrPaymentPending))
	o, err := c.Collect(c.ctx, "chat", r.Receipt.OrderID)
	fmt.Println(o.Status, err)
	// Output:
	// open true
	// paid <nil>
}

// Bind takes a store that is bound to the caller's transaction; nothing is charged before its commit.
func ExampleService_Bind() {
	c := newCounter()
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Status, errors.Is(err, subscription.ErrPaymentPending))
	left, err := c.accounts.Balance(context.Background(), "acme", "USD")
	fmt.Println("left:", left, err)
	// Output:
	// open true
	// left: 1000.00 USD <nil>
}

// Ask and Resolve are the two halves of Collect, for workers that process many orders at once.
func ExampleCollector_Ask() {
	c := newCounter()
	r, _ := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	result, err := c.Collector().Ask(c.ctx, r.Order, true)
	fmt.Println(result.Status, err)
	o, err := c.Collector().Settle(c.ctx, "chat", r.Receipt.OrderID, result)
	fmt.Println(o.Status, err)
	// Output:
	// succeeded <nil>
	// paid <nil>
}

// What is read is correct at that instant, whether or not a worker has run since.
func ExampleService_Application() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	for _, days := range []int{0, 31, 32} {
		c.now = time.Date(2025, time.July, 16+days, 0, 0, 0, 0, time.UTC)
		a, err := c.Application(c.ctx, "chat")
		must(err)
		sub, known := a.Latest("call")
		fmt.Println(c.now.Format(time.DateOnly), sub.Status, sub.InService(), a.Minutes("call", c.now), known)
	}
	// Output:
	// 2025-07-16 active true 100000 true
	// 2025-08-16 past_due true 0 true
	// 2025-08-17 interrupted false 0 true
}

func ExampleService_Order() {
	c := newCounter()
	r, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	o, err := c.Order(c.ctx, "chat", r.Receipt.OrderID)
	fmt.Println(o.Kind, o.Amount, o.Agreement, err)
	_, err = c.Order(c.ctx, "chat", "7-abc")
	fmt.Println(errors.Is(err, subscription.ErrNotFound))
	// Output:
	// purchase 199.00 USD 2025-06 <nil>
	// true
}

func ExamplePurchase() {
	c := newCounter()
	trial := subscription.Purchase{Product: "call", Version: "trial", Term: pricing.Days(7), Currency: "USD", Agreement: "2025-06"}
	r, err := c.Do(c.ctx, "chat", trial, "try-1")
	fmt.Println(r.Order.Amount, r.Order.Delivered.Period, err)

	// A paid version replaces the trial, at full price, from today.
	r, err = c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(r.Order.Amount, r.Order.Delivered.Period, err)

	// The same product doesn't stack.
	_, err = c.Do(c.ctx, "chat", purchase, "buy-2")
	fmt.Println(err)
	// Output:
	// 0.00 USD [2025-07-16, 2025-07-23) UTC <nil>
	// 199.00 USD [2025-07-16, 2025-08-16) UTC <nil>
	// subscription: already subscribed to the product: chat holds call-2
}

func ExampleUpgrade() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	c.now = time.Date(2025, time.August, 1, 9, 0, 0, 0, time.UTC) // 15 of 31 days are left
	r, err := c.Do(c.ctx, "chat", subscription.Upgrade{Product: "call", To: "group-call"}, "up-1")
	fmt.Println(r.Order.Lines[0].Formula(), "=", r.Order.Amount, err)
	fmt.Println("minutes more:", r.Order.Delivered.Increment, "in all:", r.Order.Delivered.Total)
	// Output:
	// (597.00 − 199.00) × 15/31 = 192.58 USD <nil>
	// minutes more: 96774 in all: 196774
}

func ExampleAutoRenew() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.AutoRenew{Product: "call", On: false}, "auto-1")
	must(err)
	a, err := c.Application(c.ctx, "chat")
	fmt.Println(a.Subscriptions[0].AutoRenew, err)
	// Output: false <nil>
}

func ExampleAccept() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.Accept{Agreement: c.catalog.AgreementVersion()}, "accept-1")
	must(err)
	a, err := c.Application(c.ctx, "chat")
	fmt.Println(a.Accepted.Agreement, a.Accepted.At.Format(time.DateOnly), err)
	// Output: 2025-06 2025-07-16 <nil>
}

func ExampleCreate() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.Create{Account: "acme"}, "create-2")
	fmt.Println(err)
	// Output: subscription: already exists: chat
}

// A canceled order may still be collected; then the money goes back.
func ExampleCancel() {
	c := newCounter()
	r, _ := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	result, err := c.Collector().Ask(c.ctx, r.Order, true) // the gateway collects, and its answer is on its way
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.Cancel{Order: r.Receipt.OrderID}, "cancel-1")
	must(err)
	settled, err := c.Settle(c.ctx, r.Order.Attempt, result)
	fmt.Println(settled.Status == subscription.OrderCanceled, settled.Note, err)
	refunds, err := c.Refunds(c.ctx, "chat", settled.ID)
	fmt.Println(refunds[0].Kind, refunds[0].Amount, refunds[0].Status, err)
	left, err := c.accounts.Balance(context.Background(), "acme", "USD")
	fmt.Println("left:", left, err)
	// Output:
	// true paid after it was closed <nil>
	// late 199.00 USD made <nil>
	// left: 1000.00 USD <nil>
}

func ExampleAdvance() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	a := c.snapshot().Application
	change, err := subscription.Advance(a, c.catalog, time.Date(2025, time.August, 20, 0, 0, 0, 0, time.UTC))
	for _, e := range change.Events {
		fmt.Println(e.At.Format(time.DateTime), e.Subscription, e.Type)
	}
	fmt.Println(err)
	// Output:
	// 2025-08-16 00:00:00 call-1 status_changed
	// 2025-08-17 00:00:00 call-1 status_changed
	// 2025-08-17 12:00:00 call-1 lot_expired
	// <nil>
}

func ExampleNextStep() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	fmt.Println(subscription.NextStep(c.snapshot().Application, c.catalog))
	// Output: 2025-08-16 00:00:00 +0000 UTC
}

func ExampleReschedule() {
	c := newCounter()
	a := c.snapshot().Application
	change := subscription.Reschedule(a, c.now.Add(time.Hour))
	fmt.Println(change.Next.Due.Format(time.TimeOnly), len(change.Events), change.Check(a))
	// Output: 13:00:00 0 <nil>
}

// open places the purchase and returns the snapshot with its order.
func (c *counter) open() (subscription.Snapshot, subscription.Order) {
	r, err := c.Bind(c.store).Do(c.ctx, "chat", purchase, "buy-1")
	if !errors.Is(err, subscription.ErrPaymentPending) {
		panic(err)
	}
	return c.snapshot(), r.Order
}

// The decision alone, without a service: what a result does to an order.
func ExampleSettle() {
	c := newCounter()
	s, o := c.open()
	paid := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount}
	change, err := subscription.Settle(s, o.ID, paid, c.catalog.ZoneOf, c.now)
	for _, e := range change.Events {
		fmt.Println(e.Type)
	}
	fmt.Println(change.Orders[0].Status, err)
	// Output:
	// order_paid
	// subscription_opened
	// period_paid
	// period_began
	// lot_granted
	// paid <nil>
}

// The key shows that the result is a refund's.
func ExampleSettle_refund() {
	c := newCounter()
	_, o := c.open()
	_, err := c.Do(c.ctx, "chat", subscription.Cancel{Order: o.ID}, "cancel-1")
	must(err)
	// The bound service is told about the late payment, and doesn't request a refund itself.
	late := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount}
	r, err := c.Bind(c.store).Settle(c.ctx, o.Attempt, late)
	fmt.Println(r.Status == subscription.OrderCanceled, r.RefundedAmount, err)
	all, err := c.store.Load(c.ctx, subscription.Read{Application: "chat", Orders: []subscription.OrderID{o.ID}})
	must(err)
	due := all[0].Application.Refunds[0]
	fmt.Println(due.Kind, due.Amount, due.Status)

	given := payment.Result{Key: due.Key, Status: payment.Succeeded, Amount: due.Amount}
	change, err := subscription.Settle(all[0], o.ID, given, c.catalog.ZoneOf, c.now)
	fmt.Println(change.Refunds[0].Status, err)
	// Output:
	// true 199.00 USD <nil>
	// late 199.00 USD due
	// made <nil>
}

// The gateway may have forgotten the key, so the outcome can no longer be looked up.
func ExampleSettle_unknown() {
	c := newCounter()
	s, o := c.open()
	forgotten := payment.Result{Key: string(o.Attempt), Status: payment.NotFound}
	change, err := subscription.Settle(s, o.ID, forgotten, c.catalog.ZoneOf, c.now)
	fmt.Println(change.Orders[0].Status, err)
	// Output: review <nil>
}

// A defective command can't corrupt the store.
func ExampleChange_Check() {
	c := newCounter()
	s := c.snapshot()
	change, err := purchase.Decide(s, c.catalog, c.now)
	fmt.Println(err, change.Check(s.Application))
	change.Orders[0].Amount, _ = pricing.ParseMoney("1.00", "USD")
	change.Next.Orders[0].Amount = change.Orders[0].Amount
	fmt.Println(errors.Is(change.Check(s.Application), subscription.ErrInvariant))
	// Output:
	// <nil> <nil>
	// true
}

// A command that reads a clock of its own is refused, so it can't move the application's time ahead.
func ExampleChange_CheckAt() {
	c := newCounter()
	s := c.snapshot()
	change, err := purchase.Decide(s, c.catalog, c.now.Add(time.Hour))
	must(err)
	fmt.Println(change.CheckAt(s.Application, c.now.Add(time.Hour)))
	fmt.Println(errors.Is(change.CheckAt(s.Application, c.now), subscription.ErrInvariant))
	// Output:
	// <nil>
	// true
}

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

// The hook implements an allow-list, or a limit per account that only the caller can count.
func ExampleOptions() {
	c := newCounter()
	service, err := subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(c.catalog), &subscription.Options{
		Now: func() time.Time { return c.now },
		Eligible: func(_ context.Context, e subscription.Eligibility) error {
			return fmt.Errorf("%s is not on the list", e.Account)
		},
	})
	must(err)
	_, err = service.Quote(c.ctx, "chat", purchase)
	fmt.Println(err)
	// Output: subscription: account not eligible: acme: acme is not on the list
}
