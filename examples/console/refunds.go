package main

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// refundRow is a refund of an order as pages show it.
type refundRow struct {
	subscription.Refund

	Badge badge
	Text  string // what it is, and why
	Path  string // of its credit note; "" if there is none
}

// refundsOf returns an order's refunds, the first one first.
func (c *console) refundsOf(ctx context.Context, o subscription.Order) ([]refundRow, error) {
	if o.Refunds == 0 {
		return nil, nil
	}
	all, err := c.service.Refunds(ctx, o.Application, o.ID)
	if err != nil {
		return nil, err
	}
	how, err := c.provider.methodOf(ctx, o.Attempt)
	if err != nil {
		return nil, err
	}
	rows := make([]refundRow, len(all))
	for i, r := range all {
		rows[i] = refundRow{Refund: r, Badge: refundBadge(r), Text: refundText(r, how)}
		if r.Status.Counts() && r.Kind != subscription.RefundReversal && !o.PaidAt.IsZero() {
			rows[i].Path = fmt.Sprintf("%s/refunds/%d", orderPath(o.Application, o.ID), r.Number)
		}
	}
	return rows, nil
}

func refundBadge(r subscription.Refund) badge {
	switch {
	case r.Status == subscription.RefundDue:
		return badge{"warn", "Under way"}
	case r.Status == subscription.RefundFailed:
		return badge{"bad", "Failed"}
	case r.Status == subscription.RefundReinstated:
		return badge{"good", "Reinstated"}
	case r.Kind == subscription.RefundReversal:
		return badge{"bad", "Taken by the bank"}
	case r.Status == subscription.RefundMade:
		return badge{"plain", "Returned"}
	}
	return badge{"plain", string(r.Status)}
}

// refundText says what a refund of what was paid by a method is and, if it failed, why.
func refundText(r subscription.Refund, how method) string {
	text := map[subscription.RefundKind]string{
		subscription.RefundRequested: "Refund",
		subscription.RefundLate:      "What was paid too late to be delivered",
		subscription.RefundReversal:  "Chargeback by the bank",
		subscription.RefundProvider:  "Refund that the payment provider made by itself",
	}[r.Kind]
	switch {
	case r.Status == subscription.RefundFailed && r.Reason == "":
		return text + ". Whether the money went back isn't known"
	case r.Status == subscription.RefundFailed:
		return text + ". It failed: " + refundReason(r.Reason)
	case r.Kind == subscription.RefundReversal && r.Reason != "":
		return text + ": the owner of the " + holding(how) + " disputes the payment"
	case r.Kind == subscription.RefundRequested && r.Note != "":
		return text + ": " + r.Note
	}
	return text
}

// holding is what the owner of the money has at the bank.
func holding(how method) string {
	if how == payTransfer {
		return "bank account"
	}
	return "card"
}

// refundReason says why money didn't go back.
func refundReason(r payment.Reason) string {
	switch r { //nolint:exhaustive // the others are reasons for a payment's decline
	case payment.ExceedsCharge:
		return "so much isn't left of the payment"
	case payment.Mismatch:
		return "it isn't the account that paid"
	}
	return "the bank refused it"
}

// orderState is an order's status in a word, which is its money's if some of it went back.
func orderState(o subscription.Order, refunds []refundRow) badge {
	var due, reversed, fails bool
	for _, r := range refunds {
		due = due || r.Status == subscription.RefundDue
		reversed = reversed || r.Status == subscription.RefundMade && r.Kind == subscription.RefundReversal
		fails = r.Status == subscription.RefundFailed && o.Left().Sign() > 0 // the last one
	}
	switch {
	case reversed:
		return badge{"bad", "Payment taken back"}
	case fails:
		return badge{"warn", "Refund failed"}
	case due:
		return badge{"plain", "Being refunded"}
	case o.RefundedAmount.Sign() > 0 && o.Left().Sign() == 0:
		return badge{"plain", "Refunded"}
	case o.RefundedAmount.Sign() > 0:
		return badge{"plain", "Refunded in part"}
	}
	return orderBadge(o.Status)
}
