package pricing

import (
	"fmt"
	"slices"
)

// RegionID identifies a region of the catalog, whose taxes apply to a customer.
type RegionID string

// TaxRate is a tax and its rate from a given day.
type TaxRate struct {
	Name    string `json:"name"`
	Percent Rate   `json:"percent"`
	From    Date   `json:"from,omitzero"` // the first day on which it applies; zero: always
}

// Tax is the result of applying one tax to an amount.
type Tax struct {
	Name    string `json:"name"`
	Percent Rate   `json:"percent"`
	Base    Money  `json:"base"` // the taxed amount, without any tax
	Amount  Money  `json:"amount"`
}

// Limits on taxes. No tax is known to come near them.
const (
	maxTaxes   = 8   // that apply at a time
	maxRates   = 256 // over the years
	maxPercent = 1000
	maxTaxName = 64 // bytes
)

// ValidateTaxRates returns [ErrTax] for a rate without a name, with a name of more than 64 bytes, or above 1000 %, for two
// rates of one name from the same day on, and for more than 8 names or 256 rates.
func ValidateTaxRates(rates []TaxRate) error {
	names := map[string]bool{}
	for i, r := range rates {
		names[r.Name] = true
		switch most, _ := newRate(maxPercent, 0); {
		case r.Name == "" || len(r.Name) > maxTaxName:
			return fmt.Errorf("%w: want a name of 1 to %d bytes, not %.80q", ErrTax, maxTaxName, r.Name)
		case r.Percent.coef > most.coef*pow10(int(r.Percent.scale)):
			return fmt.Errorf("%w: %s of %s %%, want at most %d", ErrTax, r.Name, r.Percent, maxPercent)
		case slices.ContainsFunc(rates[:i], func(o TaxRate) bool { return o.Name == r.Name && o.From == r.From }):
			return fmt.Errorf("%w: %s has two rates from the same day on", ErrTax, r.Name)
		}
	}
	if len(names) > maxTaxes || len(rates) > maxRates {
		return fmt.Errorf("%w: %d names and %d rates, want at most %d and %d", ErrTax, len(names), len(rates), maxTaxes, maxRates)
	}
	return nil
}

// TaxRatesOn returns the rates in force on a day: of each name the latest one that has begun, in the order of the names.
func TaxRatesOn(rates []TaxRate, day Date) []TaxRate {
	in := make([]TaxRate, 0, len(rates))
	for _, r := range rates {
		if r.From > day {
			continue
		}
		i := slices.IndexFunc(in, func(o TaxRate) bool { return o.Name == r.Name })
		switch {
		case i < 0:
			in = append(in, r)
		case r.From > in[i].From:
			in[i] = r
		}
	}
	return in
}

// Taxed applies taxes to an amount. Taxes that are included are part of it: the total is the amount, each tax is
// total × rate / (100 + all rates), and net is the rest. Others come on top: net is the amount, each tax is net × rate,
// and the total is their sum. Each tax is rounded once; taxes don't tax each other. An amount of zero has no tax.
//
// It returns [ErrOverflow], [ErrNegative] for a negative amount, and [ErrCurrency] and [ErrRounding].
func Taxed(amount Money, rates []TaxRate, included bool, mode Rounding) (net, total Money, taxes []Tax, err error) {
	if _, err := amount.currency.Digits(); err != nil {
		return Money{}, Money{}, nil, err
	}
	if err := mode.Validate(); err != nil {
		return Money{}, Money{}, nil, err
	}
	if amount.minor < 0 {
		return Money{}, Money{}, nil, fmt.Errorf("%w: taxed amount", ErrNegative)
	}
	if amount.minor == 0 || len(rates) == 0 {
		return amount, amount, nil, nil
	}
	overflow := func() error { return fmt.Errorf("%w: taxes of %s", ErrOverflow, amount) }
	scale, whole, fits := taxedWhole(rates, included)
	if !fits {
		return Money{}, Money{}, nil, overflow()
	}
	sum := int64(0)
	taxes = make([]Tax, len(rates))
	for i, r := range rates {
		part, fits := r.Percent.at(scale)
		exactly, inRange := mulDiv(uint64(amount.minor), uint64(part), uint64(whole))
		tax, rounds := mode.apply(exactly)
		if included {
			tax = min(tax, amount.minor-sum) // several taxes, each rounded up, could exceed a tiny total
		}
		more, sums := addInt64(sum, tax)
		if sum = more; !sums || !fits || !inRange || !rounds {
			return Money{}, Money{}, nil, overflow()
		}
		taxes[i] = Tax{Name: r.Name, Percent: r.Percent, Amount: Money{tax, amount.currency}}
	}
	net, total = amount, amount
	if included {
		net.minor -= sum
	} else {
		var ok bool
		if total.minor, ok = addInt64(total.minor, sum); !ok {
			return Money{}, Money{}, nil, overflow()
		}
	}
	for i := range taxes {
		taxes[i].Base = net
	}
	return net, total, taxes, nil
}

