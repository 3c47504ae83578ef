// Package customstore is a store of a host's own, to copy: all changes in one file, a line of JSON each, and what they add up to
// in memory. It passes package store/storetest, which its only long test runs.
//
// # What is the minimum
//
// Load, Commit and ApplicationsOf are what a service needs ([subscription.Store]), and Claim what a worker needs
// ([renewal.Store]). Six listings of [store.History] are for people and for package store/audit, which proves what is stored. All of
// them are here, in that order: store.go, commit.go, claim.go, history.go. What is hard is in Commit:
//
//   - A change is applied if its base is the revision that is stored, as a whole or not at all. The others of its batch are applied
//     all the same, and the error names exactly those that weren't.
//   - A key, a usage record or an order that is there already isn't written again.
//   - What can't be kept as it is, such as text that isn't UTF-8, is refused, never altered.
//   - Nothing that is returned shares memory with the store. Documents are decoded again for each load; orders and refunds are
//     cloned; the other rows share none.
//
// The document of an application is encoded by package store/document, which reads all that it ever wrote. Rows are encoded by
// encoding/json.
//
// # What is left out
//
// The optional interfaces, each of which the suite skips, and names as it does: [store.Pruner], so the file only grows; [store.Feeder]
// and [store.Marks], without which package store/relay has nothing to follow; [store.ProviderKeys], which payment/stripe should
// have; [store.Reports]; [subscription.Eraser], without which [subscription.Erase] is refused; and [subscription.Clocked], since there
// is no server. Package store/memory has all but the last in a few hundred lines more.
//
// It is for one process, whose memory has room for everything, and each commit waits for the disk. For more, use store/sqlite
// or store/postgres.
package customstore
