package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// TaxFacts is the tax information recorded for a customer.
type TaxFacts struct {
	Region pricing.RegionID  `json:"region,omitzero"` // the region whose catalog rates apply
	Exempt string            `json:"exempt,omitzero"` // why no tax applies; "" if taxes do
	Number string            `json:"number,omitzero"` // the customer's tax number
	Rates  []pricing.TaxRate `json:"rates,omitempty"` // for this customer alone, instead of the region's
}

// IsZero reports whether nothing is recorded.
func (t TaxFacts) IsZero() bool {
	return t.Region == "" && t.Exempt == "" && t.Number == "" && len(t.Rates) == 0
}

// Equal reports whether t and u are the same.
func (t TaxFacts) Equal(u TaxFacts) bool {
	return t.Region == u.Region && t.Exempt == u.Exempt && t.Number == u.Number && slices.Equal(t.Rates, u.Rates)
}

// size bounds the size of the facts in the document.
func (t *TaxFacts) size() int {
	n := textSize(t.Region) + textSize(t.Exempt) + textSize(t.Number)
	for i := range t.Rates {
		n += sizeOfTax + textSize(t.Rates[i].Name)
	}
	return n
}

// RatesAt returns the rates that apply to the customer on the day of an instant, in the catalog's zone: the customer's
// own or else those of the region, and none for a customer who is exempt or of whom nothing is recorded, as with a nil t.
// It fails with [pricing.ErrUnknownRegion] for a region that the catalog lacks.
func (t *TaxFacts) RatesAt(cat *pricing.Catalog, at time.Time) ([]pricing.TaxRate, error) {
	if t == nil || t.Exempt != "" || t.Region == "" && len(t.Rates) == 0 {
		return nil, nil
	}
	day := cat.Zone().DateOf(at)
	if len(t.Rates) > 0 {
		return pricing.TaxRatesOn(t.Rates, day), nil
	}
	return cat.TaxRates(t.Region, day)
}

// SetTax records what tax applies to an application, instead of what was recorded before; without any field, none
// does. It concerns orders from now on: a renewal whose total differs from the last one is announced first, like a
// changed price. It is for staff, or for a host that has checked what the customer said.
//
// The catalog says whether prices include tax. If they do, every customer pays the same total, exempt ones too;
// otherwise an exempt customer pays the price without tax.
//
// It fails with [ErrNotFound], with [pricing.ErrUnknownRegion] for a region that the catalog lacks, with
// [pricing.ErrTax] for invalid rates, with [ErrInvalid] for a text that isn't plain UTF-8 or has more than [MaxText]
// bytes, and with [ErrTooLarge].
type SetTax struct {
	Region pricing.RegionID  `json:"region,omitzero"`
	Exempt string            `json:"exempt,omitzero"`
	Number string            `json:"number,omitzero"`
	Rates  []pricing.TaxRate `json:"rates,omitempty"`
}

// Kind returns "set_tax".
func (SetTax) Kind() string { return "set_tax" }

// Decide implements [Command].
func (c SetTax) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if c.Region != "" {
		if _, err := cat.TaxRates(c.Region, 0); err != nil {
			return Change{}, err
		}
	}
	for _, text := range []string{c.Exempt, c.Number} {
		if plain(text) != text {
			return Change{}, fmt.Errorf("%w: %.40q isn't plain text of at most %d bytes", ErrInvalid, text, MaxText)
		}
	}
	if err := pricing.ValidateTaxRates(c.Rates); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	d.Application.Tax = &TaxFacts{Region: c.Region, Exempt: c.Exempt, Number: c.Number, Rates: slices.Clone(c.Rates)}
	note := "region " + string(c.Region)
	switch {
	case d.Application.Tax.IsZero():
		d.Application.Tax, note = nil, "none"
	case c.Exempt != "":
		note = "exempt: " + c.Exempt
	case len(c.Rates) > 0:
		note = "rates of its own"
	}
	if err := d.Application.roomForRest(); err != nil {
		return Change{}, err
	}
	d.AddEvent(Event{Type: EventTax, Note: note})
	return d.Change(), nil
}

