// Package pricing is the arithmetic of prepaid packages: money, catalog, periods, proration. It is
// pure: no clock, no I/O but the reader given to [ParseCatalog], no global state that can change.
//
// # Money
//
// [Money] is a settled amount, a whole number of minor units of an ISO 4217 [Currency]; [Rate] is the
// exact price of one unit of something and may be finer; [Ratio] is an exact fraction. A computation
// multiplies rates with ratios and rounds once, at the end ([Total]), so that no intermediate figure is
// ever rounded, nothing passes through a float, and no setting of the decimal library can change a result.
// It is done in 128-bit integers, and in those of math/big where the fractions have no common denominator
// of that size. A result that doesn't fit is [ErrOverflow], never a wrong number.
//
// # Lines
//
// Every amount comes as a [Price] with its [Line] values. A line keeps the inputs of its formula;
// [Line.Formula] and [Line.Exact] render them when somebody reads them. Lines sum to the amount: the
// rounded total is allocated to them by the method of the largest remainder.
//
// # Days and periods
//
// A [Date] is a day of the calendar, a [Zone] turns instants into days, an [Anchor] and a number make a
// [Period]. Period n is counted from the anchor, never from period n-1. Daylight saving changes no
// count of days.
//
// Zones get other rules at short notice. A period that is promised is recorded as its instants and as its
// [DayRange]; an upgrade within it is counted on those days, and neither is computed again.
//
// # Catalog
//
// Products, package versions in upgrade order, list prices per term and currency, minutes, trials,
// offers and the terms of sale are data: a JSON file that [ParseCatalog] validates whole. A small one:
//
//	{
//	  "revision": "2025-06",
//	  "zone": "Europe/Berlin",
//	  "agreement": {"version": "2025-01", "documents": [{"name": "Terms", "url": "https://example.com/terms"}]},
//	  "products": [
//	    {"id": "call", "name": "Call", "upgradable": true, "versions": [
//	      {"id": "lite", "name": "Lite", "rank": 1, "terms": [{"months": 1, "minutes": 1000, "list": {"EUR": "19.00"}}]},
//	      {"id": "pro", "name": "Pro", "rank": 2, "terms": [{"months": 1, "minutes": 5000, "list": {"EUR": "79.00"}}]}
//	    ]}
//	  ],
//	  "usage": {"kinds": [{"id": "audio", "name": "Audio", "weight": "1", "per_thousand": {"EUR": "0.99"}}]},
//	  "packs": [
//	    {"id": "small", "name": "500 minutes", "products": ["call"], "validity": {"months": 12},
//	      "minutes": 500, "price": {"EUR": "9.00"}}
//	  ]
//	}
//
// Package examples/catalog has a large one, with trials, offers, volume prices and free minutes.
package pricing
