// Command calculator answers questions about prices: JSON objects, one a line, on standard input; one
// JSON object a line on standard output, in the same order. It keeps no state and reads no clock.
//
//	calculator [-catalog FILE] [-table]
//
// -catalog names a file in the format of [pricing.ParseCatalog]; the default is the sample catalog
// of examples/catalog. -table prints tables for people instead of JSON.
//
// A line that can't be answered gives {"error":"…"} in its place, the others are answered all the
// same, and the exit status is 1. It is 2 when there is nothing to answer at all: a wrong flag, an
// unreadable catalog. Empty lines are skipped. A line is at most 1 MiB long.
//
// Requests are read strictly: an unknown, misspelt or repeated field is an error. A field that is null
// counts as absent. Amounts are strings in the digits of their currency and never negative ("100.00");
// counts are whole numbers; days are "2025-06-16"; instants are RFC 3339. In answers, amounts have all
// digits of the currency; "exact" is the value before its one rounding, as a plain decimal where it
// is one and as a fraction in lowest terms where it is not ("6368/31"). Every amount comes with the
// lines that sum to it:
//
//	{"kind":"upgrade","item":"call/group-call","formula":"(597.00 − 199.00) × 16/31","exact":"6368/31","amount":"205.42"}
//
// # purchase
//
// The price of one period of a package bought on a day, and the period; "end" is exclusive.
//
//	{"op":"purchase","product":"call","version":"group-call","months":1,"currency":"USD","on":"2025-06-16"}
//	{"price":"597.00","minutes":300000,"start":"2025-06-16","end":"2025-07-16","days":30,"lines":[…]}
//
// Trials are sold by "days" in place of "months". "offer" names a discounted offer of the version, which
// must be in force on the day; who may have it is not asked.
//
// # upgrade
//
// The price of a higher version for the rest of a period, and the minutes that come with it:
// (new price − current price) × remaining / total, and likewise for the minutes, rounded down.
//
//	{"op":"upgrade","currency":"USD","zone":"UTC","start":"2025-06-01","months":1,"at":"2025-06-16T10:00:00Z","from":{"list":"100.00","paid":"80.00","minutes":1000},"to":{"list":"300.00","minutes":5000}}
//	{"price":"110.00","minutes":2000,"remaining":15,"total":30,"exact":"110","lines":[…]}
//
// The period is "months" or "days" long from "start"; the upgrade happens "at" an instant of it, or, where
// that is a day, at the start of that day. "from" is the current package: its list price, what was
// "paid" for the period where that was a discounted price, and its minutes (0 where absent). "to" is the
// package upgraded to. Optional are
//
//	zone           of the days: an IANA name; the catalog's where absent
//	rounding       half_up, half_even, down or up; the catalog's where absent
//	day_count      calendar or elapsed; the catalog's where absent
//	future_cycles  how many cycles are already paid for and not yet begun: 0 to 120
//
// By the calendar, "remaining" and "total" are days, the day of the upgrade counts as remaining, and a
// "start" that is an instant means its day. With "elapsed" they are seconds, and a period that starts at an
// instant (whose fraction of a second is dropped) ends at the same time of the clock "months" later.
//
// Each future cycle costs the full difference to the list price of the current version, whatever
// was paid for the current period: a discount is for the first period, and renewals are paid at list
// price. The minutes of future cycles are granted when each begins; "future_minutes" lists them.
//
// Instead of figures, "from" and "to" can both name a version of a "product". List prices and minutes are
// then the catalog's for the term and the currency, "paid" can still be given, and the upgrade path
// holds: to a version of a higher rank that is on sale, of an upgradable product, and not from a trial.
//
//	{"op":"upgrade","product":"call","currency":"USD","start":"2025-07-01","months":1,"at":"2025-07-16","from":{"version":"one-to-one"},"to":{"version":"group-call"}}
//	{"price":"205.42","minutes":103225,"remaining":16,"total":31,"exact":"6368/31","lines":[…]}
//
// # periods
//
// The first periods of a subscription, each counted from the anchor; "count" is 1 to 1200, "end" is
// exclusive, and "zone" is the catalog's where absent.
//
//	{"op":"periods","anchor":"2024-01-31","months":1,"count":3,"zone":"UTC"}
//	{"periods":[{"start":"2024-01-31","end":"2024-02-29","days":29},{"start":"2024-02-29","end":"2024-03-31","days":31},{"start":"2024-03-31","end":"2024-04-30","days":30}]}
//
// # path
//
// The versions above another, from low to high: what it can be upgraded to, and after a trial what can be
// purchased. It is empty for the highest version and for a product that is not upgradable.
//
//	{"op":"path","product":"live","from":"lite"}
//	{"path":["standard","pro"]}
//
// # pack
//
// The price of top-up minutes, as one order: a "quantity" of one fixed pack (1 where absent), or a custom
// pack of so many "minutes", whose price depends on the volume. "currency" is USD where absent, here and
// below.
//
//	{"op":"pack","pack":"rtc-engine-250k","quantity":3}
//	{"price":"681.00","minutes":750000,"lines":[…]}
//	{"op":"pack","pack":"custom","minutes":30000}
//	{"price":"28.80","minutes":30000,"lines":[…]}
//
// # usage
//
// The pay-as-you-go price of whole minutes by kind, a line for each kind in the catalog's order, summed
// and rounded once; and how many package minutes the kinds that packages cover would take, each minute times
// the kind's weight.
//
//	{"op":"usage","minutes":{"hd":60,"2k":240,"audio":60}}
//	{"price":"4.14","exact":"4.1364","package_minutes":4140,"lines":[…]}
//
// # deduct
//
// What each record of a day deducts from packages, in package minutes: the day's seconds of the kind are
// summed and rounded up to minutes, minutes are multiplied by the kind's weight, and what the day has already
// deducted is not deducted again. The numbers are whole, or have up to three decimals where the weight has.
//
//	{"op":"deduct","kind":"hd","seconds":[30,20,40]}
//	{"deducted":[4,0,4]}
//
// # estimate
//
// Every way of paying for a month of usage of a product, cheapest first, each itemised.
//
//	{"op":"estimate","product":"rtc-engine","minutes":{"hd":20000,"audio":5000}}
//	{"package_minutes":85000,"options":[{"way":"packs","price":"81.60","package_minutes":85000,"lines":[…]},{"way":"pay-as-you-go",…},…]}
//
// "package_minutes" is what the usage takes, and in an option what is bought. The ways are, for each version
// of the product that is on sale for one month, has minutes and is no trial,
//
//	rtc-engine/standard              where its minutes suffice
//	rtc-engine/lite + pay-as-you-go  where they don't: what exceeds them is paid for by usage
//	rtc-engine/lite + packs          where they don't: top-up packs make up for what exceeds them
//
// and "packs" and "pay-as-you-go" alone. Ways of the same price are in this order, versions from low to high.
// A way is missing where something in it has no price in the currency, or where no packs suffice.
//
//   - Packages are spent on the kinds in the catalog's order: which minutes exceed them depends, in life,
//     on the order in which they are used.
//   - Kinds that packages don't cover are paid for by usage in every way.
//   - Packs are the cheapest combination, not a greedy one, of all packs on sale that can be spent on the
//     product: up to 10,000 of each fixed pack, and at most one custom pack of any size it is sold in. Of
//     combinations at one price, a custom pack alone comes first, then the one with the most of the largest
//     pack, and so on. A larger size can be cheaper than the one that is needed. The search passes over what
//     can't be cheaper and is given up after 131,072 steps; a way for which they are not enough is not among
//     the options, but named in "left_out".
//   - A pack is paid for whole, also where its minutes outlast the month. Free minutes and discounted offers
//     are not counted.
//   - Each package and pack is an order of its own and rounded as such; usage is rounded once for the month.
package main
