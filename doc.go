// Package prepaid is an embeddable billing SDK for prepaid packages. A Go service imports it to sell minutes for a
// period, upgrade them mid-period for the prorated difference, and charge for them exactly once. This package is the
// manual; the code is in the packages below.
//
//   - pricing: money, catalog, periods, proration. Pure functions.
//   - payment: the gateway interface; payment/balance, a gateway that charges account balances; payment/paymenttest,
//     the test suite for gateways, and a hostile gateway for tests.
//   - subscription: applications, commands, changes, and the service that runs them.
//   - renewal: the renewal schedule, and the worker that renews subscriptions.
//   - topup: fixed and custom packs of minutes.
//   - store: the interface of stores; store/memory, the reference implementation; store/relay, which tells a host of every
//     change; store/journal, the books as double-entry postings; store/audit, which verifies what is stored;
//     store/reconcile, which compares a provider's statement with the orders; store/storetest, the test suite for stores.
//   - store/sqlite and store/postgres: durable stores. They are separate modules, so importers don't get drivers
//     that they don't use.
//   - payment/stripe: a gateway for cards, likewise a module of its own.
//   - subscription/prepaidotel: OpenTelemetry metrics and spans, likewise.
//
// # Quick start
//
//	cat, err := pricing.ParseCatalog(file)
//	accounts := balance.New(nil)                      // a gateway of balances; later, an adapter for your provider
//	funds, err := pricing.ParseMoney("500.00", "USD")
//	err = accounts.Open(ctx, "acme")
//	err = accounts.Deposit(ctx, "acme", "wire-1", funds)
//	service, err := subscription.NewService(memory.New(), accounts, subscription.StaticCatalog(cat), nil)
//
//	_, err = service.Do(ctx, "video-chat", subscription.Create{Account: "acme"}, "key-1")
//
//	buy := subscription.Purchase{
//		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD",
//		Agreement: cat.AgreementVersion(),
//	}
//	quote, err := service.Quote(ctx, "video-chat", buy)                         // the price, line by line
//	outcome, err := service.Confirm(ctx, "video-chat", buy, quote, "key-2")     // at that price, or not at all
//
//	up := subscription.Upgrade{Product: "call", To: "group-call"}
//	outcome, err = service.Do(ctx, "video-chat", up, "key-3")                   // quoted and confirmed in one step
//
// The package example (example_test.go) is the same code, complete. The command examples/quickstart shows more, and
// docs/guide.md leads from a price list to production.
//
// # Nouns
//
//   - Account: the payer. The SDK knows only its ID; money and payment methods are behind the gateway.
//   - Application: the unit that packages are bound to, and the unit of consistency.
//   - Product: a product that packages are sold for, with versions in upgrade order (Lite < Standard < Pro). A
//     version has list prices by term and currency, and a number of minutes.
//   - Term: how long a package is bought for: whole months, or days for a trial.
//   - Pack: minutes that are topped up, of a fixed size, or of a custom size priced by volume.
//   - Subscription: a version held by an application over consecutive periods. A cycle is one of these periods, with
//     the price paid for it.
//   - Lot: a grant of minutes with a source and a validity period. An entry is one line of the minutes ledger.
//   - Overdraft: minutes that may be used after the others have run out. The next ones granted repay them.
//   - Order: a payment to collect, and its deliveries: what it gives when paid. A quote is an order that isn't placed yet.
//   - Attempt: the gateway's idempotency key for an order.
//   - Refund: money of an order that goes back, all or part. A reversal is a payment that the payer's bank takes back.
//   - Deal: a price agreed with one customer for further periods.
//   - Command: a caller's request, such as a purchase. A change is the resulting decision, applied as a whole or not
//     at all.
//   - Receipt: the stored result of a request with a key.
//   - Event: one audit fact; every change has at least one. The feed has those of all applications.
//
// # Who uses what
//
// A host uses subscription.Service, the commands (subscription, renewal, topup) and the types they return; most
// callers need only these. To write your own command, use subscription.Begin, Draft and Change. To write a gateway,
// implement payment.Gateway and run payment/paymenttest. To write a store, implement store.Store and run
// store/storetest.
//
// # Money
//
// An amount is a whole number of minor units of an ISO 4217 currency. A computation keeps an exact ratio and rounds
// once, at the end. The lines of an order add up to its amount, and every line can show its formula and its exact
// value. Taxes are included in prices or come on top, each rounded once. Money is never a float. See package pricing.
//
// Money that goes back is a refund beside its order, which stays as it was, so the sums of a closed month never change.
// Staff return all or part of it, and say what is taken back (subscription.RefundOrder); customers return an unused
// package (subscription.ReturnPackage); a payment that comes too late goes back by itself; and chargebacks are recorded
// with subscription.Service.Reverse.
//
// # Time
//
// Pure functions take the time as an argument; the service takes a function that returns it. Days are calendar days
// in the catalog's time zone. Callers always read the correct state at that time, without depending on a punctual
// worker, so a test can run a year of billing in milliseconds.
//
// An application's time never runs backward, whichever machine reads it. A clock that is minutes off changes nothing
// (subscription.ErrClock). Dates already promised don't change when the time zone database does.
//
// # Events
//
// A host learns what happened from events, above all what happened without a request: renewals, reminders, lots that
// run low. They are read per application, with the method Events of store.History, in order; remember the revision and
// index of the last one that you have handled. Or let store/relay hand the changes of all applications to a function of
// yours, each at least once.
//
// # Idempotency
//
// Every request that changes something carries a key, which is stored with the request's effects. Repeat the request
// until you get an answer. Every order is committed before the gateway is called, under a key that is never used for
// anything else. So no crash, timeout, duplicate webhook or second process causes a second charge, and a payment that
// succeeds late is delivered or refunded. The key is derived from the request, or from the period being renewed, so a
// store restored from a backup uses the same keys. It begins with the store's identity, so stores that share a
// gateway never use the same key.
//
// # Minutes
//
// Purchases become lots of minutes. Usage takes minutes from lots in a fixed order: free ones first, then those with
// the narrower scope and the earlier expiry. A usage record counts once, by its ID. Usage that no lot covers is
// refused or, in pay-as-you-go mode, billed by the day; a version may also have an overdraft, which the next minutes
// repay. Every movement is an entry in the ledger.
//
// # Renewal
//
// Subscriptions renew manually, or automatically while a renewal.Worker is running. You can run any number of
// workers, in any number of processes. Each period is renewed once, whatever crashes, and after downtime nothing is
// missed.
//
// # Transactions
//
// One request is one change to one application, atomic in the store. The gateway is never called while a lock or a
// transaction is open. [github.com/prepaidkit/prepaid/subscription.Service.Bind] joins the caller's own transaction:
// store/sqlite and store/postgres provide WithTx for this, and examples/enlist shows how.
//
// # Errors
//
// Bad input gets a typed error and changes nothing; nothing panics. Use errors.Is for sentinels and errors.As for
// types that carry facts; each method lists its errors. Messages read "package: what: why" and are for logs. For
// customers, subscription.CodeOf returns an error's stable code. What each result means, and what to do:
//
//   - nil: it is done, and paid if it had to be.
//   - ErrPaymentPending: the payment has no result yet. Wait for the webhook or the worker, or repeat with the same
//     key.
//   - ErrDeclined: nothing was delivered. Show the reason, and let the customer try again with a new key.
//   - ErrReview, ErrRefunded, ErrCanceled: the order isn't paid; the *OrderError says why.
//   - ErrQuoteStale: quote again, and show the new price.
//   - ErrConflict: nothing was done. Repeat with the same key.
//   - ErrKeyReused: the key was used before with another command. Use a new one.
//   - ErrInvalid and the errors that a command lists: nothing was changed, and repeating the request is pointless.
//   - anything else, such as a timeout: the outcome is unknown. Repeat with the same key until you get an answer.
//
// # Stores
//
// A store has three methods for the service, one for the worker and six reads for people. store/memory is complete
// but not durable. To write your own, run store/storetest against it.
//
// # Stability
//
// Before 1.0, names can still change, with a note in the changelog. Rules about money don't change without a new
// version of the data that records them. Importing this module adds only shopspring/decimal and golang.org/x/exp.
package prepaid
