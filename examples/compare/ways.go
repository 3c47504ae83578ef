package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Comparison is the result of [Ways].
type Comparison struct {
	PackageMinutes subscription.Quantity // consumed by the usage
	Ways           []Way                 // cheapest first, at least one
	LeftOut        []string              // names of ways with too many combinations of packs to compare
}

// Way is one way to pay for the usage.
type Way struct {
	// Name is the item that is bought, such as "call/group-call", "packs" or "pay-as-you-go", followed by " + packs" or
	// " + pay-as-you-go" if the package's minutes don't suffice.
	Name    string
	Amount  pricing.Money
	Minutes int64 // package minutes that are bought
	// Lines explain the amount and sum to it. Each package and pack is an order of its own and rounded separately; usage
	// is rounded once for the month.
	Lines []pricing.Line
}

// Ways compares the ways of paying for a month of usage of a product, cheapest first. Those with the same price are in
// the order of the versions, from low to high, then packs, then pay-as-you-go. A way is omitted if a part of it has no
// price in the currency, or if no packs suffice.
//
// Package minutes are applied to the kinds in the given order. Kinds that packages don't cover are paid as usage in
// every way. Free minutes and discounted offers are not considered, and a pack is paid in full.
//
// It returns [pricing.ErrUnknownProduct], [pricing.ErrNoPrice] if no way has a price, and the errors of
// [PackageMinutes] and of pricing the usage.
func Ways(cat *pricing.Catalog, product pricing.ProductID, currency pricing.Currency, usage ...Amount) (Comparison, error) {
	if _, err := cat.Product(product); err != nil {
		return Comparison{}, err
	}
	taken, err := PackageMinutes(usage...)
	if err != nil {
		return Comparison{}, err
	}
	c := comparer{cat: cat, product: product, currency: currency, usage: usage, taken: taken}
	if err := c.compare(); err != nil {
		return Comparison{}, err
	}
	if len(c.ways) == 0 {
		return Comparison{}, fmt.Errorf("%w: %s in %s", pricing.ErrNoPrice, product, currency)
	}
	slices.SortStableFunc(c.ways, func(a, b Way) int {
		order, _ := a.Amount.Cmp(b.Amount) // same currency
		return order
	})
	return Comparison{PackageMinutes: taken, Ways: c.ways, LeftOut: c.leftOut}, nil
}

// comparer collects the ways to pay for given usage.
type comparer struct {
	cat      *pricing.Catalog
	product  pricing.ProductID
	currency pricing.Currency
	usage    []Amount
	taken    subscription.Quantity // the package minutes of the usage
	ways     []Way
	leftOut  []string
}

// compare adds every way, in the order in which ties are resolved.
func (c *comparer) compare() error {
	for _, v := range c.cat.Versions(c.product) {
		if v.Withdrawn || v.IsTrial() {
			continue
		}
		if err := c.version(v); err != nil {
			return err
		}
	}
	if c.taken > 0 {
		if err := c.packs("packs", nil, 0); err != nil {
			return err
		}
	}
	return c.payAsYouGo("pay-as-you-go", nil, 0)
}

// version adds the ways that start with a month of a package.
func (c *comparer) version(v pricing.Version) error {
	list, err := c.cat.List(c.product, v.ID, pricing.Months(1), c.currency)
	if err != nil || list.Minutes == 0 {
		return unlessNotSold(err)
	}
	item := fmt.Sprintf("%s/%s", c.product, v.ID)
	price, err := pricing.PricePurchase(item, list.Price, 1, c.cat.Rounding())
	if err != nil {
		return err
	}
	bought := []pricing.Price{price}
	if c.taken <= subscription.Minutes(list.Minutes) {
		return c.payAsYouGo(item, bought, list.Minutes) // for kinds that packages don't cover
	}
	if err := c.payAsYouGo(item+" + pay-as-you-go", bought, list.Minutes); err != nil {
		return err
	}
	return c.packs(item+" + packs", bought, list.Minutes)
}

// payAsYouGo adds a way in which all usage beyond the bought package minutes is paid as usage.
func (c *comparer) payAsYouGo(name string, bought []pricing.Price, minutes int64) error {
	return c.add(name, bought, minutes, beyond(c.usage, subscription.Minutes(minutes)))
}

// packs adds a way in which the cheapest packs cover the package minutes that are missing.
func (c *comparer) packs(name string, bought []pricing.Price, minutes int64) error {
	short := (int64(c.taken)-1)/1000 + 1 - minutes
	combination, ok, err := CheapestPacks(c.cat, c.product, c.currency, short)
	if errors.Is(err, ErrTooMany) {
		c.leftOut = append(c.leftOut, name)
		return nil
	}
	if err != nil || !ok {
		return err
	}
	return c.add(name, slices.Concat(bought, combination.Prices), minutes+combination.Minutes, beyond(c.usage, math.MaxInt64))
}

// add adds a way, unless part of it has no price in the currency.
func (c *comparer) add(name string, bought []pricing.Price, minutes int64, used []pricing.UsageAmount) error {
	usage, err := c.cat.PriceUsage(c.currency, used...)
	if err != nil {
		return unlessNotSold(err)
	}
	w := Way{Name: name, Amount: usage.Amount, Minutes: minutes}
	for _, p := range bought {
		if w.Amount, err = w.Amount.Add(p.Amount); err != nil {
			return err
		}
		w.Lines = append(w.Lines, p.Lines...)
	}
	w.Lines = append(w.Lines, usage.Lines...)
	c.ways = append(c.ways, w)
	return nil
}

// unlessNotSold returns err, or nil if it means that something isn't sold in the currency.
func unlessNotSold(err error) error {
	if errors.Is(err, pricing.ErrNoPrice) {
		return nil
	}
	return err
}
