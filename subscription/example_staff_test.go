package subscription_test

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Who acts, and why, is in every event that follows.
func ExampleService_As() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	staff := c.As("ada", "goodwill, ticket 17")
	_, err = staff.Do(c.ctx, "chat", subscription.RefundOrder{Order: bought.Order.ID, Take: subscription.TakeNothing}, "refund-1")
	must(err)
	for e, err := range c.store.Events(c.ctx, "chat") {
		must(err)
		if e.By != "" {
			fmt.Printf("%s: %s, by %s (%s)\n", e.Type, e.Amount, e.By, e.Why)
		}
	}
	// Output:
	// refund_due: 199.00 USD, by ada (goodwill, ticket 17)
	// refund_made: 199.00 USD, by ada (goodwill, ticket 17)
}

// hundredMinutes is a gift of 100 minutes of calls, valid for three months.
var hundredMinutes = subscription.Gift{
	Products: []pricing.ProductID{"call"}, Minutes: 100, Validity: pricing.Validity{Months: 3},
}

func ExampleGift() {
	c := newCounter()
	out, err := c.As("ada", "an outage on 4 May").Do(c.ctx, "chat", hundredMinutes, "gift-1")
	must(err)
	fmt.Println(out.Order.Kind, out.Order.Status, out.Order.Amount.Currency(), out.Order.Amount.Sign())
	fmt.Println(out.Order.Delivered.Increment, out.Order.Delivered.Period, out.Order.Note)
	// Output:
	// gift paid USD 0
	// 100 [2025-07-16, 2025-10-16) UTC an outage on 4 May
}

func ExampleGift_Kind() {
	fmt.Println(subscription.Gift{}.Kind())
	// Output: gift
}

func ExampleGift_Decide() {
	c := newCounter()
	s := c.snapshot()
	s.Request = "gift-1"
	change, err := hundredMinutes.Decide(s, c.catalog, c.now)
	fmt.Println(change.Next.Lots[0].Source, change.Next.Lots[0].Remaining, err)
	// Output: gift 100 <nil>
}

// moved is a package that was paid for in another system until 31 July.
func moved() subscription.Import {
	day := func(s string) pricing.Date {
		d, err := pricing.ParseDate(s)
		must(err)
		return d
	}
	paid, err := pricing.ParseMoney("149.00", "USD")
	must(err)
	return subscription.Import{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Anchor: day("2024-10-31"),
		PaidUntil: day("2025-07-31"), Minutes: subscription.Minutes(40_000), Paid: paid, Source: "old billing",
	}
}

// A customer comes from another system. The same import again, under another key, does nothing.
func ExampleImport() {
	c := newCounter()
	out, err := c.Do(c.ctx, "chat", moved(), "import-1")
	must(err)
	fmt.Println(out.Order.Kind, out.Order.Amount, out.Order.Delivered.Period)
	a, err := c.Application(c.ctx, "chat")
	must(err)
	s, _ := a.Latest("call")
	fmt.Println(s.Status, "until", s.End().Format("2 January"), a.Minutes("call", c.now), "minutes")
	again, err := c.Do(c.ctx, "chat", moved(), "import-2")
	fmt.Println(again.Receipt.Key == "", err)
	// Output:
	// import 0.00 USD [2025-06-30, 2025-07-31) UTC
	// active until 31 July 40000 minutes
	// true <nil>
}

func ExampleImport_Kind() {
	fmt.Println(subscription.Import{}.Kind())
	// Output: import
}

// The order of the same import, if there is one.
func ExampleImport_Needs() {
	fmt.Println(len(moved().Needs().Orders))
	// Output: 1
}

func ExampleImport_Decide() {
	c := newCounter()
	change, err := moved().Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Next.Subscriptions[0].Cycles[0].Price, err)
	// Output: 149.00 USD <nil>
}

// The application goes to another payer. A refund of what was bought before goes to whoever paid it.
func ExampleChangeAccount() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.ChangeAccount{Account: "globex"}, "move-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.RefundOrder{Order: bought.Order.ID}, "refund-1")
	must(err)
	left, err := c.accounts.Balance(c.ctx, "acme", "USD")
	fmt.Println(left, err)
	// Output: 1000.00 USD <nil>
}

func ExampleChangeAccount_Kind() {
	fmt.Println(subscription.ChangeAccount{}.Kind())
	// Output: change_account
}

