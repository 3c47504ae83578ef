package subscription_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// refundLines returns refunds in short, each as its number, kind, amount and status.
func refundLines(all []subscription.Refund) []string {
	var lines []string
	for _, r := range all {
		lines = append(lines, fmt.Sprintf("%d %s %s %s", r.Number, r.Kind, r.Amount, r.Status))
	}
	return lines
}

// figures checks that an order's figures follow from what was collected and from its refunds, which are given in full, and
// that each refund belongs to the order and has a key of its own.
func figures(tb testing.TB, o subscription.Order, refunds []subscription.Refund) {
	tb.Helper()
	check(tb, "number of refunds", o.Refunds, len(refunds))
	returned := pricing.Money{}
	for i, r := range refunds {
		check(tb, "number", r.Number, i+1)
		check(tb, "order", r.Order, o.ID)
		check(tb, "account", r.Account, o.Account)
		key := string(o.Attempt) + "/refund"
		if i > 0 {
			key = fmt.Sprintf("%s/refund/%d", o.Attempt, i+1)
		}
		if r.Key != key && (r.Key != "" || r.Status == subscription.RefundDue) {
			tb.Errorf("refund %d of order %s has the key %q, want %q", r.Number, o.ID, r.Key, key)
		}
		check(tb, "it is closed", !r.ClosedAt.IsZero(), r.Status != subscription.RefundDue)
		switch {
		case r.Status != subscription.RefundDue && r.Status != subscription.RefundMade: // it came back, or never went
		case returned.IsZero():
			returned = r.Amount
		default:
			sum, err := returned.Add(r.Amount)
			if err != nil {
				tb.Fatal(err)
			}
			returned = sum
		}
	}
	if returned.IsZero() {
		check(tb, "returned", o.RefundedAmount.Sign(), 0)
		return
	}
	check(tb, "returned", o.RefundedAmount, returned)
	if left, err := o.Collected.Sub(returned); err == nil && left.Sign() >= 0 {
		check(tb, "left", o.Left(), left)
	} else { // more was reversed than is known to have been collected
		check(tb, "left", o.Left().Sign(), 0)
	}
}

// back checks the refunds of an order, in short, and the figures that follow from them.
func (w *world) back(id subscription.OrderID, want ...string) {
	w.t.Helper()
	refunds, err := w.Refunds(w.t.Context(), app, id)
	w.ok(err)
	sameLines(w.t, "refunds of "+string(id), refundLines(refunds), want...)
	figures(w.t, w.order(id), refunds)
}

// refundRow returns one refund of an order.
func (w *world) refundRow(id subscription.OrderID, number int) subscription.Refund {
	w.t.Helper()
	refunds, err := w.Refunds(w.t.Context(), app, id)
	w.ok(err)
	if number > len(refunds) {
		w.t.Fatalf("order %s has no refund %d", id, number)
	}
	return refunds[number-1]
}

// outcome is the function outcome of an order of the world, with its figures checked.
func (w *world) outcome(id subscription.OrderID) string {
	w.t.Helper()
	refunds, err := w.Refunds(w.t.Context(), app, id)
	w.ok(err)
	o := w.order(id)
	figures(w.t, o, refunds)
	return outcome(o, refunds)
}

// spelled returns a status with the spelling of its Go name.
func spelled(s subscription.OrderStatus) string {
	switch s {
	case subscription.OrderCanceled:
		return "canceled"
	case subscription.OrderCanceling:
		return "canceling"
	}
	return string(s)
}

// outcome returns an order's status and what became of its money: "declined; late 199.00 USD made".
func outcome(o subscription.Order, refunds []subscription.Refund) string {
	parts := []string{spelled(o.Status)}
	for _, line := range refundLines(refunds) {
		_, line, _ = strings.Cut(line, " ")
		parts = append(parts, line)
	}
	return strings.Join(parts, "; ")
}

// answersRefunds: refunds aren't made, but answered.
func (g *unsteady) answersRefunds(answer payment.Result) {
	g.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
		answer.Key = r.Key
		return answer, nil
	}
}
