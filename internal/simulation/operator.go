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
			if o.Status == subscription.OrderReview || o.Status == subscription.OrderStray {
				w.figures.Reviews++
				w.review(o, statement)
			}
		}
		w.reconcile(c, statement)
	}
}

// review decides about one order: what the statement tells is settled; what isn't in it is closed; what was
// collected is given back, if it wasn't before.
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
		var cmd subscription.Command = subscription.CloseReview{Order: o.ID, Refunded: ok, Note: "by the statement"}
		switch {
		case !ok || collected.Refunded == collected.Amount:
		case o.Status == subscription.OrderReview:
			cmd = subscription.Cancel{Order: o.ID}
		case !w.giveBack(o, collected.Amount):
			return
		}
		_, err := p.service.Do(context.Background(), o.Application, cmd, fmt.Sprintf("review-%s-%x", o.ID, w.current.seed))
		w.tracef("  order %s of %s is reviewed: %T, %v", o.ID, o.Application, cmd, err)
	})
}

// giveBack refunds an order at the gateway itself, as people do in its console, and reports whether it did.
func (w *world) giveBack(o subscription.Order, amount pricing.Money) bool {
	r, err := w.gateway.Refund(context.Background(), payment.Refund{
		Key: string(o.Attempt) + "/by hand", Charge: string(o.Attempt), Account: string(o.Account), Amount: amount,
	})
	w.tracef("  %s of order %s is given back by hand: %s, %v", amount, o.ID, r.Status, err)
	return err == nil && r.Status == payment.Succeeded
}

// tell brings what the statement says to the service.
func (w *world) tell(p *process, o subscription.Order, amount pricing.Money) {
	result := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: amount, At: w.now}
	receipt, err := p.service.Settle(context.Background(), o.Attempt, result)
	w.tracef("  the statement tells of %s: order %s, %v", o.Attempt, receipt.Order.Status, err)
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
