package simulation

import (
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// offered is the catalogue of every world. What is in capitals differs between its revisions.
const offered = `{
  "revision": "REVISION", "zone": "ZONE", "rounding": "half_up", "day_count": "calendar",
  "agreement": {"version": "AGREEMENT", "documents": [{"name": "terms", "url": "https://example.com/terms"}]},
  "service": {"grace_hours": 24, "retention_days": 20, "late_usage_hours": 24},
  "products": [
    {"id": "call", "name": "Call", "upgradable": true, "versions": [
      {"id": "trial", "name": "Trial", "rank": 0, "trial": {"per_application": 2},
       "terms": [{"days": 7, "minutes": 10000, "list": {"USD": "0.00"}}]},
      {"id": "one", "name": "One", "rank": 1, "withdrawn": WITHDRAWN,
       "terms": [{"months": 1, "minutes": 100000, "list": {"USD": "ONE", "JPY": "29850"}},
                 {"months": 3, "minutes": 300000, "list": {"USD": "570.00"}}],
       "offers": [{"id": "first", "first_purchase": true, "months": 1, "price": {"USD": "99.00"}}]},
      {"id": "group", "name": "Group", "rank": 2,
       "terms": [{"months": 1, "minutes": 300000, "list": {"USD": "GROUP", "JPY": "89550"}},
                 {"months": 3, "minutes": 900000, "list": {"USD": "1700.00"}}]},
      {"id": "max", "name": "Max", "rank": 3,
       "terms": [{"months": 1, "minutes": 700001, "list": {"USD": "1234.57", "JPY": "185187"}}]}
    ]},
    {"id": "live", "name": "Live", "upgradable": true, "versions": [LITE
      {"id": "pro", "name": "Pro", "rank": 2,
       "terms": [{"months": 1, "minutes": 5000, "list": {"USD": "50.01"}},
                 {"months": 12, "minutes": 60000, "list": {"USD": "500.00"}}]}
    ]},
    {"id": "beauty", "name": "Beauty", "upgradable": false, "versions": [
      {"id": "basic", "name": "Basic", "rank": 1,
       "terms": [{"months": 1, "minutes": 0, "list": {"USD": "15.00"}}]}
    ]}
  ]
}`

const lite = `
      {"id": "lite", "name": "Lite", "rank": 1,
       "terms": [{"months": 1, "minutes": 1000, "list": {"USD": "10.00"}}],
       "offers": [{"id": "half", "months": 1, "price": {"USD": "4.99"}}]},`

// catalogs returns the revisions that are in force one after the other: prices rise and a version is
// withdrawn; then another agreement has to be accepted, prices fall, and a version is gone altogether.
func catalogs(zone string) ([]*pricing.Catalog, error) {
	texts := []*strings.Replacer{
		strings.NewReplacer("REVISION", "first", "ZONE", zone, "AGREEMENT", "a-1", "WITHDRAWN", "false",
			"ONE", "199.00", "GROUP", "597.00", "LITE", lite),
		strings.NewReplacer("REVISION", "second", "ZONE", zone, "AGREEMENT", "a-1", "WITHDRAWN", "true",
			"ONE", "219.90", "GROUP", "649.99", "LITE", lite),
		strings.NewReplacer("REVISION", "third", "ZONE", zone, "AGREEMENT", "a-2", "WITHDRAWN", "false",
			"ONE", "189.00", "GROUP", "649.99", "LITE", ""),
	}
	var all []*pricing.Catalog
	for _, text := range texts {
		c, err := pricing.ParseCatalog(strings.NewReader(text.Replace(offered)))
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}
