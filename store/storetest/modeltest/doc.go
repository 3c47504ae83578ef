// Package modeltest tests stores with the minutes of this module: what customers buy, use up, hold and lose. It is
// the second line of a store's tests, after package storetest, and a module of its own, so that what it needs for
// that reaches nobody else:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
//		modeltest.Run(t, func(t *testing.T) store.Store { return open(t) })
//	}
//
// # The model
//
// A random walk buys packages, upgrades, packs and free minutes, gives packages back, switches to pay-as-you-go
// and pays for it, counts usage that comes in batches, twice, in any order, late and too late, holds minutes and
// extends, commits and releases them, repeats requests, and lets hours and weeks pass. Beside it goes a model,
// written from the rules with a price list, a calendar and bookkeeping of its own; it asks the library nothing.
// Everything is done twice, in two stores, in the same order of arrival; but what one store gets as one batch of
// usage the other gets in several. After every step, in each of the two:
//
//   - of every lot, granted = remaining + reserved + consumed + expired + refunded, and no part is negative;
//   - lots, what they cover, what is left of them, reservations, the seconds and the excess of each day, and
//     subscriptions are the model's, and so was the answer to the step, to the thousandth of a minute and the cent;
//   - the entries add up to the lots of the stored document, and take from each lot what the model takes from it
//     for each product, kind and day.
//
// At the end of a walk [subscription.BalanceAt] gives the model's balances for each moment of it.
//
// A walk is an application of its own in the same two stores. When one fails, a shorter one that fails too is
// looked for and printed, with the flag that repeats it. There are 100 walks of about 30 steps, a fifth of them
// with -short; go test's flags -rapid.checks and -rapid.steps set other numbers.
//
// # Concurrency
//
// In each of 12 rounds six callers, through three services, so that not all of them are put together into one change
// before the store sees them, use, hold, release and look at the minutes of one application at once. Each
// request is noted with when it began and ended. There must be an order of them, in which no request comes before
// one that had ended when it began, in which a single caller would have been given the very same answers. A change
// that is lost, a decision made on what isn't the case any more, a record that counts twice and a look at the
// past leave none. Each service pauses for a moment between what it loads and what it commits, so that callers
// meet in fast stores too.
//
// # What is not tested
//
// Every payment succeeds at once, and no worker runs: declines, arrears, automatic renewals, cycles paid ahead and
// trials are not walked through, and the rates of pay-as-you-go and the catalog never change. Concurrency is that
// of one process; time stands still meanwhile. Nothing fails on the way: calls that end in an error of the store's
// own fail the test. It takes a few seconds on a fast store. The zone America/New_York must be known: import
// time/tzdata where there is no zone database.
package modeltest
