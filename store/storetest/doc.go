// Package storetest tests stores. Whoever writes a [store.Store] runs the suite from one test, and finds out
// in named cases whether the store keeps its contract, which is what the rest of this module relies on to
// never charge anybody twice:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
//	}
//
// A second line adds what package modeltest checks with histories that it draws: a service over the store against a
// model of the rules, and whether what many saw at once can have happened in some order. It is another module,
// since it has dependencies:
//
//	modeltest.Run(t, func(t *testing.T) store.Store { return open(t) })
//
// # The store that a case gets
//
// Each case calls open for a store of its own, which is empty and which nobody else uses: a database, a
// schema or a file that is made for it, and removed with t.Cleanup. The calls of one case share it, many
// goroutines among them. The cases that look for deadlocks fail after 30 seconds, and leave behind the
// goroutines that they gave up on; a call that hangs anywhere else hangs until go test's own time is up. The
// cases of the simulation call open for each of their worlds, some 20 times in all.
//
// There are some 340 cases, so that open should be quick. The largest are smaller unless PREPAID_LONG is
// set in the environment: set it where minutes don't matter.
//
// # What is tested
//
//   - load: a snapshot for every read, in their order, of the rows that were asked for and exist, each with the store's
//     identity, which is its own;
//   - commit: changes on the present revision are applied, each as a whole; of the others nothing is, and
//     just they are named, in batches too; a key has one receipt; an order that a change places is new, or the change is
//     refused; any other is replaced by its ID; of a batch with two changes for an application nothing is done;
//   - rows: every field of every row comes back, whichever fields there are: they are filled by reflection,
//     so that a column that was forgotten, or taken for its neighbor, is found;
//   - records: usage is counted once, and the digest of what was counted comes back;
//   - refunds: refunds and the rows of subscriptions are inserted and replaced, and listed in order;
//   - iterators: rows in order, loops that are left early or by a panic, calls from within the loop, and
//     loops while others commit;
//   - applications: all IDs in the order of their bytes, under the same conditions;
//   - many: twenty thousand rows of each kind in one application;
//   - aliasing: neither arguments nor results share memory with what is stored;
//   - context: calls whose context has ended fail and do nothing, and those whose context ends on the way
//     do all or nothing;
//   - text: identifiers and notes come back byte for byte, and those that differ in a byte are different;
//   - refusals: text that isn't UTF-8 or has a NUL byte, in every place, a mebibyte of it wherever it may come from
//     outside, and documents around [subscription.MaxDocument]: kept byte for byte, or that change refused, alone and
//     as a whole, beside conflicts too; nothing is found by such text;
//   - amount: money, minutes, rates and ratios over their whole range;
//   - times: microseconds over years 1 to 9999, and the zero time, which is never;
//   - claim: what is due is claimed and what isn't is not, to the microsecond, within the limit and roughly the
//     longest due first; a lease hides it until the lease or a commit ends it, from racing claimers too;
//   - prune: what is older than an instant goes, to the microsecond, and what must stay stays, books above all; a key
//     that went is new again; counts; beside commits. A store that isn't a [store.Pruner] skips these cases, and says so;
//   - clock: the server's clock goes on. A store that isn't a [subscription.Clocked] skips these cases, and says so;
//   - concurrency: one change wins a revision, none is lost, batches that overlap come to an end, and a
//     snapshot's rows are its document's;
//   - service: a [subscription.Service] over the store sells and upgrades packages, from many goroutines
//     too, and the books of store and gateway balance;
//   - simulation: months of customers, workers, crashes and a hostile gateway in virtual time, and an audit of what
//     the store has in the end.
//
// # What is taken for granted
//
// Changes are what the decisions of this module make of them. The suite makes most of its own, which no
// command would decide on: a store takes a change as it is and judges nothing but base revision and key.
// They keep to what a store may enforce by types and constraints, though: rows name their application,
// revision and index, statuses and kinds are those that there are, amounts of orders aren't negative, one
// order has lines of one currency, the document's orders are the unresolved ones among the rows, and of none of its lots
// something has expired.
// Identifiers are UTF-8 without NUL, of at most 64 bytes, but for the cases of refusals; times are in UTC, in
// whole microseconds, of the years 1 to 9999.
//
// Not tested is what only a machine that fails can show: that a commit outlives the process, the power
// and the connection. Nor is what is seen from within alone: how much memory a loop or a pruning takes, and what
// becomes of a document that can't be read.
package storetest
