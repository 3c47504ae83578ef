package main

import (
	"maps"
	"net/http"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// packagesBody is the price list of one product: a card for each version.
type packagesBody struct {
	Product  pricing.Product
	Versions []versionCard
	Timed    bool // the product has minutes
}

// versionCard is a version with its prices.
type versionCard struct {
	pricing.Version

	Terms    []termCard
	Features []feature
	Offers   []offerCard
}

type termCard struct {
	Term    pricing.Term
	Code    string
	Price   pricing.Money
	Minutes int64
}

type feature struct{ Name, Text string }

type offerCard struct {
	pricing.Offer

	Code  string // of the term
	Price pricing.Money
	Then  pricing.Money // the list price, at which it renews
}

// The names of features in the sample catalogs. Others are shown as they are.
var featureNames = map[string]string{
	"mau": "Monthly active users", "extra_mau": "More users",
	"participants": "Participants", "recording": "Recording", "sso": "Single sign-on",
}

func (c *console) packages(w http.ResponseWriter, r *http.Request, cu customer) error {
	all := c.catalog.Products()
	if len(all) == 0 {
		return errNoPage
	}
	product := all[0]
	if id := r.FormValue("product"); id != "" {
		var err error
		if product, err = c.catalog.Product(pricing.ProductID(id)); err != nil {
			return errNoPage
		}
	}
	body := packagesBody{Product: product, Timed: c.sellsMinutes(product.ID)}
	for _, v := range c.catalog.Versions(product.ID) {
		if !v.Withdrawn {
			body.Versions = append(body.Versions, c.versionCard(v, c.currencyOf(cu)))
		}
	}
	return c.render(w, r, http.StatusOK, "packages", view{Title: "Package subscription", Section: "packages", Body: body})
}

// versionCard returns a version with what is sold of it in a currency.
func (c *console) versionCard(v pricing.Version, currency pricing.Currency) versionCard {
	card := versionCard{Version: v}
	for _, term := range c.catalog.Terms(v.Product, v.ID) {
		if list, err := c.catalog.List(v.Product, v.ID, term, currency); err == nil {
			card.Terms = append(card.Terms, termCard{term, termCode(term), list.Price, list.Minutes})
		}
	}
	features := c.catalog.Features(v.Product, v.ID)
	for _, name := range slices.Sorted(maps.Keys(features)) {
		shown := name
		if known, ok := featureNames[name]; ok {
			shown = known
		}
		card.Features = append(card.Features, feature{shown, features[name]})
	}
	for _, o := range c.catalog.Offers(v.Product, v.ID) {
		// An offer that isn't valid today, or has no price in this currency, isn't shown.
		p, _, err := c.catalog.Discounted(v.Product, v.ID, o.ID, o.Term, currency, c.clock.now())
		list, errList := c.catalog.List(v.Product, v.ID, o.Term, currency)
		if err == nil && errList == nil {
			card.Offers = append(card.Offers, offerCard{o, termCode(o.Term), p.Price, list.Price})
		}
	}
	return card
}

// sellsMinutes reports whether packages of a product have minutes. Those of others have features alone.
func (c *console) sellsMinutes(product pricing.ProductID) bool {
	for _, v := range c.catalog.Versions(product) {
		for _, term := range c.catalog.Terms(product, v.ID) {
			for _, currency := range c.catalog.Currencies() {
				if list, err := c.catalog.List(product, v.ID, term, currency); err == nil && list.Minutes > 0 {
					return true
				}
			}
		}
	}
	return false
}
