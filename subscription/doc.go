// Package subscription sells packages to applications: it owns the [Application] with its subscriptions,
// minutes and orders, the commands that change it, and the [Service] that runs them.
//
// # Who uses what
//
// A host needs [NewService], [Service] and its [Options], and the commands: [Create], [Accept], [Purchase], [Upgrade],
// [AutoRenew], [Cancel], [ReturnPackage], [ClaimFree], [EnablePayAsYouGo], [BillUsage], [Reserve] and [Release], beside those of
// packages renewal and topup; for people, [CloseReview] and [ResetClock]. It gets a [Quote], a [Receipt], an [Application]
// with what is in it, [Order], [Event] and [Entry], a [UsageResult] for each [Usage]. Most callers need only these.
//
// The author of a command of their own implements [Command], with [Begin], [Draft] and [Delivery]: [ExtendDelivery],
// [UpgradeDelivery], [GrantDelivery] and [UsageDelivery] are what an order can deliver. See "Commands of your own" below.
//
// The author of a store implements [Store]: [Read], [Snapshot], [Change], [ConflictError] and [RefusedError] are its
// contract, [Clocked] its optional part.
//
// The author of a worker uses [NextStep], [Advance], [Settle] and [Reschedule], and a service's [Collector], as package
// renewal does.
//
// # Decide, then commit
//
// A [Command] is a pure function of a [Snapshot], the catalog and the time to a [Change]: the next state
// and the rows to append. [Service] loads, brings the application up to date ([Advance]), decides, checks
// the invariants ([Change.Check]) and commits; a [Store] applies the change if the application's revision
// has not moved. A [Quote] is a decision that was not committed.
//
// # Paying
//
// An [Order] is committed, with the key under which it will be collected, before the gateway is asked,
// and nothing is locked meanwhile. [Settle] applies what the gateway says: it delivers, declines,
// refunds or leaves the order to a person, and does so once, however often the result arrives. An unknown outcome leaves
// the order open; only the same key is ever tried again.
//
// # Minutes
//
// A [Lot] is a grant of minutes, and an [Entry] a line of the ledger that moves them: at all times a lot's
// granted minutes are what remains, is reserved, was consumed, expired or was refunded. [Service.Consume]
// decides what usage takes, in the order of [Lot.Before], and puts concurrent calls together. [Reserve]
// and [Release] hold minutes for long calls. [BalanceAt] replays the ledger to any instant.
//
// # Commands of your own
//
// A command is a struct with JSON tags and the two methods of [Command]. Decide calls [Begin], edits the draft's
// Application, places at most one order with [Draft.Place], notes what happened with [Draft.AddEvent], and returns
// [Draft.Change]. Service runs it like any other: it is quoted, confirmed, repeated by its key and checked.
//
//   - Minutes and periods are given by an order alone, also those that cost nothing: such an order is paid and delivered
//     as it is placed. A lot that is added to the draft's Application is refused with [ErrInvariant].
//   - A price is lines, computed by [pricing.Total] or one of the pricing functions; an order has one line at least. A
//     surcharge is a line more. Kinds of orders, lines and events can be your own.
//   - An edit that no event or order goes with is dropped, see [Draft.Change].
//   - [Options.Eligible] is asked about what it orders, and a [PurchaseOrder] counts toward the limits of trials and offers.
//
// The examples of [Begin], a service that is sold by the hour, and of [Draft.Place], minutes for nothing and a package with a
// setup fee, are whole commands.
//
// # Keys
//
// [Service.Do] and [Service.Confirm] take a key, which the caller makes up once per intention and repeats
// as often as it likes: the [Receipt] was stored with what the request did.
//
// # Time
//
// The pure functions take now; the service takes [Options.Now]. What a caller reads is right at that
// instant, whether or not any worker runs: periods begin and end, and minutes are granted and expire,
// when somebody looks. An application's time never runs backwards: a service whose clock is more than
// [Options.MaxSkew] behind its last change, or from its store's, fails with [ErrClock], and [ResetClock] is for
// an application that a wrong clock took far ahead.
//
// # Transactions
//
// [Service.Bind] puts a service into the caller's own transaction, through a store that is bound to it.
//
// # Errors
//
// Conditions without facts are variables for [errors.Is]; [*OrderError], an order that isn't paid, and [*ConflictError]
// carry facts for [errors.As]. Each command lists its own. [CodeOf] gives every error a stable name, and its documentation
// says what to do about each.
package subscription
