// Package simulation proves what the library promises about money and renewals: it runs worlds of
// applications, customers, workers and a hostile gateway through years of virtual time, crashes their
// processes at every call of the store and the gateway, and then counts by itself.
//
// # A world
//
// A world is made from a seed, and the same seed makes the same world: nothing in it reads a clock, and
// one thing happens at a time. What happens is a list of actions: a customer purchases, upgrades, renews,
// repeats a request, confirms a quote, tops up, uses minutes, holds some for a call, gives a package back,
// runs out of money; a worker makes a round; notifications arrive late, twice, in no order, or never; the
// catalog changes. Some actions happen in the middle of another, between two calls of the store or the
// gateway, which is what concurrency comes down to.
//
// Customers and workers reach the store and the gateway through a process. It can crash, before or after any call:
// from then on every call of it fails, nothing that it knew survives, and a new process takes its place. Calls also
// fail without a crash, before or after they took effect, and a batch can be written in part.
//
// A process has a clock of its own, which is a little wrong, is set to another time now and then (clock.go), and sees
// a new catalog earlier or later than the others. A call of the gateway can take hours, a refund's charge isn't found
// at first, and a key may be known from before (provider.go). People cancel what they should have looked up
// (operator.go). The store is put back to an earlier copy of itself, while the gateway and the customers go on
// (restore.go).
//
// What chance seldom brings together is a story, told step by step (stories.go).
//
// # The audit
//
// After its last action a world comes to rest: no more faults, and time goes on until nothing is due. Then
// the audit compares the library's books with what it saw by itself: the gateway's own ledger of what was
// really collected, every change as it was committed, what customers were quoted and answered, and a
// replay of the events. See the audit_*.go files, one for each kind of promise. [Audit] is for those who bring
// evidence of their own, from real processes and real databases, say; [Evidence] says what it can't check then.
//
// # A failure
//
// A failure is reported with its seed and the shortest list of actions that was found to show it. That the
// audit can fail is shown by mutants: small defects that are put between the library and its store or
// gateway, each of which must be caught.
//
// # What is left out
//
// The order in which lots are spent, and what belongs to packages' quotes and prices, are proven where they
// are decided, in packages subscription and pricing. A record's price is checked against its own line, not
// against the catalog of its day.
//
// Another kind of request is one more entry in a table of intents (intents.go, intents_minutes.go), and another
// kind of entry or event one more case of the ledger (ledger.go) or of the replay (replay.go, replay_minutes.go).
package simulation
