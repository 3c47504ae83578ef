package audit

import (
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// taxEvent notes the orders that were placed since the customer's tax facts last changed: the document has those facts.
func (b *book) taxEvent(e *subscription.Event) {
	switch e.Type { //nolint:exhaustive // the others have nothing to do with tax
	case subscription.EventTax:
		b.log.taxed, b.log.taxKnown = b.log.taxed[:0], true
		b.log.region, _ = strings.CutPrefix(e.Note, "region ")
		if b.log.region == e.Note {
			b.log.region = "" // another fact
		}
	case subscription.EventOrderPlaced:
		if o := b.orders.all[e.Order]; o != nil && o.Amount.Sign() > 0 && (b.log.taxKnown || b.log.complete) {
			b.log.taxed = append(b.log.taxed, o)
		}
	}
}

// compareTaxes checks that those orders have the taxes of the facts, by the catalog that they were priced from.
func (b *book) compareTaxes() {
	if t := b.app.Tax; b.log.region != "" && b.app.ErasedAt.IsZero() && (t == nil || string(t.Region) != b.log.region) {
		b.addf(Finding{Kind: Taxes}, "the customer's tax facts are %v, and the last event says region %q", t, b.log.region)
	}
	for _, o := range b.log.taxed {
		cat := b.catalogOf(o)
		if cat == nil || o.Application == "" || !b.app.ErasedAt.IsZero() {
			continue
		}
		rates, err := b.app.Tax.RatesAt(cat, o.PlacedAt)
		differs := err != nil || len(rates) != len(o.Taxes)
		for i := range o.Taxes {
			differs = differs || o.Taxes[i].Name != rates[i].Name || o.Taxes[i].Percent != rates[i].Percent
		}
		if differs {
			b.addf(Finding{Kind: Taxes, Order: o.ID}, "it has the taxes %v, and the customer pays %v, %v", o.Taxes, rates, err)
		}
	}
}
