// Package document defines the format in which stores keep an application: JSON with a format number. Every store of
// this module uses it, and other stores may.
//
// # Encoding
//
// A document is one object. Its first member is "format". The other members are those that encoding/json produces for a
// [subscription.Application], so a database's JSON functions can read them. In addition:
//
//   - what changes most often comes first: a renewal or usage leaves most of a document as it is, from some byte to the
//     last one, and Postgres writes only what comes before to its log;
//   - minutes are whole thousandths of a minute: 500 is half a minute. [Decode] reads them; encoding/json would take them
//     for minutes;
//   - a list is never null: an empty list is omitted if it is optional, and is [] otherwise;
//   - instants are in UTC, truncated to the microsecond, in the years 1 to 9999;
//   - text is preserved byte for byte. Only quotes, backslashes, control characters, U+2028 and U+2029 are escaped.
//
// Lines, deliveries, taxes and the action of an order have the same encoding, without a format number, for stores that
// keep orders as rows.
//
// Unknown data is never dropped. The decoder rejects unknown, duplicate and missing members, data after the document,
// numbers that are out of range, and text that isn't UTF-8 or has a NUL byte. The order of the members and whitespace
// don't matter, so a database may store a document in its own representation.
//
// # Formats
//
// Documents in earlier formats will always be readable; testdata has examples of each. A document in a later format,
// written by a newer version of this module, is rejected with a [*FormatError], so a service that was rolled back never
// drops data that it doesn't know.
//
// A new member does not need a new format if it is omitted while it is zero and its absence keeps the old meaning:
// earlier versions reject only documents that contain it. Any other change needs a new format: renaming or removing a
// member, adding one that is always present, or changing the meaning, unit or type of one.
//
// Format 2 added taxes, refunds, deals, recorded days, running numbers and every other member marked +2 in members.go,
// all of them omitted while zero. It removed a lot's "expired", since a lot is dropped when its remaining minutes
// expire. Data that a document of format 1 lacks was not yet recorded, and is zero.
//
// Version 0.1.0 wrote the members of format 2 in another order, and a lot's "refunded", which is zero as well.
//
// To add a format, increment Format, change the encoder, and add a folder of testdata by running the tests with
// -update. Never change what is in the existing folders: for another encoding of the same format, rename its folder, so
// that it is still read. Mark members that differ between formats in members.go. If a member
// changes its meaning, the decoder checks the format and converts the value. Values that stores keep as columns have no
// format number: their versions must be distinguishable by their members, or the stores' migrations must convert them.
package document
