// Package store defines [Store], the interface common to all store implementations. Package store/memory is the
// reference implementation. Packages store/sqlite and store/postgres, which are separate modules, are durable. Package
// store/storetest is the test suite that all of them pass and that your own store can run. Package store/document is
// the format in which an application is stored.
//
// A host opens one of the stores, passes it to subscription.NewService and renewal.NewWorker, reads its [History], and
// calls [Pruner] from time to time. The author of a store implements [Store] and, if possible, [Pruner], and runs
// store/storetest.
//
// The contracts are documented where they are used: at [subscription.Store] and [renewal.Store].
package store
