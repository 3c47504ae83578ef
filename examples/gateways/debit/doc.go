// Package debit is an adapter for bank debits, as by SEPA or ACH, to be copied and fitted to a provider of that shape: a
// debit is accepted at once, submitted with a batch in the evening, and paid or returned by the payer's bank some banking
// days later. What was paid can be taken back for weeks. The provider in package bankserver is invented. The example is
// two months of three customers who pay so.
//
// What the shape decides:
//
//   - A number has at most 35 bytes: it is a digest of the key. The key itself and a digest of the whole charge are in
//     the text attached to the debit. A return must lead back to the key. The bank refuses a number with other content;
//     if that is of another charge, it is [payment.ErrKeyConflict], and if the host has changed its text, it is not.
//   - A charge is pending for days, without an action: nobody has anything to do. Nothing gives such an order up, and no
//     other order is placed for its subscription. A customer who wants to pay in another way cancels it first.
//   - [payment.Canceler] works until the debit is submitted. After that it is still pending, whatever anybody wants. The
//     service asks until the payer's bank has answered, and returns what arrives.
//   - Without funds it is declined softly, and tried again. Without an account or a mandate it is
//     [payment.NoPaymentMethod], a hard decline: nothing is tried until the host reports another mandate
//     (subscription.PaymentMethodChanged).
//   - What the payer's bank takes back later is a [payment.Reversal], which the host reads from the bank's list. The
//     charge itself stays [payment.Succeeded].
//   - A refund is a credit transfer. The bank relates it to the debit, keeps one that it refuses under its number, and
//     never returns more than was paid. A bank that knows nothing of debits when it transfers leaves all three to the
//     adapter, which needs a table, and a lock, for that.
//   - Nobody has to be present: [payment.Charge.Present] is bound to the key, and nothing else.
//
// The SDK's defaults are for cards: attempts hours apart, and a day of grace. With debits, more grace time must follow
// the last attempt than a bank takes, weekends included. Otherwise service is interrupted while the payment is under way,
// and begins anew on the day on which it arrives. The example has such a policy and such a grace time. A package that is
// bought by debit begins on the day on which it is paid.
//
// A subscription is past due from its end until the debit is paid. Ask Service.Entitlement whether there is service, and
// look for an open order before you dun anybody.
package debit
