package main

import (
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// A customer says where it is taxed: prices then have their net, each tax and the total, up to the invoice. An exemption
// needs a tax number.
func TestBrowserTax(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Tax")
	v.sees("Where you are taxed", "Not stated")
	v.chooses("Quebec, Canada")
	v.clicks("Save")
	v.sees("Your tax facts were saved", "GST 5 %", "9.95 USD", "QST 9.975 %", "19.85 USD", "228.80 USD")
	v.shows("flow-tax")
	v.clicks("Package subscription")
	v.clicks("Choose 1-to-1 Call")
	v.chooses("List price")
	v.sees("Net", "GST 5 %", "228.80 USD")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.sees("Confirm and pay", "tax included", "on 15 Oct 2026 for 228.80 USD")
	v.shows("flow-tax-checkout")
	v.clicks("Pay 228.80 USD")
	v.sees("Paid and delivered", "QST 9.975 %")
	v.clicks("Invoice")
	v.sees("Net", "199.00 USD", "GST 5 %", "228.80 USD")
	v.shows("flow-tax-invoice")
	v.clicks("Tax")
	v.chooses("Exempt")
	v.clicks("Save")
	v.sees("An exemption needs a region and a tax number")
	v.fills("Tax number, which businesses have", "123456789 RT0001")
	v.clicks("Save")
	v.sees("No tax is charged. Your invoices say why")
	v.goes("/top-up")
	v.sees("24.00 USD", "Total")
	v.misses("GST")
}

// The seller's staff refunds: what is taken back is told before, an order that stands in the way is named with a link, and
// the order and its credit note say what went back.
func TestBrowserRefund(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("Tax")
	v.chooses("Germany")
	v.clicks("Save")
	v.goes("/apps/aurora-webinars/live")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now to the upgrade")
	v.clicks("Pay 571.20 USD")
	v.sees("Paid and delivered", "VAT 19 %", "91.20 USD")
	v.misses("Refund")
	v.becomes(staffPerson)
	v.goes("/staff/customers/aurora")
	v.clicks("Renewal of Live Standard")
	v.clicks("Refund")
	v.chooses("Everything that the order delivered")
	v.fills("Reason, for the books", "late delivery")
	v.clicks("See what it does")
	v.sees("The refund is refused", "it was upgraded")
	v.shows("flow-refund-refused")
	v.clicks("See Upgrade to Live Pro")
	v.clicks("Refund")
	v.fills("Amount to refund", "119")
	v.acts("late delivery", "Refund", "the customer keeps what was delivered", "100.00 USD", "19.00 USD", "late delivery")
	v.sees("119.00 USD of 571.20 USD went back", "Refunded in part", "Refund: late delivery")
	v.clicks("Refund")
	v.chooses("Everything that the order delivered")
	v.fills("Reason, for the books", "the rest")
	v.clicks("See what it does")
	v.sees("452.20 USD", "The upgrade was undone. The package is Live Standard again", "upgrade minutes of")
	v.shows("flow-refund")
	v.clicks("Refund")
	v.sees("The money went back on 16 Sep 2026, 10:00", "571.20 USD were returned to where they came from: Prepaid balance", "Refunded")
	v.shows("flow-refunded-order")
	v.becomes("Aurora Learning")
	v.clicks("Orders")
	v.clicks("Upgrade to Live Pro")
	v.clicks("Invoice")
	v.sees("Refunds", "late delivery", "0.00 USD of 571.20 USD are with the seller")
	v.shows("flow-refunded-invoice")
	v.clicks("Credit note")
	v.sees("Credit note", "Of invoice", "100.00 USD", "19.00 USD", "119.00 USD", "Print")
	v.shows("flow-credit-note")
	v.goes("/products/live?app=aurora-webinars")
	v.sees("Version in force", "Standard")
}

// A refund that its bank refuses is told, and made again in another way.
func TestBrowserRefundFails(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.topsUp()
	v.clicks("Pay 24.00 USD")
	v.becomes(staffPerson)
	v.goes("/staff/customers/cobalt")
	v.clicks("Top-up, 25,000 minutes")
	v.clicks("Refund")
	v.chooses("The minutes that are unused")
	v.acts("unused", "Refund", "25,000 top-up minutes usable through 30 Sep 2027 were taken back")
	v.sees("The money went back", "Refunded")
	v.clicks("Payment provider")
	v.clicks("Let it fail")
	v.sees("The refund failed", "200 OK")
	v.clicks("Top-up, 25,000 minutes")
	v.sees("A refund of 24.00 USD failed", "It failed: the bank refused it", "Refund failed")
	v.shows("flow-refund-failed")
	v.clicks("Work")
	v.sees("Refunds that failed or don’t end")
	v.clicks("The refund of Top-up, 25,000 minutes failed: the bank refused it")
	v.clicks("Refund")
	v.chooses("The money was returned in another way")
	v.acts("by transfer", "Refund", "other means than the payment provider")
	v.sees("The money went back")
	v.clicks("Work")
	v.sees("No refund needs a person.")
}

// A chargeback interrupts the package and says why, what was taken, and what to do; the bank's return undoes it. What the
// provider refunds by itself is on the order too.
func TestBrowserChargeback(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Payment provider")
	v.sees("Purchase of Live Lite", "129.00 USD")
	v.clicks("Chargeback")
	v.sees("The bank took the money back", "200 OK")
	v.shows("flow-chargeback")
	v.clicks("Overview")
	v.sees("Interrupted", "The bank took the payment of the period back", "the payment of the period was taken back")
	v.shows("flow-chargeback-card")
	v.clicks("Orders")
	v.opens("Payment taken back")
	v.sees("The bank took 129.00 USD back", "tell your bank", "the owner of the card disputes the payment", "Renew by hand")
	v.shows("flow-chargeback-order")
	v.clicks("Activity")
	v.sees("took 129.00 USD back", "were taken back")
	v.clicks("Payment provider")
	v.clicks("Reinstate")
	v.sees("The bank returned the money")
	v.clicks("Overview")
	v.sees("Active", "18 Aug – 17 Sep 2026")
	v.misses("Interrupted")
	v.clicks("Payment provider")
	v.fills("Amount of charge 0 to return", "29")
	v.clicks("Refund at the provider")
	v.sees("The provider returned the money", "100.00 USD")
	v.clicks("Purchase of Live Lite")
	v.sees("29.00 USD of 129.00 USD went back", "Refund that the payment provider made by itself")
}

// A card whose bank asks: checkout leads to the bank and back; a refusal is a decline that can be tried again.
func TestBrowserBankAsks(t *testing.T) {
	for name, script := range map[string]bool{"with a script": true, "without a script": false} {
		t.Run(name, func(t *testing.T) {
			v := visit(t)
			v.signsIn("Cobalt Games")
			if !script {
				v.withoutScript()
			}
			before := v.paid("cobalt")
			v.topsUp()
			v.chooses("Card ending in 3155")
			v.clicks("Pay 24.00 USD")
			v.sees("Your bank", "Do you want to pay?", "24.00 USD", "Top-up of 25,000 minutes")
			if script {
				v.shows("flow-bank")
			}
			v.clicks("Refuse")
			v.sees("You refused the payment", "The payment was declined: it wasn't confirmed at the bank")
			v.clicks("Try again")
			v.chooses("Card ending in 3155")
			v.clicks("Pay 24.00 USD")
			v.clicks("Confirm the payment")
			v.sees("You confirmed the payment", "Paid and delivered", "Card ending in 3155")
			if n := v.paid("cobalt"); n != before+1 {
				t.Errorf("%d payments, want %d", n, before+1)
			}
		})
	}
}

// An automatic renewal waits for the owner of the card: the overview, the card and the activity say so, with a link; it is
// confirmed there, or paid by hand in another way.
func TestBrowserRenewalAsks(t *testing.T) {
	v := visit(t)
	v.signsIn("Birch Clinic")
	v.clicks("Payment")
	v.chooses("Card ending in 3155")
	v.clicks("Use this payment method")
	v.sees("The payment method was changed")
	v.clicks("Overview")
	v.sees("The renewal for 199.00 USD waits for you", "until 17 Sep 2026, 00:00", "Pay by hand in another way")
	v.shows("flow-renewal-asks")
	v.clicks("Activity")
	v.sees("the bank wants you to confirm the payment")
	v.clicks("Confirm at your bank")
	v.sees("Do you want to pay?")
	v.clicks("Back to the order")
	v.sees("Your bank wants you to confirm this payment", "the order is canceled on 17 Sep 2026, 00:00")
	v.shows("flow-asks-order")
	v.clicks("Pay by hand in another way")
	v.sees("The renewal for 199.00 USD waits for you")
	v.shows("flow-renew-instead")
	v.chooses("I have read and agree")
	v.clicks("Renew Now")
	v.chooses("Card ending in 4242")
	v.clicks("Pay 199.00 USD")
	v.sees("Paid and delivered")
	v.clicks("Orders")
	v.opens("Canceled")
	v.sees("The order was canceled", "Nothing was charged")
	if o := v.waiting("birch-visits"); o != "" {
		t.Errorf("order %s still waits", o)
	}

	v.clicks("Time machine") // and the next renewal, which is confirmed in time
	v.clicks("Move ahead by 1 month")
	v.clicks("Overview")
	v.sees("The renewal for 199.00 USD waits for you")
	v.clicks("Confirm at your bank")
	v.clicks("Confirm the payment")
	v.sees("You confirmed the payment", "Paid and delivered")
	v.clicks("Overview")
	v.sees("Active")
	v.misses("waits for you")
}

// waiting returns an application's order that waits, or "" if none does.
func (v *visitor) waiting(app subscription.ApplicationID) subscription.OrderID {
	v.t.Helper()
	found, err := v.c.service.Application(v.t.Context(), app)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, o := range found.Orders {
		if o.Status == subscription.OrderOpen {
			return o.ID
		}
	}
	return ""
}

// A card that has expired isn't tried again; the card and the payment page say why, and another method is tried at once.
func TestBrowserExpiredCard(t *testing.T) {
	v := visit(t)
	v.signsIn("Birch Clinic")
	v.clicks("Payment")
	v.chooses("Card ending in 0069")
	v.clicks("Use this payment method")
	v.sees("isn’t charged again by itself", "the payment method has expired")
	v.shows("flow-stopped")
	v.clicks("Overview")
	v.sees("It isn't charged again, because the payment method has expired")
	v.clicks("Update payment")
	v.chooses("Card ending in 4242")
	v.clicks("Use this payment method")
	v.misses("isn’t charged again by itself")
	v.clicks("Overview")
	v.sees("Active")
}
