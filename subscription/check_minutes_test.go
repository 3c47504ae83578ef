package subscription_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// Every change of minutes passes Check. Each one, once tampered with, is refused with the number of the broken
// invariant.
// Rule: lots-add-up.
func TestCheckOfMinutes(t *testing.T) {
	m := newMeter(t)
	named := map[string]recorded{}
	name := func(s string) { named[s] = m.store.last() }
	m.must(topUp("call-50"))
	name("topped up")
	m.must(subscription.ClaimFree{Free: "starter"})
	name("claimed")
	m.must(buy("call", "small"))
	m.use(m.used("audio", 25), m.used("hd", 2))
	name("used")
	m.must(m.hold("a", 5))
	name("reserved")
	m.must(m.hold("a", 5))
	name("extended")
	m.must(m.hold("b", 1))
	name("another")
	u := m.used("hd", 3)
	m.must(subscription.Release{ID: "a", Used: &u})
	name("committed")
	m.must(subscription.Release{ID: "b"})
	name("released")
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	name("exceeded")
	live := m.must(buy("live", "lite"))
	m.must(subscription.ReturnPackage{Order: live.Receipt.OrderID})
	named["given back"] = m.store.changes[len(m.store.changes)-2] // the last one is the refund's
	untampered(t, named)
	last := func(c *subscription.Change) *subscription.Lot { return &c.Next.Lots[len(c.Next.Lots)-1] }
	for _, tt := range []struct {
		invariant, name, change string
		doctor                  func(c *subscription.Change)
	}{
		{"1", "minutes taken without an entry", "used", func(c *subscription.Change) { c.Entries = c.Entries[:1] }},
		{"1", "an entry that takes nothing", "used", func(c *subscription.Change) { c.Entries[0].Quantity = 0 }},
		{"1", "an entry that gives", "used", func(c *subscription.Change) { c.Entries[0].Quantity *= -1 }},
		{"1", "an entry of more than was taken", "used", func(c *subscription.Change) { c.Entries[0].Quantity++ }},
		{"1", "an entry of another lot", "used", func(c *subscription.Change) { c.Entries[0].Lot = c.Entries[1].Lot }},
		{"1", "an entry of no lot", "used", func(c *subscription.Change) { c.Entries[0].Lot = 99 }},
		{"1", "an entry of no kind", "used", func(c *subscription.Change) { c.Entries[0].Kind = "lost" }},
		{"1", "minutes that come back", "used", func(c *subscription.Change) { last(c).Consumed--; last(c).Remaining++ }},
		{"1", "more taken than there is", "used", func(c *subscription.Change) {
			c.Entries[0].Quantity += subscription.Minutes(1000)
		}},
		{"1", "minutes that expire in a lot that stays", "used", func(c *subscription.Change) {
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, Index: len(c.Entries), At: m.now, Kind: subscription.EntryExpired, Lot: last(c).ID, Quantity: 1,
			})
			last(c).Remaining--
		}},
		{"1", "minutes that are refunded, and granted less", "used", func(c *subscription.Change) {
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, Index: len(c.Entries), At: m.now, Kind: subscription.EntryRefunded, Lot: last(c).ID, Quantity: 1,
			})
			last(c).Remaining--
			last(c).Granted--
		}},
		{"1", "given back with less than there was", "given back", func(c *subscription.Change) { c.Entries[0].Quantity-- }},
		{"1", "given back with more than there was", "given back", func(c *subscription.Change) { c.Entries[0].Quantity++ }},
		{"1", "given back and left in the document", "given back", func(c *subscription.Change) {
			l := named["given back"].base.Lots[len(named["given back"].base.Lots)-1]
			l.Remaining = 0
			c.Next.Lots = append(c.Next.Lots, l)
		}},
		{"1", "a lot that vanishes", "used", func(c *subscription.Change) { c.Next.Lots = c.Next.Lots[1:] }},
		{"1", "a record twice", "used", func(c *subscription.Change) { c.Records = append(c.Records, c.Records[0]) }},
		{"1", "reserved without a reservation", "reserved", func(c *subscription.Change) { c.Next.Reservations = nil }},
		{"1", "a reservation of more", "reserved", func(c *subscription.Change) { c.Next.Reservations[0].Parts[0].Quantity++ }},
		{"1", "a reservation of nothing", "reserved", func(c *subscription.Change) { c.Next.Reservations[0].Parts[0].Quantity = 0 }},
		{"1", "a reservation of another lot", "extended", func(c *subscription.Change) { c.Next.Reservations[0].Parts[0].Lot = 99 }},
		{"1", "a part of no lot besides", "extended", func(c *subscription.Change) {
			r := &c.Next.Reservations[0]
			r.Parts = append(r.Parts, subscription.ReservedPart{Lot: 99, Quantity: 1})
		}},
		{"1", "one reservation as two", "another", func(c *subscription.Change) { c.Next.Reservations[1].ID = "a" }},
		{"1", "committed and still held", "committed", func(c *subscription.Change) {
			c.Next.Reservations = append(c.Next.Reservations, c.Next.Reservations[0])
			c.Next.Reservations[1].ID = "a"
		}},
		{"1", "released and not given back", "released", func(c *subscription.Change) { c.Entries = nil }},
		{"1", "given back and kept", "given back", func(c *subscription.Change) { c.Entries = nil }},
		{"6", "usage without an event", "exceeded", func(c *subscription.Change) { c.Events = nil }},
		{"7", "a top-up of more than was paid for", "topped up", func(c *subscription.Change) {
			c.Entries[0].Quantity++
			last(c).Granted++
			last(c).Remaining++
		}},
		{"7", "a top-up without its order", "topped up", func(c *subscription.Change) { last(c).Order = "1-0" }},
		{"7", "free minutes without a claim", "claimed", func(c *subscription.Change) { c.Next.Free = nil }},
		{"7", "free minutes of another claim", "claimed", func(c *subscription.Change) { last(c).Free = "welcome" }},
		{"7", "free minutes twice", "claimed", func(c *subscription.Change) {
			c.Next.LastLot++
			e, l := c.Entries[0], *last(c)
			e.Lot, e.Index, l.ID = c.Next.LastLot, 1, c.Next.LastLot
			c.Entries, c.Next.Lots = append(c.Entries, e), append(c.Next.Lots, l)
		}},
		{"7", "a cycle that was granted before", "used", func(c *subscription.Change) {
			c.Next.LastLot++
			l := c.Next.Lots[1]
			e := subscription.Entry{Application: app, Revision: c.Base + 1, Index: len(c.Entries), Kind: subscription.EntryGranted,
				Lot: c.Next.LastLot, Quantity: l.Granted, At: m.now}
			l.ID, l.Remaining, l.Consumed = c.Next.LastLot, l.Granted, 0
			c.Entries, c.Next.Lots = append(c.Entries, e), append(c.Next.Lots, l)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := named[tt.change]
			c := r.change.Clone()
			tt.doctor(&c)
			err := c.Check(r.base)
			if !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), "broken: "+tt.invariant+":") {
				t.Errorf("Check = %v, want invariant %s", err, tt.invariant)
			}
		})
	}
}

