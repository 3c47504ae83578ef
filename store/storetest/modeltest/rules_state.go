package modeltest

import (
	"maps"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// model is one application according to the rules, without using the library. It has its own lots, counters,
// reservations and calendar, and measures quantities in thousandths of a package minute.
type model struct {
	zone     *time.Location
	now      time.Time
	lots     []lot // all lots ever granted; the index is the ID minus one
	counters []counter
	seen     map[string]subscription.Usage // the counted records
	held     []holding
	claims   []claim
	subs     map[pricing.ProductID]contract
	paygo    time.Time // start of pay-as-you-go; zero: excess usage is refused
	taken    map[use]int64
	takes    bool // what is left, and forgives the rest, instead of refusing a record that doesn't fit
}

// lot is a grant of minutes.
type lot struct {
	source            subscription.Source
	products          []pricing.ProductID
	sub               string // the subscription of the lot; "" for packs and free minutes
	start, end        time.Time
	at                time.Time // of the grant
	granted, left     int64
	held, used        int64
	expired, refunded int64
	closed            bool
}

// whole reports whether every minute is accounted for.
func (l *lot) whole() bool {
	return l.granted == l.left+l.held+l.used+l.expired+l.refunded &&
		min(l.granted, l.left, l.held, l.used, l.expired, l.refunded) >= 0
}

// counter is the usage of one kind of a product on one day.
type counter struct {
	product pricing.ProductID
	kind    pricing.UsageKindID
	day     string
	closes  time.Time
	seconds int64
	excess  int64 // unpaid
	// What else became of the minutes: forgiven, taken from lots that count by weight, and from free ones; and the latest end
	// of those lots.
	forgiven, paid, free int64
	until                time.Time
}

// holding is an open reservation.
type holding struct {
	id      string
	product pricing.ProductID
	kind    pricing.UsageKindID
	minutes int64
	until   time.Time
	parts   map[int]int64 // by lot
}

// claim is a claimed grant of free minutes.
type claim struct {
	free   pricing.FreeGrantID
	day    time.Time // of the claim
	begun  int
	nextAt time.Time // zero after the last cycle
}

// contract is the latest subscription to a product, with a single period.
type contract struct {
	id         string
	order      [2]subscription.OrderID // of the purchase, in each world
	bought     time.Time
	version    pricing.VersionID
	upgraded   bool
	renews     bool
	refunded   bool
	start, end time.Time
}

// use identifies minutes taken from a lot, by product, kind and day.
type use struct {
	lot     int
	product pricing.ProductID
	kind    pricing.UsageKindID
	day     string
}

func newModel(zone *time.Location, now time.Time) *model {
	return &model{
		zone: zone, now: now,
		seen: map[string]subscription.Usage{}, subs: map[pricing.ProductID]contract{}, taken: map[use]int64{},
	}
}

// clone returns a copy for tentative changes.
func (m *model) clone() *model {
	c := *m
	c.lots, c.counters, c.claims = slices.Clone(m.lots), slices.Clone(m.counters), slices.Clone(m.claims)
	c.seen, c.subs, c.taken = maps.Clone(m.seen), maps.Clone(m.subs), maps.Clone(m.taken)
	c.held = slices.Clone(m.held)
	for i := range c.held {
		c.held[i].parts = maps.Clone(m.held[i].parts)
	}
	return &c
}

// grant opens a lot and returns its index.
func (m *model) grant(l lot) int {
	l.left = l.granted
	m.lots = append(m.lots, l)
	m.repay(len(m.lots) - 1)
	return len(m.lots) - 1
}

// minutes returns the remaining minutes for a product.
func (m *model) minutes(product pricing.ProductID) int64 {
	var sum int64
	for i := range m.lots {
		if l := &m.lots[i]; l.covers(product, m.now) {
			sum += l.left
		}
	}
	return sum
}

// status returns the current status of the subscription.
func (m *model) status(c contract) subscription.Status {
	switch {
	case c.refunded:
		return subscription.Refunded
	case m.now.Before(c.end):
		return subscription.Active
	case c.renews && m.now.Before(c.end.Add(graceTime)):
		return subscription.PastDue
	case c.renews:
		return subscription.Interrupted // nobody attempts the promised renewal, so the subscription doesn't expire
	case m.now.Before(c.end.Add(graceTime + retention)):
		return subscription.Ended
	}
	return subscription.Expired
}
