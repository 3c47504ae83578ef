// Package subscription sells packages to applications. It defines the [Application] with its subscriptions, minutes
// and orders, the commands that change it, and the [Service] that runs them.
//
// # Who uses what
//
// A host needs [NewService], [Service] and its [Options], and the commands: [Create], [Accept], [Purchase],
// [Upgrade], [AutoRenew], [Cancel], [ReturnPackage], [ClaimFree], [EnablePayAsYouGo], [BillUsage], [Reserve],
// [Release] and [PaymentMethodChanged], as well as those of packages renewal and topup; for staff, [CloseReview] and
// [ResetClock]. It gets back
// a [Quote], an [Outcome], an [Application] and its contents, an [Order], an [Event] or an [Entry], and a
// [UsageResult] for each [Usage]. Most callers need only these.
//
// If you write your own command, implement [Command] with [Begin], [Draft] and [Delivery]. An order can deliver an
// [ExtendDelivery], an [UpgradeDelivery], a [GrantDelivery] or a [UsageDelivery]. See "Commands of your own" below.
//
// If you write a store, implement [Store]. [Read], [Snapshot], [Change], [ConflictError] and [RefusedError] are part
// of its contract; [Clocked] is optional.
//
// If you write a worker, use [NextStep], [Advance], [Settle], [Reschedule] and a service's [Collector], as package
// renewal does.
//
// # Decide, then commit
//
// A [Command] is a pure function from a [Snapshot], the catalog and the time to a [Change]: the next state and the
// rows to append. [Service] loads the application, brings it up to date ([Advance]), decides, checks the invariants
// ([Change.Check]) and commits. A [Store] applies the change if the application's revision hasn't moved. A [Quote] is
// a decision that wasn't committed.
//
// # Paying
//
// An [Order] is committed, together with the key under which it will be collected, before the gateway is called.
// Nothing is locked during the call. [Settle] applies the gateway's answer: it delivers the order, declines it,
// refunds it or leaves it to a person. It does so once, however often the result arrives. If the outcome is unknown,
// the order stays open, and only the same key is ever retried.
//
// # Minutes
//
// A [Lot] is a grant of minutes, and an [Entry] is a line of the ledger that moves them. At all times, a lot's
// granted minutes equal the sum of those that remain, are reserved, were consumed, expired or were refunded.
// [Service.Consume] takes usage from lots in the order of [Lot.Before] and batches concurrent calls. [Reserve] and
// [Release] hold minutes for long calls. [BalanceAt] replays the ledger to any time.
//
// # Commands of your own
//
// A command is a struct with JSON tags and the two methods of [Command]. Decide calls [Begin], edits the draft's
// Application, places at most one order with [Draft.Place], records what happened with [Draft.AddEvent], and returns
// [Draft.Change]. Service treats it like any other command: it can be quoted, confirmed and repeated with its key,
// and it is checked.
//
//   - Only an order can give minutes and periods, even if they cost nothing: such an order is paid and delivered
//     when it is placed. A lot added directly to the draft's Application is refused with [ErrInvariant].
//   - A price consists of lines computed by [pricing.Total] or one of the pricing functions. An order has at least
//     one line. A surcharge is another line. You can define your own kinds of orders, lines and events.
//   - An edit without an event or an order is dropped; see [Draft.Change].
//   - [Options.Eligible] is called for its orders, and a [PurchaseOrder] counts toward the limits of trials and
//     offers.
//
// The examples of [Begin] (a service sold by the hour) and [Draft.Place] (free minutes, and a package with a setup
// fee) are complete commands.
//
// # Keys
//
// [Service.Do] and [Service.Confirm] take an idempotency key. The caller generates one per intention and can repeat
// it as often as it likes: the [Receipt] was stored together with the request's effects.
//
// # Time
//
// The pure functions take the time as an argument; the service takes [Options.Now]. Callers always read the correct
// state at that time, whether or not a worker is running: periods begin and end, and minutes are granted and expire,
// whenever the application is read. An application's time never runs backward. A service whose clock is more than
// [Options.MaxSkew] behind the application's last change, or differs from its store's clock by more than that, fails
// with [ErrClock]. If a wrong clock moved an application far ahead, use [ResetClock].
//
// # Transactions
//
// [Service.Bind] runs a service within the caller's own transaction, through a store bound to that transaction.
//
// # Errors
//
// Conditions without facts are variables for [errors.Is]. [*OrderError], for an order that isn't paid, and
// [*ConflictError] carry facts for [errors.As]. Each command lists its own errors. [CodeOf] gives every error a
// stable name, and its documentation says what to do about each.
package subscription
