package subscription_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderIn is an order brought into a status by decisions alone, with the snapshot to continue from.
type orderIn struct {
	t       testing.TB
	catalog *pricing.Catalog
	s       subscription.Snapshot // with all refunds of the order
	id      subscription.OrderID
}

// then applies a decision as a store would, and returns its events. The order's figures follow from its refunds.
func (o *orderIn) then(c subscription.Change, err error) []subscription.Event {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	if c.IsZero() {
		return nil
	}
	if err := c.Check(o.s.Application); err != nil {
		o.t.Fatal(err)
	}
	o.apply(c)
	figures(o.t, o.order(), o.s.Refunds)
	return c.Events
}

// apply applies a change as a store would.
func (o *orderIn) apply(c subscription.Change) {
	o.s.Application = c.Next
	for _, row := range c.Orders {
		if row.ID == o.id {
			o.s.Orders = []subscription.Order{row}
		}
	}
	for _, row := range c.Refunds {
		if row.Number > len(o.s.Refunds) {
			o.s.Refunds = append(o.s.Refunds, row)
		} else {
			o.s.Refunds[row.Number-1] = row
		}
	}
}

// outcome returns the order's status and what became of its money: "declined; late 199.00 USD made".
func (o *orderIn) outcome() string { return outcome(o.order(), o.s.Refunds) }

func (o *orderIn) order() subscription.Order { return o.s.Orders[0] }

func (o *orderIn) settle(now string, r payment.Result) []subscription.Event {
	o.t.Helper()
	return o.then(subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, instant(o.t, now)))
}

// result returns one of the results that a gateway can give for an order of 199.00 USD.
func result(tb testing.TB, o subscription.Order, name string) payment.Result {
	tb.Helper()
	r := payment.Result{Key: string(o.Attempt), Status: payment.Status(name)}
	switch name {
	case "paid":
		r.Status, r.Amount = payment.Succeeded, money(tb, "199.00 USD")
	case "less":
		r.Status, r.Amount = payment.Succeeded, money(tb, "198.99 USD")
	case "more":
		r.Status, r.Amount = payment.Succeeded, money(tb, "199.01 USD")
	case "JPY":
		r.Status, r.Amount = payment.Succeeded, money(tb, "19900 JPY")
	case "declined":
		r.Reason = payment.InsufficientBalance
	}
	return r
}

