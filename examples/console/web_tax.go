package main

import (
	"net/http"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// taxBody is the page of a customer's tax facts.
type taxBody struct {
	taxFacts

	Regions  []regionRow
	Included bool // prices include tax

	Price, Net, Total pricing.Money // what the facts mean for a price
	Taxes             []pricing.Tax
}

// regionRow is a region with the taxes that apply there today.
type regionRow struct {
	ID    pricing.RegionID
	Name  string
	Rates string
}

// samplePrice is the price for which the page shows what the facts mean: 199.00 in the customer's currency.
const samplePrice = 199_00

func (c *console) taxPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	facts, err := c.taxOf(r.Context(), cu)
	if err != nil {
		return err
	}
	body := taxBody{taxFacts: facts, Included: c.catalog.TaxIncluded()}
	if r.URL.Query().Has(problemField) { // as it was typed
		body.taxFacts = readTax(r)
	}
	today := c.catalog.Zone().DateOf(c.clock.now())
	for _, id := range c.catalog.TaxRegions() {
		rates, err := c.catalog.TaxRates(id, today)
		if err != nil {
			return err
		}
		row := regionRow{ID: id, Name: regionName(id), Rates: "no tax"}
		for i, rate := range rates {
			if i == 0 {
				row.Rates = ""
			} else {
				row.Rates += " and "
			}
			row.Rates += rateName(rate)
		}
		body.Regions = append(body.Regions, row)
	}
	if body.Price, err = pricing.FromMinor(samplePrice, c.currencyOf(cu)); err != nil {
		return err
	}
	rates, err := facts.rates(c.catalog, c.clock.now())
	if err != nil {
		return explain(err)
	}
	body.Net, body.Total, body.Taxes, err = pricing.Taxed(body.Price, rates, body.Included, c.catalog.Rounding())
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "tax", view{Title: "Tax", Section: "tax", Body: body})
}

// readTax reads the form.
func readTax(r *http.Request) taxFacts {
	return taxFacts{
		Region: pricing.RegionID(r.FormValue("region")), Exempt: r.FormValue("exempt") != "",
		Number: strings.ToUpper(strings.TrimSpace(r.FormValue("number"))),
	}
}

// saveTax records what the customer says. A host of your own checks it first.
func (c *console) saveTax(w http.ResponseWriter, r *http.Request, cu customer) error {
	if err := c.setTax(r.Context(), cu, readTax(r)); err != nil {
		return back(w, r, "/tax", err, "region", "number", "exempt")
	}
	return see(w, r, "/tax?notice=tax")
}
