package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Command is a request to change an application. [Service] runs it; what it decides is committed or, for a quote, is
// not. Commands are structs whose JSON is what they ask for: a key stands for the kind and that JSON; a field that JSON
// leaves out isn't part of what it stands for. The commands of this package are [Create], [Accept], [Purchase],
// [Upgrade], [AutoRenew], [Cancel], [CloseReview], [ReturnPackage], [Reserve], [Release], [ClaimFree],
// [EnablePayAsYouGo] and [BillUsage]; other packages and callers write their own with a [Draft].
type Command interface {
	// Kind names the command, for receipts. Different commands have different kinds.
	Kind() string
	// Decide returns the change, or an error that says why there can't be one. It is pure: the same
	// arguments give the same change, and nothing is modified. The snapshot is up to date at now.
	Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error)
}

// Needer is a [Command] that needs rows beside the application's document.
type Needer interface{ Needs() Needs }

// Needs are the rows that a command needs. Those that don't exist are not in the [Snapshot].
type Needs struct {
	Orders  []OrderID
	Records []string // the IDs of usage records
}

// Snapshot is what a [Store] loaded for one [Read]: the application, with Revision 0 and only its ID if
// it doesn't exist, and those of the rows asked for that exist, in any order.
type Snapshot struct {
	Application Application
	Receipts    []Receipt
	Orders      []Order
	Records     []UsageRow // the usage records that were counted before
	// Store is the store's identity, with which the gateway's keys begin: 16 lowercase hexadecimal digits, which the
	// store draws at random when it is made and keeps. Every store has its own, so that those that share a gateway never
	// meet in a key.
	Store string
	// Request is the key of the request that is decided, "" outside of one. The ID of what it orders follows from it.
	Request string
}

// Exists returns [ErrNotFound], with the ID, unless the application exists.
func (s Snapshot) Exists() error {
	if s.Application.Revision == 0 {
		return fmt.Errorf("%w: application %.80q", ErrNotFound, string(s.Application.ID))
	}
	return nil
}

// Change is the outcome of a decision: the next state of one application and the rows to write. It is
// applied as a whole or not at all.
type Change struct {
	Application ApplicationID
	Base        int64       // the revision it was decided on; 0 creates the application
	Next        Application // with Revision Base + 1
	Orders      []Order     // to insert those that it places, see [Change.Places], and to replace the others by ID
	Refunds     []Refund    // to insert, or to replace by order and number
	Entries     []Entry     // to append
	Events      []Event     // to append, at least one but for [Reschedule]
	Receipts    []Receipt   // to append; at most one
	Records     []UsageRow  // to append: usage that was counted
	// Subscriptions are the rows of those subscriptions of which a row changes: to insert, or to replace by ID.
	Subscriptions []SubscriptionRow
}

// IsZero reports whether there is nothing to change.
func (c Change) IsZero() bool { return c.Application == "" }

// Places reports whether the change places an order, rather than say what became of one that was placed before. A
// placed order is new: a store that has one of that ID refuses the change with [ErrExists].
func (c *Change) Places(id OrderID) bool {
	for i := range c.Events {
		if c.Events[i].Type == EventOrderPlaced && c.Events[i].Order == id {
			return true
		}
	}
	return false
}

// Reschedule returns the change that moves only the instant at which an application is due next. It is the
// one change without an event.
func Reschedule(app Application, due time.Time) Change {
	next := app.Clone()
	next.Revision++
	next.Due = due
	return Change{Application: app.ID, Base: app.Revision, Next: next}
}

// Then returns the change that has the effect of c followed by next, which was decided on c.Next at the
// same base revision.
func (c Change) Then(next Change) Change {
	if c.IsZero() {
		return next
	}
	out := Change{
		Application: next.Application, Base: c.Base, Next: next.Next,
		Entries:  append(slices.Clip(c.Entries), next.Entries...),
		Events:   append(slices.Clip(c.Events), next.Events...),
		Receipts: append(slices.Clip(c.Receipts), next.Receipts...),
		Records:  append(slices.Clip(c.Records), next.Records...),
		Refunds:  append(slices.Clip(c.Refunds), next.Refunds...),
	}
	for _, r := range c.Subscriptions {
		if !slices.ContainsFunc(next.Subscriptions, func(n SubscriptionRow) bool { return n.ID == r.ID }) {
			out.Subscriptions = append(out.Subscriptions, r)
		}
	}
	out.Subscriptions = append(out.Subscriptions, next.Subscriptions...)
	for _, o := range c.Orders {
		if find(next.Orders, o.ID) == nil {
			out.Orders = append(out.Orders, o)
		}
	}
	out.Orders = append(out.Orders, next.Orders...)
	out.number()
	return out
}

// After returns the application as c leaves it, at the revision that c was decided on, so that the next decision can
// build on it and [Change.Then] can join the two. It is base for the zero Change.
func (c Change) After(base Application) Application {
	if c.IsZero() {
		return base
	}
	next := c.Next
	next.Revision = base.Revision
	return next
}

// number gives the rows their place.
func (c *Change) number() {
	for i := range c.Entries {
		c.Entries[i].Application, c.Entries[i].Revision, c.Entries[i].Index = c.Application, c.Base+1, i
	}
	for i := range c.Events {
		c.Events[i].Application, c.Events[i].Revision, c.Events[i].Index = c.Application, c.Base+1, i
	}
}

// find returns the order with that ID, nil if there is none.
func find(orders []Order, id OrderID) *Order {
	for i := range orders {
		if orders[i].ID == id {
			return &orders[i]
		}
	}
	return nil
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