// taxedWhole returns the scale of the finest rate, and what all rates are parts of at that scale: 100, and the rates
// themselves if they are included. It also reports whether that fits.
func taxedWhole(rates []TaxRate, included bool) (scale uint8, whole int64, fits bool) {
	for _, r := range rates {
		scale = max(scale, r.Percent.scale)
	}
	whole = 100 * pow10(int(scale))
	if !included {
		return scale, whole, true
	}
	for _, r := range rates {
		part, ok := r.Percent.at(scale)
		more, inRange := addInt64(whole, part)
		if !ok || !inRange {
			return scale, whole, false
		}
		whole = more
	}
	return scale, whole, true
}

// TaxIncluded reports whether the catalog's prices include tax.
func (c *Catalog) TaxIncluded() bool { return c.orEmpty().taxIncluded }

// TaxRegions returns the regions whose taxes the catalog knows.
func (c *Catalog) TaxRegions() []RegionID {
	var ids []RegionID
	for _, r := range c.orEmpty().taxRegions {
		ids = append(ids, r.id)
	}
	return ids
}

// TaxRates returns the rates of a region that are in force on a day; see [TaxRatesOn]. It returns [ErrUnknownRegion].
func (c *Catalog) TaxRates(region RegionID, day Date) ([]TaxRate, error) {
	for _, r := range c.orEmpty().taxRegions {
		if r.id == region {
			return TaxRatesOn(r.rates, day), nil
		}
	}
	return nil, fmt.Errorf("%w: %.64q", ErrUnknownRegion, string(region))
}

// taxRegion is a region of the catalog.
type taxRegion struct {
	id    RegionID
	rates []TaxRate
}

func (c *Catalog) readTax(n node) {
	if !n.present() || !n.object() {
		return
	}
	c.taxIncluded = n.get("included").flag()
	ids := names[RegionID]{}
	for _, r := range n.get("regions").some("region") {
		if !r.object() {
			continue
		}
		region := taxRegion{id: readID[RegionID](r.get("region"))}
		ids.add(region.id, r.get("region"), "region")
		for _, rate := range r.get("rates").items() {
			if !rate.object() {
				continue
			}
			region.rates = append(region.rates, TaxRate{
				Name: rate.get("name").label(), Percent: readPercent(rate.get("percent")), From: readDate(rate.get("from")),
			})
			rate.done()
		}
		if err := ValidateTaxRates(region.rates); err != nil {
			r.get("rates").problemf("%v", err)
		}
		r.get("notes").label()
		c.taxRegions = append(c.taxRegions, region)
		r.done()
	}
	n.done()
}

func readPercent(n node) Rate {
	text, ok := n.text()
	if !ok {
		return Rate{}
	}
	r, err := ParseRate(text)
	if err != nil {
		n.problemf("%v", err)
	}
	return r
}
