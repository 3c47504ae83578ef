package subscription

import (
	"cmp"

	"github.com/prepaidkit/prepaid/pricing"
)

// share returns a refund's share of the taxes in what was collected: after each refund, the tax given back is the tax
// times what has been given back so far, divided by what was collected, rounded once; the share is the difference to the
// refunds before it that didn't fail, and never more than is left of the tax. The figures are those before the refund.
// Money of another currency has no share.
func (o *Order) share(amount pricing.Money, before []Refund, mode pricing.Rounding) ([]pricing.Tax, error) {
	collected := cmp.Or(o.Collected, o.Amount)
	if len(o.Taxes) == 0 || o.PaidAt.IsZero() || amount.Currency() != collected.Currency() {
		return nil, nil
	}
	back, err := plus(o.RefundedAmount, amount)
	if err != nil {
		return nil, err
	}
	back = between(back, collected) // more went back than came in
	rest := amount
	shares := o.CollectedTaxes()
	for i := range shares {
		share, err := shares[i].Amount.Share(back.Minor(), collected.Minor(), mode)
		if err != nil {
			return nil, err
		}
		if share, err = o.withoutShares(share, before, i); err != nil {
			return nil, err
		}
		share = between(share, rest)
		if rest, err = rest.Sub(share); err != nil {
			return nil, err
		}
		shares[i].Amount = share
	}
	for i := range shares {
		shares[i].Base = rest
	}
	return shares, nil
}

// withoutShares returns an amount of the nth tax without the shares in it of the refunds that didn't fail.
func (o *Order) withoutShares(m pricing.Money, refunds []Refund, n int) (pricing.Money, error) {
	for k := range refunds {
		r := &refunds[k]
		if r.Order != o.ID || !r.Status.Counts() || n >= len(r.Taxes) || !o.sums(r) {
			continue
		}
		var err error
		if m, err = m.Sub(r.Taxes[n].Amount); err != nil {
			return m, err
		}
	}
	return m, nil
}

// between returns m, or zero if it is negative, or most if it is more.
func between(m, most pricing.Money) pricing.Money {
	if m.Sign() < 0 {
		none, _ := m.Sub(m)
		return none
	}
	if over, err := m.Sub(most); err == nil && over.Sign() > 0 {
		return most
	}
	return m
}
