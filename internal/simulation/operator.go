package simulation

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// operate simulates the seller's staff: they check the orders under review against the gateway's statement, and compare
// the statement with canceled orders, since the gateway isn't asked about those any longer and its notification may
// have been lost.
func (w *world) operate() {
	statement := map[string]paymenttest.Collection{}
	for _, c := range w.gateway.Collected() {
		statement[c.Charge.Key] = c
	}
	for _, c := range w.customers {
		for _, o := range w.store.states[c.id].Orders {
			if o.Status == subscription.OrderReview || o.Status == subscription.OrderUnreconciled {
				w.figures.Reviews++
				w.review(o, statement)
			}
		}
		w.reconcile(c, statement)
	}
	w.compareRefunds()
}

// review decides about one order: what is in the statement is settled; what isn't is closed; what was collected is
// refunded, unless it already was. A person in a hurry cancels it without checking the statement.
func (w *world) review(o subscription.Order, statement map[string]paymenttest.Collection) {
	p := free(w.services, 0)
	if p == nil {
		return
	}
	p.run(func() {
		collected, ok := statement[string(o.Attempt)]
		if o.Status == subscription.OrderReview && w.chance("hasty", w.hasty) {
			w.hurry(p, o, ok)
			return
		}
		if o.Status == subscription.OrderReview && o.Kind == subscription.UsageOrder && o.Collected.IsZero() {
			w.hurry(p, o, false) // which must be refused, since usage is owed
		}
		if ok && collected.Charge.Account != string(o.Account) { // the key belongs to something else
			if left(collected).Sign() <= 0 || w.giveBack(o, collected.Charge.Account, left(collected)) {
				w.closes(p, o, subscription.CloseReview{Order: o.ID, Refunded: true, Note: "somebody else's"})
			}
			return
		}
		if ok && o.Collected.IsZero() {
			w.tell(p, o, collected.Amount)
			return
		}
		var cmd subscription.Command = subscription.CloseReview{Order: o.ID, Refunded: ok, Note: "by the statement"}
		switch {
		case !ok || collected.Refunded == collected.Amount: // a person refunded it
		case o.Status == subscription.OrderReview:
			cmd = subscription.Cancel{Order: o.ID}
		case !w.giveBack(o, string(o.Account), left(collected)):
			return
		}
		w.closes(p, o, cmd)
	})
}

// closes passes a person's decision to the service.
func (w *world) closes(p *process, o subscription.Order, cmd subscription.Command) {
	_, err := p.service.Do(context.Background(), o.Application, cmd, fmt.Sprintf("review-%s-%x", o.ID, w.current.seed))
	w.tracef("  order %s of %s is reviewed: %T, %v", o.ID, o.Application, cmd, err)
}

// hurry cancels an order under review, whether or not it was collected. A bill for usage that isn't known to be
// collected can't be canceled, since it would be billed again.
func (w *world) hurry(p *process, o subscription.Order, collected bool) {
	w.figures.Hasty++
	if collected {
		w.figures.Mistaken++
	}
	key := fmt.Sprintf("hurry-%s-%x", o.ID, w.current.seed)
	receipt, err := p.service.Do(context.Background(), o.Application, subscription.Cancel{Order: o.ID}, key)
	w.tracef("  order %s of %s is canceled without a look: %v", o.ID, o.Application, err)
	if owed := o.Kind == subscription.UsageOrder && o.Collected.IsZero(); owed && receipt.Receipt.Key != "" {
		w.violatef("review", o.Application, "order %s bills usage, which is owed, and could be canceled", o.ID)
	}
}

// giveBack refunds an order to its payer directly at the gateway, as people do in its console, and reports whether it
// did.
func (w *world) giveBack(o subscription.Order, payer string, amount pricing.Money) bool {
	r, err := w.gateway.Refund(context.Background(), payment.Refund{
		Key: string(o.Attempt) + byHand, Charge: string(o.Attempt), Account: payer, Amount: amount,
	})
	w.tracef("  %s of order %s is given back by hand: %s, %v", amount, o.ID, r.Status, err)
	return err == nil && r.Status == payment.Succeeded
}

// tell passes what the statement says to the service.
func (w *world) tell(p *process, o subscription.Order, amount pricing.Money) {
	result := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: amount, At: w.now}
	receipt, err := p.service.Settle(context.Background(), o.Attempt, result)
	w.tracef("  the statement tells of %s: order %s, %v", o.Attempt, receipt.Status, err)
}

// reconcile finds canceled orders that were collected anyway.
func (w *world) reconcile(c *customer, statement map[string]paymenttest.Collection) {
	for o, err := range w.store.Orders(context.Background(), c.id) {
		if err != nil {
			w.store.failed = err
			return
		}
		collected, ok := statement[string(o.Attempt)]
		if o.Status != subscription.OrderCanceled || !ok {
			continue
		}
		if p := free(w.services, 1); p != nil {
			w.figures.Reconciled++
			p.run(func() { w.tell(p, o, collected.Amount) })
		}
	}
}
