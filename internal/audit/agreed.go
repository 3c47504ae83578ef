package audit

import (
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// agreed is what was agreed for the periods of a subscription that aren't paid for, as computed from its events.
type agreed struct {
	planned   *terms // the change at renewal
	plannedAt int64  // the revision in which it was chosen
	raisedAt  int64  // the revision of the last upgrade, which was given again if an order was open
	deal      *deal
	dealtAt   int64 // the revision in which the deal, if any, last came or went, other than by being used up
}

// terms are a version and how long a period of it is.
type terms struct {
	version pricing.VersionID
	term    pricing.Term
}

// deal is a price for further periods.
type deal struct {
	terms

	price pricing.Money
	left  int // negative: for good
}

// agreedEvent applies an event about a change at renewal or a deal.
func (b *book) agreedEvent(h *history, e *subscription.Event) {
	switch e.Type { //nolint:exhaustive // the others have nothing to do with it
	case subscription.EventChangePlanned:
		h.planned, h.plannedAt = &terms{e.Version, b.term(e.Note)}, e.Revision
		if !b.changeable(h, h.planned) {
			b.audit.violatef("agreed", b.id, "%s: a change to %s for %s is planned, and no catalog has it", h.id, e.Version, e.Note)
		}
	case subscription.EventChangeDropped:
		if h.planned == nil || h.planned.version != e.Version {
			b.violatef("%s: a change to %s is dropped, and none was planned", h.id, e.Version)
		}
		h.planned = nil
	case subscription.EventChanged:
		if h.planned == nil || *h.planned != (terms{e.Version, b.term(e.Note)}) || h.present() != *h.planned {
			b.violatef("%s changes to %s for %s, and %v was planned", h.id, e.Version, e.Note, h.planned)
		}
		h.planned = nil
	case subscription.EventDeal:
		term, rest, _ := strings.Cut(e.Note, ", ")
		d := &deal{terms: terms{e.Version, b.term(term)}, price: e.Amount, left: -1}
		if !strings.HasPrefix(rest, "for good") {
			if _, err := fmt.Sscanf(rest, "%d further period", &d.left); err != nil || d.left < 1 {
				b.violatef("%s: a deal for %q", h.id, e.Note)
			}
		}
		h.deal, h.dealtAt = d, e.Revision
	case subscription.EventDealEnded:
		if h.deal == nil || h.deal.price != e.Amount {
			b.violatef("%s: a deal of %s ends, and there was none", h.id, e.Amount)
		}
		if h.deal != nil && h.deal.left != 0 {
			h.dealtAt = e.Revision
		}
		h.deal = nil
	default:
	}
}

// changeable reports whether a catalog allows a change at renewal.
func (b *book) changeable(h *history, to *terms) bool {
	for _, c := range b.audit.catalogs() {
		product, err := c.Product(h.product)
		if err != nil || !product.ChangesAtRenewal || len(h.paid) == 0 {
			continue
		}
		if _, err := c.List(h.product, to.version, to.term, h.paid[0].price.Currency()); err == nil {
			return true
		}
	}
	return false
}

// present returns the version and term that were paid for last.
func (h *history) present() terms {
	if n := len(h.paid); n > 0 {
		return terms{h.paid[n-1].version, h.paid[n-1].term}
	}
	return terms{h.version, h.term}
}

// wanted returns the version and term that are to be paid for next.
func (h *history) wanted() terms {
	if h.planned != nil {
		return *h.planned
	}
	return h.present()
}

// checkPaid checks the version, term and price of a period that was paid for. The version and term must be those paid for
// before, or those that were planned. The price must be the one of a deal for as many periods as the deal is for, and
// otherwise that of the list or of an offer.
func (b *book) checkPaid(h *history, e *subscription.Event, extend *subscription.ExtendDelivery) {
	o := b.rows[e.Order]
	is := terms{e.Version, extend.Term}
	n := b.delivered[o.ID]
	b.delivered[o.ID]++
	placed := b.placedAt[o.ID]
	late := h.planned != nil && h.plannedAt >= placed || h.raisedAt >= placed
	if e.Order != h.opening && n == 0 && !late && is != h.wanted() {
		b.audit.violatef("agreed", b.id, "%s: %s for %s is paid for after %v, and %v is planned", h.id, e.Version, extend.Term, h.present(),
			h.planned)
	}
	earlier := b.placedAt[o.ID] <= h.dealtAt // the order was placed by what was agreed before
	dealt := extend.Dealt && (extend.Beyond == nil || n < extend.Count-extend.Beyond.Count)
	switch d := h.deal; {
	case extend.Imported != nil:
	case !dealt:
		if d != nil && d.terms == is && !earlier && !extend.Dealt {
			b.audit.violatef("agreed", b.id, "%s: order %s for %s is at %s, although %s was agreed", h.id, o.ID, e.Period, e.Amount,
				d.price)
		}
		if want, known := b.listed(&o, extend, e); known && e.Amount != want {
			b.audit.violatef("price", b.id, "%s: order %s has %s at %s, want %s", h.id, o.ID, e.Version, e.Amount, want)
		}
	case !earlier && (d == nil || d.terms != is || d.left == 0 || !b.atDeal(&o, d, e.Amount)):
		b.audit.violatef("agreed", b.id, "%s: order %s for %s is at %s by a deal, and %+v is agreed", h.id, o.ID, e.Period, e.Amount, d)
	case d != nil && d.terms == is && d.left > 0:
		d.left--
	}
}

// atDeal reports whether a price is that of a deal or, if the order's catalog has since set a higher minimum, the least that
// is worth charging.
func (b *book) atDeal(o *subscription.Order, d *deal, price pricing.Money) bool {
	if price == d.price {
		return true
	}
	c := b.audit.catalogOf(o)
	if c == nil {
		return false
	}
	t := c.ChargeTerms(price.Currency())
	return d.price.Minor() < price.Minor() && (price == t.Least || t.Least.IsZero() && price == t.Step)
}

// listed returns the price of a period by the catalog of its order.
func (b *book) listed(o *subscription.Order, extend *subscription.ExtendDelivery, e *subscription.Event) (pricing.Money, bool) {
	c := b.audit.catalogOf(o)
	if c == nil {
		return pricing.Money{}, false
	}
	if extend.Offer != "" {
		offered, _, err := c.Discounted(extend.Product, extend.Version, extend.Offer, extend.Term, e.Amount.Currency(), o.PlacedAt)
		return offered.Price, err == nil
	}
	list, err := c.List(extend.Product, extend.Version, extend.Term, e.Amount.Currency())
	return list.Price, err == nil
}

// compareAgreed compares what is agreed with the document.
func (b *book) compareAgreed(s *subscription.Subscription, h *history) {
	if (s.Planned == nil) != (h.planned == nil) || s.Planned != nil && *h.planned != (terms{s.Planned.Version, s.Planned.Term}) {
		b.violatef("%s: the change %+v is planned, by its events %+v", s.ID, s.Planned, h.planned)
	}
	if (s.Deal == nil) != (h.deal == nil) || s.Deal != nil &&
		(h.deal.terms != terms{s.Deal.Version, s.Deal.Term} || s.Deal.Price != h.deal.price || s.Deal.Left != h.deal.left) {
		b.violatef("%s has the deal %+v, by its events %+v", s.ID, s.Deal, h.deal)
	}
}

// term parses a term as notes of events write it.
func (b *book) term(text string) pricing.Term {
	var n int
	var unit string
	if _, err := fmt.Sscanf(text, "%d %s", &n, &unit); err != nil {
		b.violatef("%q is no term", text)
	}
	if strings.HasPrefix(unit, "day") {
		return pricing.Days(n)
	}
	return pricing.Months(n)
}
