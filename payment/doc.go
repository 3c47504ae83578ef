// Package payment is the boundary between billing and money: a small interface, [Gateway], and the plain data that it
// exchanges. The package does not collect money itself. Package payment/balance is a gateway that collects from prepaid
// balances. The durable stores provide the same gateway on their databases. Package payment/stripe, a module of its own,
// collects from cards. An adapter for another provider is another gateway. Package payment/paymenttest is the conformance
// suite for every gateway, including your own.
//
//	result, err := gateway.Charge(ctx, payment.Charge{Key: key, Account: "acme", Amount: amount})
//
// To write an adapter, implement [Gateway] and, if the provider can cancel a payment, [Canceler]; the data types are
// [Charge], [Refund] and [Result], and [Reversal] for the provider's notices. A host calls none of these directly: the
// service and the worker do. The directory examples/gateways has adapters to copy, for a wallet and for bank debits.
//
// # Three outcomes
//
// A request to move money has one of three outcomes. Confusing them leads to customers being charged twice:
//
//   - The money is known to have moved: a [Result] with status [Succeeded].
//   - It is known that the money will never move: a [Result] with status [Declined] and a [Reason].
//   - The outcome is unknown: a non-nil error, or a [Result] with status [Pending] or [NotFound].
//
// An error therefore never means failure. After a timeout, a lost connection or an HTTP 500, the money may have been
// collected. The only safe reaction is to repeat the same request with the same key, or to call [Gateway.Lookup].
//
// # Payments that need the payer
//
// A charge says whether the payer is present ([Charge.Present]). An issuer may want the payer to confirm a payment in
// person (3-D Secure). If the payer can do that, the result is [Pending] with an [Action]: a URL to go to, or a secret
// for the provider's own code in the browser. Its value is a credential. It stays pending until the payer has done it,
// has failed ([NeedsAuthentication]), or has let it expire ([Canceled]). An adapter may answer a charge of an absent
// payer in the same way, so that the host sends a link, or decline it with [NeedsAuthentication].
//
// A caller that no longer wants a payment to happen asks a [Canceler] to see to that before it asks for another one.
//
// # Money that goes back by itself
//
// Weeks after a charge succeeded, the payer's bank may take the money back (a chargeback) and return it later, and
// somebody may refund a charge at the provider, without a request for it. An adapter makes a [Reversal] of the provider's
// notice, and its host passes that to the service (subscription.Service.Reverse). The charge's [Result] stays
// [Succeeded].
//
// # Idempotency keys
//
// Every charge and every refund has an idempotency key that the caller chooses and stores before sending the request. A
// gateway moves money at most once per key, and returns the result of the first request to every repeated one. A key is
// permanently bound to the content of its first request, including every field: a request with the same key and
// different content fails with [ErrKeyConflict]. A declined key stays declined and remains bound to its content. A new
// attempt, for example after the customer has added funds, needs a new key, and a new key is allowed only once the
// outcome of the old one is final.
//
// # Retention
//
// Providers forget keys, some after 24 hours, and then collect again. [Gateway.Retention] is the time for which a key
// protects against a second charge. Within it, repeating a request is safe. After it, a person must find out what
// happened. [NotFound] means that the gateway has no record of a charge now. The charge may still be on its way or may
// have been forgotten, so within the retention the same key may be used again, but never a new one. If a refund is
// NotFound because its charge is, the same refund may be repeated.
//
// # Amounts
//
// The amount of a [Result] is the amount that was actually collected or refunded, which may differ from the requested
// amount. Callers compare the two, and deliver nothing if they differ. Amounts are positive: an order that costs
// nothing is not charged.
//
// # Errors
//
// [ErrInvalid] and [ErrKeyConflict] describe the request, so repeating it unchanged is pointless. They say nothing
// about earlier requests with that key, so callers still treat the outcome as unknown. All errors work with
// [errors.Is].
package payment
