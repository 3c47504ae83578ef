// Command check looks at what a store holds. It has two uses.
//
// Before a price list is put in force, check compares it with what customers hold, and prints what it would strand, one line each:
// subscriptions that couldn't be renewed, deals, changes at renewal, offers, packs of automatic top-ups, kinds of usage, tax regions,
// and products of minutes. See [store.StrandedBy] for what each of them means.
//
//	go run ./examples/check -store sqlite:FILE|postgres:URL -catalog FILE
//
// With -audit, check proves the store: documents agree with rows, the ledger adds up, every delivery has its payment, and so on. It prints
// what can't be right, one line each, with progress on standard error. See package [audit] for all of it. The catalog may be left out; with
// it, prices and taxes are compared, and that nothing sleeps longer than it may.
//
//	go run ./examples/check -audit -store sqlite:FILE|postgres:URL [-catalog FILE]
//
// Both read the store a few applications at a time and write nothing, so they can run beside services and workers. The store must be up to
// date ([sqlite.Store.Migrate]): check changes no tables, and fails if they are those of an earlier version.
//
// The exit status is 0 if there is nothing to print, 1 if there is something, and 2 if the store couldn't be read.
package main
