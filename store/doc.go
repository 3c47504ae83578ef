// Package store defines [Store], the interface common to all store implementations. Package store/memory is the
// reference implementation. Packages store/sqlite and store/postgres, which are separate modules, are durable. Package
// store/storetest is the test suite that all of them pass and that your own store can run. Package store/document is
// the format in which an application is stored.
//
//	for o, err := range st.Orders(ctx, app) {
//		…
//	}
//
// A host opens one of the stores and passes it to subscription.NewService and renewal.NewWorker. It reads the [History]
// of an application, asks for [Reports] over all of them, has package store/relay follow the feed ([Feeder]), and calls
// [Pruner] from time to time. Before a new catalog is put in force, [StrandedBy] compares it with what customers hold.
// Package store/journal makes books of a store, store/reconcile compares it with a provider's statements, and store/audit
// proves what is in it. Some gateways need what [ProviderKeys] remembers.
//
// The author of a store implements [Store], whose contract is at [subscription.Store], [renewal.Store] and [History];
// then, if possible, [Pruner], subscription.Eraser, [Feeder], [Marks], [ProviderKeys] and [Reports]; and runs
// store/storetest.
//
// # What a store keeps
//
// A store has an identity; see [subscription.Snapshot]. For each application, it keeps the following from the latest
// committed change:
//
//   - the document, Change.Next; store/document encodes and decodes it;
//   - Next.Revision, which is compared with a change's Base;
//   - Next.Account, by which an account's applications are found;
//   - Next.Due, and a lease, for workers. Every commit sets the due time and ends the lease.
//
// It also keeps rows, in the order in which they arrived: receipts by key and usage records by ID, for Load and to refuse
// duplicates; orders by ID; refunds by order and number, and subscriptions by ID, of which only the latest is kept;
// entries and events, which are append-only.
//
// The minimum that passes the suite is a mutex, a map of these and 250 to 350 lines. document.Append refuses a document
// that is too large or whose text can't be stored, with the errors that Commit needs, and document.Text checks the text
// of rows. Returned values must be copied: Clone of Order and Refund copies them, and so does decoding a document again;
// the other rows share no memory. Package examples/customstore is such a store, on a file.
package store