// orderStates are all the states of an order and of its money, with the paths that lead to them.
var orderStates = []struct {
	name string
	path []string // results, or "cancel", "abandon", "refund", and so on: see orderAfter
	want subscription.OrderStatus
	back string // its refunds
}{
	{"open", nil, subscription.OrderOpen, ""},
	{"paid", []string{"paid"}, subscription.OrderPaid, ""},
	{"declined", []string{"declined"}, subscription.OrderDeclined, ""},
	{"canceling", []string{"cancel"}, subscription.OrderCanceling, ""},
	{"canceled", []string{"cancel", "declined"}, subscription.OrderCanceled, ""},
	{"review, outcome unknown", []string{"abandon"}, subscription.OrderReview, ""},
	{"review, another amount", []string{"less"}, subscription.OrderReview, ""},
	{"given up under review, outcome unknown", []string{"abandon", "cancel"}, subscription.OrderCanceling, ""},
	{"canceled by hand, outcome unknown", []string{"abandon", "found uncollected"}, subscription.OrderCanceled, ""},
	{"refunded by hand, outcome unknown", []string{"abandon", "found refunded"}, subscription.OrderRefunded, ""},
	{"stray, outcome unknown", []string{"cancel", "abandon"}, subscription.OrderUnreconciled, ""},
	{"refund due, canceled", []string{"cancel", "less"}, subscription.OrderCanceled, "; late 198.99 USD due"},
	{"refund due, declined", []string{"declined", "paid"}, subscription.OrderDeclined, "; late 199.00 USD due"},
	{"refund due, another amount", []string{"less", "cancel"}, subscription.OrderRefunded, "; late 198.99 USD due"},
	{"refund due, was stray", []string{"cancel", "abandon", "more"}, subscription.OrderCanceled, "; late 199.01 USD due"},
	{"refund made", []string{"declined", "paid", "refund"}, subscription.OrderDeclined, "; late 199.00 USD made"},
	{"refund made by hand", []string{"less", "found refunded"}, subscription.OrderRefunded, "; refund 198.99 USD made"},
	{"refund declined", []string{"declined", "paid", "refund declined"}, subscription.OrderDeclined, "; late 199.00 USD failed"},
	{"refund made, then declined", []string{"cancel", "paid", "refund", "refund declined"}, subscription.OrderCanceled, "; late 199.00 USD failed"},
	{"refund of another amount", []string{"declined", "paid", "refund less"}, subscription.OrderDeclined, "; late 199.00 USD failed; provider 1.00 USD made"},
	{"refund forgotten", []string{"declined", "paid", "refund forgotten"}, subscription.OrderDeclined, "; late 199.00 USD failed"},
	{"refund forgotten, found made", []string{"declined", "paid", "refund forgotten", "refund"}, subscription.OrderDeclined, "; late 199.00 USD made"},
	// The bank that took the payment back was quicker than the gateway that collects it.
	{"reversed, review", []string{"reversed"}, subscription.OrderReview, "; reversal 199.00 USD made"},
	{"reversed, collected", []string{"reversed", "paid"}, subscription.OrderReview, "; reversal 199.00 USD made"},
	{"reversed, canceling", []string{"cancel", "reversed"}, subscription.OrderCanceling, "; reversal 199.00 USD made"},
	{"reversed, declined", []string{"declined", "reversed"}, subscription.OrderDeclined, "; reversal 199.00 USD made"},

	// What the first version has stored: the order itself is to be refunded, was refunded, or needs a person for that.
	{"first version, refund due of another amount", []string{"first version, less"}, subscription.OrderRefundDue, ""},
	{"first version, refund due", []string{"declined", "first version"}, subscription.OrderRefundDue, ""},
	{"first version, refunded", []string{"declined", "first version, refunded"}, subscription.OrderRefunded, ""},
	{"first version, refund declined", []string{"declined", "first version, refund declined"}, subscription.OrderUnreconciled, ""},
	{"first version, refund of another amount", []string{"declined", "first version, refund less"}, subscription.OrderUnreconciled, ""},
	{"first version, refund forgotten", []string{"declined", "first version, refund forgotten"}, subscription.OrderUnreconciled, ""},
	{"first version, refund due and reversed", []string{"declined", "first version", "reversed"}, subscription.OrderRefunded, "; late 199.00 USD due; reversal 199.00 USD made"},
	{"first version, refunded by hand", []string{"declined", "first version, refund declined", "found refunded"}, subscription.OrderRefunded, "; late 199.00 USD failed; refund 199.00 USD made"},
}

