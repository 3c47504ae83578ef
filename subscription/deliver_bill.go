package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Bill is what a paid order of usage settles: the excess of one day.
type Bill struct {
	Day     pricing.Date `json:"day"`              // the first one
	Through pricing.Date `json:"through,omitzero"` // the last one; zero: there is one day
	Until   time.Time    `json:"until,omitzero"`   // the end of the last day, after which usage counts for others
}

func (b *Bill) possible(*Draft, Zones) error { return nil }

func (b *Bill) obstacle(*Application, time.Time) string { return "" }

// give drops the counters of a day that is paid, and ends arrears when nothing more is owed of the days
// that couldn't be collected.
func (b *Bill) give(d *Draft, o *Order, _ Zones) error {
	d.dropCounters(func(c *Counter) bool {
		// An order of zero is delivered before the counters have its ID.
		return c.Day == b.Day && c.Excess > 0 && (c.Order == o.ID || c.Order == "" && o.Amount.Sign() == 0)
	})
	d.endArrears(o)
	return nil
}

func (b *Bill) given(c *Change, order OrderID) bool {
	return !slices.ContainsFunc(c.Next.Counters, func(x Counter) bool { return x.Order == order })
}

func (b *Bill) digest(h *digester) {
	h.text("bill")
	h.number(int64(b.Day))
}

func (b *Bill) size() int { return 0 }

func (b *Bill) growth() int { return 0 }

func (b *Bill) equal(d Delivery) bool { return d.Bill != nil && *b == *d.Bill }

func (b *Bill) clone() Delivery {
	c := *b
	return Delivery{Bill: &c}
}
