package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/examples/compare"
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
}

// estimate compares the ways of paying for a month of usage, cheapest first.
func estimate(cat *pricing.Catalog, r *request) (result, error) {
	product, currency, usage := pricing.ProductID(r.text("product")), r.currencyOr("USD"), r.minutes("minutes", cat)
	if err := r.finish(); err != nil {
		return nil, err
	}
	c, err := compare.Ways(cat, product, currency, usage...)
	if err != nil {
		return nil, err
	}
	options := make([]option, len(c.Ways))
	for i, w := range c.Ways {
		options[i] = option{Way: w.Name, Price: w.Amount.Amount(), PackageMinutes: w.Minutes, Lines: linesOf(w.Lines)}
	}
	return compared{
		PackageMinutes: c.PackageMinutes, Options: options, LeftOut: c.LeftOut,
		title: fmt.Sprintf("a month of %s", product), currency: string(currency),
	}, nil
}