// openOrder is a purchase of 199.00 USD that was placed and isn't collected.
func openOrder(tb testing.TB) *orderIn {
	tb.Helper()
	w := newWorld(tb, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	return &orderIn{t: tb, catalog: w.catalog, s: w.load(o.ID), id: o.ID}
}

// refundResult returns one of the results that a gateway can give for an order's first refund.
func refundResult(tb testing.TB, o subscription.Order, name string) payment.Result {
	tb.Helper()
	r := payment.Result{Key: string(o.Attempt) + "/refund", Status: payment.Status(strings.TrimPrefix(name, "refund "))}
	switch name {
	case "refund":
		r.Status, r.Amount = payment.Succeeded, o.Collected
		if r.Amount.IsZero() {
			r.Amount = o.Amount
		}
	case "refund less":
		r.Status, r.Amount = payment.Succeeded, money(tb, "1.00 USD")
	case "refund declined":
		r.Reason = payment.ExceedsCharge
	case "refund forgotten":
		r.Status = payment.NotFound
	}
	return r
}

// orderAfter brings an order into a state: each step is a result of its charge or of its refund, the gateway that can no
// longer tell ("abandon"), a cancellation, a reversal, what a person found out, or how the first version left a late payment.
func orderAfter(tb testing.TB, path []string) *orderIn {
	tb.Helper()
	o := openOrder(tb)
	now := instant(tb, "2025-07-10T03:00:00Z")
	for _, step := range path {
		var events []subscription.Event
		switch step {
		case "cancel":
			events = o.then(subscription.Cancel{Order: o.id}.Decide(o.s, o.catalog, now))
		case "abandon":
			events = o.then(subscription.SettleUnknown(o.s, o.id, now))
		case "refund", "refund declined", "refund less", "refund forgotten":
			events = o.then(subscription.Settle(o.s, o.id, refundResult(tb, o.order(), step), o.catalog.ZoneOf, now))
		case "reversed":
			r := payment.Reversal{
				ID: "dispute-1", Charge: string(o.order().Attempt), Status: payment.Reversed, Amount: money(tb, "199.00 USD"),
			}
			events = o.then(subscription.Reverse(o.s, o.id, r, o.catalog, now))
		case "found refunded":
			events = o.then(subscription.CloseReview{Order: o.id, Refunded: true}.Decide(o.s, o.catalog, now))
		case "found uncollected":
			events = o.then(subscription.CloseReview{Order: o.id}.Decide(o.s, o.catalog, now))
		case "first version", "first version, less", "first version, refunded", "first version, refund declined",
			"first version, refund less", "first version, refund forgotten":
			status, collected, note := subscription.OrderRefundDue, money(tb, "199.00 USD"), "paid after it was closed"
			switch step {
			case "first version, less":
				collected = money(tb, "198.99 USD")
			case "first version, refunded":
				status = subscription.OrderRefunded
			case "first version, refund declined":
				status, note = subscription.OrderUnreconciled, "refund declined"
			case "first version, refund less":
				status, note = subscription.OrderUnreconciled, "another amount was collected"
			case "first version, refund forgotten":
				status, note = subscription.OrderUnreconciled, "refund unknown beyond the gateway's retention"
			}
			c := firstVersion(tb, o.s, o.id, status, collected, note, now)
			o.apply(c)
			events = c.Events
		default:
			events = o.settle("2025-07-10T03:00:00Z", result(tb, o.order(), step))
		}
		if len(events) == 0 {
			tb.Fatalf("%s did nothing", step)
		}
	}
	return o
}

// Settle is idempotent, a late payment is never dropped, and a different amount is never delivered. Every status is
// combined with every result; "" means no change.
// Rule: settling-is-idempotent, another-amount-is-not-delivered, reversal-before-payment.
func TestSettleEveryStatusEveryResult(t *testing.T) {
	// late is what a payment of any amount does to an order that is or becomes so: all that was collected goes back.
	late := func(status string) map[string]string {
		return map[string]string{
			"paid": status + "; late 199.00 USD due", "less": status + "; late 198.99 USD due",
			"more": status + "; late 199.01 USD due", "JPY": status + "; late 19900 JPY due",
		}
	}
	canceling := late("canceled")
	canceling["declined"], canceling["not_found"] = "canceled", "stray"
	want := map[string]map[string]string{
		"open": {
			"paid": "paid", "less": "review", "more": "review", "JPY": "review", "declined": "declined", "not_found": "review",
		},
		"review, outcome unknown": {
			"paid": "paid", "less": "review", "more": "review", "JPY": "review", "declined": "declined",
		},
		"declined":                               late("declined"),
		"canceled":                               late("canceled"),
		"canceling":                              canceling,
		"given up under review, outcome unknown": canceling,
		"canceled by hand, outcome unknown":      late("canceled"),
		"stray, outcome unknown":                 late("canceled"),
		// What the bank took back isn't returned again.
		"reversed, review": {
			"paid": "review; reversal 199.00 USD made", "less": "review; reversal 199.00 USD made",
			"more": "review; reversal 199.00 USD made", "JPY": "review; reversal 199.00 USD made",
			"declined": "declined; reversal 199.00 USD made",
		},
		"reversed, canceling": {
			"paid": "canceled; reversal 199.00 USD made", "less": "canceled; reversal 199.00 USD made",
			"more":     "canceled; reversal 199.00 USD made; late 0.01 USD due",
			"JPY":      "canceled; reversal 199.00 USD made",
			"declined": "canceled; reversal 199.00 USD made", "not_found": "stray; reversal 199.00 USD made",
		},
		"reversed, declined": {
			"paid": "declined; reversal 199.00 USD made", "less": "declined; reversal 199.00 USD made",
			"more": "declined; reversal 199.00 USD made; late 0.01 USD due", "JPY": "declined; reversal 199.00 USD made",
		},
		// In all other statuses the whereabouts of the money are already known: the gateway has said what it collected,
		// or a person found that it went back. Whatever the gateway says now, money is neither forgotten, nor delivered
		// for twice, nor returned twice.
	}
	for _, state := range orderStates {
		for _, name := range []string{"paid", "less", "more", "JPY", "declined", "pending", "not_found"} {
			t.Run(state.name+" meets "+name, func(t *testing.T) {
				o := orderAfter(t, state.path)
				check(t, "before", o.outcome(), spelled(state.want)+state.back)
				before, refunds := o.order().Collected, slices.Clone(o.s.Refunds)
				r := result(t, o.order(), name)
				events := o.settle("2025-07-10T04:00:00Z", r)
				next := want[state.name][name]
				if next == "" {
					check(t, "events", len(events), 0)
					check(t, "outcome", o.outcome(), spelled(state.want)+state.back)
					check(t, "collected", o.order().Collected, before)
					if diff := cmp.Diff(refunds, o.s.Refunds, exactly); diff != "" {
						t.Errorf("its refunds changed (-before +after):\n%s", diff)
					}
					return
				}
				check(t, "outcome", o.outcome(), next)
				check(t, "there is an event", len(events) > 0, true)
				if r.Status == payment.Succeeded {
					check(t, "collected", o.order().Collected, r.Amount)
				}
				if len(o.s.Refunds) > 0 && len(refunds) == 0 {
					refund := o.s.Refunds[0]
					check(t, "key", refund.Key, string(o.order().Attempt)+"/refund")
					check(t, "amount", refund.Amount, r.Amount)
					check(t, "note", refund.Note, "paid after it was closed")
					check(t, "taken back", refund.Take, "")
					check(t, "last event", events[len(events)-1].Type, subscription.EventRefundDue)
					check(t, "in the document", len(o.s.Application.Refunds), 1)
					check(t, "nothing is left", o.order().Left().Sign(), 0)
				}
				subscriptions := 0
				if next == "paid" {
					subscriptions = 1
				}
				check(t, "subscriptions", len(o.s.Application.Subscriptions), subscriptions)

				// The same result again, or any other, doesn't affect the money any further.
				check(t, "again", len(o.settle("2025-07-10T05:00:00Z", r)), 0)
				check(t, "outcome after that", o.outcome(), next)
			})
		}
	}
}

// Whatever a gateway says, in any order and any number of times, the money that it collected is either delivered for
// once, left to a person, or in one refund that is due, was made or has failed.
// Rule: late-payment-goes-back.
func TestSettleInAnyOrder(t *testing.T) {
	words := []string{"paid", "less", "declined", "pending", "not_found", "cancel", "abandon", "refund", "refund declined"}
	var sequences func(prefix []string, n int)
	sequences = func(prefix []string, n int) {
		if n > 0 {
			for _, word := range words {
				sequences(append(slices.Clip(prefix), word), n-1)
			}
			return
		}
		o := openOrder(t)
		heard := pricing.Money{} // the first amount that the gateway said it collected
		refund := ""             // what became of it, if it went back
		for _, word := range prefix {
			switch word {
			case "cancel":
				c, err := subscription.Cancel{Order: o.id}.Decide(o.s, o.catalog, instant(t, "2025-07-10T03:00:00Z"))
				if !errors.Is(err, subscription.ErrNotFound) {
					o.then(c, err)
				}
			case "abandon":
				o.then(subscription.SettleUnknown(o.s, o.id, instant(t, "2025-07-10T03:00:00Z")))
			case "refund", "refund declined":
				o.settle("2025-07-10T03:00:00Z", refundResult(t, o.order(), word))
				switch {
				case word == "refund" && refund == "due":
					refund = "made"
				case word == "refund declined" && refund != "":
					refund = "failed"
				}
			default:
				r := result(t, o.order(), word)
				if r.Status == payment.Succeeded && heard.IsZero() {
					heard = r.Amount
				}
				o.settle("2025-07-10T03:00:00Z", r)
			}
			if len(o.s.Refunds) > 0 && refund == "" {
				refund = "due"
			}
		}
		got, money := o.order(), ""
		switch {
		case refund != "":
			money = "; late " + heard.String() + " " + refund
		case !heard.IsZero() && got.Status != subscription.OrderPaid && got.Status != subscription.OrderReview:
			t.Errorf("%v: collected %s, and the order is %s", prefix, heard, got.Status)
		}
		if got.Collected != heard || o.outcome() != spelled(got.Status)+money {
			t.Errorf("%v: collected %s, and the order is %s with %s", prefix, heard, o.outcome(), got.Collected)
		}
		if refund != "" && (got.Status == subscription.OrderPaid || got.Status.Unresolved()) {
			t.Errorf("%v: the money went back, and the order is %s", prefix, got.Status)
		}
		if delivered := len(o.s.Application.Subscriptions) == 1; delivered != (got.Status == subscription.OrderPaid) ||
			delivered && heard != got.Amount {
			t.Errorf("%v: delivered %t for %s, and the order is %s", prefix, delivered, heard, got.Status)
		}
	}
	for n := range 5 {
		sequences(nil, n)
	}
}

func TestSettleRefuses(t *testing.T) {
	o := openOrder(t)
	now := instant(t, "2025-07-10T03:00:00Z")
	settle := func(id subscription.OrderID, r payment.Result) error {
		_, err := subscription.Settle(o.s, id, r, o.catalog.ZoneOf, now)
		return err
	}
	good := paid(o.order())
	for _, tt := range []struct {
		name string
		err  error
		want error
	}{
		{"an unknown order", settle("9-abc", good), subscription.ErrNotFound},
		{"another attempt's result", settle(o.id, payment.Result{Key: "other", Status: payment.Pending}), subscription.ErrInvalid},
		{"the zero result", settle(o.id, payment.Result{}), subscription.ErrInvalid},
		{"and it is payment's error too", settle(o.id, payment.Result{}), payment.ErrInvalid},
		{"an unknown status", settle(o.id, payment.Result{Key: good.Key, Status: "maybe"}), subscription.ErrInvalid},
		{"success without an amount", settle(o.id, payment.Result{Key: good.Key, Status: payment.Succeeded}), subscription.ErrInvalid},
		{"a decline with an amount", settle(o.id, payment.Result{Key: good.Key, Status: payment.Declined, Reason: "x", Amount: good.Amount}), subscription.ErrInvalid},
	} {
		check(t, tt.name, errors.Is(tt.err, tt.want), true)
	}
	_, err := subscription.Settle(subscription.Snapshot{}, o.id, good, o.catalog.ZoneOf, now)
	fails(t, err, subscription.ErrNotFound)
	_, err = subscription.SettleUnknown(o.s, "9-abc", now)
	fails(t, err, subscription.ErrNotFound)

	// A zone that can't be loaded leaves a collected order open, so nothing is lost.
	nowhere := func(string) (pricing.Zone, error) { return pricing.Zone{}, pricing.ErrZone }
	_, err = subscription.Settle(o.s, o.id, good, nowhere, now)
	fails(t, err, pricing.ErrZone)
}

// A refund is made or fails, its order stays as it is, and the amount of one that failed is left with the order again. That of
// an order that the first version left to be refunded becomes a row, whatever the gateway says. "" means no change.
// Rule: a-person-ends-the-unknown, failed-refund-is-left-again.
func TestSettleRefund(t *testing.T) {
	now := instant(t, "2025-07-10T04:00:00Z")
	due := func(status, amount string) map[string]string {
		return map[string]string{
			"refund":           status + "; late " + amount + " made",
			"refund less":      status + "; late " + amount + " failed; provider 1.00 USD made",
			"refund declined":  status + "; late " + amount + " failed",
			"refund forgotten": status + "; late " + amount + " failed",
		}
	}
	firstVersion := func(amount string) map[string]string {
		all := due("refunded", amount)
		all["refund pending"] = "refunded; late " + amount + " due"
		return all
	}
	want := map[string]map[string]string{
		"refund due, canceled":       due("canceled", "198.99 USD"),
		"refund due, declined":       due("declined", "199.00 USD"),
		"refund due, another amount": due("refunded", "198.99 USD"),
		"refund due, was stray":      due("canceled", "199.01 USD"),
		// Money that went back can still come back, as from a card that was closed.
		"refund made":                  {"refund declined": "declined; late 199.00 USD failed"},
		"refund forgotten, found made": {"refund declined": "declined; late 199.00 USD failed"},
		"refund forgotten": {
			"refund":      "declined; late 199.00 USD made",
			"refund less": "declined; late 199.00 USD failed; provider 1.00 USD made",
		},
		"first version, refund due": firstVersion("199.00 USD"),
		"first version, refund due and reversed": {
			"refund":           "refunded; late 199.00 USD made; reversal 199.00 USD made",
			"refund less":      "refunded; late 199.00 USD failed; reversal 199.00 USD made; provider 1.00 USD made",
			"refund declined":  "refunded; late 199.00 USD failed; reversal 199.00 USD made",
			"refund forgotten": "refunded; late 199.00 USD failed; reversal 199.00 USD made",
		},
		"first version, refund due of another amount": firstVersion("198.99 USD"),
	}
	for _, state := range orderStates {
		for _, name := range []string{"refund", "refund less", "refund declined", "refund forgotten", "refund pending"} {
			t.Run(state.name+" meets "+name, func(t *testing.T) {
				o := orderAfter(t, state.path)
				before := o.order()
				failed := len(o.s.Refunds) == 1 && o.s.Refunds[0].Status == subscription.RefundFailed
				r := refundResult(t, before, name)
				events := o.then(subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, now))
				next := want[state.name][name]
				if next == "" {
					check(t, "events", len(events), 0)
					check(t, "outcome", o.outcome(), spelled(state.want)+state.back)
					return
				}
				check(t, "outcome", o.outcome(), next)
				check(t, "collected", o.order().Collected, before.Collected)
				switch refund := o.s.Refunds[0]; {
				case failed && refund.Status == subscription.RefundFailed: // as it was, beside what is told of its key
					check(t, "reason", refund.Reason, "")
				case refund.Status != subscription.RefundDue:
					check(t, "closed at", refund.ClosedAt, now)
					check(t, "reason", refund.Reason, map[string]payment.Reason{
						"refund declined": payment.ExceedsCharge, "refund less": payment.Other,
					}[name])
					check(t, "in the document", len(o.s.Application.Refunds), 0)
					if refund.Status == subscription.RefundFailed && len(o.s.Refunds) == 1 {
						check(t, "left", o.order().Left(), before.Collected)
					}
				}
				check(t, "again", len(o.then(subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, now))), 0)
			})
		}
	}
	t.Run("made after all, when it was repeated", func(t *testing.T) {
		o := orderAfter(t, []string{"cancel", "paid", "refund forgotten"})
		o.then(subscription.RefundOrder{Order: o.id, Elsewhere: true}.Decide(o.s, o.catalog, now))
		events := o.then(subscription.Settle(o.s, o.id, refundResult(t, o.order(), "refund"), o.catalog.ZoneOf, now))
		check(t, "outcome", o.outcome(), "canceled; late 199.00 USD made; late 199.00 USD made")
		check(t, "for a person", events[1].Type, subscription.EventNeedsPerson)
	})
	t.Run("refuses", func(t *testing.T) {
		o := orderAfter(t, []string{"cancel", "paid"})
		for name, r := range map[string]payment.Result{
			"the zero result":            {},
			"another order's":            {Key: "x/1-2/refund", Status: payment.Pending},
			"of a refund that isn't one": {Key: string(o.order().Attempt) + "/refund/2", Status: payment.Pending},
		} {
			_, err := subscription.Settle(o.s, o.id, r, o.catalog.ZoneOf, now)
			check(t, name, errors.Is(err, subscription.ErrInvalid), true)
		}
		_, err := subscription.Settle(o.s, "9-abc", payment.Result{Key: "9-abc/refund", Status: payment.Pending}, o.catalog.ZoneOf, now)
		fails(t, err, subscription.ErrNotFound)
	})
}

