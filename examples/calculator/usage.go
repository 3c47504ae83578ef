package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// billed is the answer to "usage".
type billed struct {
	Price          string                `json:"price"`
	Exact          string                `json:"exact"`
	PackageMinutes subscription.Quantity `json:"package_minutes"`
	Lines          []line                `json:"lines"`
	taxed                                //nolint:embeddedstructfieldcheck // in the order of the answer

	title, currency string
}

// usage prices minutes of usage and computes the package minutes that they would consume.
func usage(cat *pricing.Catalog, r *request) (result, error) {
	currency, amounts := r.currencyOr("USD"), r.minutes("minutes", cat)
	tax := r.tax(cat)
	if err := r.finish(); err != nil {
		return nil, err
	}
	used := make([]pricing.UsageAmount, len(amounts))
	for i, a := range amounts {
		used[i] = pricing.UsageAmount{Kind: a.Kind.ID, Minutes: pricing.Ratio{Num: a.Minutes, Den: 1}}
	}
	price, err := cat.PriceUsage(currency, used...)
	if err != nil {
		return nil, err
	}
	taken, err := compare.PackageMinutes(amounts...)
	if err != nil {
		return nil, err
	}
	with, err := tax.of(price.Amount, cat, cat.Rounding(), 0)
	if err != nil {
		return nil, err
	}
	return billed{
		Price: price.Amount.Amount(), Exact: pricing.FormatExact(price.Exact()), PackageMinutes: taken, Lines: linesOf(price.Lines),
		taxed: with, title: "pay-as-you-go", currency: string(currency),
	}, nil
}

// maxSeconds limits the seconds of a day, across all users of the application.
const maxSeconds = 60 * maxMinutes

// deducted is the answer to "deduct".
type deducted struct {
	Deducted []subscription.Quantity `json:"deducted"`

	title   string
	seconds []int64
}

// deduct computes the package minutes that each record of a day consumes: the day's seconds are summed and rounded up
// to minutes, the weight converts them to package minutes, and the amount already deducted that day is subtracted.
func deduct(cat *pricing.Catalog, r *request) (result, error) {
	id, seconds := pricing.UsageKindID(r.text("kind")), r.counts("seconds", maxSeconds)
	if err := r.finish(); err != nil {
		return nil, err
	}
	kind, err := cat.UsageKind(id)
	if err != nil {
		return nil, err
	}
	if !kind.Covered {
		return nil, fmt.Errorf("packages don't cover %s: nothing is deducted", id)
	}
	d := deducted{Deducted: make([]subscription.Quantity, len(seconds)), title: fmt.Sprintf("a day of %s", id), seconds: seconds}
	var day, taken int64
	for i, s := range seconds {
		day += s
		minutes := pricing.RoundedMinutes(day)
		d.Deducted[i] = compare.Amount{Kind: kind, Minutes: minutes - taken}.PackageMinutes()
		taken = minutes
	}
	return d, nil
}
