package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// disputes reverses charges of customers who can't always pay, and reinstates some, until the run comes to rest.
func (r *run) disputes() {
	rng := rand.New(rand.NewPCG(r.options.Seed, 1<<44))
	poor := map[string]bool{}
	for _, c := range r.customers {
		poor[string(c.id)] = !c.rich
	}
	for n := 0; !r.resting(); n++ {
		<-time.After(100 * time.Millisecond)
		next, ok := r.dispute(rng, poor, fmt.Sprint("dispute ", n))
		if !ok {
			continue
		}
		if err := r.bank.hostile.Reverse(next); err != nil {
			r.violatef("faults", "", "%v", err)
		}
	}
}

// dispute draws the next reversal or reinstatement, if there is something to reverse.
func (r *run) dispute(rng *rand.Rand, poor map[string]bool, id string) (payment.Reversal, bool) {
	if all := r.bank.hostile.Reversals(); len(all) > 0 && rng.IntN(2) == 0 {
		last := all[len(all)-1]
		last.Reversal.Status = payment.Reinstated
		return last.Reversal, all[len(all)-1].Status == payment.Reversed && last.ReinstatedAt.IsZero()
	}
	var theirs []paymenttest.Collection
	for _, c := range r.bank.hostile.Collected() {
		if poor[c.Charge.Application] {
			theirs = append(theirs, c)
		}
	}
	if len(theirs) == 0 {
		return payment.Reversal{}, false
	}
	c := theirs[len(theirs)-1-rng.IntN(min(4, len(theirs)))]
	next := payment.Reversal{ID: id, Charge: c.Charge.Key, Status: payment.Reversed, Amount: c.Amount, At: r.clock.read()}
	if rng.IntN(3) == 0 {
		next.Status = payment.GivenBack
	}
	return next, true
}

// tellReversal delivers the notice of a reversal, and reports whether it was accepted.
func (r *run) tellReversal(rng *rand.Rand, n payment.Reversal) bool {
	app, _, err := subscription.AttemptID(n.Charge).Parse()
	if err != nil {
		r.violatef("faults", "", "%v", err)
		return true
	}
	got := r.ask(rng, "reverse", app, dispute{n})
	if got.Outcome == broken || got.Outcome == refused {
		r.violatef("error", app, "notice of %s: %s", n.ID, got.Text)
	}
	return got.Outcome != unknown && got.Outcome != pending
}

// review decides about an order that was reversed before its payment was told: what has gone back is closed, and what is left
// of it is given back.
func (r *run) review(rng *rand.Rand, o *subscription.Order) error {
	if o.Status != subscription.OrderReview || !strings.Contains(o.Note, reversedFirst) {
		return nil
	}
	gone := false
	for _, c := range r.bank.hostile.Collected() {
		if c.Charge.Key != string(o.Attempt) {
			continue
		}
		if o.Collected.IsZero() { // the payment itself wasn't told
			r.notify(rng, payment.Result{Key: c.Charge.Key, Status: payment.Succeeded, Amount: c.Amount, At: c.At})
			return nil
		}
		gone = c.Refunded.Minor()+c.Reversed.Minor() >= c.Amount.Minor()
	}
	var cmd subscription.Command = subscription.Cancel{Order: o.ID}
	if gone {
		cmd = subscription.CloseReview{Order: o.ID, Refunded: true, Note: "by the statement"}
	}
	kind, text, err := encode(cmd)
	if err != nil {
		return err
	}
	r.ask(rng, "do", o.Application, request{
		Application: o.Application, Kind: kind, Command: text, Key: fmt.Sprintf("review %s %t", o.ID, gone),
	})
	return nil
}

// refundAgain requests what is left of an order that delivered nothing, after its refund has failed.
func (r *run) refundAgain(ctx context.Context, st store.Store, rng *rand.Rand, o *subscription.Order) error {
	if o.Refunds == 0 || !o.PaidAt.IsZero() || o.Status.Unresolved() || o.Left().Sign() <= 0 {
		return nil
	}
	snapshots, err := st.Load(ctx, subscription.Read{Application: o.Application})
	if err != nil {
		return err
	}
	for _, due := range snapshots[0].Application.Refunds {
		if due.Order == o.ID {
			return nil
		}
	}
	kind, text, err := encode(subscription.RefundOrder{Order: o.ID, Note: "again"})
	if err != nil {
		return err
	}
	r.ask(rng, "do", o.Application, request{
		Application: o.Application, Kind: kind, Command: text, Key: fmt.Sprintf("again %s %d", o.ID, o.Refunds),
	})
	return nil
}
