package journal

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// taxed is a share of a tax.
type taxed struct {
	ledger Ledger
	amount pricing.Money
}

// pool is what is payable of refunds that failed, and that no other refund has repeated.
type pool struct {
	amount pricing.Money
	taxes  []taxed // in it, which aren't owed any more
}

// pool returns what is payable of failed refunds in an amount's currency.
func (a *account) pool(m pricing.Money) *pool {
	for i := range a.failed {
		if p := &a.failed[i]; p.amount.Currency() == m.Currency() {
			return p
		}
	}
	a.failed = append(a.failed, pool{amount: none(m)})
	return &a.failed[len(a.failed)-1]
}

// put adds to a pool.
func (k *keeper) put(p *pool, more pool) {
	p.amount = k.add(p.amount, more.amount)
	p.taxes = k.sum(p.taxes, more.taxes, k.add)
}

// draw takes up to an amount out of a pool, with the taxes in that: all of them if the pool is empty then, otherwise a share.
func (k *keeper) draw(p *pool, amount pricing.Money, share []taxed) pool {
	d := pool{amount: least(amount, p.amount), taxes: share}
	switch {
	case d.amount.Sign() == 0:
		d.taxes = nil
	case d.amount == p.amount:
		d.taxes = p.taxes
	}
	p.amount = k.sub(p.amount, d.amount)
	p.taxes = k.sum(p.taxes, d.taxes, k.sub)
	return d
}

// sum adds shares of taxes to others, or takes them off, each of its own ledger.
func (k *keeper) sum(all, others []taxed, op func(m, n pricing.Money) pricing.Money) []taxed {
	all = slices.Clone(all)
	for _, o := range others {
		i := slices.IndexFunc(all, func(t taxed) bool { return t.ledger == o.ledger })
		if i < 0 {
			i, all = len(all), append(all, taxed{o.ledger, none(o.amount)})
		}
		all[i].amount = op(all[i].amount, o.amount)
	}
	return all
}

// share returns a refund's share of the taxes that were in the order's money. Taxes of another currency are none of them.
func (a *account) share(r *subscription.Refund) (share []taxed) {
	for i := range r.Taxes {
		t := taxed{Tax(r.Taxes[i].Name), r.Taxes[i].Amount}
		if slices.ContainsFunc(a.owed, func(o taxed) bool {
			return o.ledger == t.ledger && o.amount.Currency() == t.amount.Currency()
		}) {
			share = append(share, t)
		}
	}
	return share
}

// release takes shares of taxes off what is owed of them, and returns those that were owed: no more of a tax goes back than was
// paid.
func (k *keeper) release(a *account, share []taxed) []taxed {
	for i, t := range share {
		for _, o := range a.owed {
			if o.ledger == t.ledger && t.amount.Sign() > 0 {
				share[i].amount = least(t.amount, o.amount)
			}
		}
	}
	a.owed = k.sum(a.owed, share, k.sub)
	return share
}
