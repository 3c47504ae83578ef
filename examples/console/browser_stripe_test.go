package main

import "testing"

// visitStripe opens a browser at a console that collects over the fake of Stripe.
func visitStripe(t *testing.T) *visitor {
	t.Helper()
	return visitOf(t, func() *console { return openStripe(t, "memory") })
}

// A customer takes a card whose bank asks, buys with it, and confirms the payment at the bank. Then notifications are held:
// another payment is confirmed, and the order learns of it when they are sent. The bank takes the money back, and keeps it.
func TestBrowserStripeAsks(t *testing.T) {
	v := visitStripe(t)
	v.signsIn("Cobalt Games")
	v.clicks("Payment")
	v.sees("There is no prepaid balance")
	v.chooses("Card ending in 3155")
	v.shows("stripe-payment")
	v.clicks("Use this payment method")
	v.sees("The payment method was changed")
	v.topsUp()
	v.sees("It is charged to your payment method: Card ending in 3155")
	v.clicks("Pay 24.00 USD")
	v.sees("Your bank", "Do you want to pay?", "24.00 USD")
	v.shows("stripe-bank")
	v.clicks("Confirm the payment")
	v.sees("You confirmed the payment", "Paid and delivered")

	v.clicks("Payment provider")
	v.clicks("Hold them from now on")
	v.sees("They are held")
	v.topsUp()
	v.clicks("Pay 24.00 USD")
	v.clicks("Confirm the payment")
	v.sees("the console hasn’t heard of it", "Your bank wants you to confirm this payment")
	v.clicks("Payment provider")
	v.sees("wait to be sent", "payment_intent.succeeded")
	v.shows("stripe-held")
	v.clicks("Send what waits, and hold no more")
	v.sees("Notifications are sent", "204 No Content")
	v.clicks("Orders")
	v.clicks("Top-up, 25,000 minutes")
	v.sees("Paid and delivered")

	v.clicks("Payment provider")
	v.clicks("Chargeback")
	v.sees("The bank took the money back")
	v.clicks("Keep it")
	v.sees("The bank keeps the money", "were taken by the bank for good")
	v.clicks("Repeat all that were taken")
	v.sees("The notifications were sent once more")
	v.shows("stripe-provider")
	v.clicks("Orders")
	v.sees("Payment taken back")
}
