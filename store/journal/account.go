package journal

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// account is the state of an order's money.
type account struct {
	ref      string
	order    *subscription.Order // nil once it is delivered
	paid     bool
	services []*service // that its deliveries consist of
	claims   []*claim

	owed   []taxed // of the order's taxes, less what has gone back of them
	beyond []taxed // shares of taxes in refunds that weren't owed any more
	failed pools   // what is payable of refunds that failed, and that no other refund has repeated
	twice  pools   // what went back of refunds that had failed, and that another refund had repeated

	// contra is what refunds took from revenue, less what was taken back for it later.
	contra pricing.Money

	// What is to be settled at the end of the instant.
	touched   bool
	taken     pricing.Money // what was taken back was worth so much
	placed    []*reversal
	back      []*reversal
	returning []returning
}

// returning is a claim on minutes or days that return, with what they were worth when they were taken back.
type returning struct {
	claim *claim
	worth pricing.Money
}

// reversal is what a refund was made of.
type reversal struct {
	ref      string
	from     Ledger        // what it is paid from: Cash, or Payable first
	share    []taxed       // of the order's taxes; none if it wasn't paid when the refund was placed
	repeated pool          // paid from what was still payable of refunds that had failed
	taxes    []taxed       // the rest of its share
	net      pricing.Money // without what it repeated, and without these taxes
	deferred pricing.Money // of what was taken back with it
	contra   pricing.Money // the rest
}

// touch has an account settled at the end of the instant.
func (k *keeper) touch(a *account) {
	if !a.touched {
		a.touched = true
		k.touched = append(k.touched, a)
	}
}

// settle accounts for all refunds of an order that were placed at one instant, and for what was taken back then. Refunds
// reduce deferred revenue by what was taken back was worth; the rest of them reduces revenue.
func (k *keeper) settle(a *account) {
	for _, r := range a.placed {
		r.deferred = least(r.net, a.taken)
		r.contra = k.sub(r.net, r.deferred)
		k.post(r.ref, Deferred, r.from, r.deferred)
		k.post(r.ref, Refunds, r.from, r.contra)
		a.taken = k.sub(a.taken, r.deferred)
		if a.contra.IsZero() || a.contra.Currency() == r.contra.Currency() {
			a.contra = k.add(a.contra, r.contra)
		}
	}
	k.forfeit(a, a.taken)
	k.giveAgain(a)
	a.touched, a.taken, a.placed, a.back, a.returning = false, pricing.Money{}, nil, nil, nil
	for _, c := range a.claims {
		if c.service.left() == 0 && (c.service.granted || !c.service.minutes) {
			k.end(c.service)
		}
	}
}

// forfeit accounts for what a customer paid for and doesn't get any more: first for what was refunded before without taking
// anything back, the rest is the seller's.
func (k *keeper) forfeit(a *account, amount pricing.Money) {
	before := least(amount, a.contra)
	k.post(a.ref, Deferred, Refunds, before)
	k.post(a.ref, Deferred, Breakage, k.sub(amount, before))
	if before.Sign() > 0 {
		a.contra = k.sub(a.contra, before)
	}
}

// giveAgain accounts for reversals that were reinstated: what had reduced revenue is revenue again, and the rest is deferred
// for the minutes and days that return with it, or kept.
func (k *keeper) giveAgain(a *account) {
	for _, r := range a.back {
		k.post(r.ref, Cash, Payable, r.repeated.amount)
		for _, t := range r.taxes {
			k.post(r.ref, Cash, t.ledger, t.amount)
		}
		k.post(r.ref, Cash, Refunds, r.contra)
		if less := least(r.contra, a.contra); less.Sign() > 0 {
			a.contra = k.sub(a.contra, less)
		}
		if len(a.returning) == 0 {
			k.post(r.ref, Cash, Breakage, r.deferred)
			continue
		}
		k.post(r.ref, Cash, Deferred, r.deferred)
		weights := make([]int64, len(a.returning))
		for i, v := range a.returning {
			weights[i] = v.worth.Minor()
		}
		for i, part := range k.split(r.deferred, weights) {
			c := a.returning[i].claim
			c.base = k.add(c.base, part)
		}
	}
}
