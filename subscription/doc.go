// Package subscription sells packages to applications. It defines the [Application] with its subscriptions, minutes
// and orders, the commands that change it, and the [Service] that runs them.
//
//	service, err := subscription.NewService(st, gateway, subscription.StaticCatalog(cat), nil)
//	…
//	buy := subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "EUR", Agreement: "2026-01"}
//	quote, err := service.Quote(ctx, app, buy)
//	outcome, err := service.Confirm(ctx, app, buy, quote, key) // again with the same key, until there is an answer
//	…
//	results, err := service.Consume(ctx, app, subscription.Usage{ID: call, Product: "call", Kind: "audio", At: at, Seconds: 61})
//
// # Who uses what
//
// A host needs [NewService], [Service] and its [Options], and the commands: [Create], [Accept], [Purchase], [Upgrade],
// [AutoRenew], [ChangeAtRenewal], [SetAutoTopUp], [Cancel], [ReturnPackage], [ClaimFree], [EnablePayAsYouGo],
// [BillUsage], [Reserve], [Release] and [PaymentMethodChanged], as well as those of packages renewal and topup; for staff
// ([Service.As]), [RefundOrder], [CloseReview], [Flag], [SetTax], [SetDeal], [Gift], [Import], [ChangeAccount],
// [ResetClock], [Close] and [Erase]. Before it gives service, it asks [Service.Entitlement]. It gets back a [Quote], an
// [Outcome], an [Application] and its contents, an [Order], a [Refund], an [Event] or an [Entry], and a [UsageResult] for
// each [Usage]. Most callers need only these.
//
// If you write your own command, implement [Command] with [Begin], [Draft] and [Delivery]. An order can deliver an
// [ExtendDelivery], an [UpgradeDelivery], a [GrantDelivery] or a [UsageDelivery]. See "Commands of your own" below.
//
// If you write a store, implement [Store]. [Read], [Snapshot], [Change], [ConflictError] and [RefusedError] are part
// of its contract; [Clocked] and [Eraser] are optional.
//
// If you write a worker, use [NextStep], [Advance], [Settle], [Draft.GiveUp], [Draft.TopUp], [Reschedule] and a service's
// [Collector], as package renewal does.
//
// To watch all of it, set [Options.Observe] or [Options.Logger]; see [Observation] and [Op]. The module
// subscription/prepaidotel makes metrics and spans of that.
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
// If the card issuer wants the customer to confirm a payment, the order stays open, with [ErrPaymentPending], and its
// [Order.Action] says what to do: send the customer there. Charges say whether the customer is present: those of orders
// that a request placed do. An automatic renewal may wait, too; [EventActionNeeded] says so, and a host sends the customer
// a link to a page that shows the order. Such an order doesn't wait forever ([Application.GivenUpAt]), and the customer
// can pay by hand instead: renewal.Renew replaces it.
//
// # Money that comes back
//
// What happened stays: the amount, the payment and the deliveries of an order never change, and neither do the sums of
// the month in which it was paid. Money that goes back is a [Refund], a row beside the order: one that staff request
// ([RefundOrder]) or the customer ([ReturnPackage]), one for a payment that came too late, or one that the payer's bank or
// the provider made by itself ([Service.Reverse]). The order keeps their number and their sum; [Order.Left] is the rest. A
// refund is due until the gateway has made it, and can fail, even after it was made; a person then requests another one.
//
// # Staff and migration
//
// [Service.As] gives a service that acts for a person; who and why is in every event that follows. [Gift] and [Import]
// place orders of zero, so that nothing is given without an order; such orders belong in no sum of what was sold
// ([GiftOrder], [ImportOrder]). [ChangeAccount] has somebody else pay. The application of a customer who leaves for good
// is closed ([Close]): only what concerns the past is possible then. [Erase] removes what identifies a person from
// everything that is stored. IDs stay, so IDs must be opaque: never a name or an address.
//
// # Minutes
//
// A [Lot] is a grant of minutes, and an [Entry] is a line of the ledger that moves them. At all times, a lot's granted
// minutes equal the sum of those that remain, are reserved, were consumed, expired or were refunded. [Service.Consume]
// takes usage from lots in the order of [Lot.Before] and batches concurrent calls. A record that doesn't fit is refused
// or takes what is left, as the catalog says ([pricing.Overrun]). A record with negative seconds corrects others: what
// lots gave comes back as a new lot. [Reserve] and [Release] hold minutes for long calls. [BalanceAt] replays the ledger
// to any time. What a version lends beyond the minutes, an [Overdraft], is no part of them.
//
// # Commands of your own
//
// A command is a struct with JSON tags and the two methods of [Command]. Decide first returns the error of
// [Snapshot.Exists], unless it creates the application. It calls [Begin] with its argument now, edits the draft's
// Application, places at most one order with [Draft.Place], records what happened with [Draft.AddEvent], and returns
// [Draft.Change]. Service treats it like any other command: it can be quoted, confirmed and repeated with its key,
// and it is checked. A fee:
//
//	type Fee struct {
//		Amount    pricing.Money `json:"amount"`
//		Agreement string        `json:"agreement"` // the version that the customer accepted
//	}
//
//	func (Fee) Kind() string { return "fee" }
//
//	func (c Fee) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
//		if err := s.Exists(); err != nil {
//			return subscription.Change{}, err
//		}
//		unit, err := c.Amount.Rate()
//		if err != nil {
//			return subscription.Change{}, err
//		}
//		price, err := pricing.Total(c.Amount.Currency(), cat.Rounding(), []pricing.Line{
//			{Kind: "fee", Item: "fee", Unit: unit, Times: pricing.Ratio{Num: 1, Den: 1}},
//		})
//		if err != nil {
//			return subscription.Change{}, err
//		}
//		d := subscription.Begin(s, now)
//		agreement, err := d.Agree(cat, c.Agreement)
//		if err != nil {
//			return subscription.Change{}, err
//		}
//		_, err = d.Place(subscription.Order{Kind: "fee", Catalog: cat.Revision(), Agreement: agreement}, price, cat)
//		return d.Change(), err
//	}
//
// The rules for such commands:
//
//   - The first change of an application creates it: it sets the Account and CreatedAt of the draft's Application, and
//     adds an [EventCreated], as [Create] does. Any other change of an application that doesn't exist is refused.
//   - Decide uses the instant that it's given. A change that is as of a later one is refused with [ErrInvariant].
//   - Only an order can give minutes and periods, even if they cost nothing: such an order is paid and delivered
//     when it is placed. A lot added directly to the draft's Application is refused with [ErrInvariant].
//   - A price consists of lines computed by [pricing.Total] or one of the pricing functions. An order has at least
//     one line. A surcharge is another line. You can define your own kinds of orders, lines and events.
//   - An edit without an event or an order is dropped; see [Draft.Change].
//   - [Options.Eligible] is called for its orders, and a [PurchaseOrder] counts toward the limits of trials and
//     offers.
//
// More commands, complete, are among the examples: of [Begin] (a service sold by the hour), and of [Draft.Place] (free
// minutes, and a package with a setup fee). Examples are shown on pkg.go.dev, not by go doc; their code is in
// example_draft_test.go of this package. Package examples/customcommand has two with errors, a hook and tests of their own.
//
// # Keys
//
// [Service.Do] and [Service.Confirm] take an idempotency key of 1 to 64 bytes, without control characters. The caller
// generates one per intention and can repeat it as often as it likes: the [Receipt] was stored together with the request's
// effects. An application's keys are one space: give those that customers send a prefix of their own.
//
// # Time
//
// The pure functions take the time as an argument; the service takes [Options.Now]. Callers always read the correct
// state at that time, whether or not a worker is running: periods begin and end, and minutes are granted and expire,
// whenever the application is read. An application's time never runs backward. A service whose clock is more than
// [Options.MaxSkew] behind the application's last change, or differs from its store's clock by more than that, fails
// with [ErrClock]. If a wrong clock moved an application far ahead, use [ResetClock].
//
// # Events
//
// Every change has at least one [Event]. Package store/relay hands those of all applications to a host that reacts to them,
// for example to send mail for [EventReminder]. History.Events of package store lists those of one application.
//
// # Transactions
//
// [Service.Bind] runs a service within the caller's own transaction, through a store bound to that transaction.
//
// # Errors
//
// Conditions without facts are variables for [errors.Is]. [*OrderError], for an order that isn't paid, [*ExhaustedError],
// for minutes that are missing, and [*ObstacleError], for an order that can't be taken back, carry facts for [errors.As];
// so do [*ConflictError] and [*RefusedError] of a store. Each command lists its own errors. [CodeOf] gives every error a
// stable name, and its documentation says what to do about each.
package subscription
