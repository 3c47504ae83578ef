package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// describe says what an event was, as a sentence for the customer. A teller also knows which minutes it was about.
func (c *console) describe(e subscription.Event) string {
	pack := c.productName(e.Product)
	if e.Version != "" {
		pack += " " + c.versionName(e.Product, e.Version)
	}
	loc := c.zone()
	from, through := e.Period.Start.In(loc).Format("2 Jan 2006"), e.Period.End.Add(-1).In(loc).Format("2 Jan 2006")
	switch e.Type { //nolint:exhaustive // describeOrder has the others
	case subscription.EventCreated:
		return "The application was created."
	case subscription.EventAccepted:
		return fmt.Sprintf("The agreement of %s was accepted.", e.Note)
	case subscription.EventAutoRenewOn:
		return fmt.Sprintf("Auto-renewal of %s was turned on.", pack)
	case subscription.EventAutoRenewOff:
		return fmt.Sprintf("Auto-renewal of %s was turned off.", pack)
	case subscription.EventOpened:
		return fmt.Sprintf("The subscription to %s began.", pack)
	case subscription.EventPeriodPaid:
		return fmt.Sprintf("%s is paid from %s through %s.", pack, from, through)
	case subscription.EventPeriodBegan:
		return fmt.Sprintf("The period of %s from %s through %s began.", pack, from, through)
	case subscription.EventUpgraded:
		return fmt.Sprintf("The package was upgraded to %s.", pack)
	case subscription.EventStatus:
		return statusChange(pack, e)
	case subscription.EventReminder:
		if e.Reason != "" {
			return fmt.Sprintf("Reminder: %s ends soon, and isn't charged until you report another payment method, because %s.",
				pack, reasonText(e.Reason))
		}
		if e.Amount.IsZero() {
			return fmt.Sprintf("Reminder: %s ends soon, since auto-renewal is off.", pack)
		}
		return fmt.Sprintf("Reminder: %s ends soon. The next period would begin on %s and cost %s.", pack, from, money(e.Amount))
	case subscription.EventPriceChange:
		return fmt.Sprintf("Announcement: the next renewal of %s costs %s.", pack, money(e.Amount))
	case subscription.EventNotRenewable:
		return fmt.Sprintf("%s can't be renewed: %s.", pack, e.Note)
	case subscription.EventSkipped:
		return fmt.Sprintf("%s: the period from %s through %s passed without service and isn't charged.", pack, from, through)
	case subscription.EventDecisionFailed:
		return fmt.Sprintf("An automatic step failed and is tried again: %s.", e.Note)
	case subscription.EventLotGranted:
		return fmt.Sprintf("%s minutes were granted.", minutesText(e.Quantity))
	case subscription.EventLotExpired:
		return fmt.Sprintf("%s unused minutes expired.", minutesText(e.Quantity))
	case subscription.EventLotRefunded:
		return fmt.Sprintf("%s minutes were taken back.", minutesText(e.Quantity))
	case subscription.EventLotSpent:
		return "Minutes that were used up before left the list of lots."
	case subscription.EventLotReturned:
		return fmt.Sprintf("%s minutes were given back, because usage was corrected.", minutesText(e.Quantity))
	case subscription.EventCorrected:
		return fmt.Sprintf("Usage of %s package minutes was corrected.", minutesText(e.Quantity))
	case subscription.EventForgiven:
		return fmt.Sprintf("%s package minutes were used beyond what was left. They aren't charged.", minutesText(e.Quantity))
	case subscription.EventUsed:
		return fmt.Sprintf("%s package minutes were used.", minutesText(e.Quantity))
	case subscription.EventOverdraftLent:
		return fmt.Sprintf("%s minutes beyond the package can be used.", minutesText(e.Quantity))
	case subscription.EventOverdrawn:
		return fmt.Sprintf("%s minutes more than there were are owed: the next minutes repay them.", minutesText(e.Quantity))
	case subscription.EventOverdraftRepaid:
		return fmt.Sprintf("%s minutes that were owed are repaid.", minutesText(e.Quantity))
	case subscription.EventOverdraftLapsed:
		return fmt.Sprintf("%s minutes that were owed aren't owed any more.", minutesText(e.Quantity))
	case subscription.EventPayAsYouGo:
		return "Pay-as-you-go was enabled."
	case subscription.EventReserved:
		return fmt.Sprintf("%s minutes were reserved.", minutesText(e.Quantity))
	case subscription.EventReleased:
		return fmt.Sprintf("%s reserved minutes were released.", minutesText(e.Quantity))
	case subscription.EventFreeClaimed:
		return "Free minutes were claimed."
	case subscription.EventArrears:
		return fmt.Sprintf("Pay-as-you-go usage for %s isn't paid.", money(e.Amount))
	case subscription.EventArrearsStop:
		return "Service was interrupted, because usage isn't paid."
	case subscription.EventArrearsPaid:
		return "All usage is paid."
	case subscription.EventLowBalance:
		return fmt.Sprintf("Minutes run low: %s are left.", minutesText(e.Quantity))
	case subscription.EventPaymentMethod:
		return "A payment method was reported. What had been declined is tried again."
	case subscription.EventAutoTopUpOn:
		return fmt.Sprintf("The automatic top-up of %s was turned on, for when less than %s minutes are left: %s.",
			pack, minutesText(e.Quantity), e.Note)
	case subscription.EventAutoTopUpOff:
		if e.Order != "" {
			return fmt.Sprintf("The automatic top-up of %s was turned off, because what it had bought was taken back.", pack)
		}
		return fmt.Sprintf("The automatic top-up of %s was turned off.", pack)
	case subscription.EventAutoTopUpStopped:
		if e.Reason != "" {
			return fmt.Sprintf("The automatic top-up of %s stopped, because %s. It goes on when you report another payment method.",
				pack, reasonText(e.Reason))
		}
		return fmt.Sprintf("No more minutes of %s are bought automatically now: %s.", pack, e.Note)
	case subscription.EventTax:
		return fmt.Sprintf("The tax that applies was changed: %s.", e.Note)
	case subscription.EventUsageWaived:
		return fmt.Sprintf("Usage for %s is too little to charge, and was waived.", money(e.Amount))
	case subscription.EventClockReset:
		return "The clock was reset."
	case subscription.EventLotReinstated:
		return fmt.Sprintf("%s minutes were given again.", minutesText(e.Quantity))
	case subscription.EventPeriodTaken:
		return fmt.Sprintf("The period of %s from %s through %s was taken back.", pack, from, through)
	case subscription.EventAccountChanged:
		return "Another account pays from now on."
	case subscription.EventClosed:
		return "The application was closed for good."
	case subscription.EventErased:
		return "Data that identifies a person was erased."
	case subscription.EventPeriodReturned:
		return fmt.Sprintf("The period of %s from %s through %s was given again.", pack, from, through)
	case subscription.EventUpgradeUndone:
		return fmt.Sprintf("The upgrade was undone. The package is %s again.", pack)
	case subscription.EventChangePlanned, subscription.EventChanged, subscription.EventChangeDropped,
		subscription.EventDeal, subscription.EventDealEnded, subscription.EventServiceEnded:
		return c.describeTerms(pack, e)
	case subscription.EventReviewClosed:
		return "The review of an order was closed: " + e.Note + "."
	}
	return c.describeOrder(e)
}

