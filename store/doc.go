// Package store names what the implementations have in common: the interface [Store]. Package
// store/memory is the reference implementation; store/sqlite and store/postgres, modules of their own, are durable.
// store/storetest is the suite that all of them pass, and that yours can run; store/document is the form in which an
// application is kept.
//
// A host opens one of the stores, gives it to subscription.NewService and renewal.NewWorker, reads its [History], and calls
// [Pruner] now and then. The author of a store implements [Store] and, where it can, [Pruner], and runs store/storetest.
//
// The contract is written where it is used: at [subscription.Store] and [renewal.Store].
//
// # What a store keeps
//
// An identity, see [subscription.Snapshot]. For each application, from the latest change that was committed:
//
//   - the document, Change.Next: store/document encodes and decodes it;
//   - Next.Revision, which a change's Base is compared with;
//   - Next.Account, to find an account's applications by;
//   - Next.Due, and a lease, for workers. Every commit sets the one and ends the other.
//
// And rows, in the order in which they came: receipts by key and usage records by ID, for Load and to refuse what comes
// twice; orders by ID; refunds by order and number, and subscriptions by ID, of which the latest is kept; entries and events,
// which are appended only.
//
// The least that passes the suite is a mutex, a map of these and some 250 lines. What is handed out must be copied: Clone of
// Order and Refund does that, and a document that is decoded anew; the other rows share no memory.
package store
