// Package modeltest tests the minutes accounting of stores: what customers buy, use, reserve and lose. A store's tests
// run it after package storetest. It is a separate module, so its dependencies affect nobody else:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
//		modeltest.Run(t, func(t *testing.T) store.Store { return open(t) })
//	}
//
// # The model
//
// A random walk buys packages, upgrades, packs and free minutes, refunds packages, switches to pay-as-you-go and pays
// for it, counts usage that arrives in batches, twice, in any order, late and too late, reserves minutes and extends,
// commits and releases the reservations, repeats requests, and lets hours and weeks pass. In parallel, a model applies
// the same steps. The model is written from the rules with its own price list, calendar and bookkeeping, and uses
// nothing of the library. Every step runs in two stores in the same order, but usage that one store gets as one batch
// is split into several batches for the other. After every step, in each of the two stores:
//
//   - for every lot, granted = remaining + reserved + consumed + expired + refunded, and no part is negative;
//   - lots, their coverage and remaining minutes, reservations, the seconds and the excess of each day, subscriptions,
//     and the answer to the step match the model, to the thousandth of a minute and the cent;
//   - the ledger entries sum to the lots of the stored document, and take from each lot the same minutes as the model
//     for each product, kind and day.
//
// At the end of a walk, [subscription.BalanceAt] must return the model's balances at each moment of the walk.
//
// Each walk uses its own application in the same two stores. When a walk fails, the test searches for a shorter one
// that fails too and prints it, with the flag that repeats it. There are 100 walks of about 30 steps, or a fifth as
// many with -short; the flags -rapid.checks and -rapid.steps change the numbers.
//
// # Concurrency
//
// In each of 12 rounds six callers use, reserve, release and read the minutes of one application concurrently. They use
// three services, so not all requests are combined into one change before the store sees them. The start and end of
// each request are recorded. The history must be linearizable: there must be an order of the requests, consistent with
// their start and end times, in which a single caller would get exactly the same answers. A lost change, a decision
// based on stale data, a record that counts twice and a stale read all violate this. Each service pauses briefly
// between load and commit, so callers overlap on fast stores too.
//
// # Limitations
//
// Every payment succeeds immediately and no worker runs. The walks do not include declines, arrears, automatic
// renewals, prepaid cycles or trials, and pay-as-you-go rates and the catalog never change. Concurrency is within one
// process, and time does not advance during a round. There is no fault injection: any error of the store fails the
// test. The tests take a few seconds on a fast store. The zone America/New_York must be available: import time/tzdata
// if there is no zone database.
package modeltest
