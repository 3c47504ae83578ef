// Package document is the form in which stores keep an application: JSON, with the number of its format. Every
// store of this module writes it, and another one may.
//
// # The form
//
// A document is one object. Its first member is "format"; the others are those that encoding/json gives to a
// [subscription.Application], in the same order, so that a database's JSON functions can read it. Beyond that:
//
//   - minutes are whole thousandths of a minute: 500 is half a minute;
//   - a list is never null: one that may be left out is, if it's empty, and any other is [];
//   - instants are in UTC, cut to the microsecond, in the years 1 to 9999;
//   - text is byte for byte what it was. Only quotes, backslashes, control characters, U+2028 and U+2029 are escaped.
//
// Lines, deliveries, taxes and the action of an order have the same form, without a number, for stores that keep orders
// as rows.
//
// What isn't known is never dropped: an unknown member, one that is there twice, one that is missing, anything after
// the document, a number that doesn't fit and text that isn't UTF-8 without NUL are refused when it is read. The order
// of the members doesn't matter, nor do spaces, so that a database may keep a document in a form of its own.
//
// # Formats
//
// A document that was written in an earlier format is read for ever; testdata has some of each. One of a later
// format, which a newer version of this module wrote, is refused with a [*FormatError], so that a service that was
// rolled back never drops what it doesn't know.
//
// A new member that is left out while it is zero, and whose absence means what it always meant, changes no format:
// earlier versions refuse only the documents that have it. Anything else does: a member that is renamed, removed, or
// always there, and one with another meaning, unit or type.
//
// Format 2 brought taxes, refunds, deals, recorded days, running numbers and whatever else has +2 in members.go, all of
// it left out while it is zero, and lost a lot's "expired", since a lot is dropped as the rest of it expires. What a
// document of format 1 doesn't say wasn't recorded yet, and is zero.
//
// A later one is added so: Format grows by one, the encoder writes it, and testdata has a folder more, made with -update;
// those before are never touched again. The members of objects that differ only in which they have are marked in
// members.go; where a member means something else the decoder asks for the format, and converts. What stores keep as a
// column has no number, so that its forms must be told apart by their members, or the stores' migrations convert it.
package document
