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

// pool is an amount of money that goes back.
type pool struct {
	amount pricing.Money
	taxes  []taxed // in it, which aren't owed any more
}

// pools are pools in several currencies.
type pools []pool

// in returns the pool in an amount's currency.
func (all *pools) in(m pricing.Money) *pool {
	for i := range *all {
		if p := &(*all)[i]; p.amount.Currency() == m.Currency() {
			return p
		}
	}
	*all = append(*all, pool{amount: none(m)})
	return &(*all)[len(*all)-1]
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
	owed := slices.Clone(share)
	for i, t := range owed {
		for _, o := range a.owed {
			if o.ledger == t.ledger && t.amount.Sign() > 0 {
				owed[i].amount = least(t.amount, o.amount)
			}
		}
	}
	a.owed = k.sum(a.owed, owed, k.sub)
	a.beyond = k.sum(a.beyond, k.sum(share, owed, k.sub), k.add)
	return owed
}

// owe undoes release, and returns what is owed again: nothing of what wasn't owed then.
func (k *keeper) owe(a *account, share []taxed) []taxed {
	again := slices.Clone(share)
	for i, t := range again {
		for _, b := range a.beyond {
			if b.ledger == t.ledger {
				again[i].amount = k.sub(t.amount, least(t.amount, b.amount))
			}
		}
	}
	a.owed = k.sum(a.owed, again, k.add)
	a.beyond = k.sum(a.beyond, k.sum(share, again, k.sub), k.sub)
	return again
}
