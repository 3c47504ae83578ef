// Package prepaid is an embeddable billing SDK for prepaid packages: what a Go service imports to sell
// minutes for a period, upgrade them mid-period for the prorated difference, and charge for them once.
// This package is the manual; the code is in the packages below.
//
//   - pricing: money, catalog, periods, proration. Pure.
//   - payment: the gateway's contract; payment/balance, a gateway of account balances; payment/paymenttest,
//     the suite for gateways, and a hostile one for tests.
//   - subscription: applications, commands, changes, and the service that runs them.
//   - renewal: when subscriptions renew; the worker that renews them.
//   - topup: fixed and custom packs of minutes.
//   - store: the interface of stores; store/memory, the reference; store/storetest, the suite for stores.
//   - store/sqlite and store/postgres: durable stores, modules of their own, so that an importer gets no driver that
//     it doesn't use.
//
// # Nouns
//
//   - Account: the payer. The SDK knows its ID; money and payment methods are behind the gateway.
//   - Application: what packages are bound to, and the unit of consistency.
//   - Product: what packages are sold for, with versions in upgrade order (Lite < Standard < Pro). A version has list prices
//     by term and currency, and a number of minutes.
//   - Subscription: a version held by an application over consecutive periods; a cycle is one of them, with what was paid.
//   - Lot: a grant of minutes with a source and a validity; an entry is one line of the minutes ledger.
//   - Order: what is to be paid, and what it delivers when paid. A quote is an order that isn't placed yet.
//   - Attempt: the gateway's key of an order.
//   - Command: what a caller asks for, such as a purchase. A change is what is decided, applied whole or not at all.
//   - Receipt: the stored result of a request with a key.
//   - Event: one audit fact; every change has at least one.
//
// # Who uses what
//
// A host uses subscription.Service, the commands (subscription, renewal, topup) and what they return: most callers need only
// these. The author of a command uses subscription.Begin, Draft and Change. The author of a gateway implements
// payment.Gateway and runs payment/paymenttest, the author of a store implements store.Store and runs store/storetest.
//
// # Quick start
//
//	cat, err := pricing.ParseCatalog(file)
//	accounts := balance.New(nil)                      // a gateway of balances; an adapter of your provider later
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
//	quote, err := service.Quote(ctx, "video-chat", buy)                         // what it costs, line by line
//	outcome, err := service.Confirm(ctx, "video-chat", buy, quote, "key-2")     // that price, or nothing
//
//	up := subscription.Upgrade{Product: "call", To: "group-call"}
//	outcome, err = service.Do(ctx, "video-chat", up, "key-3")                   // quoted and confirmed in one
//
// The package's example (example_test.go) is the same, complete. The command examples/quickstart shows more of it.
//
// # Money
//
// An amount is a whole number of minor units of an ISO 4217 currency. A computation keeps an exact ratio
// and rounds once, at the end; the lines of an order sum to its amount; every line can show its formula
// and its exact value. No float ever holds money. See package pricing.
//
// # Time
//
// Pure functions take now; the service takes a function that tells it. Days are counted in the calendar of
// the catalog's zone. What a caller reads is right at that instant and doesn't depend on a punctual
// worker, so a year of billing runs in a test in milliseconds.
//
// An application's time never runs backwards, whichever machine looks at it; a clock that is minutes off changes nothing
// (subscription.ErrClock). What was promised stays when the zone database changes.
//
// # Idempotency
//
// Every request that changes something carries a key, which is stored with what it did: repeat it until
// there is an answer. Every order is committed before the gateway is asked, under a key that is never used
// for anything else: no crash, time-out, duplicate webhook or second process makes it charge twice, and a
// payment that succeeds late is delivered or refunded. The key follows from the request, or from the period that is
// renewed, so that a store that was restored from a backup asks with the same ones. It begins with the store's identity,
// so that stores that share a gateway never meet in one.
//
// # Minutes
//
// What is bought becomes lots of minutes, which usage takes in a fixed order: free ones first, the narrower
// and the sooner expiring before the others. Usage records count once, by their ID. What no lot covers is
// refused, or, in pay-as-you-go mode, billed by the day. Every movement is an entry of the ledger.
//
// # Renewal
//
// Subscriptions renew by hand, or by themselves while a renewal.Worker runs somewhere: any number of them, in
// any number of processes. Each period is renewed once, whatever crashes, and after a downtime nothing is
// forgotten.
//
// # Transactions
//
// One request is one change, atomic in the store, for one application. The gateway is never called while a
// lock or a transaction is open. [github.com/prepaidkit/prepaid/subscription.Service.Bind] joins the
// caller's own transaction: store/sqlite and store/postgres have a WithTx for it, and examples/enlist shows it.
//
// # Errors
//
// Bad input gets a typed error and changes nothing; nothing panics. Sentinels are for errors.Is, types
// that carry facts for errors.As; each method names its own. Texts read "package: what: why" and are for logs;
// subscription.CodeOf gives the stable code of an error, for customers. What came back, and what to do:
//
//   - nil: it is done, and paid if it had to be.
//   - ErrPaymentPending: the payment has no result yet. Wait for the webhook or the worker, or repeat with the same key.
//   - ErrDeclined: nothing was delivered. Show the reason, and let the customer try again, with a new key.
//   - ErrReview, ErrRefunded, ErrCanceled: what became of an order that isn't paid; the *OrderError says why.
//   - ErrQuoteStale: quote again, and show the new price.
//   - ErrConflict: nothing was done. Repeat with the same key.
//   - ErrKeyReused: the key came before with another command. Use a new one.
//   - ErrInvalid and the errors that a command lists: nothing was changed, and repeating it is pointless.
//   - anything else, such as a time-out: the outcome is unknown. Repeat with the same key until there is an answer.
//
// # Stores
//
// A store is three methods for the service, one for the worker and six reads for people. store/memory is complete and not
// durable. To write your own, run store/storetest against it.
//
// # Stability
//
// Before 1.0 names can still change, with a note in the changelog. Rules about money don't change without
// a new version of what they are recorded in. An importer of this module gets shopspring/decimal and
// golang.org/x/exp, nothing else.
package prepaid
