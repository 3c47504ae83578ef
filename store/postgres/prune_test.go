package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// closed returns an order that was canceled then.
func closed(app subscription.ApplicationID, id subscription.OrderID, at time.Time) subscription.Order {
	return subscription.Order{
		ID: id, Application: app, Kind: subscription.PurchaseOrder, Status: subscription.OrderCanceled,
		PlacedAt: at, ClosedAt: at, Amount: cents(19900), Attempt: subscription.AttemptID(string(app) + "/" + string(id)),
	}
}

// An order of an application that is just being changed stays: it may have been paid late, and is to be refunded.
// Rule: pruning-keeps-the-books.
func TestPrune_whileItIsChanged(t *testing.T) {
	p := connect(t)
	s, _ := openNamed(t, p, nil)
	old := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	now := old.AddDate(1, 0, 0)
	c := next("a", 0)
	c.Orders = []subscription.Order{closed("a", "1-o", old)}
	commit(t, s, c)
	tx, err := p.Begin(t.Context())
	ok(t, err)
	late := c.Orders[0]
	late.Status, late.ClosedAt, late.Collected = subscription.OrderRefundDue, now, cents(19900)
	c = next("a", 1)
	c.Next.Orders, c.Orders = []subscription.Order{late}, []subscription.Order{late}
	ok(t, s.WithTx(tx).Commit(t.Context(), c))
	var all sync.WaitGroup
	all.Go(func() {
		if pruned, err := s.Prune(context.Background(), now.AddDate(0, 0, -1)); err != nil || pruned.Orders != 0 {
			t.Errorf("%+v, %v, want no orders", pruned, err)
		}
	})
	time.Sleep(300 * time.Millisecond) // it passes over the application, or waits for it
	ok(t, tx.Commit(t.Context()))
	all.Wait()
	n := 0
	for o, err := range s.Orders(t.Context(), "a") {
		n++
		if err != nil || o.Status != subscription.OrderRefundDue {
			t.Error(o, err)
		}
	}
	if n != 1 {
		t.Errorf("%d orders, want 1", n)
	}
}

// Orders at their end are read page by page, also those of one application.
func TestPrune_manyOrders(t *testing.T) {
	const orders = 5200 // more than a page
	s := open(t, connect(t))
	old := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, id := range []subscription.ApplicationID{"a", "b"} {
		c := next(id, 0)
		for i := range orders {
			c.Orders = append(c.Orders, closed(id, subscription.OrderID(fmt.Sprint("1-", i)), old))
		}
		named := c.Orders[orders/2]
		named.Status = subscription.OrderOpen
		c.Next.Orders = []subscription.Order{named}
		commit(t, s, c)
	}
	pruned, err := s.Prune(t.Context(), old.AddDate(1, 0, 0))
	if err != nil || pruned.Orders != 2*(orders-1) {
		t.Errorf("%+v, %v, want %d orders", pruned, err, 2*(orders-1))
	}
	for _, id := range []subscription.ApplicationID{"a", "b"} {
		n := 0
		for o, err := range s.Orders(t.Context(), id) {
			n++
			if err != nil || o.ID != subscription.OrderID(fmt.Sprint("1-", orders/2)) {
				t.Error(o.ID, err)
			}
		}
		if n != 1 {
			t.Errorf("%d orders of %s, want the one that its document names", n, id)
		}
	}
}
