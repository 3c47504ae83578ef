package audit

import (
	"maps"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// compareStatuses compares where the events lead with the document and the rows.
func (b *book) compareStatuses() {
	l := &b.log
	for _, o := range b.orders.list {
		f := Finding{Kind: Status, Order: o.ID}
		switch {
		case o.told.status != "" && o.told.status != o.Status:
			b.addf(f, "it is %s, by its events %s", o.Status, o.told.status)
		case o.told.status == "" && l.complete && !l.reset:
			b.addf(Finding{Kind: Events, Order: o.ID}, "no event tells of it")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.orders.all)) {
		o := b.orders.all[id]
		gone := o.told.status == subscription.OrderDeclined || o.told.status == subscription.OrderCanceled
		if o.Application == "" && !gone { // only events tell of it
			b.addf(Finding{Kind: Orders, Order: id}, "it is %s by its events, and has no row", o.told.status)
		}
	}
	in := map[subscription.SubscriptionID]*subscription.Subscription{}
	for i := range b.app.Subscriptions {
		s := &b.app.Subscriptions[i]
		in[s.ID] = s
		l.history(s.ID)
	}
	for _, h := range l.list {
		f := Finding{Kind: Status, Subscription: h.id}
		if s := in[h.id]; s != nil {
			b.compareHistory(s, h)
		} else if h.status != "" && !h.status.Over() {
			b.addf(f, "it is %s by its events, and isn't in the document", h.status)
		} else if h.row != "" && h.status != "" && h.row != h.status {
			b.addf(f, "its row says %s, and its events %s", h.row, h.status)
		}
	}
	if l.complete && !l.reset {
		b.compareApplication()
	}
}

// compareApplication compares where all of the events lead with what the document says of the application itself.
func (b *book) compareApplication() {
	l := &b.log
	switch {
	case (l.closed != 0) != !b.app.ClosedAt.IsZero():
		b.addf(Finding{Kind: Status}, "it was closed at %s, by its events: %t", stamp(b.app.ClosedAt), l.closed != 0)
	case (l.erased != 0) != !b.app.ErasedAt.IsZero():
		b.addf(Finding{Kind: Status}, "it was erased at %s, by its events: %t", stamp(b.app.ErasedAt), l.erased != 0)
	case l.payg != (b.app.PayAsYouGo.Currency != ""):
		b.addf(Finding{Kind: Status}, "pay-as-you-go is in %q, by its events it is on: %t", b.app.PayAsYouGo.Currency, l.payg)
	}
	for i := range b.app.Reservations {
		if id := b.app.Reservations[i].ID; !l.open[id] {
			b.addf(Finding{Kind: Status}, "reservation %.80q is open, and not by its events", id)
		}
		delete(l.open, b.app.Reservations[i].ID)
	}
	for _, id := range slices.Sorted(maps.Keys(l.open)) {
		b.addf(Finding{Kind: Status}, "reservation %.80q is open by its events, and isn't in the document", id)
	}
}

// compareHistory compares a subscription of the document with its events.
func (b *book) compareHistory(s *subscription.Subscription, h *history) {
	b.compareAgreed(s, h)
	f := Finding{Kind: Status, Subscription: s.ID}
	differs := func(k known[bool], is bool) bool { return k.ok && k.is != is }
	switch {
	case h.status != "" && h.status != s.Status:
		b.addf(f, "it is %s, by its events %s", s.Status, h.status)
	case h.status == "" && b.log.complete && !b.log.reset:
		b.addf(Finding{Kind: Events, Subscription: s.ID}, "no event tells of it")
	case h.has != "" && h.has != s.Version():
		b.addf(f, "it is of %s, by its events of %s", s.Version(), h.has)
	case differs(h.renews, s.AutoRenew) && (s.AutoRenew || s.Status != subscription.Refunded): // of those, old events don't tell
		b.addf(f, "it renews itself: %t, by its events: %t", s.AutoRenew, h.renews.is)
	case differs(h.out, s.OutOfService):
		b.addf(f, "it is out of service: %t, by its events: %t", s.OutOfService, h.out.is)
	case !h.until.IsZero() && !h.until.Equal(s.End()):
		b.addf(Finding{Kind: Period, Subscription: s.ID}, "it is paid until %s, by its events until %s", stamp(s.End()), stamp(h.until))
	}
}

// explained checks a change of which all events are kept: each delivery has its payment, and each movement its event.
func (b *book) explained(c *change) {
	b.movements(c)
	paid := map[subscription.OrderID]*order{}
	for i := range c.events {
		if e := &c.events[i]; e.Type == subscription.EventOrderPaid {
			o := b.orders.all[e.Order]
			if paid[e.Order] = o; !o.PaidAt.Equal(e.At) && !o.legacy() {
				b.addf(Finding{Kind: Payment, Order: e.Order}, "it was paid at %s, by its event at %s", stamp(o.PaidAt), stamp(e.At))
			}
		}
	}
	given := map[subscription.OrderID]*gave{}
	of := func(id subscription.OrderID) *gave {
		if given[id] == nil {
			given[id] = &gave{}
		}
		return given[id]
	}
	for i := range c.events {
		switch e := &c.events[i]; e.Type { //nolint:exhaustive // the others give nothing
		case subscription.EventPeriodPaid:
			of(e.Order).periods++
		case subscription.EventUpgraded:
			if !c.tells(subscription.EventReinstated, e.Order) {
				of(e.Order).upgrades++
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(given)) {
		if paid[id] == nil {
			b.addf(Finding{Kind: Delivery, Order: id}, "it delivers %d periods and %d upgrades at revision %d, and isn't paid then",
				given[id].periods, given[id].upgrades, c.revision)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(paid)) {
		b.delivers(paid[id], of(id), c.revision)
	}
}

// movements checks that each movement of minutes has its event.
func (b *book) movements(c *change) {
	var used, told subscription.Quantity
	for i := range c.events {
		if e := &c.events[i]; e.Type == subscription.EventUsed {
			told += e.Quantity
		}
	}
	for i := range c.entries {
		e := &c.entries[i]
		is := b.ledger.lots[e.Lot]
		switch {
		case e.Kind == subscription.EntryConsumed && e.Usage != "":
			used += e.Quantity
		case e.Kind == subscription.EntryGranted:
			if !c.about(subscription.EventLotGranted, e.Lot) && !c.about(subscription.EventLotReturned, e.Lot) {
				b.addf(Finding{Kind: Events, Lot: e.Lot, Order: e.Order}, "%s are granted at revision %d, and no event tells of it",
					e.Quantity, e.Revision)
			}
		case e.Kind == subscription.EntryExpired && !is.Overdraft && !c.about(subscription.EventLotExpired, e.Lot):
			b.addf(Finding{Kind: Events, Lot: e.Lot}, "%s expire at revision %d, and no event tells of it", e.Quantity, e.Revision)
		case e.Kind == subscription.EntryRefunded && !c.about(subscription.EventLotRefunded, e.Lot),
			e.Kind == subscription.EntryReinstated && !c.about(subscription.EventLotReinstated, e.Lot):
			b.addf(Finding{Kind: Events, Lot: e.Lot},
				"%s are %s at revision %d, and no event tells of it", e.Quantity, e.Kind, e.Revision)
		}
	}
	if used != told {
		b.addf(Finding{Kind: Events}, "%s were used at revision %d, by its events %s", used, c.revision, told)
	}
}

// about reports whether the change has an event of a type about a lot.
func (c *change) about(t subscription.EventType, l subscription.LotID) bool {
	return slices.ContainsFunc(c.events, func(e subscription.Event) bool { return e.Type == t && e.Lot == l })
}
