package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/prepaidkit/prepaid/pricing"
)

// taxed is what tax adds to an answer. It is empty if the request doesn't ask for tax.
type taxed struct {
	Net    string    `json:"net,omitempty"`
	Taxes  []taxLine `json:"taxes,omitempty"`
	Charge string    `json:"charge,omitempty"` // with tax

	currency string
}

// taxLine is one tax of a price.
type taxLine struct {
	Name    string `json:"name"`
	Percent string `json:"percent"`
	Amount  string `json:"amount"`
}

// taxation is the tax that a request asks for.
type taxation struct {
	asked    bool
	region   pricing.RegionID
	rates    []pricing.TaxRate
	included bool
	on       pricing.Date // 0: the day of the purchase or upgrade
}

// tax reads the optional field "tax": a region of the catalog, or rates.
func (r *request) tax(cat *pricing.Catalog) taxation {
	if !r.has("tax") {
		return taxation{}
	}
	in := r.object("tax")
	t := taxation{asked: true, included: cat.TaxIncluded()}
	switch {
	case in.has("region") == in.has("rates"):
		in.fail("", errors.New("want either a region or rates"))
	case in.has("region"):
		t.region = pricing.RegionID(in.text("region"))
	default:
		t.rates = in.rates()
	}
	if in.has("included") {
		if err := json.Unmarshal(in.values["included"], &t.included); err != nil {
			in.fail("included", errors.New("want true or false"))
		}
	}
	if in.has("on") {
		t.on = in.date("on")
	}
	_ = in.finish() // kept in the request
	return t
}

// rates reads the rates of a tax.
func (r *request) rates() []pricing.TaxRate {
	var all []json.RawMessage
	if err := json.Unmarshal(r.values["rates"], &all); err != nil || len(all) == 0 {
		r.fail("rates", errors.New("want a list of rates"))
		return nil
	}
	rates := make([]pricing.TaxRate, len(all))
	for i, value := range all {
		in := &request{path: fmt.Sprintf("%s[%d]", r.at("rates"), i), problem: r.problem}
		in.read(value)
		rates[i].Name = in.text("name")
		percent, err := pricing.ParseRate(in.text("percent"))
		if err != nil {
			in.fail("percent", err)
		}
		rates[i].Percent = percent
		_ = in.finish() // kept in the request
	}
	if err := pricing.ValidateTaxRates(rates); err != nil {
		r.fail("rates", err)
	}
	return rates
}

// of returns the tax of a price on a day; 0 means that the request must name the day for a region's rates.
func (t taxation) of(price pricing.Money, cat *pricing.Catalog, mode pricing.Rounding, day pricing.Date) (taxed, error) {
	if !t.asked {
		return taxed{}, nil
	}
	rates := t.rates
	if t.region != "" {
		if t.on != 0 {
			day = t.on
		}
		if day == 0 {
			return taxed{}, errors.New("tax.on: is missing")
		}
		var err error
		if rates, err = cat.TaxRates(t.region, day); err != nil {
			return taxed{}, err
		}
	}
	net, total, taxes, err := pricing.Taxed(price, rates, t.included, mode)
	if err != nil {
		return taxed{}, err
	}
	out := taxed{Net: net.Amount(), Charge: total.Amount(), currency: string(price.Currency())}
	for _, tax := range taxes {
		out.Taxes = append(out.Taxes, taxLine{tax.Name, tax.Percent.String(), tax.Amount.Amount()})
	}
	return out, nil
}

func (t taxed) table(w io.Writer) {
	if t.Charge == "" {
		return
	}
	fmt.Fprintf(w, "  net\t%s\n", t.Net)
	for _, tax := range t.Taxes {
		fmt.Fprintf(w, "  %s\t%s %%\t→ %s\n", tax.Name, tax.Percent, tax.Amount)
	}
	fmt.Fprintf(w, "  charge\t%s %s\n", t.Charge, t.currency)
}
