// Command books writes the journal of a store: its double-entry postings, for a general ledger or a spreadsheet. See package
// store/journal for what is posted when.
//
//	go run ./examples/books
//	go run ./examples/books -store sqlite:FILE|postgres:URL -from 2025-01-01 -to 2025-02-01 -format months|csv|hledger
//
// Without a store, it makes a sample year in memory. The span includes the day -from and ends before the day -to; by default it
// is everything up to the beginning of today, or the sample's year. Days and months are those of -zone, UTC by default. A span
// that has passed always gives the same output.
//
// The formats:
//
//   - months, the default: a table of what changed on each ledger in each month, with revenue as a positive amount;
//   - csv: a line for each posting, with a header. What a spreadsheet would take for a formula, because it begins with =, +,
//     -, @, a tab or a line break, begins with an apostrophe instead, which isn't part of the ID. Amounts have the digits of
//     their currency and a point;
//   - hledger: a journal for hledger, with a transaction for what happened to one order at one instant. It declares its
//     accounts and commodities, so `hledger check --strict` accepts it.
//
// It writes nothing to the store, and can run beside services and workers. The store must be up to date.
package main