// A payment that its bank reinstates after the order was closed without being delivered is left with the order, and a person
// is told.
// Rule: reversal-before-payment.
func TestReinstatedPaymentOfAClosedOrder(t *testing.T) {
	for _, known := range []bool{true, false} {
		path := []string{"cancel", "reversed", "paid"}
		if !known {
			path = []string{"cancel", "reversed"}
		}
		o := orderAfter(t, path)
		r := payment.Reversal{
			ID: "dispute-1", Charge: string(o.order().Attempt), Status: payment.Reinstated, Amount: money(t, "199.00 USD"),
		}
		events := o.then(subscription.Reverse(o.s, o.id, r, o.catalog, instant(t, "2025-07-10T04:00:00Z")))
		check(t, "for a person", events[len(events)-1].Type == subscription.EventNeedsPerson, known)
		if !known {
			check(t, "outcome", o.outcome(), "canceling; reversal 199.00 USD reinstated")
			o.settle("2025-07-10T05:00:00Z", paid(o.order()))
			check(t, "once it is known", o.outcome(), "canceled; reversal 199.00 USD reinstated; late 199.00 USD due")
			continue
		}
		check(t, "outcome", o.outcome(), "canceled; reversal 199.00 USD reinstated")
		check(t, "left", o.order().Left(), money(t, "199.00 USD"))
	}
}

