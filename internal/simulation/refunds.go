package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file simulates money that goes back: refunds by the seller's staff, and what the payers' banks and the provider
// return by themselves.

// refundOrder draws a refund of one of the application's latest orders, all or part of it, whether or not that is
// possible.
func refundOrder(w *world, c *customer, rng *rand.Rand) subscription.Command {
	var orders []subscription.Order
	for o, err := range w.store.Orders(context.Background(), c.id) {
		if err != nil {
			w.store.failed = err
			return nil
		}
		if o.Left().Sign() > 0 || rng.IntN(20) == 0 {
			orders = append(orders, o)
		}
	}
	if len(orders) == 0 {
		return nil
	}
	o := orders[len(orders)-1-rng.IntN(min(6, len(orders)))]
	r := subscription.RefundOrder{
		Order: o.ID, Note: "by the staff", KeepAutoRenew: rng.IntN(3) == 0, Elsewhere: rng.IntN(8) == 0,
	}
	switch rng.IntN(8) {
	case 0, 1:
		r.Take = subscription.TakeAll
	case 2, 3:
		r.Take = subscription.TakeUnused
	case 4, 5:
		r.Cycles = 1 + rng.IntN(3)
	case 6:
		r.Take = subscription.TakeNothing
	}
	if left := o.Left().Minor(); left > 0 && rng.IntN(2) == 0 {
		r.Amount = minor(1+rng.Int64N(left+left/10+1), o.Amount)
	}
	return r
}

// minor returns an amount of minor units in the currency of another amount.
func minor(n int64, like pricing.Money) pricing.Money {
	m, err := pricing.FromMinor(n, like.Currency())
	if err != nil {
		return like
	}
	return m
}

// reverse makes a payer's bank reverse a charge, or the provider refund it by itself: all of it, a part, or more than was
// collected; or the bank reinstates what it took.
func (w *world) reverse() {
	rng := rand.New(rand.NewPCG(w.current.seed, 5))
	var taken []paymenttest.Reversed
	for _, r := range w.gateway.Reversals() {
		if r.Status == payment.Reversed && r.ReinstatedAt.IsZero() {
			taken = append(taken, r)
		}
	}
	var next payment.Reversal
	if len(taken) > 0 && rng.IntN(2) == 0 {
		next = taken[len(taken)-1-rng.IntN(min(3, len(taken)))].Reversal
		next.Status = payment.Reinstated
	} else {
		collected := w.gateway.Collected()
		if len(collected) == 0 {
			return
		}
		c := collected[len(collected)-1-rng.IntN(min(12, len(collected)))]
		next = payment.Reversal{
			ID: fmt.Sprintf("dispute-%x", w.current.seed), Charge: c.Charge.Key, Status: payment.Reversed, Amount: c.Amount,
			Reason: payment.Other, At: w.now,
		}
		if rng.IntN(3) == 0 {
			next.Status = payment.GivenBack
		}
		switch rng.IntN(6) {
		case 0, 1:
			next.Amount = minor(1+rng.Int64N(c.Amount.Minor()), c.Amount)
		case 2:
			next.Amount = minor(c.Amount.Minor()+1+rng.Int64N(500), c.Amount)
		}
		if rng.IntN(10) == 0 { // of a charge that no store knows
			next.Charge += strange
			w.post = append(w.post, letter{reversal: next, at: w.now})
			return
		}
	}
	if err := w.gateway.Reverse(next); err != nil {
		w.violatef("simulation", "", "%v", err)
	}
	w.tracef("  %s %s of %s, as %s", next.Status, next.Amount, next.Charge, next.ID)
}

// notice delivers a notice of a reversal. If it fails, it is delivered again, a few times.
func (w *world) notice(l letter) {
	p := free(w.services, l.tries)
	if p == nil {
		w.post = append(w.post, l)
		return
	}
	w.figures.Notified++
	p.run(func() {
		r := l.reversal
		order, err := p.service.Reverse(context.Background(), subscription.AttemptID(r.Charge), r)
		w.tracef("  notice of %s, %s of %s: order %s with %s left, %v", r.ID, r.Status, r.Amount, order.Status, order.Left(), err)
		foreign := strings.HasSuffix(r.Charge, strange) && errors.Is(err, subscription.ErrNotFound)
		switch {
		case err == nil, foreign:
		case w.tryAgain(err), errors.Is(err, subscription.ErrConflict), w.unknown(r.Charge, err):
			l.tries++
			if l.tries < 4 || w.healthy {
				l.at = w.now
				w.post = append(w.post, l)
				return
			}
			w.figures.Lost++
		default:
			w.violatef("error", "", "notice of %s: %v", r.ID, err)
		}
	})
}

