// Package faults does real harm to the durable stores, and proves that nothing is lost or done twice: it kills
// processes with SIGKILL, kills the database server, cuts connections, between a commit and its answer too, and
// fills the disk, while customers and workers go on.
//
// # The truth
//
// One process is never killed. It has the payment gateway with a ledger of its own, the clock, by which months pass
// in seconds, and the log of what customers asked for and what they were answered, as they saw it. Its children are
// the same program run again (see [Child]); some serve the customers' requests, and the others are renewal workers,
// all of them on one store. A request whose process is killed has no answer, and is sent again, with the same key, to
// another process.
//
// The store isn't alone in its database. The host of a run has tables there that it writes in one transaction with some of
// the requests, transactions that keep rows for a while, a trigger that refuses all changes of single applications now and
// then, balances of every third customer, and lets old rows be pruned; and it changes its catalog as time goes by.
//
// # The accounting
//
// At the end nothing fails any more, and everything comes to rest. Then audit.Audit compares what the store has
// with the gateway's ledger and with what customers were answered: every collected amount belongs to one order of that
// amount, every paid order was collected once, no period is paid for twice or left out, every record that was
// acknowledged is counted exactly once and every other at most once, lots are their entries, and documents are a
// replay of their events. The host's rows are there exactly where their requests are, and each deposit is there once. Beyond
// that, nobody who could pay was interrupted, but for those whose changes the host refused.
//
// That the accounting can fail is shown by mutants: defects of the children that must each be caught.
//
// # What isn't proven
//
// Processes die here, machines don't: what a disk loses when the power fails is the database's promise, not ours. The
// same seed makes the same customers, but what is interrupted where is the machine's doing and can't be repeated.
package faults
