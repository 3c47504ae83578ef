package main

import (
	"errors"
	"net/http"

	"github.com/prepaidkit/prepaid/subscription"
)

// notice is a message at the top of a page.
type notice struct {
	Kind  string // good, bad or plain
	Title string
	Text  string
	Link  string // where to go on, and what the link says
	Says  string
	Allow bool // offers to contact the seller about the allowlist
}

// pageError is an error that the customer is told about.
type pageError struct {
	status int
	notice notice
	cause  error
}

// Error is for logs.
func (e *pageError) Error() string { return e.notice.Title }

// Unwrap returns what the SDK said.
func (e *pageError) Unwrap() error { return e.cause }

// errNoPage means that there is no such page, or none that this customer may see.
var errNoPage = &pageError{http.StatusNotFound, notice{
	Kind: "bad", Title: "There is no such page", Text: "It may have been of another customer.", Link: "/", Says: "Go to the overview",
}, nil}

// bad is an error about what was entered.
func bad(title, text string) error {
	return &pageError{http.StatusUnprocessableEntity, notice{Kind: "bad", Title: title, Text: text}, nil}
}

// explain says what an error of the SDK means to the customer, and what to do. An error that isn't about the request is
// returned as it is.
func explain(err error) error {
	var told *pageError
	if err == nil || errors.As(err, &told) {
		return err
	}
	n := notice{Kind: "bad"}
	status := http.StatusConflict
	switch subscription.CodeOf(err) { //nolint:exhaustive // what isn't about the request is for the log
	case "not_eligible":
		status = http.StatusForbidden
		n.Title, n.Text, n.Allow = "Your account isn't on the seller's allowlist yet",
			"Packages are sold to accounts on the allowlist. Contact us, and we add yours.", true
	case "already_subscribed":
		n.Title, n.Text = "This application has a package of this product", "Renew or upgrade it, or choose another application."
	case "order_open":
		n.Title, n.Text = "An order waits for its payment", "Nothing else can be ordered for this package until then."
		n.Link, n.Says = "/orders", "See your orders"
	case "agreement_required":
		status = http.StatusUnprocessableEntity
		n.Title, n.Text = "Please accept the agreement", "Check the box that says that you have read it and agree."
	case "trial_limit":
		n.Title, n.Text = "This trial has been used up", "Choose a paid version."
	case "offer":
		n.Title, n.Text = "This offer isn't available to this application", "Choose the list price."
	case "not_on_sale", "no_price", "unknown_product", "unknown_version", "unknown_pack":
		n.Title, n.Text, n.Link, n.Says = "This isn't for sale", "The price list may have changed.", "/packages", "See what is for sale"
	case "not_upgradable":
		n.Title, n.Text = "This package can't be upgraded", "Wait for its end and buy another, or contact us."
	case "not_higher":
		n.Title, n.Text = "An upgrade goes to a higher version only", "This version isn't higher than the one in force."
	case "period_ended":
		n.Title, n.Text = "The period has ended", "Renew the package first. It can be upgraded then."
	case "not_renewable":
		n.Title, n.Text = "This package can't be renewed", "It is a trial, or it is over. Buy a package."
		n.Link, n.Says = "/packages", "See the packages"
	case "no_auto_renew":
		n.Title, n.Text = "This package never renews itself", "It is a trial, or it is over."
	case "pack_size", "out_of_range", "negative", "syntax", "zero_price":
		status = http.StatusUnprocessableEntity
		n.Title, n.Text = "This size isn't sold", "Enter a number within the limits that the page shows."
	case "not_refundable":
		n.Title, n.Text = "This package can't be returned", "It is too late, its minutes were used, or it was renewed or upgraded."
	case "exists":
		n.Title, n.Text = "This was done before", "Nothing was changed."
	case "exhausted":
		n.Title, n.Text = "Not enough minutes are left", "Nothing of it was counted. A top-up package adds minutes at once."
		n.Link, n.Says = "/top-up", "Buy a top-up package"
	case "arrears", "credit_limit":
		n.Title, n.Text = "Usage isn't paid", "Service goes on when it is."
	case "too_early", "too_late":
		n.Title, n.Text = "This usage isn't counted", "Its day is closed, or hasn't begun."
	case "conflict":
		n.Title, n.Text = "Somebody else changed the application at the same time", "Nothing was done. Try again."
	case "key_reused", "invalid", "unknown_currency", "unknown_kind":
		status = http.StatusBadRequest
		n.Title, n.Text = "This request can't be done", "Go back, and try again from the beginning."
	case "not_found":
		return &pageError{errNoPage.status, errNoPage.notice, err}
	default:
		return err
	}
	return &pageError{status, n, err}
}

// notices are those that a redirect shows, by the name in its query. A text of the query itself is never shown.
var notices = map[string]notice{
	"not-allowed": {
		Kind: "plain", Title: "Your account isn't on the seller's allowlist yet",
		Text: "Packages are sold to accounts on the allowlist. Contact us, and we add yours.", Allow: true,
	},
	"auto-on": {
		Kind: "good", Title: "Auto-renewal is on",
		Text: "The package renews itself before it ends, at the list price of that time. Keep your balance sufficient.",
	},
	"auto-off": {
		Kind: "good", Title: "Auto-renewal is off",
		Text: "The package ends with the period that is paid. You can turn it on again at any time.",
	},
	"deposited": {Kind: "good", Title: "The funds have arrived"},
	"method":    {Kind: "good", Title: "The payment method was changed"},
	"allowed":   {Kind: "good", Title: "Your account is on the allowlist", Text: "You can buy packages now."},
	"welcome":   {Kind: "good", Title: "Welcome", Text: "Your account is open. It needs a payment method before you can buy."},
	"free":      {Kind: "good", Title: "Free minutes are yours", Text: "The first month's were granted now."},
	"go":        {Kind: "good", Title: "Pay-as-you-go is enabled", Text: "Usage that no minutes cover is billed by the day from now on."},
	"used":      {Kind: "good", Title: "The usage was counted"},
	"approved": {
		Kind: "good", Title: "The bank approved the payment",
		Text: "It told the console by a webhook, and the order was delivered.",
	},
	"refused":  {Kind: "plain", Title: "The bank declined the payment", Text: "It told the console by a webhook. Nothing was delivered."},
	"answered": {Kind: "plain", Title: "The bank had answered before", Text: "Nothing has changed."},
	"open":     {Kind: "plain", Title: "The bank hasn't answered yet"},
	"canceled": {Kind: "good", Title: "The order was canceled"},
	"returned": {Kind: "good", Title: "The package was returned", Text: "The money goes back to where it came from."},
	"before":   {Kind: "plain", Title: "This request was made before", Text: "It was not made again, and nothing was paid twice."},
	"moved":    {Kind: "plain", Title: "The clock had been moved before", Text: "A second click moves it no further."},
}
