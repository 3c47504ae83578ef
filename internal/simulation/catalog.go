package simulation

import (
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// offered is the catalog of every world. The words in capitals differ between its revisions.
const offered = `{
  "revision": "REVISION", "zone": "ZONE", "rounding": "half_up", "day_count": "calendar",
  "agreement": {"version": "AGREEMENT", "documents": [{"name": "terms", "url": "https://example.com/terms"}]},
  "service": {"grace_hours": GRACE, "retention_days": 20, "late_usage_hours": LATE, "refund_days": 14, "arrears_hours": 24,
    "pending_hours": 6},
  "tax": {"included": INCLUDED, "regions": [
    {"region": "north", "rates": [{"name": "VAT", "percent": "19"}, {"name": "VAT", "percent": "16", "from": "2024-07-01"}]},
    {"region": "south", "rates": [{"name": "GST", "percent": "5"}, {"name": "QST", "percent": "SOUTH"}]}
  ]},
  "charges": {CHARGES},
  "products": [
    {"id": "call", "name": "Call", "upgradable": true, "versions": [
      {"id": "trial", "name": "Trial", "rank": 0, "trial": {"per_application": 2},
       "terms": [{"days": 7, "minutes": 10000, "list": {"USD": "0.00"}}]},
      {"id": "one", "name": "One", "rank": 1, "withdrawn": WITHDRAWN, "overdraft_minutes": 5000, "grace_minutes": 4000,
       "terms": [{"months": 1, "minutes": MANY, "list": {"USD": "ONE", "JPY": "29850"}},
                 {"months": 3, "minutes": 300000, "list": {"USD": "570.00"}}],
       "offers": [{"id": "first", "first_purchase": true, "months": 1, "price": {"USD": "99.00"}}]},
      {"id": "group", "name": "Group", "rank": 2,
       "terms": [{"months": 1, "minutes": 300000, "list": {"USD": "GROUP", "JPY": "89550"}},
                 {"months": 3, "minutes": 900000, "list": {"USD": "1700.00"}}]},
      {"id": "max", "name": "Max", "rank": 3,
       "terms": [{"months": 1, "minutes": 700001, "list": {"USD": "1234.57", "JPY": "185187"}}]}
    ]},
    {"id": "live", "name": "Live", "upgradable": true, "changes": true, "versions": [LITE
      {"id": "pro", "name": "Pro", "rank": 3, "overdraft_minutes": LENDS, "grace_minutes": BRIDGES,
       "terms": [{"months": 1, "minutes": 5000, "list": {"USD": "50.01"}},
                 {"months": 12, "minutes": 60000, "list": {"USD": "500.00"}}]}
    ]},
    {"id": "beauty", "name": "Beauty", "upgradable": false, "versions": [
      {"id": "basic", "name": "Basic", "rank": 1, "overdraft_minutes": LENDS, "grace_minutes": 300,
       "terms": [{"months": 1, "minutes": 0, "list": {"USD": "15.00"}}]}
    ]}
  ],
  "usage": {"overrun": "OVERRUN", "low_balance_percent": [LOW], "kinds": [
    {"id": "audio", "name": "Audio", "weight": "0.5", "per_thousand": {"USD": "0.99", "JPY": "148.5"}},
    {"id": "hd", "name": "HD", "weight": "1", "per_thousand": {"USD": "HD", "JPY": "598.35"}},
    {"id": "4k", "name": "4K", "weight": "4", "per_thousand": {"USD": "15.99", "JPY": "2398.5"}},
    {"id": "recording", "name": "Recording", "per_thousand": {"USD": "1.49", "JPY": "223.5"}}
  ]},
  "packs": [
    {"id": "call", "name": "2,500 minutes", "products": ["call"], "minutes": 2500,
     "validity": {"months": 2, "to_month_end": true}, "price": {"USD": "24.00", "JPY": "3600"}},
    {"id": "any", "name": "500 minutes", "products": ["call", "live", "beauty"], "minutes": 500,
     "validity": {"months": 1}, "price": {"USD": "PACK", "JPY": "1050"}},
    {"id": "custom", "name": "Any number of minutes", "products": ["live"], "validity": {"months": 1},
     "custom": {"step": 100, "least": 100, "most": 100000, "tiers": [
       {"from": 0, "per_thousand": {"USD": "9.9", "JPY": "1485"}},
       {"from": 1000, "per_thousand": {"USD": "9.605", "JPY": "1440.75"}}]}}
  ],
  "free": [
    {"id": "monthly", "name": "100 minutes a month", "products": ["call", "live"], "minutes": 100, "cycles": 3}
  ]
}`

// lite are two versions that one of the catalogs doesn't have. The difference between them is less than the least charge of
// those that name one.
const lite = `
      {"id": "lite", "name": "Lite", "rank": 1, "overdraft_minutes": 200, "grace_minutes": 100,
       "terms": [{"months": 1, "minutes": 1000, "list": {"USD": "10.00"}}],
       "offers": [{"id": "half", "months": 1, "periods": 3, "price": {"USD": "4.99"}}]},
      {"id": "plus", "name": "Plus", "rank": 2, "grace_minutes": 150,
       "terms": [{"months": 1, "minutes": 1100, "list": {"USD": "11.00"}}]},`

// revisions is the number of catalogs.
const revisions = 4

// Catalogs returns the successive catalogs of a time zone. In the second one, prices are higher, a version is
// withdrawn, times are shorter, and records that don't fit take what is left. In the third, another agreement must be
// accepted, prices are lower, a version is gone, times are longer, and such records are refused again. In the last,
// everything is sold again, and they take what is left.
func Catalogs(zone string) ([]*pricing.Catalog, error) {
	texts := [revisions]*strings.Replacer{
		strings.NewReplacer("REVISION", "first", "ZONE", zone, "AGREEMENT", "a-1", "WITHDRAWN", "false", "MANY", "100000",
			"ONE", "199.00", "HD", "3.99", "PACK", "7.00", "GROUP", "597.00", "LITE", lite,
			"GRACE", "24", "LATE", "24", "OVERRUN", "refuse", "LOW", "20, 5, 0", "INCLUDED", "false", "SOUTH", "9.975",
			"LENDS", "1000", "BRIDGES", "700", "CHARGES", ""),
		strings.NewReplacer("REVISION", "second", "ZONE", zone, "AGREEMENT", "a-1", "WITHDRAWN", "true", "MANY", "120000",
			"ONE", "219.90", "HD", "4.495", "PACK", "7.77", "GROUP", "649.99", "LITE", lite,
			"GRACE", "13", "LATE", "6", "OVERRUN", "take", "LOW", "50, 10", "INCLUDED", "false", "SOUTH", "9.975",
			"LENDS", "600", "BRIDGES", "900", "CHARGES", `"USD": {"least": "4.50", "step": "0.01"}, "JPY": {"least": "50"}`),
		strings.NewReplacer("REVISION", "third", "ZONE", zone, "AGREEMENT", "a-2", "WITHDRAWN", "false", "MANY", "90000",
			"ONE", "189.00", "HD", "3.005", "PACK", "6.50", "GROUP", "649.99", "LITE", "",
			"GRACE", "36", "LATE", "48", "OVERRUN", "refuse", "LOW", "1", "INCLUDED", "true", "SOUTH", "8.8",
			"LENDS", "1500", "BRIDGES", "0", "CHARGES", `"USD": {"step": "0.05"}, "JPY": {"step": "10"}`),
		strings.NewReplacer("REVISION", "fourth", "ZONE", zone, "AGREEMENT", "a-2", "WITHDRAWN", "false", "MANY", "100000",
			"ONE", "205.50", "HD", "3.99", "PACK", "7.00", "GROUP", "615.00", "LITE", lite,
			"GRACE", "84", "LATE", "12", "OVERRUN", "take", "LOW", "20, 5, 0", "INCLUDED", "false", "SOUTH", "0",
			"LENDS", "800", "BRIDGES", "500", "CHARGES", `"USD": {"least": "3.00", "step": "0.05"}`),
	}
	all := make([]*pricing.Catalog, len(texts))
	for i, text := range texts {
		c, err := pricing.ParseCatalog(strings.NewReader(text.Replace(offered)))
		if err != nil {
			return nil, err
		}
		all[i] = c
	}
	return all, nil
}

// Catalog returns the first of [Catalogs].
func Catalog(zone string) (*pricing.Catalog, error) {
	all, err := Catalogs(zone)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}