// strange ends the key of a charge that no store knows.
const strange = "-strange"

// refundKeys separates the key of a charge from what is appended to it for a refund.
const refundKeys = "/refund"

// byHand is appended to the key of a charge for a refund that a person made in the gateway's console.
const byHand = "/by hand"

// chargeKey returns the key of the charge that a key is for, and whether it is a refund's.
func chargeKey(key string) (charge string, refund bool) {
	charge, _, refund = strings.Cut(key, refundKeys)
	return charge, refund
}

// compareRefunds simulates how the staff compares the gateway's statement with the refunds on the books, which a restored
// store may have lost: what the gateway returned is recorded, and a refund that has failed is requested again, most of the
// time.
func (w *world) compareRefunds() {
	returned := map[string]paymenttest.Returned{}
	for _, r := range w.gateway.Returned() {
		if r.WithdrawnAt.IsZero() {
			returned[r.Refund.Key] = r
		}
	}
	rows := map[subscription.AttemptID][]subscription.Refund{}
	orders := map[subscription.AttemptID]subscription.Order{}
	var failed []subscription.Order
	for _, c := range w.customers {
		of := map[subscription.OrderID][]subscription.Refund{}
		for r, err := range w.store.Refunds(context.Background(), c.id) {
			if err != nil {
				w.store.failed = err
				return
			}
			of[r.Order] = append(of[r.Order], r)
		}
		for o, err := range w.store.Orders(context.Background(), c.id) {
			if err != nil {
				w.store.failed = err
				return
			}
			if o.Attempt == "" {
				continue
			}
			rows[o.Attempt], orders[o.Attempt] = of[o.ID], o
			if w.toRepeat(&o, of[o.ID], returned) {
				failed = append(failed, o)
			}
			w.endReversed(&o)
		}
	}
	for _, r := range w.gateway.Returned() {
		charge, refund := chargeKey(r.Refund.Key)
		if hand, ok := strings.CutSuffix(charge, byHand); ok { // the order was under review, until the store was restored
			charge, refund = hand, orders[subscription.AttemptID(hand)].Status == subscription.OrderPaid
		}
		o, known := orders[subscription.AttemptID(charge)]
		switch {
		case !refund || !known, !w.healthy && r.At.After(w.now.Add(-day)): // the statement is yesterday's
		case r.WithdrawnAt.IsZero():
			w.record(&o, r, rows[o.Attempt])
		default:
			w.recordWithdrawn(r, rows[o.Attempt])
		}
	}
	for _, r := range w.gateway.Reversals() {
		if o, known := orders[subscription.AttemptID(r.Charge)]; known {
			w.retell(&o, r, rows[o.Attempt])
		}
	}
	for i := range failed {
		w.repeatRefund(&failed[i])
	}
}

// record tells the books what the gateway returned and they don't know.
func (w *world) record(o *subscription.Order, r paymenttest.Returned, rows []subscription.Refund) {
	unknown := true
	for i := range rows {
		switch row := &rows[i]; {
		case row.ID == r.Refund.Key, row.Key == r.Refund.Key && row.Status != subscription.RefundFailed:
			return
		case row.Key == r.Refund.Key:
			unknown = row.Amount != r.Amount
		}
	}
	p := free(w.services, 0)
	if p == nil || w.restores == 0 && (unknown || w.retained == 0) {
		return
	}
	p.run(func() {
		var err error
		if unknown { // it is the gateway's own now
			notice := payment.Reversal{ID: r.Refund.Key, Charge: r.Refund.Charge, Status: payment.GivenBack, Amount: r.Amount}
			_, err = p.service.Reverse(context.Background(), o.Attempt, notice)
		} else {
			result := payment.Result{Key: r.Refund.Key, Status: payment.Succeeded, Amount: r.Amount}
			w.verdicts[r.Refund.Key] = verdict{payment.Succeeded, w.now}
			_, err = p.service.Settle(context.Background(), subscription.AttemptID(r.Refund.Key), result)
		}
		w.tracef("  the statement tells of %s, %s: %v", r.Refund.Key, r.Amount, err)
	})
}

