package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
)

// paid returns how many times the provider has collected money from an account.
func (v *visitor) paid(account string) int {
	v.t.Helper()
	count := 0
	for m, err := range v.c.accounts.Statement(v.t.Context(), account) {
		if err != nil {
			v.t.Fatal(err)
		}
		if m.Kind == balance.Charged {
			count++
		}
	}
	cards, err := v.c.provider.charges(v.t.Context(), func(m movement) bool {
		return m.Charge.Account == account && m.Result.Status == payment.Succeeded
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return count + len(cards)
}

// signsUp opens an account that is on the allowlist.
func (v *visitor) signsUp(name string) {
	v.t.Helper()
	v.goes("/")
	v.fills("Name of your company", name)
	v.clicks("Open an account")
	v.sees("Welcome", "allowlist")
	v.clicks("Contact us")
	v.sees("Your account is on the allowlist")
}

// bindsBalance binds the prepaid balance, from the payment page.
func (v *visitor) bindsBalance() {
	v.t.Helper()
	v.chooses("Prepaid balance")
	v.clicks("Use this payment method")
	v.sees("The payment method was changed")
}

// reaches the payment page of a package of Call for the application that is chosen already.
func (v *visitor) orders(version string) {
	v.t.Helper()
	v.clicks("Package subscription")
	v.clicks("Choose " + version)
	v.sees("Subscribe Now")
}

// opens follows the link to an order with a status, on the page of all orders.
func (v *visitor) opens(status string) {
	v.t.Helper()
	v.do("open the order that is "+status, chromedp.Click(chromedp.JSPath(
		`[...document.querySelectorAll("tr")].find((r) => r.innerText.includes("`+status+`")).querySelector("a")`)))
}

// A new customer signs up, asks for the allowlist, binds a payment method, pays in funds, and buys a package with a new
// application, as both guides describe it. The application card then shows it, with auto-renewal on.
func TestBrowserBuy(t *testing.T) {
	v := visit(t)
	v.goes("/")
	v.sees("Sign in to the console")
	v.fills("Name of your company", "Dune Radio")
	v.clicks("Open an account")
	v.sees("Welcome", "isn't on the seller's allowlist")

	// Not on the allowlist yet: the order page says so, and mends it.
	v.clicks("Package subscription")
	v.sees("199.00 USD", "100,000 minutes", "Monthly active users: 5,000")
	v.clicks("Choose 1-to-1 Call")
	v.fills("Name of the new application", "Dune Studio")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.sees("isn't on the seller's allowlist")
	v.clicks("Contact us")
	v.sees("Your account is on the allowlist")

	// Step 1 to 4 of the order page.
	v.clicks("Choose 1-to-1 Call")
	v.chooses("A new application")
	v.fills("Name of the new application", "Dune Radio Live")
	v.chooses("Group Call")
	v.sees("597.00 USD", "300,000 minutes, granted when it is paid")
	v.chooses("1-to-1 Call")
	v.sees("First purchase: 99.00 USD, and 199.00 USD from the next period on")
	v.chooses("12 months")
	v.sees("1,990.00 USD")
	v.chooses("1 month, 199.00 USD")
	v.sees("Total")
	v.chooses("List price")
	v.clicks("Subscribe Now")
	v.sees("Please accept the agreement")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.sees("Confirm and pay", "199.00 USD", "dune-radio-live", "No payment method is bound",
		"on 15 Oct 2026 for 199.00 USD, unless you turn auto-renewal off before")
	v.shows("flow-no-method")

	// The payment method is bound, and funds are added, and each leads back here.
	v.clicks("Bind a payment method")
	v.bindsBalance()
	v.sees("Confirm and pay", "Your balance is too small", "199.00 USD are missing")
	v.clicks("Add funds")
	v.fills("Amount to add, in USD", "250")
	v.clicks("Add funds")
	v.sees("Confirm and pay", "Prepaid balance: 250.00 USD")
	v.shows("flow-checkout")
	v.clicks("Pay 199.00 USD")
	v.sees("Paid and delivered", "Purchase of Call 1-to-1 Call", "100,000")
	v.shows("flow-bought")
	v.clicks("See the application card")
	v.sees("Version in force", "1-to-1 Call", "16 Sep – 15 Oct 2026", "30 days", "Auto-renewal is on", "199.00 USD on 15 Oct 2026")
	if n := v.paid("dune-radio"); n != 1 {
		t.Errorf("%d payments, want 1", n)
	}
}

// A trial costs nothing and ends by itself. The paid version follows it.
func TestBrowserTrial(t *testing.T) {
	v := visit(t)
	v.signsUp("Elm Yoga")
	v.clicks("Live")
	v.sees("You have no application yet")
	v.clicks("View packages and pricing")
	v.clicks("Start the trial of Trial")
	v.sees("A trial ends by itself and never renews")
	v.fills("Name of the new application", "elm")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.sees("0.00 USD", "never")
	v.clicks("Confirm")
	v.sees("Paid and delivered", "It costs nothing, so the provider wasn't asked")
	v.clicks("See the application card")
	v.sees("Trial", "14 days")
	v.misses("Auto-renewal is")
	v.clicks("Choose a paid version")
	v.clicks("Start the trial of Trial")
	v.sees("This application has a package of this product")
	v.clicks("Time machine")
	v.clicks("Move ahead by 1 month")
	v.sees("Live expired")
	v.clicks("Live")
	v.clicks("Choose a paid version")
	v.clicks("Start the trial of Trial")
	v.sees("This trial has been used up")
	v.chooses("Lite")
	v.sees("129.00 USD")
}

// A payment that is declined says why; once the balance suffices, trying again pays once.
func TestBrowserDeclinedAndMended(t *testing.T) {
	v := visit(t)
	v.signsUp("Fern Talk")
	v.clicks("Payment")
	v.bindsBalance()
	v.orders("1-to-1 Call")
	v.fills("Name of the new application", "fern")
	v.chooses("First purchase")
	v.sees("99.00 USD")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.sees("Your balance is too small")
	v.clicks("Pay 99.00 USD")
	v.sees("The payment was declined: there isn’t enough money", "Nothing was charged", "Payment attempt")
	v.shows("flow-declined")
	v.clicks("Add funds")
	v.do("find the missing amount filled in", chromedp.WaitReady(chromedp.CSS(`#amount[value="99.00"]`)))
	v.clicks("Add funds")
	v.sees("The funds have arrived", "The payment was declined")
	v.misses("Add funds")
	v.clicks("Try again")
	v.sees("Confirm and pay", "Prepaid balance: 99.00 USD")
	v.clicks("Pay 99.00 USD")
	v.sees("Paid and delivered", "Way of payment", "Prepaid balance")
	v.clicks("All orders")
	v.sees("Declined", "Paid")
	v.opens("Declined")
	v.sees("a later order was paid instead")
	v.clicks("See the order that was paid")
	v.sees("Paid and delivered")
	if n := v.paid("fern-talk"); n != 1 {
		t.Errorf("%d payments, want 1", n)
	}
}

// A bank transfer has no result at first. The bank approves it, the provider's webhook says so, and the order is
// delivered; another one is declined.
func TestBrowserTransferIsSettledByAWebhook(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.clicks("Payment")
	v.chooses("Bank transfer")
	v.clicks("Use this payment method")
	v.goes("/order?product=chat&version=standard")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.sees("The bank answers later")
	v.clicks("Pay 399.00 USD")
	v.sees("The payment has no result yet", "The bank is to confirm it")
	v.shows("flow-pending")
	v.clicks("Check again")
	v.sees("The bank hasn't answered yet")
	v.clicks("Chat")
	v.sees("has no Chat package")
	v.clicks("Payment provider")
	v.sees("399.00 USD", "aurora-classroom")
	v.clicks("Approve")
	v.sees("The bank approved the payment", "200 OK", "succeeded")
	v.clicks("Chat")
	v.sees("Standard", "Active")

	v.goes("/order?product=beauty-ar&version=lite")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.clicks("Pay 199.00 USD")
	v.sees("The payment has no result yet")
	v.clicks("Decline")
	v.sees("The bank declined the payment", "The payment was declined: it was canceled at the bank")

	v.clicks("Try again")
	v.clicks("Pay 199.00 USD")
	v.clicks("Cancel the order")
	v.sees("The order is being canceled", "The bank hasn't said yet", "Being canceled")
	v.clicks("Payment provider")
	v.clicks("Approve")
	v.sees("The bank approved the payment, and the money goes back")
	v.clicks("Orders")
	v.opens("Refunded")
	v.sees("The money went back on 16 Sep 2026, 10:00", "It was paid after the order had been canceled, so nothing was delivered",
		"199.00 USD were returned to where they came from: Bank transfer")
	v.shows("flow-refunded")
}

// An order that waits for its payment sees by itself that it has come.
func TestBrowserPendingOrderRefreshesItself(t *testing.T) {
	v := visit(t)
	v.signsIn("Cobalt Games")
	v.clicks("Payment")
	v.chooses("Bank transfer")
	v.clicks("Use this payment method")
	v.goes("/top-up")
	v.chooses("I have read and agree")
	v.clicks("Buy Now")
	v.clicks("Pay 24.00 USD")
	v.sees("The payment has no result yet")
	pending, err := v.c.own().pending(t.Context())
	if err != nil || len(pending) != 1 {
		t.Fatalf("%d charges wait for the bank (%v)", len(pending), err)
	}
	if err := v.c.own().answer(t.Context(), pending[0].Charge.Key, true); err != nil {
		t.Fatal(err)
	}
	v.sees("Paid and delivered")
}

// A package that wasn't used is returned within days, and the money comes back.
func TestBrowserReturnAPackage(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/order?product=conference&version=lite&app=aurora-webinars")
	v.chooses("I have read and agree")
	v.clicks("Subscribe Now")
	v.clicks("Pay 109.00 USD")
	v.sees("Paid and delivered")
	v.clicks("Return the package")
	v.sees("The package was returned", "Refunded", "The money went back on 16 Sep 2026, 10:00")
	v.clicks("Payment")
	v.sees("Refund", "109.00 USD")
	v.clicks("Conference")
	v.sees("Returned", "Buy again")
}

// What a page says of an error is never the text of its address.
func TestBrowserNoticesAreOurs(t *testing.T) {
	v := visit(t)
	v.signsIn("Aurora Learning")
	v.goes("/orders?notice=" + strings.Repeat("you-owe-", 3))
	v.sees("Orders")
	v.misses("you-owe")
}
