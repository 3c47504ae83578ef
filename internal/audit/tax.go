package audit

import (
	"math/big"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// taxEvent follows the customer's tax region, and checks the taxes of every order as it is placed. They must be those of the
// region on that day, by the catalog that the order was priced from; each is computed here once more.
func (b *book) taxEvent(e *subscription.Event) {
	switch e.Type { //nolint:exhaustive // the others have nothing to do with tax
	case subscription.EventTax:
		region, found := strings.CutPrefix(e.Note, "region ")
		if !found {
			region = ""
		}
		b.region = pricing.RegionID(region)
	case subscription.EventOrderPlaced:
		o := b.rows[e.Order]
		cat := b.audit.catalogOf(&o)
		if cat == nil {
			return
		}
		var want []pricing.TaxRate
		if b.region != "" && o.Amount.Sign() > 0 {
			var err error
			if want, err = cat.TaxRates(b.region, cat.Zone().DateOf(o.PlacedAt)); err != nil {
				b.audit.violatef("tax", b.id, "order %s: %v", o.ID, err)
			}
		}
		b.taxed(&o, want, cat.TaxIncluded())
	default:
	}
}

// taxed checks an order's taxes against the rates that apply.
func (b *book) taxed(o *subscription.Order, rates []pricing.TaxRate, included bool) {
	if len(o.Taxes) != len(rates) || len(rates) > 0 && o.TaxIncluded != included {
		b.audit.violatef("tax", b.id, "order %s has the taxes %v, want %v", o.ID, o.Taxes, rates)
		return
	}
	lines, parts := int64(0), big.NewRat(100, 1)
	for _, l := range o.Lines {
		if l.Kind != pricing.RoundingLine {
			lines += l.Amount.Minor()
		}
	}
	if included {
		for _, r := range rates {
			parts.Add(parts, r.Percent.Decimal().Rat())
		}
	}
	sum := int64(0)
	for i, r := range rates {
		tax := o.Taxes[i]
		exact := new(big.Rat).Mul(big.NewRat(lines, 1), r.Percent.Decimal().Rat())
		exact.Quo(exact, parts).Add(exact, big.NewRat(1, 2)) // every catalog here rounds half up
		if want := new(big.Int).Quo(exact.Num(), exact.Denom()).Int64(); tax.Amount.Minor() != want || tax.Name != r.Name {
			b.audit.violatef("tax", b.id, "order %s: %s of %s, want %s and %d in minor units", o.ID, tax.Name, tax.Amount, r.Name, want)
		}
		sum += tax.Amount.Minor()
	}
	total := lines
	if !included {
		total += sum
	}
	rounded := o.Amount.Minor()
	if last := o.Lines[len(o.Lines)-1]; last.Kind == pricing.RoundingLine {
		rounded -= last.Amount.Minor()
	}
	if rounded != total || o.Net().Minor() != total-sum {
		b.audit.violatef("tax", b.id, "order %s of %s, %s without tax; its lines are %d and its taxes %d",
			o.ID, o.Amount, o.Net(), lines, sum)
	}
}
