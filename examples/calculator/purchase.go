package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// purchased is the answer to "purchase".
type purchased struct {
	Price   string       `json:"price"`
	Minutes int64        `json:"minutes"`
	Start   pricing.Date `json:"start"`
	End     pricing.Date `json:"end"`
	Days    int          `json:"days"`
	Lines   []line       `json:"lines"`
	taxed                //nolint:embeddedstructfieldcheck // in the order of the answer

	title, currency string
}

// purchase prices one period of a package. It checks that the version is on sale and the offer is valid, but not who
// buys.
func purchase(cat *pricing.Catalog, r *request) (result, error) {
	product := pricing.ProductID(r.text("product"))
	version := pricing.VersionID(r.text("version"))
	currency, term, on := r.currency(), r.term(), r.date("on")
	var offer pricing.OfferID
	discounted := r.has("offer")
	if discounted {
		offer = pricing.OfferID(r.text("offer"))
	}
	tax := r.tax(cat)
	if err := r.finish(); err != nil {
		return nil, err
	}
	v, err := cat.Version(product, version)
	if err != nil {
		return nil, err
	}
	if v.Withdrawn {
		return nil, fmt.Errorf("%s/%s is no longer sold", product, version)
	}
	holding, err := cat.List(product, version, term, currency)
	if err == nil && discounted {
		holding, _, err = cat.Discounted(product, version, offer, term, currency, cat.Zone().StartOf(on))
	}
	if err != nil {
		return nil, err
	}
	first, err := spans(pricing.Anchor{Date: on, Term: term}, 1, cat.Zone())
	if err != nil {
		return nil, err
	}
	item := fmt.Sprintf("%s/%s", product, version)
	price, err := pricing.PricePurchase(item, holding.Price, 1, cat.Rounding())
	if err != nil {
		return nil, err
	}
	with, err := tax.of(price.Amount, cat, cat.Rounding(), on)
	if err != nil {
		return nil, err
	}
	return purchased{
		Price: price.Amount.Amount(), Minutes: holding.Minutes,
		Start: first[0].Start, End: first[0].End, Days: first[0].Days, Lines: linesOf(price.Lines), taxed: with,
		title: fmt.Sprintf("purchase of %s for %s", item, term), currency: string(currency),
	}, nil
}
