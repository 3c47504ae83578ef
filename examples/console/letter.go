package main

import (
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// letter is what a customer is told about an event.
type letter struct{ Subject, Text string }

// letter returns what a customer is told about an event of a change, and whether it is worth a mail: what comes, what
// failed, and what ended. What customers did themselves, they have seen.
func (c *console) letter(e subscription.Event, change []subscription.Event) (letter, bool) {
	subject, advice := "", ""
	switch e.Type { //nolint:exhaustive // the others are worth no mail
	case subscription.EventReminder:
		subject, advice = reminderSubject(e)
	case subscription.EventPriceChange:
		subject, advice = "The price of your package changes", "You can turn auto-renewal off until then."
	case subscription.EventNotRenewable:
		subject, advice = "Your package can’t be renewed", "Choose another one, or contact us."
	case subscription.EventServiceEnded:
		subject, advice = "Service has stopped", "Renew the package to go on."
	case subscription.EventLowBalance:
		if e.Quantity == 0 {
			return letter{"Your minutes are used up", "No minutes are left. A top-up package adds minutes at once."}, true
		}
		subject, advice = "Your minutes run low", "A top-up package adds minutes at once."
	case subscription.EventAutoTopUpStopped:
		subject = "Your automatic top-up has stopped"
	case subscription.EventArrears:
		subject, advice = "Your usage isn’t paid", "Update your payment method or add funds, so that service isn’t interrupted."
	case subscription.EventArrearsStop:
		subject, advice = "Service is interrupted", "It goes on once the usage is paid."
	case subscription.EventActionNeeded:
		subject, advice = "Please confirm a payment", "Sign in to confirm it at your bank."
	case subscription.EventRefundMade:
		subject = "Your refund was made"
	case subscription.EventReversed:
		subject, advice = "A payment was taken back", "If that is a mistake, tell your bank."
	case subscription.EventReinstated:
		subject = "A payment was returned to us"
	case subscription.EventClosed:
		subject = "Your application was closed"
	case subscription.EventStatus:
		subject, advice = statusSubject(e, change)
	case subscription.EventOrderPaid, subscription.EventOrderDeclined:
		subject, advice = orderSubject(e, change)
	}
	if subject == "" {
		return letter{}, false
	}
	text := strings.TrimPrefix(strings.TrimPrefix(c.describe(e), "Reminder: "), "Announcement: ")
	if advice != "" {
		text += " " + advice
	}
	return letter{subject, text}, true
}

// reminderSubject is about the end of what is paid for: a renewal comes, or none does.
func reminderSubject(e subscription.Event) (subject, advice string) {
	switch {
	case e.Reason != "":
		return "Your package can’t be renewed with this payment method", ""
	case e.Amount.IsZero():
		return "Your package ends soon", "Renew it, or turn auto-renewal on."
	}
	return "Your package renews soon", ""
}

// statusSubject is about a package that goes out of service or ends. That a renewal is owed is told with the payment that
// was declined, if it was in the same change.
func statusSubject(e subscription.Event, change []subscription.Event) (subject, advice string) {
	switch e.Status {
	case subscription.PastDue:
		if !slices.ContainsFunc(change, failedRenewal) {
			return "Your package is past due", "Update your payment method, or renew by hand."
		}
	case subscription.Interrupted:
		return "Service is interrupted", "Renew the package to go on."
	case subscription.Ended:
		return "Your package has ended", "Renew it to go on."
	case subscription.Expired:
		return "Your package has expired", ""
	case subscription.Active, subscription.Refunded:
	}
	return "", ""
}

// orderSubject is about orders that nobody was there to see. A renewal that fails is told once, not with each further try,
// unless the payment method will never do.
func orderSubject(e subscription.Event, change []subscription.Event) (subject, advice string) {
	paid := e.Type == subscription.EventOrderPaid
	switch {
	case e.Kind == subscription.RenewalOrder && paid:
		return "Your package was renewed", ""
	case failedRenewal(e) && (e.Reason.Hard() || slices.ContainsFunc(change, pastDue)):
		return "Your renewal failed", "Update your payment method, or renew by hand."
	case e.Kind == subscription.UsageOrder && paid:
		return "Your usage was charged", ""
	case e.Kind == subscription.UsageOrder:
		return "Your usage couldn’t be charged", "Update your payment method."
	}
	return "", ""
}

func failedRenewal(e subscription.Event) bool {
	return e.Type == subscription.EventOrderDeclined && e.Kind == subscription.RenewalOrder
}

func pastDue(e subscription.Event) bool {
	return e.Type == subscription.EventStatus && e.Status == subscription.PastDue
}
