package pricing

import (
	"fmt"
	"slices"
)

// PackID identifies a top-up package.
type PackID string

// Pack is a top-up package. A fixed pack has a fixed number of minutes and can be bought one or several at a time. A
// custom pack has any number of minutes, at a price that falls with the volume.
type Pack struct {
	ID        PackID
	Name      string
	Products  []ProductID // that its minutes can be spent on
	Withdrawn bool
	Validity  Validity
	// Minutes is the size of a fixed pack; 0 for a custom one.
	Minutes int64
	// Step, Least and Most limit the size of a custom pack: a multiple of Step from Least to Most.
	Step, Least, Most int64
	// Tiers lists the sizes at which the price per 1,000 minutes of a custom pack changes, in ascending order. The
	// first is at most Least.
	Tiers []int64
}

// Custom reports whether the buyer chooses the size.
func (p Pack) Custom() bool { return p.Minutes == 0 }

// Validity is how long minutes that aren't bound to a subscription's period can be spent.
type Validity struct {
	Months int `json:"months"`
	// ToMonthEnd extends the validity to the end of the month that is Months later: minutes bought on 1 May 2021 for 12
	// months are valid through 31 May 2022.
	ToMonthEnd bool `json:"to_month_end,omitzero"`
}

// Period returns the period of validity for a payment made on day d. It returns [ErrDate] if the period is out of
// range.
func (v Validity) Period(d Date, z Zone) (Period, error) {
	end, err := d.AddMonths(v.Months)
	if err != nil {
		return Period{}, err
	}
	if v.ToMonthEnd {
		if end, err = end.MonthEnd().AddDays(1); err != nil {
			return Period{}, err
		}
	}
	return Period{Start: z.StartOf(d), End: z.StartOf(end), Zone: z.Name()}, nil
}

// MaxPackQuantity is the maximum number of fixed packs per order.
const MaxPackQuantity = 10_000

// Packs returns all packs in file order.
func (c *Catalog) Packs() []Pack {
	c = c.orEmpty()
	packs := make([]Pack, len(c.packs))
	for i, p := range c.packs {
		packs[i] = p.copy()
	}
	return packs
}

// Pack returns a pack. It returns [ErrUnknownPack] if there is none with this ID.
func (c *Catalog) Pack(id PackID) (Pack, error) {
	c = c.orEmpty()
	p, err := c.pack(id)
	if err != nil {
		return Pack{}, err
	}
	return p.copy(), nil
}

func (c *Catalog) pack(id PackID) (*packEntry, error) {
	i := slices.IndexFunc(c.packs, func(p packEntry) bool { return p.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("%w: %.64q", ErrUnknownPack, string(id))
	}
	return &c.packs[i], nil
}

// PricePack returns the price and the total minutes of a quantity of one fixed pack. It returns [ErrUnknownPack];
// [ErrPackSize] for a custom pack or a quantity outside 1 to [MaxPackQuantity]; [ErrNoPrice] if the pack is not sold in
// the currency; or [ErrOverflow].
func (c *Catalog) PricePack(id PackID, quantity int64, currency Currency) (Price, int64, error) {
	c = c.orEmpty()
	p, err := c.pack(id)
	if err != nil {
		return Price{}, 0, err
	}
	if p.Custom() || quantity < 1 || quantity > MaxPackQuantity {
		return Price{}, 0, fmt.Errorf("%w: %d × %s", ErrPackSize, quantity, id)
	}
	return c.pricePack(p, p.prices, Ratio{quantity, 1}, currency, p.Minutes*quantity)
}

// PriceCustomPack returns the price of a custom pack with the given number of minutes, all at the price of the tier
// that the size falls into. It returns [ErrUnknownPack]; [ErrPackSize] for a fixed pack or a size that is not offered;
// [ErrNoPrice]; [ErrOverflow]; or [ErrZeroPrice] if a positive price rounds to zero, which [ParseCatalog] does not
// allow.
func (c *Catalog) PriceCustomPack(id PackID, minutes int64, currency Currency) (Price, error) {
	c = c.orEmpty()
	p, err := c.pack(id)
	if err != nil {
		return Price{}, err
	}
	if !p.Custom() || minutes < p.Least || minutes > p.Most || minutes%p.Step != 0 {
		return Price{}, fmt.Errorf("%w: %d minutes of %s", ErrPackSize, minutes, id)
	}
	var prices []currencyRate
	for _, t := range p.tiers {
		if minutes >= t.from {
			prices = t.prices
		}
	}
	price, _, err := c.pricePack(p, prices, Ratio{minutes, 1000}, currency, minutes)
	return price, err
}

func (c *Catalog) pricePack(p *packEntry, prices []currencyRate, times Ratio, currency Currency, minutes int64) (Price, int64, error) {
	for _, r := range prices {
		if r.currency == currency {
			price, err := Total(currency, c.rounding, []Line{{Kind: PackLine, Item: string(p.ID), Unit: r.rate, Times: times}})
			if err != nil {
				return Price{}, 0, err
			}
			if price.Amount.Sign() == 0 && r.rate != (Rate{}) {
				return Price{}, 0, fmt.Errorf("%w: %d minutes of %s at %s %s", ErrZeroPrice, minutes, p.ID, r.rate, currency)
			}
			return price, minutes, nil
		}
	}
	return Price{}, 0, fmt.Errorf("%w: pack %s, %.16q", ErrNoPrice, p.ID, string(currency))
}

// packEntry is a pack and its prices.
type packEntry struct {
	Pack
	prices []currencyRate // fixed packs only
	tiers  []tier         // custom packs only, ascending
}

func (p packEntry) copy() Pack {
	out := p.Pack
	out.Products, out.Tiers = slices.Clone(p.Products), slices.Clone(p.Tiers)
	return out
}

func (c *Catalog) readPack(n node) (packEntry, bool) {
	if !n.object() {
		return packEntry{}, false
	}
	p := packEntry{Pack: Pack{
		ID: readID[PackID](n.get("id")), Name: n.get("name").label(), Withdrawn: n.get("withdrawn").flag(),
		Products: c.readCovered(n.get("products")), Validity: readValidity(n.get("validity")),
		Minutes: n.get("minutes").count(1, maxMinutes/MaxPackQuantity, 0),
	}}
	n.get("notes").label()
	custom := n.get("custom")
	switch {
	case custom.present() == n.get("minutes").present():
		n.problemf("want either minutes or custom")
		n.get("price")
	case custom.present():
		p.readCustom(custom, c.rounding)
	default:
		prices := readPrices(n.get("price"))
		c.worth(prices)
		for _, m := range prices {
			rate, _ := m.amount.Rate() // can't fail: not negative, and the currency is valid
			p.prices = append(p.prices, currencyRate{m.amount.currency, rate})
		}
	}
	n.done()
	return p, true
}

// readCovered reads the products that a pack's minutes can be spent on.
func (c *Catalog) readCovered(n node) []ProductID {
	var ids []ProductID
	seen := names[ProductID]{}
	for _, item := range n.some("product") {
		id := readID[ProductID](item)
		if id == "" {
			continue // already reported
		}
		if _, known := c.versions[id]; !known && !seen[id] {
			item.problemf("unknown product %q", id)
		}
		seen.add(id, item, "product")
		ids = append(ids, id)
	}
	return ids
}

func readValidity(n node) Validity {
	if !n.object() {
		return Validity{}
	}
	months, _ := n.get("months").number(1, MaxTermMonths)
	v := Validity{Months: int(months), ToMonthEnd: n.get("to_month_end").flag()}
	n.done()
	return v
}
