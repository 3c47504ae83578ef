package main

import (
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// describeTerms says what happened to what was agreed for further periods: a change at the renewal, a deal, and service
// that went on after the end. Why the seller's staff agrees or ends a price is for the books, and not told to the customer.
func (c *console) describeTerms(pack string, e subscription.Event) string {
	because := ""
	if e.Note != "" {
		because = ": " + e.Note
	}
	switch e.Type { //nolint:exhaustive // describe has the others
	case subscription.EventChangePlanned:
		return fmt.Sprintf("%s%s was chosen for the next period, which costs %s.", pack, forTerm(e.Note), money(e.Amount))
	case subscription.EventChanged:
		return fmt.Sprintf("The package changes to %s%s, as it was chosen: a period of it is paid.", pack, forTerm(e.Note))
	case subscription.EventChangeDropped:
		return fmt.Sprintf("The change to %s at the renewal was dropped%s.", pack, dropped(e.Note))
	case subscription.EventDeal:
		span, _, _ := strings.Cut(e.Note, ": ")
		return fmt.Sprintf("A price of %s was agreed for each period of %s: %s.", money(e.Amount), pack, span)
	case subscription.EventDealEnded:
		if e.By != "" {
			because = ", since the seller ended it"
		}
		return fmt.Sprintf("The agreed price of %s for %s has ended%s.", money(e.Amount), pack, because)
	case subscription.EventServiceEnded:
		return fmt.Sprintf("%s is out of service: it had ended, and the grace time has passed.", pack)
	}
	return string(e.Type)
}

// dropped is why a change at the renewal was dropped. What isn't the customer's doing is an error of the price list.
func dropped(why string) string {
	switch {
	case why == "":
		return ""
	case strings.HasPrefix(why, "upgraded to "):
		return ": the package was upgraded"
	case why == "undone by the customer", why == "the application is closed":
		return ": " + why
	}
	return ": it is no longer for sale"
}

// forTerm is a term beside a package: " for 12 months".
func forTerm(term string) string {
	if term == "" {
		return ""
	}
	return " for " + term
}
