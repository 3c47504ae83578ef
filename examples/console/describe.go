package main

import (
	"cmp"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// sayings are what happened, by the type of the event, as sentences for the customer. In braces is what the event says: the pack is a
// product with its version, the order a title, and due is that with its amount.
var sayings = map[subscription.EventType]string{
	subscription.EventCreated:           "The application was created.",
	subscription.EventAccepted:          "The agreement of {note} was accepted.",
	subscription.EventAutoRenewOn:       "Auto-renewal of {pack} was turned on.",
	subscription.EventAutoRenewOff:      "Auto-renewal of {pack} was turned off.",
	subscription.EventOpened:            "The subscription to {pack} began.",
	subscription.EventPeriodPaid:        "{pack} is paid from {from} through {through}.",
	subscription.EventPeriodBegan:       "The period of {pack} from {from} through {through} began.",
	subscription.EventPeriodTaken:       "The period of {pack} from {from} through {through} was taken back.",
	subscription.EventPeriodReturned:    "The period of {pack} from {from} through {through} was given again.",
	subscription.EventUpgraded:          "The package was upgraded to {pack}.",
	subscription.EventUpgradeUndone:     "The upgrade was undone. The package is {pack} again.",
	subscription.EventReminder:          "Reminder: {pack} ends soon. The next period would begin on {from} and cost {amount}.",
	subscription.EventPriceChange:       "Announcement: the next renewal of {pack} costs {amount}.",
	subscription.EventNotRenewable:      "{pack} can't be renewed: {note}.",
	subscription.EventSkipped:           "{pack}: the period from {from} through {through} passed without service and isn't charged.",
	subscription.EventServiceEnded:      "{pack} is out of service: it had ended, and the grace time has passed.",
	subscription.EventDecisionFailed:    "An automatic step failed and is tried again: {note}.",
	subscription.EventLotGranted:        "{minutes} minutes were granted.",
	subscription.EventLotExpired:        "{minutes} unused minutes expired.",
	subscription.EventLotRefunded:       "{minutes} minutes were taken back.",
	subscription.EventLotReinstated:     "{minutes} minutes were given again.",
	subscription.EventLotSpent:          "Minutes that were used up before left the list of lots.",
	subscription.EventLotReturned:       "{minutes} minutes were given back, because usage was corrected.",
	subscription.EventCorrected:         "Usage of {minutes} package minutes was corrected.",
	subscription.EventForgiven:          "{minutes} package minutes were used beyond what was left. They aren't charged.",
	subscription.EventUsed:              "{minutes} package minutes were used.",
	subscription.EventOverdraftLent:     "{minutes} minutes beyond the package can be used.",
	subscription.EventOverdrawn:         "{minutes} minutes more than there were are owed: the next minutes repay them.",
	subscription.EventOverdraftRepaid:   "{minutes} minutes that were owed are repaid.",
	subscription.EventOverdraftLapsed:   "{minutes} minutes that were owed aren't owed any more.",
	subscription.EventReserved:          "{minutes} minutes were reserved.",
	subscription.EventReleased:          "{minutes} reserved minutes were released.",
	subscription.EventLowBalance:        "Minutes run low: {minutes} are left.",
	subscription.EventPayAsYouGo:        "Pay-as-you-go was enabled.",
	subscription.EventFreeClaimed:       "Free minutes were claimed.",
	subscription.EventArrears:           "Pay-as-you-go usage for {amount} isn't paid.",
	subscription.EventArrearsStop:       "Service was interrupted, because usage isn't paid.",
	subscription.EventArrearsPaid:       "All usage is paid.",
	subscription.EventUsageWaived:       "Usage for {amount} is too little to charge, and was waived.",
	subscription.EventPaymentMethod:     "A payment method was reported. What had been declined is tried again.",
	subscription.EventTax:               "The tax that applies was changed: {note}.",
	subscription.EventClockReset:        "The clock was reset.",
	subscription.EventAccountChanged:    "Another account pays from now on.",
	subscription.EventClosed:            "The application was closed for good.",
	subscription.EventErased:            "Data that identifies a person was erased.",
	subscription.EventReviewClosed:      "The review of an order was closed: {note}.",
	subscription.EventAutoTopUpOn:       "The automatic top-up of {pack} was turned on, for less than {minutes} minutes: {note}.",
	subscription.EventAutoTopUpOff:      "The automatic top-up of {pack} was turned off.",
	subscription.EventAutoTopUpStopped:  "No more minutes of {pack} are bought automatically now: {note}.",
	subscription.EventChangePlanned:     "{pack}{term} was chosen for the next period, which costs {amount}.",
	subscription.EventChanged:           "The package changes to {pack}{term}, as it was chosen: a period of it is paid.",
	subscription.EventChangeDropped:     "The change to {pack} at the renewal was dropped{dropped}.",
	subscription.EventDeal:              "A price of {amount} was agreed for each period of {pack}: {span}.",
	subscription.EventDealEnded:         "The agreed price of {amount} for {pack} has ended{because}.",
	subscription.EventOrderPlaced:       "{due} was ordered.",
	subscription.EventOrderPaid:         "{due} was paid.",
	subscription.EventOrderDeclined:     "{due} was declined: {reason}.",
	subscription.EventOrderCanceling:    "{due} is being canceled.",
	subscription.EventOrderCanceled:     "{due} was canceled, and nothing was charged.",
	subscription.EventOrderUnreconciled: "{due} needs a person: {note}.",
	subscription.EventOrderReview:       "{due} is under review: {note}.",
	subscription.EventOrderRefundDue:    "{due} is being refunded.",
	subscription.EventOrderRefunded:     "{due} isn't delivered, and its money goes back.",
	subscription.EventActionNeeded:      "{due} waits: the bank wants you to confirm the payment.",
	subscription.EventPaymentPending:    "{due}: the payment is under way at the bank.",
	subscription.EventRefundDue:         "{order}: a refund of {amount} is under way.",
	subscription.EventRefundMade:        "{order}: a refund of {amount} was made.",
	subscription.EventRefundFailed:      "{order}: a refund of {amount} failed.",
	subscription.EventReversed:          "{order}: the bank or the payment provider took {amount} back.",
	subscription.EventReinstated:        "{order}: the bank returned {amount} that it had taken back.",
	subscription.EventNeedsPerson:       "{order}: a person of the seller looks at it: {note}.",
}

// describe says what an event was, as a sentence for the customer. A teller also knows which minutes it was about. Why the seller's
// staff agrees or ends a price is for the books, and not told to the customer.
func (c *console) describe(e subscription.Event) string {
	pack := strings.TrimSuffix(c.productName(e.Product)+" "+c.versionName(e.Product, e.Version), " ")
	if e.Type == subscription.EventStatus {
		return statusChange(pack, e)
	}
	loc := c.zone()
	order := c.orderTitle(subscription.Order{Kind: e.Kind, Product: e.Product, Version: e.Version})
	span, _, _ := strings.Cut(e.Note, ": ")
	because := ""
	switch {
	case e.By != "":
		because = ", since the seller ended it"
	case e.Note != "":
		because = ": " + e.Note
	}
	return strings.NewReplacer(
		"{pack}", pack, "{order}", order, "{due}", order+" for "+money(e.Amount), "{amount}", money(e.Amount), "{note}", e.Note,
		"{minutes}", minutesText(e.Quantity), "{reason}", reasonText(e.Reason), "{span}", span, "{because}", because,
		"{from}", e.Period.Start.In(loc).Format("2 Jan 2006"), "{through}", e.Period.End.Add(-1).In(loc).Format("2 Jan 2006"),
		"{term}", forTerm(e.Note), "{dropped}", dropped(e.Note),
	).Replace(saying(e))
}

// saying returns the sentence of an event: that of its type or, where what it says makes a difference, another one.
func saying(e subscription.Event) string {
	given := e.Kind == subscription.GiftOrder || e.Kind == subscription.ImportOrder // which cost nothing
	switch {
	case e.Type == subscription.EventReminder && e.Reason != "":
		return "Reminder: {pack} ends soon, and isn't charged until you report another payment method, because {reason}."
	case e.Type == subscription.EventReminder && e.Amount.IsZero():
		return "Reminder: {pack} ends soon, since auto-renewal is off."
	case e.Type == subscription.EventAutoTopUpOff && e.Order != "":
		return "The automatic top-up of {pack} was turned off, because what it had bought was taken back."
	case e.Type == subscription.EventAutoTopUpStopped && e.Reason != "":
		return "The automatic top-up of {pack} stopped, because {reason}. It goes on when you report another payment method."
	case given && e.Type == subscription.EventOrderPaid:
		return "What was given was delivered."
	case given && e.Type == subscription.EventOrderPlaced && e.Kind == subscription.ImportOrder:
		return "{pack} was taken over from another system."
	case given && e.Type == subscription.EventOrderPlaced:
		return "The seller gave minutes."
	case e.Type == subscription.EventOrderDeclined && e.Reason.Hard():
		return sayings[e.Type] + " It isn't tried again until you report another payment method."
	}
	if said, ok := sayings[e.Type]; ok {
		return said
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

// statusChange says what a new status means.
func statusChange(pack string, e subscription.Event) string {
	switch e.Status {
	case subscription.Active:
		return pack + " is in service."
	case subscription.PastDue:
		if e.From == subscription.Ended {
			return pack + " is past due, since auto-renewal was turned on again: the next period isn't paid. " +
				"The package stays in service for the grace time."
		}
		return pack + " is past due: the next period isn't paid. The package stays in service for the grace time."
	case subscription.Interrupted:
		if e.From == subscription.Active {
			return pack + " was interrupted, since the payment of its period was taken back."
		}
		return pack + " was interrupted, since the next period wasn't paid in time."
	case subscription.Ended:
		return pack + " has ended, since auto-renewal was off: nothing is owed. The package stays in service for the grace time."
	case subscription.Expired:
		return pack + " expired."
	case subscription.Refunded:
		return pack + " was returned."
	}
	return pack + " is " + string(e.Status) + "."
}

// reasonText says why a payment was declined.
func reasonText(r payment.Reason) string { return cmp.Or(reasonTexts[r], "the bank declined it") }

var reasonTexts = map[payment.Reason]string{
	payment.InsufficientBalance: "there isn’t enough money",
	payment.NoPaymentMethod:     "no payment method is bound",
	payment.ExpiredMethod:       "the payment method has expired",
	payment.LostOrStolen:        "the card was reported lost or stolen",
	payment.NeedsAuthentication: "it wasn't confirmed at the bank",
	payment.TryLater:            "the bank can't answer now",
	payment.Suspected:           "the payment looked suspicious to the bank",
	payment.Canceled:            "it was canceled at the bank",
}
