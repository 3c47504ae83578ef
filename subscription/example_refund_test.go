package subscription_test

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func usd(amount string) pricing.Money {
	m, err := pricing.ParseMoney(amount, "USD")
	must(err)
	return m
}

// Support gives back a part as goodwill, then takes the package back for the rest. The order stays what it was.
func ExampleRefundOrder() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	goodwill := subscription.RefundOrder{Order: bought.Order.ID, Amount: usd("20.00"), Note: "an outage on 4 May"}
	r, err := c.Do(c.ctx, "chat", goodwill, "refund-1")
	fmt.Println(r.Order.Status, r.Order.RefundedAmount, "of", r.Order.Amount, err)

	all := subscription.RefundOrder{Order: bought.Order.ID, Take: subscription.TakeAll, Note: "they leave"}
	r, err = c.Do(c.ctx, "chat", all, "refund-2")
	fmt.Println(r.Order.Status, "left:", r.Order.Left(), err)
	refunds, err := c.Refunds(c.ctx, "chat", bought.Order.ID)
	for _, f := range refunds {
		fmt.Println(f.Number, f.Amount, f.Status, f.Note)
	}
	must(err)
	// Output:
	// paid 20.00 USD of 199.00 USD <nil>
	// paid left: 0.00 USD <nil>
	// 1 20.00 USD made an outage on 4 May
	// 2 179.00 USD made they leave
}

func ExampleRefundOrder_Kind() {
	fmt.Println(subscription.RefundOrder{}.Kind())
	// Output: refund
}

func ExampleRefundOrder_Needs() {
	needs := subscription.RefundOrder{Order: "k-1"}.Needs()
	fmt.Println(needs.Orders, needs.Refunds)
	// Output: [k-1] [k-1]
}

func ExampleRefundOrder_Decide() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	s := c.snapshot()
	s.Orders = []subscription.Order{bought.Order}
	change, err := subscription.RefundOrder{Order: bought.Order.ID}.Decide(s, c.catalog, c.now)
	fmt.Println(change.Refunds[0].Amount, change.Refunds[0].Status, change.Events[0].Type, err)
	// Output: 199.00 USD due refund_due <nil>
}

func ExampleService_Refunds() {
	c := newCounter()
	_, o := c.open()
	_, err := c.Do(c.ctx, "chat", subscription.Cancel{Order: o.ID}, "cancel-1")
	must(err)
	// It is paid all the same: the money goes back.
	_, err = c.Settle(c.ctx, o.Attempt, payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount})
	must(err)
	refunds, err := c.Refunds(c.ctx, "chat", o.ID)
	fmt.Println(refunds[0].Kind, refunds[0].Amount, refunds[0].Note, err)
	// Output: late 199.00 USD paid after it was closed <nil>
}

// A provider's notice of a chargeback, and another that the seller has won the dispute.
func ExampleService_Reverse() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	notice := payment.Reversal{
		ID: "dp_1", Charge: string(bought.Order.Attempt), Status: payment.Reversed, Amount: bought.Order.Amount,
	}
	o, err := c.Reverse(c.ctx, bought.Order.Attempt, notice)
	a, _ := c.Application(c.ctx, "chat")
	fmt.Println(o.Status, o.RefundedAmount, "reversed:", a.Subscriptions[0].Status, err)

	notice.Status = payment.Reinstated
	o, err = c.Reverse(c.ctx, bought.Order.Attempt, notice)
	a, _ = c.Application(c.ctx, "chat")
	fmt.Println(o.Status, o.Left(), "left:", a.Subscriptions[0].Status, err)
	// Output:
	// paid 199.00 USD reversed: interrupted <nil>
	// paid 199.00 USD left: active <nil>
}

func ExampleReverse() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	s := c.snapshot()
	s.Orders = []subscription.Order{bought.Order}
	part := payment.Reversal{
		ID: "re_7", Charge: string(bought.Order.Attempt), Status: payment.GivenBack, Amount: usd("20.00"),
	}
	change, err := subscription.Reverse(s, bought.Order.ID, part, c.catalog, c.now)
	fmt.Println(change.Refunds[0].Kind, change.Refunds[0].Take, change.Orders[0].Left(), err)
	// Output: provider keep 179.00 USD <nil>
}

func ExampleOrder_Left() {
	o := subscription.Order{Status: subscription.OrderPaid, Collected: usd("199.00"), Refunds: 1, RefundedAmount: usd("20.00")}
	fmt.Println(o.Left())
	// Output: 179.00 USD
}

func ExampleRefund_Net() {
	r := subscription.Refund{Amount: usd("50.00"), Taxes: []pricing.Tax{{Name: "VAT", Amount: usd("7.98")}}}
	fmt.Println(r.Net())
	// Output: 42.02 USD
}

func ExampleRefund_Clone() {
	r := subscription.Refund{Taxes: []pricing.Tax{{Name: "VAT"}}}
	c := r.Clone()
	c.Taxes[0].Name = "GST"
	fmt.Println(r.Taxes[0].Name)
	// Output: VAT
}

func ExampleRefundStatus_Transitions() {
	fmt.Println(subscription.RefundDue.Transitions())
	// Output: [made failed]
}

func ExampleRefundStatus_CanBecome() {
	fmt.Println(subscription.RefundMade.CanBecome(subscription.RefundFailed)) // cards do that
	// Output: true
}

func ExampleRefundStatus_Counts() {
	fmt.Println(subscription.RefundDue.Counts(), subscription.RefundFailed.Counts())
	// Output: true false
}

// What a worker does with a refund that is due.
func ExampleCollector_AskRefund() {
	c := newCounter()
	bought, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	bound := c.Bind(c.store) // leaves the refund to a worker
	_, err = bound.Do(c.ctx, "chat", subscription.RefundOrder{Order: bought.Order.ID}, "refund-1")
	must(err)
	due := c.snapshot().Application.Refunds[0]
	worker := c.Collector()
	answer, err := worker.AskRefund(c.ctx, due)
	must(err)
	o, err := worker.Settle(c.ctx, "chat", due.Order, answer)
	fmt.Println(answer.Status, answer.Amount, len(c.snapshot().Application.Refunds), o.Left(), err)
	// Output: succeeded 199.00 USD 0 0.00 USD <nil>
}
