package audit

import (
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// Kind says which promise a finding breaks. Kinds are stable, for programs that sort findings; their texts aren't.
type Kind string

// The kinds of findings.
const (
	// Unreadable: the document or a row can't be decoded, though the store answers for others.
	Unreadable Kind = "unreadable"
	// Changing: the application changed during each of several readings, and isn't audited. It proves nothing wrong; audit it
	// again.
	Changing Kind = "changing"
	// Document: the document contradicts itself, so that the next change of the application would be refused.
	Document Kind = "document"
	// Orders: an order and the document, or an order's own fields, disagree.
	Orders Kind = "order"
	// Total: the lines and taxes of an order don't sum to its amount.
	Total Kind = "total"
	// Payment: an order is paid without what it costs or a person accepted, or has collected what its status doesn't explain.
	Payment Kind = "payment"
	// Kept: money of an order that delivered nothing, and isn't waiting for anything, was neither returned nor is due.
	Kept Kind = "kept"
	// Delivery: an order was paid and didn't deliver what it says, or something was delivered without a paid order.
	Delivery Kind = "delivery"
	// Taken: something was taken back without its money, or remains though its money went back.
	Taken Kind = "taken"
	// Period: two orders paid for one period, or periods overlap.
	Period Kind = "period"
	// Refunds: a refund has no order, isn't counted in its order's figures, or is out of number.
	Refunds Kind = "refund"
	// Share: the refunds' shares of a tax aren't shares of that in what was collected.
	Share Kind = "share"
	// Subscriptions: a subscription's row and the document disagree.
	Subscriptions Kind = "subscription"
	// Minutes: the ledger doesn't add up, or a lot or a reservation isn't what its entries make of it.
	Minutes Kind = "minutes"
	// Usage: a counter isn't what its entries make of it.
	Usage Kind = "usage"
	// Status: something took a step that isn't in the tables, or isn't where its events lead.
	Status Kind = "status"
	// Events: the audit log lacks events, or has some that nothing explains.
	Events Kind = "events"
	// Time: the application's time ran backward without a reset of its clock.
	Time Kind = "time"
	// Due: the application sleeps longer than it may, so that money or a period waits for nothing.
	Due Kind = "due"
	// Agreed: a period was paid for at other terms than were agreed for it, or what is agreed isn't what was.
	Agreed Kind = "agreed"
	// Automatic: a worker ordered what it may not order, such as a renewal after a hard decline.
	Automatic Kind = "automatic"
	// Taxes: an order hasn't the taxes that the customer pays.
	Taxes Kind = "tax"
	// Left: something goes on after the customer left for good, or something of an erased person is left.
	Left Kind = "left"
	// Price: an order doesn't cost what its catalog says.
	Price Kind = "price"
	// Feed: the feed skips a change, or has one that the application doesn't.
	Feed Kind = "feed"
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{
		Unreadable, Changing, Document, Orders, Total, Payment, Kept, Delivery, Taken, Period, Refunds, Share, Subscriptions, Minutes,
		Usage, Status, Events, Time, Due, Agreed, Automatic, Taxes, Left, Price, Feed,
	}
}

// Finding is something in a store that can't be right.
type Finding struct {
	Kind        Kind
	Application subscription.ApplicationID
	// What it is about, as far as it is one thing.
	Order        subscription.OrderID
	Subscription subscription.SubscriptionID
	Lot          subscription.LotID
	Text         string // what is wrong, for people
}

// String returns the finding on one line.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.80q: %s", string(f.Application), f.Kind)
	if f.Order != "" {
		fmt.Fprintf(&b, ": order %.80q", string(f.Order))
	}
	if f.Subscription != "" {
		fmt.Fprintf(&b, ": subscription %.80q", string(f.Subscription))
	}
	if f.Lot != 0 {
		fmt.Fprintf(&b, ": lot %d", f.Lot)
	}
	fmt.Fprintf(&b, ": %s", f.Text)
	return b.String()
}
