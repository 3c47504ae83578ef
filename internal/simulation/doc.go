// Package simulation tests what the library promises about money and renewals: it runs worlds of applications,
// customers, workers and a hostile gateway through years of virtual time, crashes their processes at every call to the
// store and the gateway, and then audits the result independently.
//
// # A world
//
// A world is made from a seed, and the same seed makes the same world: nothing in it reads a clock, and one thing
// happens at a time. What happens is a list of actions: a customer purchases, upgrades, renews, repeats a request,
// confirms a quote, tops up, turns automatic top-ups on and off, uses minutes, reserves some for a call, returns a
// package, or runs out of money; the staff refunds an order, in full or in part, and takes back what it delivered or
// doesn't; a bank reverses a payment, or reinstates it; the staff gives minutes, imports a subscription from another
// system, once or again, has another account pay, and closes and erases applications whose customers leave (staff.go);
// a worker makes a round; notifications arrive late, twice, out of order, or never; the catalog changes. Some actions
// happen in the middle of another one, between two calls to the store or the gateway, which is how concurrency is
// simulated.
//
// Customers and workers reach the store and the gateway through a process. It can crash before or after any call: from
// then on all its calls fail, nothing that it knew survives, and a new process takes its place. Calls also fail without
// a crash, before or after they took effect, and a batch can be written in part.
//
// A process has its own clock, which is slightly wrong and is set to another time now and then (clock.go). It sees a
// new catalog earlier or later than other processes. A call to the gateway can take hours, a refund's charge isn't
// found at first, and a key may already be known (provider.go). Refunds are declined, or fail after they were made; banks
// reverse more than was collected, or before the payment is known; people compare the gateway's statement with the books,
// and request failed refunds again (refunds.go). People cancel orders that they should have looked up (operator.go). The
// store is restored to an earlier copy of itself, while the gateway and the customers go on
// (restore.go).
//
// Combinations that rarely occur at random are scripted as stories (stories.go).
//
// # The audit
//
// After its last action a world comes to rest: faults stop, and time passes until nothing is due. Then package audit
// compares the library's records with independent ones: the gateway's own ledger of what was actually collected, every
// change as it was committed, what customers were quoted and answered, and a replay of the events.
//
// # A failure
//
// A failure is reported with its seed and the shortest list of actions that was found to cause it. Mutants show that
// the audit can fail: small defects injected between the library and its store or gateway, each of which must be
// caught. There are defects of the store (mutant_store.go), of the gateway (mutant_gateway.go), of counting and billing
// (mutant_minutes.go), of orders and their keys (mutant_orders.go), of time (mutant_time.go), and of money that goes back or
// is too small to charge (mutant_refunds.go): a refund that is requested twice, or never, or left as made; a reversal that
// counts twice; minutes that are taken back and can still be spent; a wrong share of a tax; late money that is kept; a waived
// price that is recorded; carried usage that is billed twice. Others are of what only staff does (mutant_staff.go): an import
// or a gift that takes effect twice, orders that follow the account, a closed application that buys, an erasure that leaves
// notes. The flag -mutant list of cmd/simulate prints all of them.
//
// # What is left out
//
// The order in which lots are spent, and the quotes and prices of packages, are tested where they are decided, in
// packages subscription and pricing. A record's price is checked against its own line, not against that day's catalog.
//
// To add a kind of request, add an entry to a table of intents (intents.go, intents_minutes.go). To add a kind of entry
// or event, extend the ledger or the replay of package audit.
package simulation
