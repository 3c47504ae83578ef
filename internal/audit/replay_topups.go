package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// autoTopUp is the automatic top-up of a product, as computed from the events.
type autoTopUp struct {
	on      bool
	limit   int
	number  int                  // of orders placed so far
	since   time.Time            // the start of the period in which orders are counted
	bought  int                  // orders paid in it
	stopped subscription.OrderID // declined for good, until another payment method is reported
	changed bool                 // one was reported since the last order was placed
}

func topsUp(o subscription.Order) bool {
	_, automatic := o.AutoTopUp()
	return automatic
}

// topUpEvent follows automatic top-ups. They order only while they are on, one order at a time, at most so many in a period,
// and none after a hard decline until the payment method is changed.
func (b *book) topUpEvent(e *subscription.Event) {
	switch e.Type { //nolint:exhaustive // the others don't concern them
	case subscription.EventAutoTopUpOn:
		s := b.autoTopUp(e.Product)
		s.on, s.limit = true, limitOf(e.Note)
	case subscription.EventAutoTopUpOff:
		b.autoTopUp(e.Product).on = false
	case subscription.EventPaymentMethod, subscription.EventAccountChanged:
		b.resumeTopUps()
	}
	o := b.rows[e.Order]
	if e.Type == subscription.EventOrderPaid && o.Present && o.Amount.Sign() > 0 {
		b.resumeTopUps()
	}
	if !topsUp(o) {
		return
	}
	s := b.autoTopUp(o.Product)
	switch e.Type { //nolint:exhaustive // the others don't concern them
	case subscription.EventOrderPlaced:
		b.placedTopUp(s, &o, e.At)
	case subscription.EventOrderPaid:
		b.startPeriod(s, o.Product, e.At)
		s.bought++
	case subscription.EventOrderDeclined:
		if e.Reason.Hard() && !s.changed {
			s.stopped = o.ID
		}
	}
}

func (b *book) autoTopUp(product pricing.ProductID) *autoTopUp {
	if b.autoTopUps[product] == nil {
		b.autoTopUps[product] = &autoTopUp{}
	}
	return b.autoTopUps[product]
}

// limitOf returns the limit that an event tells at the end of its note, unless the note was erased.
func limitOf(note string) (n int) {
	if note == "" {
		return math.MaxInt
	}
	_, limit, _ := strings.Cut(note, "at most ")
	_, _ = fmt.Sscan(limit, &n) // 0 if there is none, and then nothing may be ordered
	return n
}

func (b *book) resumeTopUps() {
	for _, s := range b.autoTopUps {
		s.stopped, s.changed = "", true
	}
}

// placedTopUp checks an automatic order that was placed.
func (b *book) placedTopUp(s *autoTopUp, o *subscription.Order, at time.Time) {
	b.startPeriod(s, o.Product, at)
	s.number++
	s.changed = false
	if want := fmt.Sprintf("-%d", s.number); !strings.HasSuffix(string(o.ID), want) {
		b.audit.violatef("top-up", b.id, "order %s is the automatic top-up %d of %s", o.ID, s.number, o.Product)
	}
	switch {
	case !s.on:
		b.audit.violatef("top-up", b.id, "order %s is placed while the automatic top-up of %s is off", o.ID, o.Product)
	case s.stopped != "":
		b.audit.violatef("top-up", b.id, "order %s is placed after the hard decline of %s", o.ID, s.stopped)
	case s.bought >= s.limit:
		b.audit.violatef("top-up", b.id, "order %s is placed after %d were bought since %s, at most %d may be",
			o.ID, s.bought, Stamp(s.since), s.limit)
	}
	for id, status := range b.status {
		if other := b.rows[id]; id != o.ID && status.Blocking() && topsUp(other) &&
			(other.Product == o.Product || slices.Contains(Grant(other).Products, o.Product)) {
			b.audit.violatef("top-up", b.id, "order %s is placed while %s is %s", o.ID, id, status)
		}
	}
}

// startPeriod begins a new count of orders if an instant is in a later period than the last order: the period of the
// product's subscription or, if it has none then, the calendar month.
func (b *book) startPeriod(s *autoTopUp, product pricing.ProductID, at time.Time) {
	local := at.In(b.zone())
	month := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, local.Location())
	start := month
	for _, id := range b.opened {
		h := b.subscriptions[id]
		if h.product != product {
			continue
		}
		start = month
		if h.status.Over() {
			continue
		}
		for _, p := range h.paid {
			if p.period.Contains(at) {
				start = p.period.Start
			}
		}
	}
	if start.After(s.since) {
		s.since, s.bought = start, 0
	}
}
