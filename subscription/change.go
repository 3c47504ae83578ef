package subscription

import (
	"slices"
	"time"
)

// Change is the outcome of a decision: the next state of one application and the rows to write. It is applied in full
// or not at all.
type Change struct {
	Application ApplicationID
	Base        int64       // the revision it was decided on; 0 creates the application
	Next        Application // with Revision Base + 1
	Orders      []Order     // insert those it places, see [Change.Places]; replace the others by ID
	Refunds     []Refund    // insert, or replace by order and number
	Entries     []Entry     // to append
	Events      []Event     // append; at least one, except for [Reschedule]
	Receipts    []Receipt   // append; at most one
	Records     []UsageRow  // append; usage that was counted
	// Subscriptions holds the rows of subscriptions whose row changes: insert, or replace by ID.
	Subscriptions []SubscriptionRow
}

// IsZero reports whether there is nothing to change.
func (c Change) IsZero() bool { return c.Application == "" }

// Places reports whether the change places the order with the given ID, as opposed to updating one placed earlier. A
// placed order is new: a store that already has an order with that ID rejects the change with [ErrExists].
func (c *Change) Places(id OrderID) bool {
	for i := range c.Events {
		if c.Events[i].Type == EventOrderPlaced && c.Events[i].Order == id {
			return true
		}
	}
	return false
}

// Reschedule returns a change that only moves the instant at which an application is next due. It is the only change
// without an event.
func Reschedule(app Application, due time.Time) Change {
	next := app.Clone()
	next.Revision++
	next.Due = due
	return Change{Application: app.ID, Base: app.Revision, Next: next}
}

// number sets the position of every row.
func (c *Change) number() {
	for i := range c.Entries {
		c.Entries[i].Application, c.Entries[i].Revision, c.Entries[i].Index = c.Application, c.Base+1, i
	}
	for i := range c.Events {
		c.Events[i].Application, c.Events[i].Revision, c.Events[i].Index = c.Application, c.Base+1, i
	}
}

// Clone returns a copy that shares no memory with c.
func (c Change) Clone() Change {
	c.Next = c.Next.Clone()
	orders := make([]Order, len(c.Orders))
	for i, o := range c.Orders {
		orders[i] = o.Clone()
	}
	c.Orders = orders
	c.Entries = slices.Clone(c.Entries)
	c.Events = slices.Clone(c.Events)
	c.Receipts = slices.Clone(c.Receipts)
	c.Records = slices.Clone(c.Records)
	c.Refunds = slices.Clone(c.Refunds)
	for i := range c.Refunds {
		c.Refunds[i] = c.Refunds[i].Clone()
	}
	c.Subscriptions = slices.Clone(c.Subscriptions)
	return c
}

// tells reports whether the change has an event of a type.
func (c *Change) tells(t EventType) bool {
	return slices.ContainsFunc(c.Events, func(e Event) bool { return e.Type == t })
}

// tellsOf reports whether the change has an event of one of the types about a subscription.
func (c *Change) tellsOf(id SubscriptionID, types ...EventType) bool {
	return slices.ContainsFunc(c.Events, func(e Event) bool { return e.Subscription == id && slices.Contains(types, e.Type) })
}

// settles reports whether the change pays an order, as opposed to one that was paid before.
func (c *Change) settles(o *Order) bool {
	return o.Status == OrderPaid && slices.ContainsFunc(c.Events, func(e Event) bool {
		return e.Type == EventOrderPaid && e.Order == o.ID
	})
}
