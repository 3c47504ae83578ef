// Package customcommand has two commands of a host's own, to copy. [Redeem] sells a pack for a part of its price to whoever
// has a voucher: a command that places an order. [Pause] turns auto-renewal off and records the customer's reason: a command
// that continues another one.
//
// What a reader learns:
//
//   - The facts of a request stand in the command's JSON, which is what its idempotency key stands for. The host fills them
//     in from its own tables; nothing of [Redeem] is what a customer says a voucher is worth.
//   - Decide is pure. It prices with package pricing, places one order or adds an event of its own type, and leaves taxes,
//     IDs, amounts and what the order delivers to [subscription.Draft].
//   - What needs to be read elsewhere is asked by a hook, [Once], and not by the command. The service calls it for each try
//     to commit; so of two requests at the same instant only one has the voucher.
//   - Errors have codes of their own, which [subscription.CodeOf] returns.
//
// The SDK treats such commands as its own. They can be quoted, confirmed and repeated; taxes are added; a worker collects the
// order if the process stops; and [subscription.Change.Check] refuses what breaks an invariant, before anything is stored.
// The tests show how to test a command without a service, and what the SDK refuses of one that is wrong.
package customcommand
