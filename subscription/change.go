package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Command is a request to change an application. [Service] runs it and commits its decision, unless it is for a
// quote. A command is a struct whose JSON says what it requests. An idempotency key stands for the command's kind and
// that JSON; a field omitted from the JSON isn't covered by the key.
//
// Customers use [Create], [Accept], [Purchase], [Upgrade], [AutoRenew], [ChangeAtRenewal], [SetAutoTopUp], [Cancel],
// [ReturnPackage], [Reserve], [Release], [ClaimFree], [EnablePayAsYouGo], [BillUsage] and [PaymentMethodChanged], and
// staff [RefundOrder], [CloseReview], [Flag], [SetTax], [SetDeal], [Gift], [Import], [ChangeAccount], [ResetClock], [Close]
// and [Erase]. Other packages and callers write their own with a [Draft].
type Command interface {
	// Kind names the command in receipts and for idempotency keys: 1 to 64 bytes of UTF-8 without control characters;
	// otherwise the service refuses the command with [ErrInvalid]. It is the same for all values of a type. Different
	// commands have different kinds, which the service can't check: a command of your own doesn't use the kind of one
	// of this module, and a command that embeds another one declares a Kind of its own.
	Kind() string
	// Decide returns the change, or an error that explains why it isn't possible. Decide is pure: the same arguments
	// give the same change, and it modifies nothing. The snapshot is up to date as of now. The application may not
	// exist; see [Snapshot.Exists].
	Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error)
}

// Needer is a [Command] that needs rows in addition to the application's document.
type Needer interface{ Needs() Needs }

// Needs lists the rows that a command needs. Rows that don't exist are missing from the [Snapshot].
type Needs struct {
	Orders  []OrderID
	Records []string  // the IDs of usage records
	Refunds []OrderID // all refunds of these orders
}

// Snapshot is what a [Store] loaded for one [Read]: the application, and the requested rows that exist, in any order.
// An application that doesn't exist has Revision 0 and only its ID.
type Snapshot struct {
	Application Application
	Receipts    []Receipt
	Orders      []Order
	Records     []UsageRow // usage records that were counted before
	Refunds     []Refund   // all refunds of the orders named, in ascending order of order and number
	// Store is the store's identity, the prefix of the keys sent to the gateway: 16 lowercase hexadecimal digits that
	// the store draws at random when it is created, and keeps. Every store has its own, so stores that share a gateway
	// never use the same key.
	Store string
	// Request is the key of the request being decided, or "" outside a request. The ID of the order that the request
	// places is derived from it.
	Request string
	// By and Why are who acts and why, as [Service.As] says. The draft writes them into every event and refund.
	By, Why string

	// For a snapshot that isn't stored, see [Snapshot.After].
	continued *Change        // the change to continue
	before    []Subscription // of the stored application
	payer     AccountID      // likewise
}

// After returns the snapshot as c leaves it, which must have been decided on s and not committed. The next decision
// builds on it: its change has the combined effect of both, and replaces c. If that decision is the zero Change, c
// stands as it is. For the zero Change, After returns s.
func (s Snapshot) After(c Change) Snapshot {
	if c.IsZero() {
		return s
	}
	if s.continued == nil {
		s.before, s.payer = s.Application.Subscriptions, s.Application.Account
	}
	base := s.Application.Revision
	s.Application, s.continued = c.Next, &c
	s.Application.Revision = base // the two become one change
	return s
}

// Exists returns [ErrNotFound], with the ID, if the application doesn't exist. Every command that doesn't create the
// application calls it first. An application that the change continued by the snapshot creates does exist.
func (s Snapshot) Exists() error {
	if s.Application.Revision == 0 && s.continued == nil {
		return fmt.Errorf("%w: application %.80q", ErrNotFound, string(s.Application.ID))
	}
	return nil
}

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

// find returns the order with the given ID, or nil if there is none.
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
