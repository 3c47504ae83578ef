package storetest

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// refundCases checks the rows of refunds, listed and loaded, and the rows by which subscriptions are searched.
func refundCases() []check {
	return slices.Concat(subscriptionRowCases(), loadedRefundCases(), []check{
		{"refunds are listed by order and number", func(e *env) {
			a := e.stored("a")
			c := a.next("t")
			for _, order := range []subscription.OrderID{"m", "z", "M", "10", "9", "é"} {
				for _, n := range []int{10, 9, 2, 1} {
					c.Refunds = append(c.Refunds, refundOf("a", order, n))
				}
			}
			e.apply(a, c)
			e.holds(a)
		}},
		{"a refund is replaced by order and number, the others stay", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			for _, order := range []subscription.OrderID{"o-1", "o-2"} {
				c.Refunds = append(c.Refunds, refundOf("a", order, 1), refundOf("a", order, 2))
			}
			e.apply(a, c)
			c = a.next("u")
			made := refundOf("a", "o-1", 2)
			made.Status, made.ClosedAt, made.Reference = subscription.RefundMade, c.Next.Due, "r2"
			made.Taxes, made.Note = nil, ""
			c.Refunds = []subscription.Refund{made, refundOf("a", "o-1", 3)}
			e.apply(a, c)
			e.holds(a)
		}},
		{"fields of a refund that may be empty are, and can be emptied", func(e *env) {
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			c := a.next("t")
			for _, r := range a.refunds {
				c.Refunds = append(c.Refunds, subscription.Refund{
					Application: "a", Order: r.Order, Number: r.Number, Kind: r.Kind, Account: r.Account, Amount: r.Amount,
					Status: r.Status, DueAt: r.DueAt,
				})
			}
			e.apply(a, c)
			e.holds(a)
		}},
		{"the same refund of two applications", func(e *env) {
			a, b := unborn("a"), unborn("b")
			for _, x := range []*expected{a, b} {
				c := x.next("t")
				c.Refunds = []subscription.Refund{refundOf(x.document.ID, "o", 1)}
				e.apply(x, c)
			}
			e.holds(a, b)
			c := b.next("u")
			failed := refundOf("b", "o", 1)
			failed.Status, failed.Reason = subscription.RefundFailed, "closed"
			c.Refunds = []subscription.Refund{failed}
			e.apply(b, c)
			e.holds(a, b)
		}},
		{"a conflict, nothing changes: refunds and rows of subscriptions", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			c.Refunds = []subscription.Refund{refundOf("a", "o", 1)}
			e.apply(a, c)
			late := small("a", 0, "late")
			made := refundOf("a", "o", 1)
			made.Status = subscription.RefundMade
			late.Refunds = []subscription.Refund{made, refundOf("a", "o", 2)}
			e.conflict(appIDs{"a"}, late)
			e.holds(a)
		}},
		{"refunds of many applications in one batch", func(e *env) {
			all, batch := make([]*expected, 60), make([]subscription.Change, 60)
			for round := range 2 {
				for i := range all {
					if round == 0 {
						all[i] = unborn(subscription.ApplicationID(fmt.Sprintf("app %d", i)))
					}
					c := all[i].next("t")
					for n := range i%3 + round {
						c.Refunds = append(c.Refunds, refundOf(c.Application, "o", n+1))
					}
					batch[i] = c
					all[i].apply(c)
				}
				e.commit(batch...)
				e.holds(all...)
			}
		}},
	})
}

// subscriptionRowCases checks that the row of a subscription is the one written last.
func subscriptionRowCases() []check {
	return []check{
		{"the row of a subscription is the last that was written, the others stay", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			over := c.Subscriptions[0]
			over.ID, over.Status, over.Trial = "call-0", subscription.Expired, true
			other := c.Subscriptions[0]
			other.ID, other.Product, other.Version = "live-1", "live", ""
			c.Subscriptions = append(c.Subscriptions, other, over)
			e.apply(a, c)
			for _, status := range []subscription.Status{
				subscription.PastDue, subscription.Interrupted, subscription.Ended, subscription.Refunded,
			} {
				c := a.next(string(status))
				c.Subscriptions[0].Status = status
				e.apply(a, c)
				e.holds(a)
			}
		}},
		{"a change without rows leaves them as they are", func(e *env) {
			a := e.stored("a", "1", "2")
			c := a.next("3")
			c.Subscriptions = nil
			e.apply(a, c)
			e.holds(a)
		}},
		{"the same subscription of two applications", func(e *env) {
			a, b := e.stored("a", "1"), e.stored("b", "2")
			e.holds(a, b)
			e.apply(b, b.next("3"))
			e.holds(a, b)
		}},
		{"rows of subscriptions are listed by ID", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			row := c.Subscriptions[0]
			for _, id := range []subscription.SubscriptionID{"live-1", "call-10", "call-9", "Live-1", "é-1"} {
				row.ID = id
				c.Subscriptions = append(c.Subscriptions, row)
			}
			e.apply(a, c)
			e.holds(a)
		}},
	}
}

// refundOf returns a refund of an order that is due.
func refundOf(app subscription.ApplicationID, order subscription.OrderID, number int) subscription.Refund {
	amount := cents(int64(100 * number))
	return subscription.Refund{
		Application: app, Order: order, Number: number, Kind: subscription.RefundRequested,
		Key: string(attempt(app, order)) + fmt.Sprint("/refund/", number), Account: "acme", Amount: amount,
		Taxes: []pricing.Tax{{Name: "VAT", Percent: rate("19"), Base: amount, Amount: cents(int64(16 * number))}},
		Take:  subscription.TakeNothing, Note: fmt.Sprint("note ", number), Status: subscription.RefundDue, DueAt: noon(),
	}
}
