package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/pricing"
)

// sampleTaxes are the taxes that the console adds to the sample catalog, which has none. They come on top of its prices.
// The rates are illustrative.
const sampleTaxes = `{
  "included": false,
  "regions": [
    {"region": "DE", "rates": [{"name": "VAT", "percent": "19"}]},
    {"region": "CA-QC", "rates": [{"name": "GST", "percent": "5"}, {"name": "QST", "percent": "9.975"}]},
    {"region": "SG", "rates": [{"name": "GST", "percent": "8"}, {"name": "GST", "percent": "9", "from": "2024-01-01"}]}
  ]
}`

// regionNames are the names of those regions. Others are shown by their IDs.
var regionNames = map[pricing.RegionID]string{
	"DE": "Germany", "CA-QC": "Quebec, Canada", "SG": "Singapore", "FR": "France", "US": "United States",
}

func regionName(id pricing.RegionID) string {
	if name, ok := regionNames[id]; ok {
		return name
	}
	return string(id)
}

// openCatalog reads the catalog in a file or, if file is "", the sample catalog with taxes.
func openCatalog(file string) (*pricing.Catalog, error) {
	if file != "" {
		return catalog.Open(file)
	}
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(strings.NewReader(catalog.JSON())).Decode(&fields); err != nil {
		return nil, err
	}
	fields["revision"], fields["tax"] = json.RawMessage(`"sample-1-taxes"`), json.RawMessage(sampleTaxes)
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return pricing.ParseCatalog(bytes.NewReader(text))
}
