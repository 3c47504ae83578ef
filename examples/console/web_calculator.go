package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// calculatorBody is the price calculator: usage, and the ways of paying for it.
type calculatorBody struct {
	Product pricing.ProductID
	Kinds   []kindRow
	Used    subscription.Quantity // package minutes
	Ways    []compare.Way
	LeftOut []string
	Chart   waysChart
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

func (c *console) calculator(w http.ResponseWriter, r *http.Request, _ customer) error {
	body := calculatorBody{Product: pricing.ProductID(r.FormValue("product"))}
	if _, err := c.catalog.Product(body.Product); err != nil {
		body.Product = "rtc-engine"
	}
	first := len(r.URL.Query()) == 0
	var usage []compare.Amount
	for _, k := range c.catalog.UsageKinds() {
		row := kindRow{UsageKind: k}
		text := r.FormValue(string(k.ID))
		if first {
			text = map[pricing.UsageKindID]string{"hd": "20000", "audio": "5000"}[k.ID] // an example to begin with
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
	result, err := compare.Ways(c.catalog, body.Product, currency, usage...)
	if err != nil {
		if body.Why = noticeOf(explain(err)); body.Why == nil {
			return err
		}
	}
	body.Used, body.Ways, body.LeftOut = result.PackageMinutes, result.Ways, result.LeftOut
	body.Chart = c.chartOf(result.Ways)
	return c.render(w, r, http.StatusOK, "calculator", view{Title: "Price calculator", Section: "calculator", Body: body})
}
