package audit

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Committed is what an application's committed changes said but no row keeps.
type Committed struct {
	On   map[string]pricing.Date // the days of its usage, by record ID
	By   map[int64][]string      // the record IDs, by revision
	AsOf map[int64]time.Time     // when the application was last changed, by revision
	Paid map[subscription.OrderID]time.Time

	GivenUp map[subscription.OrderID]time.Time // by the simulated world's clock
	Refunds []RefundState                      // every state of every refund, in the order of the changes
	Asked   map[Cause]int                      // the number of orders with each cause
	Rank    map[subscription.OrderID]int       // the order's number among those with the same cause
	Costs   map[subscription.OrderID]bool
	Account map[subscription.OrderID]subscription.AccountID // that the order was placed with
	Notes   map[Place]string                                // of events, as they were before they were erased

	Counters map[UsedOn]subscription.UsageCounter // as they were last
}

// Place is where an event is among those of its application.
type Place struct {
	Revision int64
	Index    int
}

// RefundState is a refund as a change left it.
type RefundState struct {
	subscription.Refund

	Revision int64
}

// NewCommitted returns a Committed for no changes.
func NewCommitted() *Committed {
	return &Committed{
		On: map[string]pricing.Date{}, By: map[int64][]string{}, AsOf: map[int64]time.Time{},
		Paid: map[subscription.OrderID]time.Time{}, GivenUp: map[subscription.OrderID]time.Time{},
		Asked: map[Cause]int{}, Rank: map[subscription.OrderID]int{}, Costs: map[subscription.OrderID]bool{},
		Account: map[subscription.OrderID]subscription.AccountID{}, Notes: map[Place]string{},
		Counters: map[UsedOn]subscription.UsageCounter{},
	}
}

// Forgotten is what was lost with changes that no store knows anymore.
type Forgotten struct {
	Orders map[subscription.OrderID]LostOrder // the orders that were placed
}

// LostOrder is an order and its number among those with the same cause.
type LostOrder struct {
	subscription.Order

	Rank int
}

// Order returns the lost order with that ID, if there is one.
func (f *Forgotten) Order(id subscription.OrderID) (LostOrder, bool) {
	if f == nil {
		return LostOrder{}, false
	}
	o, ok := f.Orders[id]
	return o, ok
}
