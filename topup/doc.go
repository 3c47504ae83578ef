// Package topup sells top-up packages: minutes that are bought once, with or without a subscription, and never renew. A
// worker buys them by itself if the customer asks for that with subscription.SetAutoTopUp.
//
//	outcome, err := service.Do(ctx, app, topup.Buy{Pack: "rtc-25k", Currency: "USD", Quantity: 2}, key)
//
// [Buy] is a command for subscription.Service. It delivers a single lot, whatever the quantity, with the validity that
// the catalog defines for the pack, counted from the day of payment. Lots never merge.
package topup
