// Package storetest tests stores. Whoever writes a [store.Store] runs the suite from one test, and finds out
// in named cases whether the store keeps its contract, which is what the rest of this module relies on to
// never charge anybody twice:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
//	}
//
// # The store that a case gets
//
// Each case calls open for a store of its own, which is empty and which nobody else uses: a database, a
// schema or a file that is made for it, and removed with t.Cleanup. The calls of one case share it, many
// goroutines among them. The cases that look for deadlocks fail after 30 seconds, and leave behind the
// goroutines that they gave up on; a call that hangs anywhere else hangs until go test's own time is up.
//
// # What is tested
//
//   - load: a snapshot for every read, in their order, of the rows that were asked for and exist;
//   - commit: changes on the present revision are applied, each as a whole; of the others nothing is, and
//     just they are named, in batches too; a key has one receipt; an order is replaced by its ID;
//   - rows: every field of every row comes back, whichever fields there are: they are filled by reflection,
//     so that a column that was forgotten, or taken for its neighbour, is found;
//   - iterators: rows in order, loops that are left early or by a panic, calls from within the loop, and
//     loops while others commit;
//   - aliasing: neither arguments nor results share memory with what is stored;
//   - context: calls whose context has ended fail and do nothing, and those whose context ends on the way
//     do all or nothing;
//   - text: identifiers and notes come back byte for byte, and those that differ in a byte are different;
//   - amount: money, minutes, rates and ratios over their whole range;
//   - claim: what is due is claimed and what isn't is not, to the microsecond, within the limit and roughly the
//     longest due first; a lease hides it until the lease or a commit ends it, from racing claimers too;
//   - concurrency: one change wins a revision, none is lost, batches that overlap come to an end, and a
//     snapshot's rows are its document's;
//   - service: a [subscription.Service] over the store sells and upgrades packages, from many goroutines
//     too, and the books of store and gateway balance.
//
// # What is taken for granted
//
// Changes are what the decisions of this module make of them. The suite makes most of its own, which no
// command would decide on: a store takes a change as it is and judges nothing but base revision and key.
// They keep to what a store may enforce by types and constraints, though: rows name their application,
// revision and index, statuses and kinds are those that there are, amounts of orders aren't negative, one
// order has lines of one currency, and the document's orders are the unresolved ones among the rows.
// Identifiers are UTF-8 without NUL, of at most 64 bytes; times are in UTC, in whole microseconds, of the
// years 1 to 9999.
//
// Not tested is what only a machine that fails can show: that a commit outlives the process, the power
// and the connection.
package storetest
