package main

import "github.com/prepaidkit/prepaid/pricing"

// sampleCurrency is what the customers of the sample catalog pay in.
const sampleCurrency = pricing.Currency("USD")

// currencies are those that customers can pay in: those in which every product of the catalog is sold. A customer chooses
// one when it signs up.
func currencies(cat *pricing.Catalog) []pricing.Currency {
	var all []pricing.Currency
	for _, currency := range cat.Currencies() {
		everywhere := true
		for _, p := range cat.Products() {
			everywhere = everywhere && soldIn(cat, p.ID, currency)
		}
		if everywhere {
			all = append(all, currency)
		}
	}
	if len(all) == 0 {
		return append(cat.Currencies(), sampleCurrency)
	}
	return all
}

// soldIn reports whether any version of a product has a price in a currency.
func soldIn(cat *pricing.Catalog, product pricing.ProductID, currency pricing.Currency) bool {
	for _, v := range cat.Versions(product) {
		for _, term := range cat.Terms(product, v.ID) {
			if _, err := cat.List(product, v.ID, term, currency); err == nil {
				return true
			}
		}
	}
	return false
}

// currencyOf returns what a customer pays in.
func (c *console) currencyOf(cu customer) pricing.Currency {
	if cu.Currency != "" {
		return cu.Currency
	}
	return c.currencies[0]
}
