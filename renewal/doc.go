// Package renewal decides when subscriptions renew. It renews them manually ([Renew]) and automatically ([Worker]).
//
//	worker, err := renewal.NewWorker(service, st, nil)
//	…
//	err = worker.Run(ctx) // until ctx is done and the batch at hand is settled: wait for it before the process ends
//
// A host needs [Renew], [NewWorker] with its [Options] and [Policy], [Worker.Run] and, to show upcoming charges,
// [Preview]. The author of a store implements [Store]. [Decide] and [Due] are for authors of other workers.
//
// # Automatic renewal
//
// A subscription with auto-renewal on is renewed before its end, at the list price of its version at that time. A
// failed payment is retried on a schedule, up to the end and through the grace period; then service is interrupted.
// [Policy] sets the schedule, [Decide] is the pure decision, and [Worker] carries it out for all applications of a
// store.
//
// Every renewal is an order for one specific period. The order's key is derived from the application's state, so a
// crash, a second worker or a lost lease never creates a second order. If a request was sent but not answered, its
// outcome is looked up before anything new is tried.
//
// # Automatic top-ups
//
// A worker also buys the packs of automatic top-ups (subscription.AutoTopUp): usage that leaves too little of a product
// makes the application due at once, and the next round places the order. [Policy] says when one that isn't paid is
// followed by another. What a top-up will buy depends on usage, so [Preview] shows only what is due already, and what
// expiring minutes will make due.
//
// # In a test
//
// A worker uses its service's clock, subscription.Options.Now. In a test, give the service and the gateway a function that
// returns a variable. Advance the variable, for example by a day at a time, and call [Worker.Once] after each step. A year
// takes milliseconds.
//
// # When no worker ran
//
// A renewal that was promised but never attempted stays owed, no matter how much time passes. The next worker charges
// the period that contains the current time, counted from the anchor, and records the earlier ones as skipped, or bills
// each of them ([BillEach]). If a renewal was attempted and failed up to the interruption, the customer must renew
// manually.
//
// # Price changes
//
// Reminders are events, and so is the announcement of a changed price. The announcement comes with a reminder or else
// replaces an attempt, and the next attempt charges the new price. Only if no other attempt is left is the new price
// charged immediately, to avoid an interruption of service. [Preview] predicts the upcoming charges and grants.
package renewal
