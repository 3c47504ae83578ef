package subscription

import (
	"fmt"
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

// order finds an order in the document or among the rows loaded with it. The result is the caller's own copy.
func (s *Snapshot) order(id OrderID) (Order, error) {
	if err := s.Exists(); err != nil {
		return Order{}, err
	}
	if o := s.Application.order(id); o != nil {
		return o.Clone(), nil
	}
	if o := find(s.Orders, id); o != nil {
		return o.Clone(), nil
	}
	return Order{}, fmt.Errorf("%w: order %.80q", ErrNotFound, string(id))
}
