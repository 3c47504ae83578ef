package audit

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// minutes is the state computed from events about minutes.
type minutes struct {
	overdrawn

	lots    map[subscription.LotID]bool // lots that can be spent
	lastLot subscription.LotID
	back    map[subscription.LotID]subscription.Quantity // taken back, less what was returned
	open    map[string]bool                              // reservations
	topUps  map[subscription.OrderID]int
	used    map[int64]subscription.Quantity // by revision
	claimed position                        // of the free minutes, starting at their claim
	claims  int
	cycles  int
	payg    pricing.Currency
	paygAt  time.Time
	arrears arrears
	counted map[string]bool      // the records that the store contains
	usedAt  map[string]time.Time // when the minutes of each sent record were used
	sent    map[string]subscription.Usage

	forgiven, corrected subscription.Quantity // what the events sum up
}

// arrears is unpaid usage, as the events report it.
type arrears struct{ since, stopped time.Time }

// freeCycles is the number of months for which free minutes are granted, and freeMinutes the number in each.
const (
	freeCycles  = 3
	freeMinutes = 100
)

// minuteEvent applies an event about minutes, and reports whether it is one.
func (b *book) minuteEvent(e *subscription.Event) bool {
	if b.overdraftEvent(e) {
		return true
	}
	switch e.Type { //nolint:exhaustive // the others aren't about minutes
	case subscription.EventLotGranted:
		b.lotGranted(e)
	case subscription.EventLotExpired, subscription.EventLotSpent:
		b.lotEnded(e)
	case subscription.EventLotRefunded:
		b.lotTaken(e)
	case subscription.EventLotReinstated:
		b.lotReinstated(e)
	case subscription.EventLotReturned:
		b.lotReturned(e)
	case subscription.EventForgiven:
		b.minutes.forgiven += e.Quantity
	case subscription.EventCorrected:
		b.minutes.corrected += e.Quantity
	case subscription.EventUsed:
		b.minutes.used[e.Revision] += e.Quantity
		b.whileStopped(e)
	case subscription.EventReserved:
		b.minutes.open[e.Note] = true
	case subscription.EventReleased:
		if !b.minutes.open[e.Note] {
			b.audit.violatef("minutes", b.id, "reservation %s ends, and wasn't open", e.Note)
		}
		delete(b.minutes.open, e.Note)
	case subscription.EventFreeClaimed:
		if !b.arrears.since.IsZero() {
			b.audit.violatef("arrears", b.id, "free minutes are given while usage isn't paid since %s", b.arrears.since)
		}
		b.claims++
		at := e.At.In(b.zone())
		b.claimed = position{
			term: pricing.Months(1), anchor: time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()),
		}
	case subscription.EventPayAsYouGo:
		if b.payg != "" {
			b.violatef("pay-as-you-go is turned on again")
		}
		b.payg, b.paygAt = pricing.Currency(e.Note), e.At
	case subscription.EventArrears:
		b.arrears = arrears{since: e.At}
	case subscription.EventArrearsStop:
		if b.reversed(e.Revision) {
			if b.arrears.since.IsZero() {
				b.arrears.since = e.At
			}
		} else if due := b.arrears.since.Add(arrearsTime); !b.inTime(e, due) || !b.arrears.stopped.IsZero() {
			b.audit.violatef("arrears", b.id, "interrupted at %s, want %s", e.At.Format(time.RFC3339), due.Format(time.RFC3339))
		}
		b.arrears.stopped = e.At
	case subscription.EventArrearsPaid:
		b.arrears = arrears{}
	default:
		return false
	}
	return true
}

// arrearsTime is how long the service continues after a charge for usage has failed.
const arrearsTime = 24 * time.Hour

// zone returns the catalog's time zone.
func (b *book) zone() *time.Location {
	loc, err := time.LoadLocation(b.audit.Catalog.Zone().Name())
	if err != nil {
		b.audit.violatef("simulation", b.id, "%v", err)
		return time.UTC
	}
	return loc
}

// whileStopped checks that usage during an interruption of the service isn't counted, but for what a reservation's release
// says.
func (b *book) whileStopped(e *subscription.Event) {
	if b.arrears.stopped.IsZero() || e.Note != "" {
		return
	}
	recorded := b.audit.Recorded[b.id]
	if recorded == nil {
		return
	}
	for _, id := range recorded.By[e.Revision] {
		if at, known := b.usedAt[id]; known && !at.Before(b.arrears.stopped) {
			b.audit.violatef("arrears", b.id, "usage of %s is counted, while interrupted since %s", at, b.arrears.stopped)
		}
	}
}

