// Package topup sells top-up packages: minutes that are bought once, with or without a subscription, and never renew.
//
// [Buy] is a command for subscription.Service. It delivers a single lot, whatever the quantity, with the validity that
// the catalog defines for the pack, counted from the day of payment. Lots never merge.
package topup
