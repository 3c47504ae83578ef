package audit

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Committed is what the committed changes of an application said that no row keeps.
type Committed struct {
	On   map[string]pricing.Date // the days of its usage, by record ID
	By   map[int64][]string      // the IDs, by revision
	AsOf map[int64]time.Time     // when the application was changed last, by revision
	Paid map[subscription.OrderID]time.Time

	GivenUp map[subscription.OrderID]time.Time // by the world's clock
	Asked   map[Cause]int                      // how many orders there are of each cause
	Rank    map[subscription.OrderID]int       // the order's number among them
	Costs   map[subscription.OrderID]bool
}

// NewCommitted returns what no changes said.
func NewCommitted() *Committed {
	return &Committed{
		On: map[string]pricing.Date{}, By: map[int64][]string{}, AsOf: map[int64]time.Time{},
		Paid: map[subscription.OrderID]time.Time{}, GivenUp: map[subscription.OrderID]time.Time{},
		Asked: map[Cause]int{}, Rank: map[subscription.OrderID]int{}, Costs: map[subscription.OrderID]bool{},
	}
}

// Forgotten is what was lost with changes that no store knows any more.
type Forgotten struct {
	Orders map[subscription.OrderID]LostOrder // that were placed
	// Returned are the orders of which money went back: the gateway still says of their charge that it succeeded.
	Returned map[subscription.OrderID]bool
}

// LostOrder is an order, and its number among those of the same cause.
type LostOrder struct {
	subscription.Order

	Rank int
}

// Order returns an order that is lost, if it is.
func (f *Forgotten) Order(id subscription.OrderID) (LostOrder, bool) {
	if f == nil {
		return LostOrder{}, false
	}
	o, ok := f.Orders[id]
	return o, ok
}
