package journal

import (
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// whole returns the refund of an order from before refunds were rows, which went back as a whole.
func whole(o *subscription.Order) []subscription.Refund {
	r := subscription.Refund{
		Number: 1, Kind: subscription.RefundLate, Key: string(o.Attempt), Amount: o.Collected, DueAt: o.ClosedAt, ClosedAt: o.ClosedAt,
		Status: subscription.RefundMade, Take: subscription.TakeAll,
	}
	switch {
	case o.Collected.Sign() <= 0:
		return nil
	case o.Status == subscription.OrderRefunded:
	case o.Status == subscription.OrderRefundDue:
		r.Status = subscription.RefundDue
	case o.Status == subscription.OrderUnreconciled:
		r.Status = subscription.RefundFailed
	default:
		return nil
	}
	return []subscription.Refund{r}
}

// planRefund puts the life of a refund on the agenda.
func (k *keeper) planRefund(a *account, r *subscription.Refund) {
	v := &reversal{ref: a.ref + "/refund/" + strconv.Itoa(r.Number), from: Payable}
	takenBackAt := a.order.TakenBackAt
	if r.Key == "" { // it had happened when it was told
		v.from = Cash
		if r.Status == subscription.RefundReinstated && r.ClosedAt.Equal(r.DueAt) && r.Take != subscription.TakeAll {
			return // reinstated before the reversal was told
		}
	}
	var held []*claim
	step := func(at time.Time, do func()) {
		k.plan(at, refund, func() error {
			do()
			k.touch(a)
			return nil
		})
	}
	step(r.DueAt, func() { held = k.place(a, r, v) })
	if v.from == Cash {
		if r.Status == subscription.RefundReinstated {
			step(r.ClosedAt, func() {
				k.reinstate(a, r, v, held, takenBackAt.IsZero() || takenBackAt.After(r.ClosedAt))
			})
		}
		return
	}
	made := r.MadeAt
	if r.Status == subscription.RefundMade {
		made = r.ClosedAt
	}
	if !r.FailedAt.IsZero() {
		step(r.FailedAt, func() { k.fail(a, r, v, false) })
	}
	if !made.IsZero() {
		step(made, func() { k.make(a, r, v, !r.FailedAt.IsZero()) })
	}
	if r.Status == subscription.RefundFailed {
		step(r.ClosedAt, func() { k.fail(a, r, v, !made.IsZero()) })
	}
}

// place accounts for a refund when it is placed, and returns the claims that it takes back as a whole.
func (k *keeper) place(a *account, r *subscription.Refund, v *reversal) (held []*claim) {
	if a.paid {
		v.share = a.share(r)
	}
	v.repeated = k.draw(a.failed.in(r.Amount), r.Amount, v.share)
	if v.from == Cash {
		k.post(v.ref, Payable, Cash, v.repeated.amount)
	}
	amount := k.sub(r.Amount, v.repeated.amount)
	if !a.paid {
		k.post(v.ref, Suspense, v.from, amount)
		return nil
	}
	v.net = amount
	v.taxes = k.release(a, k.sum(v.share, v.repeated.taxes, k.sub))
	for _, t := range v.taxes {
		k.post(v.ref, t.ledger, v.from, t.amount)
		v.net = k.sub(v.net, t.amount)
	}
	a.placed = append(a.placed, v)
	if r.Take == subscription.TakeAll {
		held = k.withdraw(a, r.Cycles)
	}
	return held
}

// withdraw takes back what an order paid for and hasn't begun, or what has no minutes: all of it, or its last periods only.
// Minutes are taken back by the entries of the ledger.
func (k *keeper) withdraw(a *account, cycles int) (held []*claim) {
	n := 0
	for i := len(a.services) - 1; i >= 0 && (cycles == 0 || n < cycles); i-- {
		if s := a.services[i]; s.number > 0 && !s.removed && !s.granted && (s.minutes || s.done == 0) {
			s.removed = true
			n++
			if cycles > 0 {
				held = append(held, k.hold(a, s)...)
			}
		}
	}
	if cycles > 0 {
		return held
	}
	for _, c := range a.claims {
		if !c.service.granted {
			held = append(held, k.hold(a, c.service)...)
		}
	}
	return held
}

// hold takes back an order's claims on a service.
func (k *keeper) hold(a *account, s *service) (held []*claim) {
	for _, c := range s.claims {
		if c.account != a {
			continue
		}
		c.held = k.rest(c)
		c.base = none(c.base)
		c.earned = c.base
		a.taken = k.add(a.taken, c.held)
		held = append(held, c)
	}
	return held
}

// reinstate accounts for a reversal that was undone. again says that what it paid for is given again.
func (k *keeper) reinstate(a *account, r *subscription.Refund, v *reversal, held []*claim, again bool) {
	if v.net.IsZero() {
		k.post(v.ref, Cash, Suspense, r.Amount)
		return
	}
	a.back = append(a.back, v)
	k.put(a.failed.in(v.repeated.amount), v.repeated)
	k.even(a, v.ref, v.repeated.amount)
	a.owed = k.sum(a.owed, v.taxes, k.add)
	if !again {
		return
	}
	for _, c := range held {
		s := c.service
		s.removed = false
		if !s.minutes {
			k.rebase(s, s.left())
		}
		a.returning = append(a.returning, returning{c, c.held})
	}
}

// make accounts for money that was returned, after it had failed or not. What was repeated in between goes back twice.
func (k *keeper) make(a *account, r *subscription.Refund, v *reversal, failed bool) {
	k.post(v.ref, Payable, Cash, r.Amount)
	if !failed {
		return
	}
	left := k.draw(a.failed.in(r.Amount), r.Amount, v.share)
	twice := pool{k.sub(r.Amount, left.amount), k.sum(v.share, left.taxes, k.sub)}
	k.put(a.twice.in(r.Amount), twice)
	net := twice.amount
	for _, t := range k.release(a, twice.taxes) {
		k.post(v.ref, t.ledger, Payable, t.amount)
		net = k.sub(net, t.amount)
	}
	k.post(v.ref, Refunds, Payable, net)
}

// fail accounts for money that wasn't returned, or came back. It stays payable until another refund repeats it, unless so much went
// back twice.
func (k *keeper) fail(a *account, r *subscription.Refund, v *reversal, made bool) {
	if made {
		k.post(v.ref, Cash, Payable, r.Amount)
	}
	k.put(a.failed.in(r.Amount), pool{r.Amount, v.share})
	k.even(a, v.ref, r.Amount)
}

// even undoes what went back twice as far as something is payable again, whichever refunds they are: so much went back once.
func (k *keeper) even(a *account, ref string, of pricing.Money) {
	failed, twice := a.failed.in(of), a.twice.in(of)
	amount := least(failed.amount, twice.amount)
	if amount.Sign() == 0 {
		return
	}
	share := twice.taxes // of the one that is used up
	if amount == failed.amount {
		share = failed.taxes
	}
	k.draw(twice, amount, share)
	net := amount
	for _, t := range k.owe(a, k.draw(failed, amount, share).taxes) {
		k.post(ref, Payable, t.ledger, t.amount)
		net = k.sub(net, t.amount)
	}
	k.post(ref, Payable, Refunds, net)
}