func TestAbandon(t *testing.T) {
	for _, state := range orderStates {
		o := orderAfter(t, state.path)
		events := o.then(subscription.SettleUnknown(o.s, o.id, instant(t, "2025-07-10T04:00:00Z")))
		if state.want != subscription.OrderOpen && state.want != subscription.OrderCanceling {
			check(t, state.name+": events", len(events), 0)
			continue
		}
		status, event := subscription.OrderReview, subscription.EventOrderReview
		if state.want == subscription.OrderCanceling {
			status, event = subscription.OrderUnreconciled, subscription.EventOrderUnreconciled
		}
		check(t, state.name+": status", o.order().Status, status)
		check(t, state.name+": event", events[0].Type, event)
		check(t, "note", events[0].Note, "the gateway can't tell the outcome any more")
	}
}

// A canceled order isn't delivered any more, even if its outcome was unknown for a while.
func TestAbandonedAfterItWasGivenUp(t *testing.T) {
	o := orderAfter(t, []string{"cancel", "abandon"})
	check(t, "status", o.order().Status, subscription.OrderUnreconciled)
	o.settle("2025-07-10T05:00:00Z", paid(o.order()))
	check(t, "once it was collected", o.outcome(), "canceled; late 199.00 USD due")
	check(t, "subscriptions", len(o.s.Application.Subscriptions), 0)
}

