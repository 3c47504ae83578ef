// Package topup sells top-up packages: minutes that are bought once, beside or without a subscription, and
// never renew.
//
// [Buy] is a command for subscription.Service. What it delivers is one lot, whatever the quantity, with
// the validity that the catalog gives the pack, counted from the day of payment. Lots never merge.
package topup
