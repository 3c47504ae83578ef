package main

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// compared is the answer to "estimate".
type compared struct {
	PackageMinutes subscription.Quantity `json:"package_minutes"` // consumed by the usage
	Options        []option              `json:"options"`
	LeftOut        []string              `json:"left_out,omitempty"` // ways with too many combinations of packs to compare

	title, currency string
}

// option is one way to pay.
type option struct {
	Way            string `json:"way"`
	Price          string `json:"price"`
	PackageMinutes int64  `json:"package_minutes"` // bought
	Lines          []line `json:"lines"`

	amount pricing.Money
}

// estimate compares the ways of paying for a month of usage, cheapest first.
func estimate(cat *pricing.Catalog, r *request) (result, error) {
	e := estimator{cat: cat, product: pricing.ProductID(r.text("product")), currency: r.currencyOr("USD")}
	e.usage = r.minutes("minutes", cat)
	if err := r.finish(); err != nil {
		return nil, err
	}
	if _, err := cat.Product(e.product); err != nil {
		return nil, err
	}
	var err error
	if e.taken, err = weigh(e.usage); err != nil {
		return nil, err
	}
	if err := e.compare(); err != nil {
		return nil, err
	}
	if len(e.options) == 0 {
		return nil, fmt.Errorf("%w: %s in %s", pricing.ErrNoPrice, e.product, e.currency)
	}
	slices.SortStableFunc(e.options, func(a, b option) int {
		order, _ := a.amount.Cmp(b.amount) // same currency
		return order
	})
	return compared{
		PackageMinutes: e.taken, Options: e.options, LeftOut: e.leftOut,
		title: fmt.Sprintf("a month of %s", e.product), currency: string(e.currency),
	}, nil
}

// estimator collects the ways to pay for given usage.
type estimator struct {
	cat      *pricing.Catalog
	product  pricing.ProductID
	currency pricing.Currency
	usage    []amount
	taken    subscription.Quantity // the package minutes of the usage
	options  []option
	leftOut  []string
}

// compare adds every way, in the order in which ties are resolved.
func (e *estimator) compare() error {
	for _, v := range e.cat.Versions(e.product) {
		if v.Withdrawn || v.IsTrial() {
			continue
		}
		if err := e.version(v); err != nil {
			return err
		}
	}
	if e.taken > 0 {
		if err := e.packs("packs", nil, 0); err != nil {
			return err
		}
	}
	return e.payAsYouGo("pay-as-you-go", nil, 0)
}

// version adds the ways that start with a month of a package.
func (e *estimator) version(v pricing.Version) error {
	list, err := e.cat.List(e.product, v.ID, pricing.Months(1), e.currency)
	if err != nil || list.Minutes == 0 {
		return unlessNotSold(err)
	}
	item := fmt.Sprintf("%s/%s", e.product, v.ID)
	price, err := pricing.PricePurchase(item, list.Price, 1, e.cat.Rounding())
	if err != nil {
		return err
	}
	bought := []pricing.Price{price}
	if e.taken <= subscription.Minutes(list.Minutes) {
		return e.payAsYouGo(item, bought, list.Minutes) // for kinds that packages don't cover
	}
	if err := e.payAsYouGo(item+" + pay-as-you-go", bought, list.Minutes); err != nil {
		return err
	}
	return e.packs(item+" + packs", bought, list.Minutes)
}

// payAsYouGo adds a way in which all usage beyond the bought package minutes is paid as usage.
func (e *estimator) payAsYouGo(way string, bought []pricing.Price, minutes int64) error {
	return e.add(way, bought, minutes, e.beyond(subscription.Minutes(minutes)))
}

// packs adds a way in which the cheapest packs cover the package minutes that are missing.
func (e *estimator) packs(way string, bought []pricing.Price, minutes int64) error {
	short := (int64(e.taken)-1)/1000 + 1 - minutes
	combination, ok, err := cheapestPacks(e.cat, e.product, e.currency, short)
	if errors.Is(err, errTooMany) {
		e.leftOut = append(e.leftOut, way)
		return nil
	}
	if err != nil || !ok {
		return err
	}
	return e.add(way, slices.Concat(bought, combination.prices), minutes+combination.minutes, e.beyond(math.MaxInt64))
}

// beyond returns the usage that remains after a number of package minutes. The minutes are applied to the kinds in the
// catalog's order, and not to kinds that packages don't cover.
func (e *estimator) beyond(left subscription.Quantity) []pricing.UsageAmount {
	var used []pricing.UsageAmount
	for _, a := range e.usage {
		minutes := big.NewRat(a.minutes, 1)
		if a.kind.Covered {
			rest := a.packageMinutes() - min(left, a.packageMinutes())
			left -= a.packageMinutes() - rest
			minutes.SetFrac64(int64(rest), int64(a.kind.Weight))
		}
		if minutes.Sign() > 0 {
			used = append(used, pricing.UsageAmount{
				Kind: a.kind.ID, Minutes: pricing.Ratio{Num: minutes.Num().Int64(), Den: minutes.Denom().Int64()},
			})
		}
	}
	return used
}

// add adds a way, unless part of it has no price in the currency. Purchases and usage are rounded separately, like the
// orders that they become.
func (e *estimator) add(way string, bought []pricing.Price, minutes int64, used []pricing.UsageAmount) error {
	usage, err := e.cat.PriceUsage(e.currency, used...)
	if err != nil {
		return unlessNotSold(err)
	}
	o := option{Way: way, PackageMinutes: minutes, Lines: []line{}, amount: usage.Amount}
	for _, p := range bought {
		if o.amount, err = o.amount.Add(p.Amount); err != nil {
			return err
		}
		o.Lines = append(o.Lines, linesOf(p)...)
	}
	o.Lines = append(o.Lines, linesOf(usage)...)
	o.Price = o.amount.Amount()
	e.options = append(e.options, o)
	return nil
}

// unlessNotSold returns err, or nil if it means that something isn't sold in the currency.
func unlessNotSold(err error) error {
	if errors.Is(err, pricing.ErrNoPrice) {
		return nil
	}
	return err
}