// recordWithdrawn tells the books that a refund that was made has failed, if its notification was lost.
func (w *world) recordWithdrawn(r paymenttest.Returned, rows []subscription.Refund) {
	made := func(row subscription.Refund) bool {
		return row.Key == r.Refund.Key && row.Status == subscription.RefundMade
	}
	if p := free(w.services, 0); p != nil && slices.ContainsFunc(rows, made) {
		w.tracef("  the statement tells that %s failed", r.Refund.Key)
		declined := payment.Result{Key: r.Refund.Key, Status: payment.Declined, Reason: payment.Other}
		w.notify(letter{result: declined, tries: 4})
	}
}

// retell tells the books of a reversal that they don't know, or don't know to be reinstated.
func (w *world) retell(o *subscription.Order, r paymenttest.Reversed, rows []subscription.Refund) {
	notice := r.Reversal
	if !r.ReinstatedAt.IsZero() {
		notice.Status = payment.Reinstated
	}
	for i := range rows {
		if row := &rows[i]; row.ID == r.ID && (row.Status == subscription.RefundReinstated) == !r.ReinstatedAt.IsZero() {
			return
		}
	}
	w.tracef("  the statement tells of %s for order %s", r.ID, o.ID)
	w.notice(letter{reversal: notice, tries: 4})
}

// toRepeat reports whether the staff requests a refund again: the last one has failed, the statement doesn't have it, and
// the order delivered nothing or the customer insists.
func (w *world) toRepeat(o *subscription.Order, rows []subscription.Refund, returned map[string]paymenttest.Returned) bool {
	if o.Status.Unresolved() || o.Left().Sign() <= 0 {
		return false
	}
	wanted := w.erased(o.Application) && o.Status != subscription.OrderPaid
	for i := range rows {
		r := &rows[i]
		_, made := returned[r.Key]
		switch {
		case r.Status == subscription.RefundDue, r.Status == subscription.RefundFailed && made && r.Reason == "":
			return false
		case r.Status == subscription.RefundFailed, r.Status == subscription.RefundReinstated:
			wanted = true
		}
	}
	insists := !w.healthy && w.draw("insists "+string(o.ID))%2 == 0
	c, _ := w.collection(o)
	return wanted && (o.Status != subscription.OrderPaid || insists || w.erased(o.Application) && unbooked(c, o))
}

// repeatRefund requests what is left of an order whose refund has failed.
func (w *world) repeatRefund(o *subscription.Order) {
	p := free(w.services, 0)
	if p == nil {
		return
	}
	p.run(func() {
		key := fmt.Sprintf("again-%s-%d-%x", o.ID, o.Refunds, w.current.seed)
		refund := subscription.RefundOrder{Order: o.ID, Note: "again", Elsewhere: w.erased(o.Application) || w.paidByAnother(o)}
		if refund.Elsewhere {
			is, err := p.service.Order(context.Background(), o.Application, o.ID) // more may be left by now
			if err != nil || !w.returnByHand(&is) {
				return
			}
		}
		outcome, err := p.service.Do(context.Background(), o.Application, refund, key)
		if err == nil {
			if refund.Elsewhere {
				w.figures.ByHand++
			}
			w.figures.RefundsRepeated++
		}
		w.tracef("  the refund of order %s is requested again: %s is left, %v", o.ID, outcome.Order.Left(), err)
	})
}

// endReversed lets pay-as-you-go go on some time after the payment of a bill was reversed.
func (w *world) endReversed(o *subscription.Order) {
	app := w.store.states[o.Application]
	if !app.Arrears.Reversed || o.Kind != subscription.UsageOrder || o.Refunds == 0 || o.Status != subscription.OrderPaid {
		return
	}
	if p := free(w.services, 0); p != nil {
		p.run(func() { w.closes(p, *o, subscription.CloseReview{Order: o.ID, Note: "talked to the customer"}) })
	}
}
