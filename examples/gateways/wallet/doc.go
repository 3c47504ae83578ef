// Package wallet is an adapter for a wallet or for payments by QR code, to be copied and fitted to a provider of that
// shape: an order under the merchant's own number, a code that the payer scans, a query that is certain, signed
// notifications, and refunds that take their time. The provider in package walletserver is invented; the shape is that of
// the large wallets of Asia. The example is a month of a customer who pays so.
//
// What the shape decides:
//
//   - A number has 32 letters and digits, and a key up to 256 bytes of anything: the number is a digest of the key. The
//     key itself is in the text attached to the order, since a notification must lead back to it. Where a provider
//     attaches too little for that, the adapter needs a table of numbers and keys.
//   - The wallet compares less than the whole content of a charge. So a digest of all of it is attached, too: a number
//     that is used answers for the same charge, and is [payment.ErrKeyConflict] for any other.
//   - Nothing is collected without the payer, so a charge of an absent payer is declined with
//     [payment.NeedsAuthentication], and the host sends a link. The order is made and closed all the same, since a
//     declined key must stay declined. So is one in a currency that isn't the merchant's, which is declined with
//     [payment.Other].
//   - A query is certain, but what it doesn't find may still be on its way: it is [payment.NotFound], never a decline. A
//     404 that doesn't say so in the wallet's own words, from a proxy say, is an error, as any other odd answer.
//   - A query doesn't repeat the code, and [payment.Gateway.Lookup] must. The same order once more, which is harmless,
//     does.
//   - Closing is [payment.Canceler]. It is asked for, then the order is queried: a paid order says that it was paid.
//   - An order that is refunded in part is no longer "paid" in the wallet's words. The charge still succeeded, with all
//     of its amount.
//   - Refunds are under a number, too, and the wallet keeps one that it refuses under its number. Where a wallet doesn't,
//     the adapter needs a table of those that it declined.
//
// A policy for customers who pay so has one attempt, days before the end: it is declined at once, and its event is the
// cause of the mail with the link. More attempts are declined in the same way. Reminders do the rest. [Options.Minutes]
// shouldn't exceed the catalog's pending_hours: a code outlives its order otherwise, until the service has had it closed.
//
// A service in several currencies needs a merchant's account, and so a gateway, for each, and a service of its own for
// each.
package wallet
