package audit

import (
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// agreed is what was agreed for the periods of a subscription that aren't paid for, as its events say.
type agreed struct {
	planned known[bool]
	version pricing.VersionID // of the change at renewal
	term    string
	chosen  int64 // the revision in which it was

	deal  known[bool]
	terms string // of the deal: version and term
	price pricing.Money
	left  int   // negative: for good, or not known
	dealt int64 // the revision in which the deal came or went, other than by being used up
}

// agreedEvent follows a change at renewal or a deal. What was erased isn't known.
func (b *book) agreedEvent(h *history, e *subscription.Event) {
	f := Finding{Kind: Agreed, Subscription: h.id}
	switch e.Type { //nolint:exhaustive // the others have nothing to do with it
	case subscription.EventChangePlanned:
		h.planned.set(true)
		h.version, h.term, h.chosen = e.Version, e.Note, e.Revision
	case subscription.EventChangeDropped, subscription.EventChanged:
		if h.planned.ok && !h.planned.is {
			b.addf(f, "a change at renewal is over at revision %d, and none was planned", e.Revision)
		}
		h.planned.set(false)
	case subscription.EventDeal:
		h.deal.set(true)
		term, rest, _ := strings.Cut(e.Note, ", ")
		h.terms, h.price, h.dealt = string(e.Version)+" "+term, e.Amount, e.Revision
		if n, err := fmt.Sscanf(rest, "%d further period", &h.left); n != 1 || err != nil || e.Note == "" {
			h.left = -1
		}
	case subscription.EventDealEnded:
		if h.deal.ok && !h.deal.is {
			b.addf(f, "a deal ends at revision %d, and there was none", e.Revision)
		}
		if h.left != 0 {
			h.dealt = e.Revision
		}
		h.deal.set(false)
	}
}

// charged checks that a period is paid for at the terms that were agreed before its order was placed.
func (b *book) charged(h *history, e *subscription.Event) {
	o := b.orders.all[e.Order]
	x := o.extension()
	if x == nil || !h.opened || x.Imported != nil {
		return
	}
	f := Finding{Kind: Agreed, Subscription: h.id, Order: e.Order}
	is := string(e.Version) + " " + x.Term.String()
	erased := !b.app.ErasedAt.IsZero()
	n := o.told.periods
	o.told.periods++
	if want := string(h.version) + " " + h.term; h.planned.is && h.chosen < o.told.at && n == 0 && !erased && is != want {
		b.addf(f,
			"a period of %s is paid for at revision %d, and a change to %s was planned at revision %d", is, e.Revision, want, h.chosen)
	}
	dealt := x.Dealt && (x.Beyond == nil || n < x.Count-x.Beyond.Count)
	switch {
	case !h.deal.is || h.terms != is || erased:
	case !dealt && !x.Dealt && h.left != 0 && o.told.at > h.dealt && !x.Open:
		b.addf(f, "%s is paid for at %s at revision %d, although %s was agreed", e.Period, e.Amount, e.Revision, h.price)
	case dealt && h.left > 0:
		h.left--
	case dealt && h.left == 0 && o.told.at > h.dealt:
		b.addf(f, "%s is paid for by a deal at revision %d, and no period was left of it", e.Period, e.Revision)
	}
}

// compareAgreed compares what is agreed with the document.
func (b *book) compareAgreed(s *subscription.Subscription, h *history) {
	f := Finding{Kind: Agreed, Subscription: s.ID}
	switch {
	case h.planned.ok && h.planned.is != (s.Planned != nil):
		b.addf(f, "it changes at renewal: %t, by its events: %t", s.Planned != nil, h.planned.is)
	case h.planned.is && s.Planned.Version != h.version:
		b.addf(f, "it becomes %s at renewal, by its events %s", s.Planned.Version, h.version)
	case h.deal.ok && h.deal.is != (s.Deal != nil):
		b.addf(f, "it has a deal: %t, by its events: %t", s.Deal != nil, h.deal.is)
	case h.deal.is && h.price != (pricing.Money{}) && s.Deal.Price != h.price:
		b.addf(f, "its deal is at %s, by its events at %s", s.Deal.Price, h.price)
	case h.deal.is && h.opened && h.left > 0 && s.Deal.Left != h.left && b.app.ErasedAt.IsZero():
		b.addf(f, "%d periods are left of its deal, by its events %d", s.Deal.Left, h.left)
	}
}

// extension returns the periods that the order delivers, or nil if it delivers none or there is no order.
func (o *order) extension() *subscription.ExtendDelivery {
	if o == nil {
		return nil
	}
	for i := range o.Deliveries {
		if e := o.Deliveries[i].Extend; e != nil {
			return e
		}
	}
	return nil
}