// Taxed returns what an amount, such as a list price, costs the customer now: without tax, with it, and each tax. It
// fails with [pricing.ErrUnknownRegion] if the catalog lacks the customer's region, and with [pricing.ErrOverflow].
func (d *Draft) Taxed(amount pricing.Money, cat *pricing.Catalog) (net, total pricing.Money, taxes []pricing.Tax, err error) {
	rates, err := d.Application.Tax.RatesAt(cat, d.Now)
	if err != nil || len(rates) == 0 {
		return amount, amount, nil, err
	}
	return pricing.Taxed(amount, rates, cat.TaxIncluded(), cat.Rounding())
}

// tax sets an order's amount and taxes, and the totals of the periods that it delivers.
func (d *Draft) tax(o *Order, price pricing.Money, cat *pricing.Catalog) (err error) {
	o.Amount = price
	rates, err := d.Application.Tax.RatesAt(cat, d.Now)
	if err != nil || len(rates) == 0 {
		return err
	}
	included := cat.TaxIncluded()
	if _, o.Amount, o.Taxes, err = pricing.Taxed(price, rates, included, cat.Rounding()); err != nil || included {
		o.TaxIncluded = len(o.Taxes) > 0
		return err
	}
	recorded := func(of pricing.Money) (pricing.Money, error) {
		_, total, _, err := pricing.Taxed(of, rates, false, cat.Rounding())
		if total == of {
			return pricing.Money{}, err
		}
		return total, err
	}
	o.Deliveries = cloneDeliveries(o.Deliveries) // the caller may keep its own
	for _, v := range o.Deliveries {
		switch {
		case v.Extend != nil:
			v.Extend.Total, err = recorded(v.Extend.Price)
			if b := v.Extend.Beyond; b != nil && err == nil {
				b.Total, err = recorded(b.Price)
			}
		case v.Upgrade != nil:
			v.Upgrade.Total, err = recorded(v.Upgrade.Price)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Net returns the order's amount without its taxes and without the line that rounds it.
func (o Order) Net() pricing.Money { return net(o.Amount, o.Lines, o.Taxes) }

// Net returns the quote's amount without its taxes and without the line that rounds it.
func (q Quote) Net() pricing.Money { return net(q.Amount, q.Lines, q.Taxes) }

func net(amount pricing.Money, lines []pricing.Line, taxes []pricing.Tax) pricing.Money {
	if len(taxes) > 0 {
		return taxes[0].Base
	}
	if n := len(lines); n > 0 && lines[n-1].Kind == pricing.RoundingLine {
		amount, _ = amount.Sub(lines[n-1].Amount) // Check holds that they have one currency
	}
	return amount
}

// CollectedTaxes returns the taxes in what was collected for the order: what is owed of them once it is delivered. They
// are the order's own, unless a person had it delivered for another amount, which is then divided in proportion among the
// order's taxes and the rest, exactly, by the method of the largest remainder. Their base is what was collected without
// any tax.
func (o Order) CollectedTaxes() []pricing.Tax {
	taxes := slices.Clone(o.Taxes)
	if len(taxes) == 0 || o.Collected.Sign() <= 0 || o.Collected == o.Amount {
		return taxes
	}
	weights := []int64{o.Amount.Minor()}
	for i := range taxes {
		tax := max(0, taxes[i].Amount.Minor())
		weights = append(weights, tax)
		weights[0] = max(0, weights[0]-tax)
	}
	parts, err := o.Collected.Allocate(weights...)
	if err != nil {
		return nil // taxes of nothing, which no order has that Check accepts
	}
	for i := range taxes {
		taxes[i].Base, taxes[i].Amount = parts[0], parts[i+1]
	}
	return taxes
}