// describeGiven says what happened to an order of the seller's staff for which nothing is paid.
func (c *console) describeGiven(e subscription.Event) string {
	given := "The seller gave minutes."
	if e.Kind == subscription.ImportOrder {
		given = fmt.Sprintf("%s was taken over from another system.", c.productName(e.Product)+" "+c.versionName(e.Product, e.Version))
	}
	if e.Type == subscription.EventOrderPaid {
		return "What was given was delivered."
	}
	return given
}

// describeOrder says what happened to an order.
func (c *console) describeOrder(e subscription.Event) string {
	order := c.orderTitle(subscription.Order{Kind: e.Kind, Product: e.Product, Version: e.Version})
	if e.Kind == subscription.GiftOrder || e.Kind == subscription.ImportOrder { // which cost nothing
		return c.describeGiven(e)
	}
	order = fmt.Sprintf("%s for %s", order, money(e.Amount))
	switch e.Type { //nolint:exhaustive // describe and describeRefund have the others
	case subscription.EventOrderPlaced:
		return order + " was ordered."
	case subscription.EventOrderPaid:
		return order + " was paid."
	case subscription.EventOrderDeclined:
		if e.Reason.Hard() {
			return fmt.Sprintf("%s was declined: %s. It isn't tried again until you report another payment method.",
				order, reasonText(e.Reason))
		}
		return fmt.Sprintf("%s was declined: %s.", order, reasonText(e.Reason))
	case subscription.EventOrderCanceling:
		return order + " is being canceled."
	case subscription.EventOrderCanceled:
		return order + " was canceled, and nothing was charged."
	case subscription.EventOrderUnreconciled:
		return order + " needs a person: " + e.Note + "."
	case subscription.EventOrderReview:
		return order + " is under review: " + e.Note + "."
	case subscription.EventOrderRefundDue:
		return order + " is being refunded."
	case subscription.EventOrderRefunded:
		return order + " isn't delivered, and its money goes back."
	case subscription.EventActionNeeded:
		return order + " waits: the bank wants you to confirm the payment."
	case subscription.EventPaymentPending:
		return order + ": the payment is under way at the bank."
	}
	return c.describeRefund(e)
}

// describeRefund says what happened to the money of an order that was collected.
func (c *console) describeRefund(e subscription.Event) string {
	order := c.orderTitle(subscription.Order{Kind: e.Kind, Product: e.Product, Version: e.Version})
	amount := money(e.Amount)
	switch e.Type { //nolint:exhaustive // describe and describeOrder have the others
	case subscription.EventRefundDue:
		return fmt.Sprintf("%s: a refund of %s is under way.", order, amount)
	case subscription.EventRefundMade:
		return fmt.Sprintf("%s: a refund of %s was made.", order, amount)
	case subscription.EventRefundFailed:
		return fmt.Sprintf("%s: a refund of %s failed.", order, amount)
	case subscription.EventReversed:
		return fmt.Sprintf("%s: the bank or the payment provider took %s back.", order, amount)
	case subscription.EventReinstated:
		return fmt.Sprintf("%s: the bank returned %s that it had taken back.", order, amount)
	case subscription.EventNeedsPerson:
		return fmt.Sprintf("%s: a person of the seller looks at it: %s.", order, e.Note)
	}
	return string(e.Type)
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
	return fmt.Sprintf("%s is %s.", pack, e.Status)
}

// reasonText says why a payment was declined.
func reasonText(r payment.Reason) string {
	switch r {
	case payment.InsufficientBalance:
		return "there isn’t enough money"
	case payment.NoPaymentMethod:
		return "no payment method is bound"
	case payment.ExpiredMethod:
		return "the payment method has expired"
	case payment.LostOrStolen:
		return "the card was reported lost or stolen"
	case payment.NeedsAuthentication:
		return "it wasn't confirmed at the bank"
	case payment.TryLater:
		return "the bank can't answer now"
	case payment.Suspected:
		return "the payment looked suspicious to the bank"
	case payment.Canceled:
		return "it was canceled at the bank"
	case payment.ExceedsCharge, payment.Mismatch, payment.Other:
	}
	return "the bank declined it"
}
