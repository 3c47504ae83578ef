package audit

import (
	"iter"
	"math/big"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// refunds reads the refunds, which come order by order, and checks those of each order.
func (b *book) refunds(seq iter.Seq2[subscription.Refund, error]) error {
	var some []subscription.Refund // of one order
	seen := map[subscription.OrderID]bool{}
	flush := func() {
		if len(some) > 0 {
			b.refundsOf(some)
			seen[some[0].Order] = true
		}
		some = some[:0]
	}
	err := each(seq, func(r *subscription.Refund) {
		if len(some) > 0 && some[0].Order != r.Order {
			flush()
		}
		some = append(some, *r)
	})
	if err != nil {
		return err
	}
	flush()
	for _, o := range b.orders.list {
		if seen[o.ID] {
			continue
		}
		b.kept(o, 0)
		if o.Refunds != 0 || o.RefundedAmount.Sign() != 0 {
			b.addf(Finding{Kind: Refunds, Order: o.ID}, "it has %d refunds of %s, and there are none", o.Refunds, o.RefundedAmount)
		}
	}
	for i := range b.app.Refunds {
		if r := &b.app.Refunds[i]; !seen[r.Order] {
			b.addf(Finding{Kind: Refunds, Order: r.Order}, "refund %d is in the document, and has no row", r.Number)
		}
	}
	return nil
}

// refundsOf checks the refunds of one order, and the order's figures, which are their sums.
func (b *book) refundsOf(all []subscription.Refund) {
	o := b.orders.all[all[0].Order]
	f := Finding{Kind: Refunds, Order: all[0].Order}
	if o == nil {
		b.addf(f, "there are %d refunds of it, and no order", len(all))
		return
	}
	due, sum, asked, undone, only := 0, int64(0), int64(0), int64(0), true
	for i := range all {
		r := &all[i]
		b.refund(o, r, i+1)
		b.erasedRefund(r)
		if r.Status == subscription.RefundDue {
			due++
		}
		switch {
		case !o.Sums(*r):
		case !r.Status.Counts():
			undone += r.Amount.Minor()
		default:
			sum += r.Amount.Minor()
			if r.Key != "" {
				asked += r.Amount.Minor()
			}
		}
		only = only && r.Key != ""
	}
	for i := range b.app.Refunds {
		if r := &b.app.Refunds[i]; r.Order == o.ID {
			due--
			if r.Number > len(all) {
				b.addf(f, "refund %d is in the document, and has no row", r.Number)
			}
		}
	}
	if due != 0 {
		b.addf(f, "there are %d refunds due that the document doesn't have, or the reverse", due)
	}
	if o.Refunds != len(all) || o.RefundedAmount.Minor() != sum {
		b.addf(f, "it has %d refunds of %s, by their rows %d of %d in minor units", o.Refunds, o.RefundedAmount, len(all), sum)
	}
	if asked > o.Collected.Minor() || only && sum > o.Collected.Minor() {
		b.addf(f, "%d in minor units goes back of %s that was collected", sum, o.Collected)
	}
	b.kept(o, undone)
	if len(o.Taxes) > 0 && o.delivered() {
		o.told.refunds = slices.Clone(all)
	}
	for i := range all {
		o.told.taken = o.told.taken || all[i].Take == subscription.TakeAll || all[i].Take == subscription.TakeUnused
	}
}

// kept checks that nothing is kept of an order that delivered nothing, but for refunds that failed or were undone, which are left
// to a person.
func (b *book) kept(o *order, undone int64) {
	if left := o.Left().Minor(); o.Status != subscription.OrderPaid && !o.Status.Unresolved() && left > undone {
		b.addf(Finding{Kind: Kept, Order: o.ID}, "it is %s, and %s of %s that was collected is neither returned nor due", o.Status,
			o.Left(), o.Collected)
	}
}

// refund checks the row of a refund, which must have a number.
func (b *book) refund(o *order, r *subscription.Refund, number int) {
	f := Finding{Kind: Refunds, Order: o.ID}
	key := string(o.Attempt) + "/refund"
	currency := r.Amount.Currency()
	switch {
	case r.Application != b.id:
		b.addf(f, "refund %d belongs to %.80q", r.Number, string(r.Application))
	case r.Number != number:
		b.addf(f, "refund %d follows number %d", r.Number, number-1)
	case r.Account != o.Account:
		b.addf(f, "refund %d goes to %.80q, who didn't pay it", r.Number, string(r.Account))
	case currency != o.Amount.Currency() && currency != o.Collected.Currency():
		b.addf(f, "refund %d is of %s, and the order of %s", r.Number, r.Amount, o.Amount)
	case r.Amount.Sign() < 0, r.Amount.Sign() == 0 && (r.Key != "" || r.Take == subscription.TakeNothing):
		b.addf(f, "refund %d is of %s", r.Number, r.Amount)
	case r.Key != "" && r.Key != key && !strings.HasPrefix(r.Key, key+"/"):
		b.addf(f, "refund %d has the key %.160q, which isn't the order's", r.Number, r.Key)
	case r.Status == subscription.RefundDue && r.Key == "":
		b.addf(f, "refund %d is due, and has no key", r.Number)
	case r.Status == subscription.RefundReinstated && (r.ID == "" || r.Key != ""):
		b.addf(f, "refund %d is reinstated, and is no reversal", r.Number)
	case r.Status != subscription.RefundDue && len(r.Status.Transitions()) == 0 && r.Status != subscription.RefundReinstated:
		b.addf(Finding{Kind: Status, Order: o.ID}, "refund %d has the unknown status %.40q", r.Number, string(r.Status))
	case (r.Status == subscription.RefundDue) == r.ClosedAt.IsZero():
	case r.Status == subscription.RefundDue:
		b.addf(f, "refund %d is due, and was closed at %s", r.Number, stamp(r.ClosedAt))
	default:
		b.addf(f, "refund %d is %s, and was never closed", r.Number, r.Status)
	}
	for i := range b.app.Refunds {
		if in := &b.app.Refunds[i]; in.Order == o.ID && in.Number == r.Number && !same(*in, *r) {
			b.addf(f,
				"refund %d is %s of %s, and not what the document has: %s of %s", r.Number, r.Status, r.Amount, in.Status, in.Amount)
		}
	}
}

// compareShares checks the refunds' shares of their orders' taxes.
func (b *book) compareShares() {
	for _, o := range b.orders.list {
		if len(o.told.refunds) > 0 {
			b.shares(o)
		}
	}
}

// shares checks the refunds' shares of the taxes in what was collected: none is negative, together they aren't more than the tax,
// and they follow what went back, unless a refund failed or was undone meanwhile, since a share never changes.
func (b *book) shares(o *order) {
	f := Finding{Kind: Share, Order: o.ID}
	taxes, all := o.CollectedTaxes(), o.Collected.Minor()
	if all <= 0 {
		return
	}
	sums, back, undone := make([]int64, len(taxes)), int64(0), o.told.undone || !b.log.complete || b.log.reset
	for i := range o.told.refunds {
		r := &o.told.refunds[i]
		counts := r.Status.Counts() && o.Sums(*r)
		undone = undone || !r.Status.Counts()
		rest := r.Amount.Minor()
		for n, t := range r.Taxes {
			rest -= t.Amount.Minor()
			switch {
			case n >= len(taxes) || t.Name != taxes[n].Name || t.Amount.Sign() < 0 || rest < 0:
				b.addf(f, "refund %d of %s has a share of %s of %s", r.Number, r.Amount, t.Amount, t.Name)
				return
			case counts:
				sums[n] += t.Amount.Minor()
			}
		}
		if counts {
			back += r.Amount.Minor()
		}
		for n, t := range taxes {
			// Whichever way it was rounded, at most one minor unit is between the exact share so far and what went back.
			exact := new(big.Int).Mul(big.NewInt(t.Amount.Minor()), big.NewInt(back))
			off := exact.Sub(exact, new(big.Int).Mul(big.NewInt(sums[n]), big.NewInt(all)))
			if !undone && back <= all && off.CmpAbs(big.NewInt(all)) >= 0 {
				b.addf(f, "with refund %d, %d of %s went back in minor units, and %d of %s of %s", r.Number, back, o.Collected,
					sums[n], t.Amount, t.Name)
				return
			}
		}
	}
	for n, t := range taxes {
		if sums[n] > t.Amount.Minor() && back <= all { // a charge that was refunded may be charged back as well
			b.addf(f, "of %s, %d went back in minor units, and %d of %s of %s", o.Collected, back, sums[n], t.Amount, t.Name)
		}
	}
}
