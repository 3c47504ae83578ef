package storetest

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// loadedRefundCases checks that Load returns all refunds of the orders that a read names, and no others.
func loadedRefundCases() []check {
	return []check{
		{"all refunds of the orders named, by order and number, each once", func(e *env) {
			a := e.returned("a", "m", "z", "M", "10", "9", "é", "a")
			for _, named := range []orderIDs{
				{"m"}, {"é", "z", "a", "M", "no order", "9", "10"}, {"9", "m", "9", "9"}, {"m", "m"}, {"no order"}, {"", "z"}, {},
			} {
				e.sameRefunds(e.load(subscription.Read{Application: "a", Refunds: named})[0], a, named...)
				got := e.load(subscription.Read{Application: "a", Refunds: named}, a.read())
				e.sameRefunds(got[0], a, named...)
				e.sameRefunds(got[1], a, a.refunded()...)
			}
		}},
		{"only the refunds that were asked for, each read's own", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			order := c.Orders[0].ID
			c.Refunds = []subscription.Refund{refundOf("a", order, 1), refundOf("a", "z", 1), refundOf("a", "z", 2)}
			e.apply(a, c)
			reads := []subscription.Read{
				{Application: "a", Refunds: orderIDs{"z"}}, {Application: "a"}, {Application: "a", Orders: orderIDs{order}},
				{Application: "a", Orders: orderIDs{order}, Refunds: orderIDs{order, "z"}}, {Application: "a", Refunds: orderIDs{order}},
				{Application: "a", Keys: []string{a.receipts[0].Key}, Records: []string{"r"}, Refunds: orderIDs{order}},
			}
			for i, got := range e.load(reads...) {
				for _, got := range []subscription.Snapshot{got, e.load(reads[i])[0]} {
					e.same("Load", got.Application, a.document)
					e.sameRefunds(got, a, reads[i].Refunds...)
					e.sameOrders(got.Orders, a.orders[:len(reads[i].Orders)])
					e.sameReceipts(got.Receipts, a.receipts[:len(reads[i].Keys)])
				}
			}
		}},
		{"refunds of another application's order of the same ID aren't found", func(e *env) {
			a, b, none := e.returned("a", "o"), e.returned("b", "o", "p"), e.stored("c")
			var reads []subscription.Read
			all := []*expected{b, none, a, unborn("d")}
			for _, x := range all {
				reads = append(reads, subscription.Read{Application: x.document.ID, Refunds: orderIDs{"p", "o"}})
			}
			for i, got := range e.load(reads...) {
				e.sameRefunds(got, all[i], "o", "p")
				e.sameRefunds(e.load(reads[i])[0], all[i], "o", "p")
			}
		}},
		{"refunds of every kind and status, whether their order has a row or not", func(e *env) {
			a := unborn("a")
			c := a.next("t")
			kinds := []subscription.RefundKind{
				subscription.RefundRequested, subscription.RefundLate, subscription.RefundReversal, subscription.RefundProvider,
			}
			named := orderIDs{c.Orders[0].ID, "no row"}
			for _, order := range named {
				for i, kind := range kinds {
					r := refundOf("a", order, i+1)
					r.Kind, r.ID, r.Take = kind, fmt.Sprint("notice ", i), subscription.TakeAll
					c.Refunds = append(c.Refunds, r)
				}
			}
			e.apply(a, c)
			for _, status := range []subscription.RefundStatus{
				subscription.RefundMade, subscription.RefundFailed, subscription.RefundReinstated, subscription.RefundDue,
			} {
				c := a.next(string(status))
				for i := range a.refunds {
					r := a.refunds[i].Clone()
					r.Status, r.ClosedAt = status, c.Next.Due
					c.Refunds = append(c.Refunds, r)
				}
				e.apply(a, c)
				e.sameRefunds(e.load(subscription.Read{Application: "a", Refunds: named})[0], a, named...)
			}
			e.holds(a)
		}},
		{"refunds of many applications in one load", func(e *env) {
			all, reads := make([]*expected, 60), make([]subscription.Read, 60)
			for i := range all {
				id := subscription.ApplicationID(fmt.Sprintf("app %d", i))
				all[i] = e.returned(id, orderIDs{"q", "o", "p"}[:i%4]...)
				reads[i] = subscription.Read{Application: id, Refunds: orderIDs{"q", "p", "o"}[i%3:]}
			}
			for i, got := range e.load(reads...) {
				e.same(fmt.Sprintf("snapshot %d", i), got.Application, all[i].document)
				e.sameRefunds(got, all[i], reads[i].Refunds...)
			}
		}},
	}
}

type orderIDs []subscription.OrderID

// returned commits several refunds of each of some orders, and returns the expected state.
func (e *env) returned(id subscription.ApplicationID, orders ...subscription.OrderID) *expected {
	e.Helper()
	x := unborn(id)
	c := x.next("t")
	for _, order := range orders {
		for _, n := range []int{10, 9, 2, 1} {
			c.Refunds = append(c.Refunds, refundOf(id, order, n))
		}
	}
	e.apply(x, c)
	return x
}

// sameRefunds fails the case unless a snapshot has exactly the refunds of the named orders, in order.
func (e *env) sameRefunds(got subscription.Snapshot, x *expected, named ...subscription.OrderID) {
	e.Helper()
	var want []subscription.Refund
	for i := range x.refunds {
		if slices.Contains(named, x.refunds[i].Order) {
			want = append(want, x.refunds[i])
		}
	}
	e.same(fmt.Sprintf("Load: refunds of %q", named), got.Refunds, want)
}
