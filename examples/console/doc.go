// Command console is a small billing console in the browser: it sells packages, upgrades, renewals and top-up packs, and
// shows what they cost, what they gave and what comes next. It is an example of a host that embeds the SDK, and a
// demonstration, with customers who have a past and a clock that only its visitor moves.
//
//	console [-store STORE] [-addr HOST:PORT] [-reset] [-catalog FILE] [-stripe-fake]
//
// -store is memory, sqlite:FILE or postgres:URL; the default is a SQLite file in the user's cache directory. A database
// that has applications and isn't a console's is refused. -addr is a loopback address; the default is 127.0.0.1:8484,
// and port 0 means any free port. -reset deletes the SQLite file first, and starts over. -catalog names a file in the
// format of [pricing.ParseCatalog]; the sample catalog is the default. Another catalog, such as examples/catalog/saas.json,
// has customers of its own, who pay in its currencies. -stripe-fake collects from cards through package payment/stripe, over
// its fake of Stripe, instead of the console's own provider; the default of -store is memory then, since the fake forgets
// everything when the console stops.
//
// # Where things are
//
// A host of your own needs, more or less, what these files have:
//
//   - console.go: the service and the worker, and what they are made of;
//   - checkout.go: quotes that wait to be confirmed, each with the key of its request;
//   - web_*.go: a handler for each page, with its page in templates;
//   - explain.go: what an error means to a customer;
//   - security.go: headers, bounds, and requests of other sites;
//   - ending.go: what the end of a package means, before and after it has come;
//   - terms.go, web_next.go: what the next period is of and costs, a change at the renewal;
//   - tax.go, refunds.go, waiting.go, stopped.go: taxes, money that goes back, and payments that wait or stopped;
//   - roles.go, work.go, actions.go, web_customer.go: the desk of the seller's staff;
//   - webhook.go: the receiver of the provider's notifications;
//   - provider_stripe.go: cards through Stripe.
//
// The rest is the demonstration: provider.go says what the pages need of a payment provider, and the other provider*.go are
// two that ask nobody for money; past.go and past_any.go, the customers; machine.go and clock.go, the time machine.
package main
