package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// describe says what an event was, as a sentence for the customer.
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
			return fmt.Sprintf("Reminder: %s ends soon, and isn't charged again, because %s.", pack, reasonText(e.Reason))
		}
		if e.Amount.IsZero() {
			return fmt.Sprintf("Reminder: %s ends soon.", pack)
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
		return fmt.Sprintf("%s minutes were granted (lot %d).", minutesText(e.Quantity), e.Lot)
	case subscription.EventLotExpired:
		return fmt.Sprintf("%s unused minutes expired (lot %d).", minutesText(e.Quantity), e.Lot)
	case subscription.EventLotRefunded:
		return fmt.Sprintf("%s minutes went back with their package (lot %d).", minutesText(e.Quantity), e.Lot)
	case subscription.EventLotSpent:
		return fmt.Sprintf("Lot %d is used up.", e.Lot)
	case subscription.EventUsed:
		return fmt.Sprintf("%s package minutes were used.", minutesText(e.Quantity))
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
		return fmt.Sprintf("Minutes run low: %s are left in lot %d.", minutesText(e.Quantity), e.Lot)
	case subscription.EventPaymentMethod:
		return "The payment method was changed. What had been declined is tried again."
	case subscription.EventTax:
		return fmt.Sprintf("The tax that applies was changed: %s.", e.Note)
	case subscription.EventUsageWaived:
		return fmt.Sprintf("Usage for %s is too little to charge, and was waived.", money(e.Amount))
	case subscription.EventClockReset:
		return "The clock was reset."
	}
	return c.describeOrder(e)
}

// describeOrder says what happened to an order.
func (c *console) describeOrder(e subscription.Event) string {
	order := c.orderTitle(subscription.Order{Kind: e.Kind, Product: e.Product, Version: e.Version})
	if e.Kind == subscription.TopUpOrder {
		order = "Top-up"
	}
	order = fmt.Sprintf("%s for %s", order, money(e.Amount))
	switch e.Type { //nolint:exhaustive // describe has the others
	case subscription.EventOrderPlaced:
		return order + " was ordered."
	case subscription.EventOrderPaid:
		return order + " was paid."
	case subscription.EventOrderDeclined:
		if e.Reason.Hard() {
			return fmt.Sprintf("%s was declined: %s. It isn't tried again with that payment method.", order, reasonText(e.Reason))
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
		return order + " was refunded."
	}
	return string(e.Type)
}

// statusChange says what a new status means.
func statusChange(pack string, e subscription.Event) string {
	switch e.Status {
	case subscription.Active:
		return pack + " is in service."
	case subscription.PastDue:
		return pack + " is past due: the payment for the next period is missing. Service goes on for now."
	case subscription.Interrupted:
		return pack + " was interrupted, because nobody paid for the next period in time."
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
		return "the balance is too small"
	case payment.NoPaymentMethod:
		return "no payment method is bound"
	case payment.ExpiredMethod:
		return "the payment method has expired"
	case payment.LostOrStolen:
		return "the card was reported lost or stolen"
	case payment.NeedsAuthentication:
		return "the bank wants the payment to be confirmed"
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