// lotGranted checks that a lot was paid for or is free: it must be the next grant of a subscription, the grant of a
// top-up, or a cycle of a claim.
func (b *book) lotGranted(e *subscription.Event) {
	h := b.subscriptions[e.Subscription]
	top := Grant(b.rows[e.Order])
	switch paid := b.status[e.Order] == subscription.OrderPaid; {
	case h != nil && paid && len(h.grants) > 0 && h.grants[0] == e.Quantity:
		h.grants = h.grants[1:]
		h.lots = append(h.lots, e.Lot)
	case e.Subscription == "" && paid && top != nil && subscription.Minutes(top.Minutes) == e.Quantity && b.topUps[e.Order] == 0:
		b.topUps[e.Order]++
	case e.Subscription == "" && e.Order == "" && b.claims == 1 && b.cycles < freeCycles && e.Quantity == subscription.Minutes(freeMinutes):
		if due := b.claimed.nth(b.cycles, b.zone()); b.cycles > 0 && !b.inTime(e, due) {
			b.audit.violatef("minutes", b.id, "free cycle %d begins at %s, want %s", b.cycles+1, e.At, due)
		}
		b.cycles++
	default:
		b.audit.violatef("minutes", b.id, "lot %d of %s minutes is granted to %q by order %q, which is %s, and wasn't due",
			e.Lot, e.Quantity, e.Subscription, e.Order, b.status[e.Order])
		return
	}
	b.opensLot(e)
}

// lotReturned checks that a lot is what a correction returned, by its entry.
func (b *book) lotReturned(e *subscription.Event) {
	if a := b.ledger.lots[e.Lot]; a == nil || !a.returned || a.granted != e.Quantity || e.Order != "" || e.Subscription != "" {
		b.violatef("lot %d of %s is returned; by its entries it is %+v", e.Lot, e.Quantity, a)
	}
	b.opensLot(e)
}

func (b *book) opensLot(e *subscription.Event) {
	if e.Lot != b.lastLot+1 {
		b.violatef("lot %d follows %d", e.Lot, b.lastLot)
	}
	b.lastLot = e.Lot
	b.lots[e.Lot] = true
}

// lotEnded checks that a lot ends with the balance in its ledger entries.
func (b *book) lotEnded(e *subscription.Event) {
	a := b.ledger.lots[e.Lot]
	switch {
	case !b.lots[e.Lot] || a == nil:
		b.violatef("lot %d ends, and there is none", e.Lot)
	case e.Type == subscription.EventLotExpired && a.expired != e.Quantity:
		b.violatef("lot %d ends with %s (%s), by its entries with %s", e.Lot, e.Quantity, e.Type, a.expired)
	}
	delete(b.lots, e.Lot)
}

// compareMinutes compares the document's modes, claims, and arrears with those of the events.
func (b *book) compareMinutes() {
	app := &b.document
	if app.PayAsYouGo.Currency != b.payg || !app.Arrears.Since.Equal(b.arrears.since) ||
		app.Arrears.Interrupted == b.arrears.stopped.IsZero() {
		b.violatef("pay-as-you-go %+v, arrears %+v; by the events %q, %+v", app.PayAsYouGo, app.Arrears, b.payg, b.arrears)
	}
	due := 0
	until := b.audit.Now.Add(-time.Hour)
	if closed := app.ClosedAt; !closed.IsZero() && closed.Before(until) {
		until = closed // claims end with it
	}
	for due < freeCycles && b.claims > 0 && !b.claimed.nth(due, b.zone()).After(until) {
		due++
	}
	if len(app.Free) != b.claims || b.cycles < due {
		b.audit.violatef("minutes", b.id, "%d claims with %d cycles, by the events %d, by the calendar %d",
			len(app.Free), b.cycles, b.claims, due)
	}
	for revision, quantity := range b.ledger.moved {
		if b.used[revision] != quantity {
			b.violatef("revision %d took %s minutes, by its events %s", revision, quantity, b.used[revision])
		}
	}
}

// Grant returns the minutes that an order itself delivers, or nil if it delivers none.
func Grant(o subscription.Order) *subscription.GrantDelivery {
	for _, d := range o.Deliveries {
		if d.Grant != nil {
			return d.Grant
		}
	}
	return nil
}
