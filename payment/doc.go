// Package payment is the boundary between billing and money: one small interface, [Gateway], and the
// plain data that crosses it. It collects nothing itself. Package payment/balance is a gateway that
// collects from prepaid balances, and the durable stores have one over their databases; an adapter of a card or
// wallet provider is another; package payment/paymenttest is the conformance suite that every gateway, yours too,
// can run.
//
// The author of an adapter implements [Gateway]: [Charge], [Refund] and [Result] are its data. A host calls none of it: the
// service and the worker do.
//
// # Three answers
//
// A request to move money has three outcomes, and confusing them is how customers are charged twice:
//
//   - it is known to have happened: a [Result] with status [Succeeded];
//   - it is known that it never will: a [Result] with status [Declined] and a [Reason];
//   - it isn't known: a non-nil error, or a [Result] with status [Pending] or [NotFound].
//
// An error therefore never means failure. A time-out, a lost connection, a 500: the money may have been
// taken. The only safe reaction is the same request again, with the same key, or [Gateway.Lookup].
//
// # Keys
//
// Every charge and every refund carries a key that its caller chose and stored before asking. A gateway
// moves money at most once per key, and answers a repeated request with the result of the first. A key
// stands for one content, every field of it, for good: with another it is refused with [ErrKeyConflict]. A
// declined key stays declined, and stands for its content too; a new try, after the customer has topped up,
// say, needs a new key, and a new key is allowed only once the old one's outcome is final.
//
// # Retention
//
// Providers forget keys, some after 24 hours, and then collect again. [Gateway.Retention] says how long a
// key protects. Within it, repeating a request is safe; beyond it, only a person can tell what happened.
// [NotFound] says that the gateway has no record of a charge now. The charge may still be on its way to it,
// or forgotten, so it permits the same key again within the retention, and never a new one. A refund that is
// NotFound, because its charge is, permits the same refund again.
//
// # Amounts
//
// The amount of a [Result] is what was really collected or given back, whatever was asked for. Callers
// compare it with what they asked and deliver nothing when it differs. What costs nothing is not charged:
// an amount is positive.
//
// # Errors
//
// [ErrInvalid] and [ErrKeyConflict] describe the request, so repeating it unchanged is pointless. Even so
// they say nothing about earlier requests with that key: callers treat the outcome as unknown. All errors
// work with [errors.Is].
package payment
