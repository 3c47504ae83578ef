// Package storetest is the conformance suite for stores. The author of a [store.Store] runs it from one test. Its named
// cases show whether the store satisfies its contract. The rest of this module relies on that contract to never charge
// anyone twice:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
//	}
//
// A second line adds the randomized tests of package modeltest: it compares a service over the store with a model of
// the rules, and checks that concurrent histories are linearizable. It is a separate module because it has
// dependencies:
//
//	modeltest.Run(t, func(t *testing.T) store.Store { return open(t) })
//
// # Opening stores
//
// Each case calls open to get its own store, which must be empty and not used by anything else: a database, a schema or
// a file that open creates, and removes with t.Cleanup. Many goroutines of one case may use the store. The cases that
// look for deadlocks fail after 30 seconds and abandon their goroutines; a call that hangs in any other case hangs
// until the timeout of go test. The simulation cases call open for each of their worlds, about 60 times in all.
//
// There are some 390 cases, so open should be quick. The largest are smaller with -short, for runs that
// must end within a minute.
//
// # Areas
//
//   - load: Load returns a snapshot for each read, in the same order, with the rows that were requested and exist.
//     Each snapshot has the store's identity, which is unique to the store;
//   - commit: changes on the current revision are applied, each as a whole. Other changes have no effect and are the
//     only ones named in the error, in batches too. A key has one receipt. An order that a change places must be new,
//     or the change is refused; any other order replaces the one with its ID. A batch with two changes for an
//     application has no effect;
//   - rows: every field of every row is returned, whichever fields there are. The fields are filled by reflection, so
//     a forgotten column, or one mistaken for another, is found;
//   - records: usage is counted once, and the digest of a counted record is returned;
//   - refunds: refunds and subscription rows are inserted, replaced and listed in order;
//   - iterators: rows are in order. Loops may end early or by a panic, may call the store, and may run during commits;
//   - applications: all IDs are listed in byte order, under the same conditions;
//   - many: one application has twenty thousand rows of each kind;
//   - aliasing: neither arguments nor results share memory with stored data;
//   - context: calls whose context has ended fail and have no effect. Calls whose context ends while they run take
//     effect as a whole or not at all;
//   - text: identifiers and notes are returned byte for byte, and those that differ in one byte are different;
//   - refusals: text in every place that isn't UTF-8 or has a NUL byte, a mebibyte of text in every place that takes
//     external text, and documents around [subscription.MaxDocument] are either kept byte for byte or refused. A
//     refusal affects only that change, as a whole, even alongside conflicts. Reads with such text find nothing;
//   - amount: money, minutes, rates and ratios are exact over their whole range;
//   - times: times in the years 1 to 9999 are exact to the microsecond, and the zero time means never;
//   - claim: exactly the due applications are claimed, to the microsecond, within the limit and roughly in order of
//     their due time. A claimed application is hidden until its lease or a commit ends, from concurrent claimers too;
//   - prune: rows older than an instant are deleted, to the microsecond, and rows that must stay are kept, above all
//     financial records. A deleted key is new again. The counts are correct. Commits may run concurrently;
//   - erase: what identifies a person is removed from every row of an application, and from no other;
//   - feed: every change has a number, in an order that keeps that of its application. Readers miss and repeat none;
//   - marks: a relay's mark moves by one version at a time, and pruning keeps what a relay hasn't passed;
//   - keys: a gateway's key is bound once, to the first value;
//   - reports: every filter and span finds exactly its rows, in order, and totals of a span that has passed stay as they
//     are;
//   - clock: the server's clock advances;
//   - concurrency: exactly one change succeeds on each revision, no change is lost, overlapping batches do not
//     deadlock, and the rows of a snapshot match its document;
//   - service: a [subscription.Service] over the store sells and upgrades packages, from many goroutines too, and the
//     books of the store and the gateway balance;
//   - simulation: months of customers, workers, crashes and a hostile gateway run in virtual time, followed by an
//     audit of the store.
//
// The cases of an optional part, prune, erase, feed, marks, keys, reports and clock, are skipped with a message if the
// store doesn't have it.
//
// # Assumptions
//
// The suite makes most of its changes itself, and no command would produce some of them: a store applies a change as it
// is, and checks only its base revision and key. The changes do satisfy the constraints that a store may enforce with
// types and checks: rows name their application, revision and index; statuses and kinds are valid; amounts of orders
// aren't negative; the lines of an order have one currency; the document's orders are the unresolved ones among the
// rows; and no lot has expired minutes. Except in the refusal cases, identifiers are UTF-8 without NUL bytes, of at
// most 64 bytes. Times are in UTC, in whole microseconds, in the years 1 to 9999.
//
// The suite cannot test what only a failing machine shows: that a commit survives the loss of the process, of power or
// of the connection. It also does not test internals: how much memory a loop or a prune uses, and how unreadable
// documents are handled.
package storetest
