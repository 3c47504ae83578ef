package modeltest

import (
	"maps"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// model is one application, kept by the rules and by nothing of the library: its own lots, counters,
// reservations and calendar, in quantities of thousandths of a package minute.
type model struct {
	zone     *time.Location
	now      time.Time
	lots     []lot // all that were ever granted; the index is the ID less one
	counters []counter
	seen     map[string]subscription.Usage // the records that were counted
	held     []holding
	claims   []claim
	subs     map[pricing.ProductID]contract
	paygo    time.Time // since when usage can exceed; zero: it can't
	taken    map[use]int64
}

// lot is a grant of minutes.
type lot struct {
	source            subscription.Source
	products          []pricing.ProductID
	sub               string // that it belongs to, "" for packs and free minutes
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

// counter is what was used of one kind of a product on one day.
type counter struct {
	product pricing.ProductID
	kind    pricing.UsageKindID
	day     string
	closes  time.Time
	seconds int64
	excess  int64 // that isn't paid
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

// contract is the latest subscription to a product, of a single period.
type contract struct {
	id         string
	order      [2]subscription.OrderID // of the purchase, in either world
	bought     time.Time
	version    pricing.VersionID
	upgraded   bool
	renews     bool
	refunded   bool
	start, end time.Time
}

// use is what a lot can be used for.
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

// clone returns a copy to try something on.
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
	return len(m.lots) - 1
}

// minutes returns what is left for a product now.
func (m *model) minutes(product pricing.ProductID) int64 {
	var sum int64
	for i := range m.lots {
		if l := &m.lots[i]; l.covers(product, m.now) {
			sum += l.left
		}
	}
	return sum
}

// status returns what the subscription is now.
func (m *model) status(c contract) subscription.Status {
	switch {
	case c.refunded:
		return subscription.Refunded
	case m.now.Before(c.end):
		return subscription.Active
	case m.now.Before(c.end.Add(graceTime)):
		return subscription.PastDue
	case c.renews || m.now.Before(c.end.Add(graceTime+retention)):
		return subscription.Interrupted // nobody tries the renewal that was promised, so that it doesn't expire
	}
	return subscription.Expired
}