func TestCancel(t *testing.T) {
	want := map[string]string{
		"open": "canceling", "review, outcome unknown": "canceling",
		"review, another amount": "refunded; late 198.99 USD due",
		"reversed, review":       "canceling; reversal 199.00 USD made",
		"reversed, collected":    "refunded; reversal 199.00 USD made",
	}
	for _, state := range orderStates {
		t.Run(state.name, func(t *testing.T) {
			o := orderAfter(t, state.path)
			c, err := subscription.Cancel{Order: o.id}.Decide(o.s, o.catalog, instant(t, "2025-07-10T04:00:00Z"))
			if want[state.name] == "" {
				fails(t, err, subscription.ErrNotFound)
				return
			}
			o.then(c, err)
			check(t, "outcome", o.outcome(), want[state.name])
		})
	}
}

// Webhooks arrive through Service.Settle: twice, late, out of order, and for refunds.
// Rule: settling-is-idempotent, late-payment-goes-back.
func TestServiceSettle(t *testing.T) {
	t.Run("the same webhook twice", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		for range 3 {
			got := w.settle(paid(o))
			check(t, "status", got.Status, subscription.OrderPaid)
		}
		check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
		check(t, "deliveries", w.count(subscription.EventOpened), 1)
	})
	t.Run("declined, and then paid after all: given back at once", func(t *testing.T) {
		w := newWorld(t, setup{gateway: collects})
		o := w.place(buy("call", "one-to-one"))
		w.settle(result(t, o, "declined"))
		got := w.settle(paid(o))
		check(t, "status", got.Status, subscription.OrderDeclined)
		check(t, "reason", got.Reason, payment.InsufficientBalance)
		check(t, "returned", got.RefundedAmount, money(t, "199.00 USD"))
		w.back(o.ID, "1 late 199.00 USD made")
		check(t, "note", w.refundRow(o.ID, 1).Note, "paid after it was closed")
		check(t, "balance", w.balance(), "100000.00 USD")
		check(t, "events", w.count(subscription.EventRefundDue), 1)
		check(t, "events", w.count(subscription.EventRefundMade), 1)
	})
	t.Run("a refund that isn't answered is left to be collected", func(t *testing.T) {
		down, errDown := true, errors.New("gateway is down")
		w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
			g := collects(w, behind).(*gatewayFuncs)
			g.OnRefund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
				if down {
					return payment.Result{}, errDown
				}
				return behind.Refund(ctx, r)
			}
			return g
		}})
		o := w.place(buy("call", "one-to-one"))
		w.must(subscription.Cancel{Order: o.ID})
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderCanceled)
		w.back(o.ID, "1 late 199.00 USD due")
		_, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrCanceled)
		fails(t, err, errDown)
		w.back(o.ID, "1 late 199.00 USD due")
		down = false
		got, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrCanceled)
		check(t, "status", got.Status, subscription.OrderCanceled)
		check(t, "returned", got.RefundedAmount, money(t, "199.00 USD"))
		w.back(o.ID, "1 late 199.00 USD made")
		check(t, "balance", w.balance(), "100000.00 USD")
	})
	t.Run("a refund's webhook", func(t *testing.T) {
		w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
			g := collects(w, behind).(*gatewayFuncs)
			g.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
				return payment.Result{Key: r.Key, Status: payment.Pending}, nil
			}
			return g
		}})
		o := w.place(buy("call", "one-to-one"))
		w.must(subscription.Cancel{Order: o.ID})
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderCanceled)
		w.back(o.ID, "1 late 199.00 USD due")
		hook := payment.Result{Key: string(o.Attempt) + "/refund", Status: payment.Succeeded, Amount: o.Amount}
		for range 2 {
			check(t, "status", w.settle(hook).Status, subscription.OrderCanceled)
			w.back(o.ID, "1 late 199.00 USD made")
		}
		check(t, "events", w.count(subscription.EventRefundMade), 1)
	})
	t.Run("a refund that the gateway declines needs a person", func(t *testing.T) {
		var asked []payment.Refund
		w := newWorld(t, setup{gateway: func(w *world, behind *balance.Accounts) payment.Gateway {
			g := pending(w, behind).(*gatewayFuncs)
			g.OnRefund = func(_ context.Context, r payment.Refund) (payment.Result, error) {
				asked = append(asked, r)
				return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}, nil
			}
			return g
		}})
		o := w.place(buy("call", "one-to-one"))
		w.must(subscription.Cancel{Order: o.ID})
		got := w.settle(paid(o))
		check(t, "status", got.Status, subscription.OrderCanceled)
		check(t, "left", got.Left(), money(t, "199.00 USD"))
		w.back(o.ID, "1 late 199.00 USD failed")
		check(t, "reason", w.refundRow(o.ID, 1).Reason, payment.ExceedsCharge)
		check(t, "events", w.count(subscription.EventRefundFailed), 1)
		// A repeated notification of the payment delivers nothing: the money may have gone back by hand.
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderCanceled)
		check(t, "subscriptions", len(w.application().Subscriptions), 0)
		// The refund isn't requested again automatically, and the order doesn't block other purchases.
		_, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrCanceled)
		w.back(o.ID, "1 late 199.00 USD failed")
		w.refuse(subscription.ErrNotFound, subscription.Cancel{Order: o.ID})
		check(t, "refunds asked for", len(asked), 1)
		check(t, "another purchase", w.settle(paid(w.place(buy("call", "one-to-one")))).Status, subscription.OrderPaid)
	})
	t.Run("another amount needs a person, and a cancellation gives it back", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		_, err := w.accounts.Charge(t.Context(), payment.Charge{Key: string(o.Attempt), Account: string(acme), Amount: money(t, "198.99 USD")})
		w.ok(err)
		got := w.settle(result(t, o, "less"))
		check(t, "status", got.Status, subscription.OrderReview)
		fails(t, got.Err(), subscription.ErrReview)
		check(t, "nothing is delivered", len(w.application().Subscriptions), 0)
		w.must(subscription.Cancel{Order: o.ID})
		got, err = w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrRefunded)
		check(t, "status", got.Status, subscription.OrderRefunded)
		w.back(o.ID, "1 late 198.99 USD made")
		check(t, "balance", w.balance(), "100000.00 USD")
	})
	t.Run("refuses", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		free := w.must(subscription.Purchase{Product: "live", Version: "trial", Term: pricing.Days(14), Currency: "USD"})
		for _, tt := range []struct {
			name    string
			attempt subscription.AttemptID
			r       payment.Result
			want    error
		}{
			{"an attempt of nothing", "", paid(o), subscription.ErrNotFound},
			{"what is no attempt", "video-chat", paid(o), subscription.ErrNotFound},
			{"a refund of nothing", "/refund", paid(o), subscription.ErrNotFound},
			{"an unknown application", "nobody/2-abc", payment.Result{Key: "nobody/2-abc", Status: payment.Pending}, subscription.ErrNotFound},
			{"an unknown order", "video-chat/2-abc", payment.Result{Key: "video-chat/2-abc", Status: payment.Pending}, subscription.ErrNotFound},
			{"an unknown order's refund", "video-chat/2-abc/refund", payment.Result{Key: "video-chat/2-abc/refund", Status: payment.Pending}, subscription.ErrNotFound},
			{"another key's result", o.Attempt, payment.Result{Key: "x", Status: payment.Pending}, subscription.ErrInvalid},
			{"a malformed result", o.Attempt, payment.Result{Key: string(o.Attempt)}, subscription.ErrInvalid},
			{"an order that cost nothing", "/video-chat/" + subscription.AttemptID(free.Receipt.OrderID), payment.Result{Key: "/video-chat/" + string(free.Receipt.OrderID), Status: payment.Succeeded, Amount: o.Amount}, subscription.ErrInvalid},
		} {
			before := w.stored()
			if _, err := w.Settle(t.Context(), tt.attempt, tt.r); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
			if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
				t.Errorf("%s changed something (-before +after):\n%s", tt.name, diff)
			}
		}
	})
}
