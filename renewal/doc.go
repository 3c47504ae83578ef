// Package renewal decides when subscriptions renew, and renews them: by hand ([Renew]) and by itself
// ([Worker]).
//
// A host needs [Renew], [NewWorker] with its [Options] and [Policy], [Worker.Run] and, to show what comes next, [Preview]. The
// author of a store implements [Store]. [Decide] and [Due] are for the author of another worker.
//
// # Automatic renewal
//
// A subscription whose auto-renewal is on is renewed before its end, at the list price of its version at
// that time. A payment that fails is tried again after a schedule, up to the end and through the grace
// time; then the service is interrupted. [Policy] says when, [Decide] is the pure decision, and [Worker]
// carries it out for all applications of a store.
//
// Every renewal is an order for one precise period. Its key follows from the application's state, so that
// no crash, no second worker and no lost lease makes another; what was asked for and not answered is
// looked up before anything new is tried.
//
// # In a test
//
// A worker has no clock but its service's, subscription.Options.Now. Give the service, and the gateway, a function that
// returns a variable; move the variable on, by a day at a time, say, and call [Worker.Once] after each step. A year takes
// milliseconds.
//
// # When no worker ran
//
// Nothing is forgotten. A renewal that was promised and never tried stays owed, however long that takes: the
// next worker charges the period that contains its now, counted from the anchor, and records the ones
// before it as skipped; or bills each of them ([BillEach]). One that was tried, and failed up to the
// interruption, is the customer's own to make.
//
// # No surprises
//
// Reminders are events, and so is the announcement of another price. It comes with a reminder, or else takes
// the place of an attempt, so that the next one charges it; only if no other attempt is left is it charged
// at once, so that the service isn't interrupted. [Preview] foretells what will be charged and granted.
package renewal