// Invariant 7: pay-as-you-go stays on, claims stay claimed, and the amount owed is never negative.
// Rule: pay-as-you-go-stays-on.
func TestPayAsYouGoAndClaimsStay(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(subscription.EnablePayAsYouGo{Currency: "USD"})
	m.must(subscription.ClaimFree{Free: "starter"})
	m.use(m.used("audio", 1))
	for name, edit := range map[string]func(a *subscription.Application){
		"pay-as-you-go off":    func(a *subscription.Application) { a.PayAsYouGo = subscription.PayAsYouGo{} },
		"another currency":     func(a *subscription.Application) { a.PayAsYouGo.Currency = "EUR" },
		"claims forgotten":     func(a *subscription.Application) { a.Free = nil },
		"more free minutes":    func(a *subscription.Application) { a.Free[0].Minutes *= 100 },
		"negative excess":      func(a *subscription.Application) { a.Counters[0].Excess = -1 },
		"an order there isn't": func(a *subscription.Application) { a.Counters[0].Order = "1-x" },
		"a lot's claim":        func(a *subscription.Application) { a.Lots[1].Free = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			base := m.stored()
			d := subscription.Begin(subscription.Snapshot{Application: base}, m.now)
			edit(&d.Application)
			d.AddEvent(subscription.Event{Type: subscription.EventAccepted})
			fails(t, d.Change().Check(base), subscription.ErrInvariant)
		})
	}
}
