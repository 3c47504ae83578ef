// Package store names what the implementations have in common: the interface [Store]. Package
// store/memory is the reference implementation; store/sqlite and store/postgres, modules of their own, are durable.
// store/storetest is the suite that all of them pass, and that yours can run; store/document is the form in which an
// application is kept.
//
// A host opens one of the stores, gives it to subscription.NewService and renewal.NewWorker, reads its [History], and calls
// [Pruner] now and then. The author of a store implements [Store] and, where it can, [Pruner], and runs store/storetest.
//
// The contract is written where it is used: at [subscription.Store] and [renewal.Store].
package store
