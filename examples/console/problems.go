package main

import "net/http"

// problems are what customers are told, by the SDK's code of the error or by a name of the console's own. An error that
// isn't here is for the log.
var problems = map[string]problem{
	"not_eligible": {http.StatusForbidden, notice{
		Kind: "bad", Title: "Your account isn't on the seller's allowlist yet",
		Text: "Packages are sold to accounts on the allowlist. Contact us, and we add yours.", Allow: true,
	}, false},
	"agreement_required": {http.StatusUnprocessableEntity, notice{
		Kind: "bad", Title: "Please accept the agreement", Text: "Check the box that says that you have read it and agree.",
	}, true},

	"already_subscribed": refused("This application has a package of this product", "Renew or upgrade it, or choose another application."),
	"order_open": refused("An order waits for its payment",
		"Confirm or cancel it: nothing else can be ordered for this package until then.", "/orders", "See your orders"),
	"trial_limit": refused("This trial has been used up", "Choose a paid version."),
	"offer":       refused("This offer isn't available to this application", "Choose the list price."),

	"not_on_sale": notForSale, "no_price": notForSale, "unknown_product": notForSale,
	"unknown_version": notForSale, "unknown_pack": notForSale,

	"not_upgradable": refused("This package can't be upgraded", "Wait for its end and buy another, or contact us."),
	"not_higher":     refused("An upgrade goes to a higher version only", "This version isn't higher than the one in force."),
	"period_ended":   refused("The period has ended", "Renew the package first. It can be upgraded then."),
	"not_renewable": refused("This package can't be renewed",
		"It is a trial, or it is over. Buy a package.", "/packages", "See the packages"),
	"not_changeable": refused("Another version or term can't be chosen for the renewal",
		"This product doesn't allow it, or the package never renews."),
	"no_auto_renew": refused("This package never renews itself", "It is a trial, or it is over."),

	"pack_size": notThisSize, "out_of_range": notThisSize, "negative": notThisSize, "syntax": notThisSize, "zero_price": notThisSize,

	"below_least": refused("This order is too small to be charged", "The seller has a least amount for a charge. Order more at once."),
	"unknown_region": refused("The tax of this account isn't known",
		"The price list lacks the region that it is taxed in, so there is no price. Nothing was charged; contact us, and we add it."),
	"too_large": refused("Too much is going on in this application",
		"Wait until orders or minutes have ended, or use another application."),
	"not_refundable": refused("This package can't be returned", "It is too late, its minutes were used, or it was renewed or upgraded."),
	"exists":         refused("This was done before", "Nothing was changed."),
	"exhausted": refused("Not enough minutes are left", "Nothing of it was counted. A top-up package adds minutes at once.",
		"/top-up", "Buy a top-up package"),

	"closed": refused("This application is closed", "Nothing more can be ordered, given or counted for it."),

	"arrears": notPaid, "credit_limit": notPaid, "too_early": notCounted, "too_late": notCounted,

	"conflict": refused("Somebody else changed the application at the same time", "Nothing was done. Try again."),

	"key_reused": impossible, "invalid": impossible, "unknown_currency": impossible, "unknown_kind": impossible,

	// The console's own.
	"app_name":   mistyped("Please name the new application", "The name has at least one letter from a to z or a digit."),
	"app_taken":  mistyped("The name of the new application is taken", "Choose another name."),
	"name":       mistyped("Please enter a name", "It has at least one letter from a to z or a digit, and at most 60 characters."),
	"name_taken": refused("There is a customer of this name", "Choose another name, or sign in as that customer."),
	"whole":      refused("A chargeback takes all that is left here", "Leave the amount empty. Nothing was taken."),
	"amount":     mistyped("Please enter an amount", "It is more than 0 and at most 100,000.00, such as 500 or 99.50."),
	"method":     mistyped("Please choose a payment method", "Nothing was changed."),
	"minutes":    mistyped("Please enter a number of minutes", "It is a whole number from 1 to 1,000,000."),
	"threshold": mistyped("Please check the numbers",
		"Minutes are a whole number of at least 1, and packs in a period from 1 to 100."),
	"periods": mistyped("So many periods can't be paid ahead",
		"Enter a whole number from 1 to 120. Those that are paid ahead already count."),
	"next":         mistyped("Please choose a version and a term for the next period", "Nothing was changed."),
	"next_changed": refused("The price has changed since it was shown", "Nothing was changed. Look again at what the next period costs."),
	"deal_price":   mistyped("Please enter the price of a period", "It is an amount such as 99.50; 0 makes further periods free."),
	"deal_periods": mistyped("Please enter a number of periods", "It is a whole number from 1 to 1,000."),
	"changed":      refused("Something has happened since", "Nothing was done. Look again at what it does."),
	"not_now":      refused("This isn’t possible now", "Something has changed since the page was shown. Go back to the customer’s page."),
	"no_change":    refused("This changes nothing", "It is so already."),
	"reason":       mistyped("Please say why", "A reason is in the record of who did what."),
	"review": refused("This doesn’t fit what is known of the payment",
		"If money was collected, deliver the order, say that the money was returned, or cancel the order: the money goes back then."),
	"counted": mistyped("So much usage can’t be taken back", "Choose a day that isn’t closed, and at most what was counted on it."),
	"refund_amount": mistyped("Please enter the amount to refund",
		"It is more than 0, such as 99.50. Leave it empty for all that is left."),
	"refund_cycles": mistyped("Please enter a number of periods", "It is at least 1, and at most those that haven't begun."),
	"nothing_left":  refused("So much isn't left of this charge", "Nothing has changed."),
	"tax_region":    mistyped("Please choose where you are taxed", "The price list has the taxes of these regions."),
	"tax_number":    mistyped("Please check the tax number", "It has letters, digits and at least one digit, such as DE123456789."),
	"tax_exempt": mistyped("An exemption needs a region and a tax number",
		"Businesses with a tax number account for the tax themselves."),
	"gift_products": mistyped("Please choose a product", "The minutes can be used for the products that you choose."),
	"gift_months":   mistyped("Please enter for how many months", "It is a whole number from 1 to 36."),
	"other_customer": mistyped("Please choose who pays",
		"It is another customer of the seller's, who has signed up before."),
	"sure": mistyped("Please confirm that it can't be undone", "Check the box, and nothing was changed until then."),
	"staff_open": refused("Something is unresolved",
		"An order, a refund or a reservation of the application waits for its end. Nothing was changed; try again then."),
	"staff_arrears": refused("Usage isn't paid", "Have it paid first. Nothing was changed."),
	"import_large": mistyped("The file is too large for this page",
		"Import it in parts, or with the command examples/import. Nothing was imported."),
	"import_file":     mistyped("The file can't be read", "Nothing was imported."),
	"import_customer": mistyped("The account is no customer here", "Its customer signs up first."),
	"clock_step":      mistyped("Please choose how far to move the clock", "It goes ahead by hours, days or months."),
}

// Problems with several codes.
var (
	notForSale  = refused("This isn't for sale", "The price list may have changed.", "/packages", "See what is for sale")
	notThisSize = mistyped("This size isn't sold", "Enter a number within the limits that the page shows.")
	notPaid     = refused("Usage isn't paid", "Service goes on when it is.")
	notCounted  = refused("This usage isn't counted", "Its day is closed, or hasn't begun.")
	impossible  = problem{http.StatusBadRequest, notice{
		Kind: "bad", Title: "This request can't be done", Text: "Try again from the beginning.", Link: "/", Says: "Go to the overview",
	}, false}
)

// refused is a problem with the state of things. Where to go on is optional: an address and what the link says.
func refused(title, text string, link ...string) problem {
	n := notice{Kind: "bad", Title: title, Text: text}
	if len(link) == 2 {
		n.Link, n.Says = link[0], link[1]
	}
	return problem{http.StatusConflict, n, false}
}

// mistyped is a problem with what was entered.
func mistyped(title, text string) problem {
	return problem{http.StatusUnprocessableEntity, notice{Kind: "bad", Title: title, Text: text}, false}
}