func ExampleChangeAccount_Decide() {
	c := newCounter()
	change, err := subscription.ChangeAccount{Account: "globex"}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Next.Account, change.Events[0].Type, err)
	// Output: globex account_changed <nil>
}

// A customer leaves. Money that they paid can still go back; nothing else is possible.
func ExampleClose() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.Close{}, "close-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", purchase, "buy-2")
	fmt.Println(subscription.CodeOf(err))
	_, err = c.Do(c.ctx, "chat", subscription.RefundOrder{Order: bought.Order.ID, Take: subscription.TakeAll}, "refund-1")
	fmt.Println(err)
	// Output:
	// closed
	// <nil>
}

func ExampleClose_Kind() {
	fmt.Println(subscription.Close{}.Kind())
	// Output: close
}

func ExampleClose_Decide() {
	c := newCounter()
	change, err := subscription.Close{}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Next.ClosedAt, err)
	// Output: 2025-07-16 12:00:00 +0000 UTC <nil>
}

// What identifies a person is removed from a closed application and all its rows. The books stay.
func ExampleErase() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	for _, cmd := range []subscription.Command{subscription.Close{}, subscription.Erase{}} {
		_, err = c.Do(c.ctx, "chat", cmd, cmd.Kind())
		must(err)
	}
	o, err := c.Order(c.ctx, "chat", bought.Order.ID)
	fmt.Printf("%q %s %v\n", o.Account, o.Amount, err)
	// Output: "" 199.00 USD <nil>
}

func ExampleErase_Kind() {
	fmt.Println(subscription.Erase{}.Kind())
	// Output: erase
}

func ExampleErase_Decide() {
	c := newCounter()
	_, err := subscription.Erase{}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(err)
	// Output: subscription: invalid input: application chat isn't closed
}

// A store has such a change committed by its Erase.
func ExampleChange_Erases() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.Close{}, "close-1")
	must(err)
	change, err := subscription.Erase{}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Erases(), err)
	// Output: true <nil>
}

func ExampleOrder_Erased() {
	o := subscription.Order{ID: "k-1", Account: "acme", Note: "by telephone", Reference: "ch_1"}.Erased()
	fmt.Printf("%q %q %q %q\n", o.ID, o.Account, o.Note, o.Reference)
	// Output: "k-1" "" "" ""
}

func ExampleRefund_Erased() {
	r := subscription.Refund{Order: "k-1", Number: 1, Account: "acme", By: "ada", Note: "goodwill"}.Erased()
	fmt.Printf("%q %d %q %q %q\n", r.Order, r.Number, r.Account, r.By, r.Note)
	// Output: "k-1" 1 "" "" ""
}

func ExampleEvent_Erased() {
	e := subscription.Event{Type: subscription.EventCreated, Note: "acme", By: "ada", Why: "by telephone"}.Erased()
	fmt.Printf("%q %q %q %q\n", e.Type, e.Note, e.By, e.Why)
	// Output: "application_created" "" "" ""
}

func ExampleSubscriptionRow_Erased() {
	r := subscription.SubscriptionRow{ID: "call-1", Account: "acme"}.Erased()
	fmt.Printf("%q %q\n", r.ID, r.Account)
	// Output: "call-1" ""
}

// A customer wrote that the bank shows the payment twice: somebody is to look at it.
func ExampleFlag() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.As("ada", "ticket 17").Do(c.ctx, "chat", subscription.Flag{Order: bought.Order.ID, Note: "collected twice?"}, "ticket-17")
	must(err)
	for e, err := range c.store.Events(c.ctx, "chat") {
		must(err)
		if e.Type == subscription.EventNeedsPerson {
			fmt.Printf("%s: %s, by %s\n", e.Type, e.Note, e.By)
		}
	}
	// Output: needs_person: collected twice?, by ada
}

func ExampleFlag_Kind() {
	fmt.Println(subscription.Flag{}.Kind())
	// Output: flag
}

func ExampleFlag_Needs() {
	fmt.Println(subscription.Flag{Order: "k-1"}.Needs().Orders)
	// Output: [k-1]
}

func ExampleFlag_Decide() {
	c := newCounter()
	change, err := subscription.Flag{Note: "look at this"}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Events[0].Type, change.Events[0].Note, err)
	// Output: needs_person look at this <nil>
}
