// Package audit reads a store and proves it: documents agree with rows, the ledger of minutes adds up, every delivery
// has its payment and every payment its delivery or refund, and statuses only took steps of the tables.
//
// [Store] audits all applications, [Application] one. Both only read, through the methods that every store has, so they
// can run beside services and workers, on a standby server, or on a backup. Run them after a restore, a migration or a
// repair by hand, and now and then on a copy of the database:
//
//	for f, err := range audit.Store(ctx, st, &audit.Options{Catalogs: catalogs}) {
//		if err != nil {
//			return err
//		}
//		log.Print(f)
//	}
//
// The command examples/check does so for a SQLite file or a Postgres database.
//
// # What is proved
//
//   - The document is one that changes can have led to, by the invariants of [subscription.Change.Check].
//   - Unresolved orders, refunds that are due and subscriptions are the same in the document and in their rows.
//   - An order's lines and taxes sum to its amount. A paid order collected what it costs, or what a person accepted
//     instead. What was collected for any other is due, returned, or with a person. An order's figures are the sums of
//     its refunds, which are numbered without a gap.
//   - A paid order has delivered what it says: its periods, its upgrade, its minutes. Whatever is delivered has a paid
//     order. No two orders pay for one period, and periods don't overlap.
//   - Every lot and every reservation is the sum of its entries, and every counter of usage agrees with them. Minutes
//     that were bought repaid what was owed of overdrafts.
//   - Every step of a subscription and an order is in the tables, and leads to where it is; see docs/state_machine.md.
//     What a change moves, its events tell, and what was agreed for a renewal is what was paid for.
//   - Time doesn't run backward, unless the clock was reset. An application isn't left asleep while something waits for it.
//   - A feed has every change once, in order, if the store is a [store.Feeder].
//
// With [Options.Catalogs], prices, taxes, limits of overdrafts and the instant at which the application is due are compared, too.
//
// # What may be missing
//
// [store.Pruner] deletes old events, receipts and records, and orders for which no money ever moved. What only they
// could prove isn't checked then, and nothing that it may delete is a finding. Rows from earlier versions may lack what
// those versions didn't store: the time of payment of an order that was refunded as a whole, the parts of a counter,
// the row of a subscription that was over.
//
// # What isn't proved
//
// Receipts and usage records can't be listed, so nothing is said of them. Only the gateway knows what it collected and
// returned; package store/reconcile is for that, once there is a statement to compare with. Columns that repeat the
// document for searching aren't compared. A promise that was broken and left no trace isn't found.
//
// # Memory and time
//
// Applications are audited one by one, [Options.Parallel] of them at a time. Of each, the orders' figures and the lots
// are in memory, and the entries and events of one change. An application that changes while it is read is read again.
package audit
