package simulation

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// operate is what the seller's people do: they look at the orders under review with the gateway's statement
// in hand, and they compare the statement with the orders that were cancelled, since nobody asks the gateway
// about those any more and its notification may have been lost.
func (w *world) operate() {
	statement := map[string]paymenttest.Collection{}
	for _, c := range w.gateway.Collected() {
		statement[c.Charge.Key] = c
	}
	for _, c := range w.customers {
		for _, o := range w.store.states[c.id].Orders {
			if o.Status == subscription.OrderReview {
				w.figures.Reviews++
				w.review(o, statement)
			}
		}
		w.reconcile(c, statement)
	}
}

// review decides about one order.
func (w *world) review(o subscription.Order, statement map[string]paymenttest.Collection) {
	p := free(w.services, 0)
	if p == nil {
		return
	}
	p.run(func() {
		collected, ok := statement[string(o.Attempt)]
		if ok && o.Collected.IsZero() {
			w.tell(p, o, collected.Amount)
			return
		}
		key := fmt.Sprintf("review-%s-%x", o.ID, w.current.seed)
		_, err := p.service.Do(context.Background(), o.Application, subscription.Cancel{Order: o.ID}, key)
		w.trace("  order %s of %s is cancelled after review: %v", o.ID, o.Application, err)
	})
}

// tell brings what the statement says to the service.
func (w *world) tell(p *process, o subscription.Order, amount pricing.Money) {
	result := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: amount, At: w.now}
	receipt, err := p.service.Settle(context.Background(), o.Attempt, result)
	w.trace("  the statement tells of %s: order %s, %v", o.Attempt, receipt.Order.Status, err)
}

// reconcile finds cancelled orders that were collected all the same.
func (w *world) reconcile(c *customer, statement map[string]paymenttest.Collection) {
	for o, err := range w.store.Orders(context.Background(), c.id) {
		if err != nil {
			w.store.failed = err
			return
		}
		collected, ok := statement[string(o.Attempt)]
		if o.Status != subscription.OrderCancelled || !ok {
			continue
		}
		if p := free(w.services, 1); p != nil {
			w.figures.Reconciled++
			p.run(func() { w.tell(p, o, collected.Amount) })
		}
	}
}
