// Command calculator answers questions about prices. It reads JSON objects from standard input, one per line, and
// writes one JSON object per line to standard output, in the same order. It has no state and reads no clock.
//
//	calculator [-catalog FILE] [-table]
//
// -catalog names a file in the format of [pricing.ParseCatalog]; the default is the sample catalog of examples/catalog.
// -table prints human-readable tables instead of JSON.
//
// A line that can't be answered produces {"error":"…"} in its place. The other lines are still answered, and the exit
// status is 1. The exit status is 2 if nothing can be answered, because of a wrong flag or an unreadable catalog. Empty
// lines are skipped. A line is at most 1 MiB long.
//
// Requests are parsed strictly: an unknown, misspelled or repeated field is an error. A null field counts as absent.
// Amounts are strings with the digits of their currency and are never negative ("100.00"); counts are whole numbers;
// days are "2025-06-16"; instants are in RFC 3339 format. In answers, amounts have all digits of the currency. "exact"
// is the value before rounding, as a plain decimal if it has a finite one, otherwise as a fraction in lowest terms
// ("6368/31"). Every amount comes with the lines that sum to it:
//
//	{"kind":"upgrade","item":"call/group-call","formula":"(597.00 − 199.00) × 16/31","exact":"6368/31","amount":"205.42"}
//
// # purchase
//
// Prices one period of a package bought on a given day, and returns the period; "end" is exclusive.
//
//	{"op":"purchase","product":"call","version":"group-call","months":1,"currency":"USD","on":"2025-06-16"}
//	{"price":"597.00","minutes":300000,"start":"2025-06-16","end":"2025-07-16","days":30,"lines":[…]}
//
// Trials are sold by "days" instead of "months". "offer" names a discounted offer of the version, which must be valid
// on that day; eligibility is not checked.
//
// # upgrade
//
// Prices a higher version for the rest of a period, with its additional minutes: (new price − current price) ×
// remaining / total, and the same for the minutes, rounded down.
//
//	{"op":"upgrade","currency":"USD","zone":"UTC","start":"2025-06-01","months":1,"at":"2025-06-16T10:00:00Z","from":{"list":"100.00","paid":"80.00","minutes":1000},"to":{"list":"300.00","minutes":5000}}
//	{"price":"110.00","minutes":2000,"remaining":15,"total":30,"exact":"110","lines":[…]}
//
// The period is "months" or "days" long from "start". The upgrade takes place "at" an instant within it or, if "at" is
// a day, at the start of that day. "from" is the current package: its list price, the price "paid" for the period if it
// was discounted, and its minutes (default 0). "to" is the package upgraded to. Optional fields are
//
//	zone           time zone of the days, an IANA name; default: the catalog's
//	rounding       half_up, half_even, down or up; default: the catalog's
//	day_count      calendar or elapsed; default: the catalog's
//	future_cycles  number of prepaid cycles that have not begun: 0 to 120
//
// With calendar, "remaining" and "total" are days, the day of the upgrade counts as remaining, and a "start" that is an
// instant means its day. With elapsed they are seconds, and a period that starts at an instant (truncated to the
// second) ends at the same time of day "months" later.
//
// Each future cycle costs the full difference to the list price of the current version, whatever was paid for the
// current period: a discount applies to the first period only, and renewals are paid at list price. The minutes of
// future cycles are granted when each begins; "future_minutes" lists them.
//
// Instead of figures, "from" and "to" can both name a version of a "product". List prices and minutes then come from
// the catalog, for the term and the currency, "paid" can still be given, and the upgrade path is enforced: the new
// version must have a higher rank and be on sale, the product must be upgradable, and the current version must not be a
// trial.
//
//	{"op":"upgrade","product":"call","currency":"USD","start":"2025-07-01","months":1,"at":"2025-07-16","from":{"version":"one-to-one"},"to":{"version":"group-call"}}
//	{"price":"205.42","minutes":103225,"remaining":16,"total":31,"exact":"6368/31","lines":[…]}
//
// # periods
//
// Lists the first periods of a subscription, each counted from the anchor. "count" is 1 to 1200, "end" is exclusive,
// and "zone" defaults to the catalog's.
//
//	{"op":"periods","anchor":"2024-01-31","months":1,"count":3,"zone":"UTC"}
//	{"periods":[{"start":"2024-01-31","end":"2024-02-29","days":29},{"start":"2024-02-29","end":"2024-03-31","days":31},{"start":"2024-03-31","end":"2024-04-30","days":30}]}
//
// # path
//
// Lists the versions above a given one, from low to high: the versions that it can be upgraded to or, for a trial, that
// can be purchased after it. The list is empty for the highest version and for a product that is not upgradable.
//
//	{"op":"path","product":"live","from":"lite"}
//	{"path":["standard","pro"]}
//
// # pack
//
// Prices top-up minutes as one order: a "quantity" of one fixed pack (default 1), or a custom pack with a number of
// "minutes", whose price depends on the volume. "currency" defaults to USD, here and below.
//
//	{"op":"pack","pack":"rtc-engine-250k","quantity":3}
//	{"price":"681.00","minutes":750000,"lines":[…]}
//	{"op":"pack","pack":"custom","minutes":30000}
//	{"price":"28.80","minutes":30000,"lines":[…]}
//
// # usage
//
// Prices whole minutes of pay-as-you-go usage by kind, with a line for each kind in the catalog's order, summed and
// rounded once. It also returns the number of package minutes that the covered kinds would consume: the minutes of each
// kind times its weight.
//
//	{"op":"usage","minutes":{"hd":60,"2k":240,"audio":60}}
//	{"price":"4.14","exact":"4.1364","package_minutes":4140,"lines":[…]}
//
// # tax
//
// purchase, upgrade and usage take a "tax": a "region" of the catalog, or a list of "rates". The answer then has the price
// without tax, each tax, and what is charged; each tax is rounded once. "included" says whether the price includes tax;
// the default is the catalog's. A region's rates are those of the day "on", by default the day of the purchase or upgrade.
//
//	{"op":"purchase","product":"call","version":"one-to-one","months":1,"currency":"USD","on":"2025-06-16","tax":{"rates":[{"name":"VAT","percent":"19"}]}}
//	{"price":"199.00",…,"net":"199.00","taxes":[{"name":"VAT","percent":"19","amount":"37.81"}],"charge":"236.81"}
//
// # deduct
//
// Computes the package minutes that each record of a day deducts: the day's seconds of the kind are summed and rounded
// up to minutes, the minutes are multiplied by the kind's weight, and the amount already deducted that day is
// subtracted. The numbers are whole, or have up to three decimals if the weight has decimals.
//
//	{"op":"deduct","kind":"hd","seconds":[30,20,40]}
//	{"deducted":[4,0,4]}
//
// # estimate
//
// Compares all ways of paying for a month of usage of a product, cheapest first, each itemized.
//
//	{"op":"estimate","product":"rtc-engine","minutes":{"hd":20000,"audio":5000}}
//	{"package_minutes":85000,"options":[{"way":"packs","price":"81.60","package_minutes":85000,"lines":[…]},{"way":"pay-as-you-go",…},…]}
//
// The outer "package_minutes" is the number that the usage consumes; that of an option is the number bought. For each
// version of the product that is on sale for one month, has minutes and is not a trial, the ways are
//
//	rtc-engine/standard              if its minutes suffice
//	rtc-engine/lite + pay-as-you-go  otherwise: the excess is paid as usage
//	rtc-engine/lite + packs          otherwise: top-up packs cover the excess
//
// and, without a package, "packs" and "pay-as-you-go". Ways with the same price are in this order, versions from low to
// high. A way is omitted if part of it has no price in the currency, or if no packs suffice.
//
//   - Packages are applied to the kinds in the catalog's order. In reality, which minutes exceed the package depends
//     on the order in which they are used.
//   - Kinds that packages don't cover are paid as usage in every way.
//   - Packs are the cheapest combination (not a greedy one) of all packs on sale that can be spent on the product: up
//     to 10,000 of each fixed pack, and at most one custom pack of any valid size. Among combinations with the same
//     price, a custom pack alone comes first, then the one with the most of the largest pack, and so on. A larger size
//     can be cheaper than the one needed. The search skips combinations that can't be cheaper, and stops after 131,072
//     steps; a way that needs more is not among the options but is named in "left_out".
//   - A pack is paid in full, even if its minutes last longer than the month. Free minutes and discounted offers are
//     not considered.
//   - Each package and pack is a separate order and rounded separately; usage is rounded once for the month.
package main
