package subscription_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// refundHistory returns changes that place and end refunds, by name.
func refundHistory(t *testing.T) map[string]recorded {
	t.Helper()
	named := map[string]recorded{}
	w := newWorld(t, setup{gateway: pending})
	name := func(s string) { named[s] = w.store.last() }
	o := w.place(buy("call", "one-to-one"))
	w.must(subscription.Cancel{Order: o.ID})
	late := w.Bind(w.store)
	_, err := late.Settle(t.Context(), o.Attempt, paid(o))
	w.ok(err)
	name("late")
	refund := payment.Result{Key: string(o.Attempt) + "/refund", Status: payment.Succeeded, Amount: o.Amount}
	w.settle(refund)
	name("made")
	refund = payment.Result{Key: refund.Key, Status: payment.Declined, Reason: payment.Other}
	w.settle(refund)
	name("failed")
	o = w.place(buy("call", "one-to-one"))
	w.settle(result(t, o, "less"))
	w.must(subscription.Cancel{Order: o.ID})
	name("refunded")
	w = newMeter(t).world
	r := w.must(buy("call", "small"))
	bound := w.Bind(w.store)
	_, err = bound.Do(t.Context(), app, subscription.ReturnPackage{Order: r.Receipt.OrderID}, "back")
	w.ok(err)
	name("returned")
	return named
}

// Every change that places or ends a refund passes Check. Each one, once tampered with, is refused: no refund is lost, none
// changes, and the figures of the orders follow them.
// Rule: refund-is-a-row, refund-key-is-its-own.
func TestCheckOfRefunds(t *testing.T) {
	named := refundHistory(t)
	untampered(t, named)
	usd := func(s string) pricing.Money { return money(t, s+" USD") }
	inBoth := func(doctor func(*subscription.Refund)) func(*subscription.Change) {
		return func(c *subscription.Change) {
			doctor(&c.Refunds[0])
			doctor(&c.Next.Refunds[0])
		}
	}
	for _, tt := range []struct {
		invariant int
		name      string
		of        string
		doctor    func(c *subscription.Change)
	}{
		{8, "the money of an order that isn't delivered stays", "refunded", func(c *subscription.Change) {
			c.Refunds, c.Next.Refunds = nil, nil
			c.Orders[0].Refunds, c.Orders[0].RefundedAmount = 0, pricing.Money{}
		}},
		{8, "part of the money of an order that isn't delivered stays", "refunded", func(c *subscription.Change) {
			inBoth(func(r *subscription.Refund) { r.Amount = usd("198.98") })(c)
			c.Orders[0].RefundedAmount = usd("198.98")
		}},
		{8, "more goes back than was collected", "refunded", func(c *subscription.Change) {
			inBoth(func(r *subscription.Refund) { r.Amount = usd("199.00") })(c)
			c.Orders[0].RefundedAmount = usd("199.00")
		}},
		{8, "a late payment stays", "late", func(c *subscription.Change) {
			c.Refunds, c.Next.Refunds = nil, nil
			c.Orders[0].Refunds, c.Orders[0].RefundedAmount = 0, pricing.Money{}
		}},
		{8, "another amount than the order says", "late", inBoth(func(r *subscription.Refund) { r.Amount = usd("1.00") })},
		{8, "nothing", "late", inBoth(func(r *subscription.Refund) { r.Amount = usd("0.00") })},
		{8, "an order that counts no refund", "late", func(c *subscription.Change) { c.Orders[0].Refunds = 0 }},
		{8, "an order that counts one too many", "late", func(c *subscription.Change) { c.Orders[0].Refunds = 2 }},
		{8, "an order that sums to something else", "late", func(c *subscription.Change) { c.Orders[0].RefundedAmount = usd("198.99") }},
		{8, "a refund without a row", "late", func(c *subscription.Change) { c.Refunds = nil }},
		{8, "a refund that is due and isn't in the document", "late", func(c *subscription.Change) { c.Next.Refunds = nil }},
		{8, "a row that isn't the document's", "late", func(c *subscription.Change) { c.Refunds[0].Account = "other" }},
		{8, "of another application", "late", inBoth(func(r *subscription.Refund) { r.Application = "other" })},
		{8, "of an order that doesn't change", "late", inBoth(func(r *subscription.Refund) { r.Order = "9-abc" })},
		{8, "without a number", "late", inBoth(func(r *subscription.Refund) { r.Number = 0 })},
		{8, "without a key", "late", inBoth(func(r *subscription.Refund) { r.Key = "" })},
		{8, "with the key of the charge", "late", inBoth(func(r *subscription.Refund) { r.Key = strings.TrimSuffix(r.Key, "/refund") })},
		{8, "with another refund's key", "late", inBoth(func(r *subscription.Refund) { r.Key += "/2" })},
		{8, "a reversal that the gateway is asked for", "late", inBoth(func(r *subscription.Refund) { r.Kind = subscription.RefundReversal })},
		{8, "more tax than money", "late", inBoth(func(r *subscription.Refund) {
			r.Taxes = []pricing.Tax{{Name: "VAT", Amount: usd("199.01")}}
		})},
		{8, "tax that isn't returned but taken", "late", inBoth(func(r *subscription.Refund) {
			r.Taxes = []pricing.Tax{{Name: "VAT", Amount: usd("-0.01")}}
		})},
		{8, "without an event", "late", func(c *subscription.Change) {
			for i := range c.Events {
				if c.Events[i].Type == subscription.EventRefundDue {
					c.Events[i].Type = "noted"
				}
			}
		}},
		{8, "it vanishes", "made", func(c *subscription.Change) { c.Refunds = nil }},
		{8, "it is made and still due", "made", func(c *subscription.Change) { c.Refunds[0].Status = subscription.RefundDue }},
		{8, "it is made and still in the document", "made", func(c *subscription.Change) { c.Next.Refunds = c.Refunds }},
		{8, "its amount changes as it is made", "made", func(c *subscription.Change) { c.Refunds[0].Amount = usd("198.99") }},
		{8, "its key changes as it is made", "made", func(c *subscription.Change) { c.Refunds[0].Key = "" }},
		{8, "its kind changes as it is made", "made", func(c *subscription.Change) { c.Refunds[0].Kind = subscription.RefundRequested }},
		{8, "a step that isn't in the table", "made", func(c *subscription.Change) { c.Refunds[0].Status = subscription.RefundReinstated }},
		{8, "the minutes that it takes back stay", "returned", func(c *subscription.Change) {
			c.Next.Lots, c.Entries = named["returned"].base.Clone().Lots, nil
		}},
		{3, "the order of one that failed opens again", "failed", func(c *subscription.Change) {
			c.Orders[0].Status = subscription.OrderOpen
			c.Next.Orders = append(c.Next.Orders, c.Orders[0])
		}},
	} {
		t.Run(tt.of+" "+tt.name, func(t *testing.T) {
			r, ok := named[tt.of]
			if !ok {
				t.Fatalf("there is no change %q", tt.of)
			}
			c := r.change.Clone()
			tt.doctor(&c)
			err := c.Check(r.base)
			want := "invariant broken: " + strconv.Itoa(tt.invariant) + ":"
			if !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), want) {
				t.Errorf("Check = %v, want %s", err, want)
			}
		})
	}
}
