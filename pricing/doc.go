// Package pricing implements the arithmetic of prepaid packages: money, catalog, periods and proration. It is pure: it
// has no clock, no I/O except the reader passed to [ParseCatalog], and no mutable global state.
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
// of sale are data: a JSON file that [ParseCatalog] validates as a whole.
package pricing
