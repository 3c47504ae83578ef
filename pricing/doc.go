// Package pricing implements the arithmetic of prepaid packages: money, catalog, periods and proration. It is pure: it
// has no clock, no I/O except the reader passed to [ParseCatalog], and no mutable global state.
//
//	cat, err := pricing.ParseCatalog(file)
//	…
//	list, err := cat.List("call", "lite", pricing.Months(1), "EUR")
//	…
//	fmt.Println(list.Price, list.Minutes)
//
// # Money
//
// [Money] is a settled amount: a whole number of minor units of an ISO 4217 [Currency]. [Rate] is the exact price of
// one unit of something and may be finer than a minor unit. [Ratio] is an exact fraction. A computation multiplies
// rates by ratios and rounds once, at the end ([Total]). Intermediate results are never rounded, no floating-point
// numbers are used, and no setting of the decimal library can change a result. The computation uses 128-bit integers,
// and math/big where the fractions have no common denominator of that size. If a result does not fit, the function
// returns [ErrOverflow], never a wrong number.
//
// # Lines
//
// Every amount is returned as a [Price] with its [Line] values. A line stores the inputs of its formula; [Line.Formula]
// and [Line.Exact] compute from them on demand. Lines sum to the amount: the rounded total is allocated to them by the
// largest remainder method.
//
// # Taxes and small amounts
//
// [Taxed] applies tax rates to an amount, which includes them or not; each tax is rounded once. [ChargeTerms] says to which
// step totals are rounded, and which are too small to charge. The difference is a line of its own ([RoundingOf],
// [WaiverOf]), so lines still sum to the amount.
//
// # Days and periods
//
// A [Date] is a calendar day, a [Zone] maps instants to days, and an [Anchor] and a number determine a [Period]. Period
// n is counted from the anchor, never from period n-1. Daylight saving does not change the number of days.
//
// Time zone rules can change at short notice. A period is therefore recorded as its instants and its [DayRange]. An
// upgrade within the period uses the recorded days. Neither is ever recomputed.
//
// # Catalog
//
// Products, package versions in upgrade order, list prices per term and currency, minutes, trials, offers and the terms
// of sale are data: a JSON file that [ParseCatalog] validates as a whole. A small example:
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
// Package examples/catalog has a larger one, with trials, offers, volume prices and free minutes.
package pricing
