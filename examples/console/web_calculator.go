package main

import (
	"context"
	"net/http"

	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// calculatorBody is the price calculator: usage, and the ways of paying for it.
type calculatorBody struct {
	Products []pricing.Product // those with minutes: the others aren't priced by usage

	Product pricing.ProductID
	Kinds   []kindRow
	Used    subscription.Quantity // package minutes
	Ways    []compare.Way
	LeftOut []string
	Bars    []wayBar
	Why     *notice
	Any     bool // there is usage
}

// kindRow is a kind of usage with its minutes.
type kindRow struct {
	pricing.UsageKind

	Minutes int64
	Bad     bool
}

// maxSlider is where the sliders end. A number that is typed may be greater, up to maxTyped.
const (
	maxSlider = 500_000
	maxTyped  = 100_000_000
)

func (c *console) calculator(w http.ResponseWriter, r *http.Request, cu customer) error {
	body := calculatorBody{Product: c.timedProduct()}
	asked := pricing.ProductID(r.FormValue("product"))
	for _, p := range c.catalog.Products() {
		if !c.sellsMinutes(p.ID) {
			continue
		}
		body.Products = append(body.Products, p)
		if p.ID == asked {
			body.Product = asked
		}
	}
	first := len(r.URL.Query()) == 0
	var usage []compare.Amount
	for _, k := range c.catalog.UsageKinds() {
		row := kindRow{UsageKind: k}
		text := r.FormValue(string(k.ID))
		if first {
			text = map[pricing.UsageKindID]string{"hd": "20000", "video": "2000", "audio": "5000"}[k.ID] // an example to begin with
		}
		if text != "" {
			row.Minutes = wholeNumber(text)
		}
		if row.Minutes < 0 || row.Minutes > maxTyped {
			row.Minutes, row.Bad = 0, true
			body.Why = &notice{Kind: "bad", Title: "Please enter whole minutes", Text: "Each number is from 0 to 100,000,000."}
		}
		body.Kinds = append(body.Kinds, row)
		if row.Minutes > 0 {
			usage = append(usage, compare.Amount{Kind: k, Minutes: row.Minutes})
		}
	}
	body.Any = len(usage) > 0
	result, err := compare.Ways(c.catalog, body.Product, c.currencyOf(cu), usage...)
	if err != nil {
		if body.Why = noticeOf(explain(err)); body.Why == nil {
			return err
		}
	}
	body.Used, body.Ways, body.LeftOut = result.PackageMinutes, result.Ways, result.LeftOut
	if body.Bars, err = c.chartOf(result.Ways); err != nil {
		return err
	}
	if err := c.taxBars(r.Context(), cu, body.Bars); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "calculator", view{Title: "Price calculator", Section: "calculator", Body: body})
}

// timedProduct returns the product that packs are for first, or else one with minutes, or "".
func (c *console) timedProduct() pricing.ProductID {
	for _, p := range c.catalog.Packs() {
		if !p.Withdrawn && len(p.Products) > 0 {
			return p.Products[0]
		}
	}
	for _, p := range c.catalog.Products() {
		if c.sellsMinutes(p.ID) {
			return p.ID
		}
	}
	return ""
}

// taxBars adds what each way costs a customer with its taxes.
func (c *console) taxBars(ctx context.Context, cu customer, bars []wayBar) error {
	facts, err := c.taxOf(ctx, cu)
	if err != nil {
		return err
	}
	rates, err := facts.rates(c.catalog, c.clock.now())
	if err != nil || len(rates) == 0 || c.catalog.TaxIncluded() {
		return explain(err)
	}
	for i := range bars {
		if _, bars[i].Taxed, _, err = pricing.Taxed(bars[i].Amount, rates, false, c.catalog.Rounding()); err != nil {
			return err
		}
	}
	return nil
}
