// Package stripe is a [payment.Gateway] that collects from cards through Stripe, and the handler of its notifications. It is
// a module of its own. The manual, docs/stripe.md, says how to set it up, what becomes of each outcome, and what was never
// tried with the real provider.
//
//	gateway, err := stripe.New(secretKey, payers, &stripe.Options{Keys: st})
//	…
//	service, err := subscription.NewService(st, gateway, subscription.StaticCatalog(cat), nil)
//	…
//	webhook, err := gateway.Webhook(service, []string{endpointSecret}, nil)
//	…
//	mux.Handle("POST /stripe", webhook)
//
// A host makes a [Gateway] with [New], gives it to subscription.NewService, and serves [Gateway.Webhook]. It keeps, for
// each account, the provider's customer ([Gateway.CreateCustomer]); [Gateway.BeginSetup] and [Gateway.FinishSetup] take a
// card. Nothing else of this package is called by most hosts.
//
// # A charge is a payment intent
//
// A charge is looked for by its key, then created without being confirmed, bound to its key ([Keys]), and confirmed. So a
// crash between any two of these steps leaves something that the next request with the key goes on with, and nothing is
// collected twice. The key and a digest of the whole charge are in the intent's metadata. Intents are searched for by a hash
// of the key, and idempotency keys are hashes too.
//
// A payment that failed can still be paid at Stripe, by who has its page open. It is canceled before a charge is declined;
// until that is certain, the charge is pending. Rate limits, locks, failures of the provider, and lost answers are errors,
// so their outcome is unknown.
//
// # Certain and uncertain look-ups
//
// Stripe's search lags by a minute or so, and its idempotency keys are forgotten after 24 hours. With a table of keys
// (Options.Keys, which a store is), look-ups are certain and keys are remembered forever. Without one, a look-up from
// another process may miss a charge of the last minutes, and the gateway's retention is 24 hours: within them the
// provider's keys keep it from collecting twice, and later the search does.
//
// # Amounts
//
// Stripe's minor units aren't those of ISO 4217 for some currencies; see [Amount]. What it can't charge exactly is refused
// before anything is sent.
package stripe
