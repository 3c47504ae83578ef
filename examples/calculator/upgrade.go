package main

import (
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// maxFutureCycles is the maximum number of prepaid cycles.
const maxFutureCycles = 120

// upgraded is the answer to "upgrade".
type upgraded struct {
	Price         string  `json:"price"`
	Minutes       int64   `json:"minutes"`
	Remaining     int64   `json:"remaining"` // days, or seconds if the day count is elapsed
	Total         int64   `json:"total"`
	Exact         string  `json:"exact"`
	FutureMinutes []int64 `json:"future_minutes,omitempty"` // granted when each future cycle begins
	Lines         []line  `json:"lines"`
	taxed                 //nolint:embeddedstructfieldcheck // in the order of the answer

	title, unit, currency string
}

// upgrade prices the change to a higher version within a period.
func upgrade(cat *pricing.Catalog, r *request) (result, error) {
	currency, zone, term := r.currency(), r.zone(cat), r.term()
	start, at := r.moment("start"), r.moment("at")
	u := pricing.Upgrade{
		Item: "upgrade", Zone: zone, At: at.in(zone),
		DayCount: choice(r, "day_count", cat.DayCount()),
		Rounding: choice(r, "rounding", cat.Rounding()),
	}
	tax := r.tax(cat)
	cycles := r.optionalCount("future_cycles", 0, maxFutureCycles)
	var product pricing.ProductID
	named := r.has("product")
	if named {
		product = pricing.ProductID(r.text("product"))
	}
	from, to := readSide(r.object("from"), named, true, currency), readSide(r.object("to"), named, false, currency)
	err := r.finish()
	if err != nil {
		return nil, err
	}
	if named {
		if err := onPath(cat, product, from.version, to.version); err != nil {
			return nil, err
		}
		for _, s := range []*side{&from, &to} {
			if s.list, err = cat.List(product, s.version, term, currency); err != nil {
				return nil, err
			}
		}
		u.Item = fmt.Sprintf("%s/%s", product, to.version)
	}
	if u.Period, err = periodFrom(start, term, u.DayCount, zone); err != nil {
		return nil, err
	}
	u.From, u.To = from.current(), to.list
	for range cycles {
		u.Future = append(u.Future, from.list)
	}
	price, err := pricing.PriceUpgrade(u)
	if err != nil {
		return nil, err
	}
	with, err := tax.of(price.Amount, cat, u.Rounding, cat.Zone().DateOf(u.At))
	if err != nil {
		return nil, err
	}
	answer := upgraded{
		Price: price.Amount.Amount(), Minutes: price.Minutes,
		Remaining: price.Remaining.Num, Total: price.Remaining.Den,
		Exact: pricing.FormatExact(price.Exact()), FutureMinutes: price.FutureMinutes, Lines: linesOf(price.Lines), taxed: with,
		title: "upgrade", unit: "days", currency: string(currency),
	}
	if named {
		answer.title = fmt.Sprintf("upgrade of %s from %s to %s", product, from.version, to.version)
	}
	if u.DayCount == pricing.Elapsed {
		answer.unit = "seconds"
	}
	return answer, nil
}

// side is one of the two packages of an upgrade.
type side struct {
	version    pricing.VersionID // if the request names versions
	list       pricing.Package
	paid       pricing.Money // if discounted
	discounted bool
}

// current returns the package for the computation of the upgrade: at the paid price if there is one, otherwise at list
// price.
func (s side) current() pricing.Package {
	h := s.list
	if s.discounted {
		h.Price = s.paid
	}
	return h
}

// readSide reads a package given as the name of its version or as figures. The current package can have a paid price.
func readSide(r *request, named, current bool, currency pricing.Currency) side {
	var s side
	switch figures := r.has("list") || r.has("minutes"); {
	case named && figures:
		r.fail("", errors.New("with a product, want a version and no figures"))
	case named:
		s.version = pricing.VersionID(r.text("version"))
	case r.has("version"):
		r.fail("version", errors.New("is given without a product"))
	default:
		s.list = pricing.Package{Price: r.money("list", currency), Minutes: r.optionalCount("minutes", 0, maxMinutes)}
	}
	if current && r.has("paid") {
		s.paid, s.discounted = r.money("paid", currency), true
	}
	if err := r.finish(); err != nil {
		return side{}
	}
	return s
}

// onPath returns the reason why a version can't be upgraded to another, or nil.
func onPath(cat *pricing.Catalog, product pricing.ProductID, from, to pricing.VersionID) error {
	p, err := cat.Product(product)
	if err != nil {
		return err
	}
	old, err := cat.Version(product, from)
	if err != nil {
		return err
	}
	next, err := cat.Version(product, to)
	if err != nil {
		return err
	}
	switch {
	case !p.Upgradable:
		return fmt.Errorf("packages of %s are not upgradable", product)
	case old.IsTrial():
		return fmt.Errorf("%s/%s is a trial: after it a package is purchased, not upgraded to", product, from)
	case next.Rank <= old.Rank:
		return fmt.Errorf("%s/%s is not above %s", product, to, from)
	case next.Withdrawn || next.IsTrial():
		return fmt.Errorf("%s/%s is not sold as an upgrade", product, to)
	}
	return nil
}
