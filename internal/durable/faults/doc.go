// Package faults damages the durable stores' environment and checks that nothing is lost or done twice: it kills
// processes with SIGKILL, kills the database server, lets its standby take over, cuts connections, also between a commit and
// its answer, and fills the disk, while customers and workers go on.
//
// # The truth
//
// One process is never killed. It has the payment gateway with its own ledger, the clock, by which months pass in
// seconds, and the log of what customers requested and were answered, as they saw it. Its children run the same program
// (see [Child]): some serve customers' requests and the others are renewal workers, all on one store. A request whose
// process is killed has no answer, and is repeated with the same key to another process.
//
// The store shares its database with a host application. The host of a run has its own tables, which it writes in one
// transaction with some of the requests; transactions that hold rows for a while; a trigger that now and then refuses
// all changes of a single application; and the balances of every third customer. It also prunes old rows and changes
// its catalog over time.
//
// # The accounting
//
// At the end faults stop, and everything comes to rest. Then audit.Audit compares the store with the gateway's ledger
// and with the answers that customers got: every collected amount belongs to one order of that amount, every paid order
// was collected once, no period is paid twice or skipped, every acknowledged record is counted exactly once and every
// other at most once, lots equal their entries, and documents equal a replay of their events. A host's row exists if
// and only if its request does, and each deposit was made once. Furthermore, no customer who could pay was interrupted,
// except those whose changes the host refused.
//
// Mutants show that the audit can fail: defects of the children, each of which must be caught.
//
// # What isn't proven
//
// Processes die here, machines don't: what a disk loses when the power fails is up to the database. The same seed makes
// the same customers, but the points of interruption depend on the machine and can't be repeated.
package faults
