// Package takeover takes over subscriptions from another system: it reads a CSV file, one subscription a line, creates the
// applications that don't exist, and imports each subscription ([subscription.Import]). The examples import and console
// share it.
//
// # The file
//
// The first line names the columns, in any order. paid and auto_renew may be left out.
//
//	application  its ID. IDs are opaque: nothing in them identifies a person
//	account      the ID of who pays. All lines of an application have the same
//	product      and
//	version      as in the price list; a version that is withdrawn can be imported, a trial can't
//	term         1m, 12m or 30d
//	currency     USD
//	anchor       2025-01-31, the first day of the subscription, from which its periods are counted
//	paid_until   2025-07-31, the day after the last paid one
//	minutes      what is left of the current period's, with at most three decimals
//	paid         199.00, the price of one period without tax, as it was paid; empty: the list price
//	auto_renew   yes, which is also the default, or no
//
// A line that is refused stops no other. The same line twice, in one file or in two, is imported once; a line that says
// something else about a subscription of an earlier line, or names another account, is refused.
package takeover
