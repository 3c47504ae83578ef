package audit

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// raise applies an upgrade.
func (b *book) raise(h *history, e *subscription.Event) {
	var raise *subscription.UpgradeDelivery
	for _, d := range b.rows[e.Order].Deliveries {
		raise = d.Upgrade
	}
	i := slices.IndexFunc(h.paid, func(p paidPeriod) bool { return samePeriod(p.period, e.Period) })
	reinstated := b.moneyMoves[moneyMove{e.Revision, e.Order, again}] // others may have been paid for since
	if raise == nil || i < 0 || b.status[e.Order] != subscription.OrderPaid || len(h.paid)-i <= len(raise.Ahead) ||
		len(h.paid)-i > 1+len(raise.Ahead)+raise.Kept && !reinstated {
		b.violatef("%s: order %q upgrades %s", h.id, e.Order, e.Period)
		return
	}
	if !reinstated { // otherwise the minutes return with the lot
		b.raisable(h, e, i, i+1+len(raise.Ahead))
		h.expect(subscription.Minutes(raise.Grant))
	}
	h.raised[e.Order] = slices.Clone(h.paid[i : i+1+len(raise.Ahead)])
	h.version, h.paid[i].version = e.Version, e.Version
	if !raise.Waived {
		h.paid[i].price = raise.Price
	}
	for n, minutes := range raise.Ahead {
		p := &h.paid[i+1+n]
		p.version, p.minutes = e.Version, p.minutes+minutes
		if !raise.Waived {
			p.price = raise.Price
		}
	}
}

// staysBehind reports whether a period that was paid ahead stays as it is when the present one is upgraded: a change at renewal
// has made it of another term, or of a version that isn't lower.
func (b *book) staysBehind(h *history, present, ahead *paidPeriod, e *subscription.Event) bool {
	if ahead.term != present.term {
		return true
	}
	for _, c := range b.audit.catalogs() {
		to, err := c.Version(h.product, e.Version)
		if err != nil {
			continue
		}
		if v, err := c.Version(h.product, ahead.version); ahead.version != present.version && (err != nil || v.Rank >= to.Rank) {
			return true
		}
	}
	return false
}

// raisable checks that an upgrade raises the period in which it is recorded and those that haven't begun, each for
// the difference from what was paid for it.
func (b *book) raisable(h *history, e *subscription.Event, i, end int) {
	if end < len(h.paid) && !b.staysBehind(h, &h.paid[i], &h.paid[end], e) {
		b.audit.violatef("upgrade", b.id, "%s: order %s upgrades %s, and leaves %s as it is", h.id, e.Order, e.Period, h.paid[end].period)
	}
	lines := slices.DeleteFunc(slices.Clone(b.rows[e.Order].Lines), func(l pricing.Line) bool {
		return l.Kind == pricing.RoundingLine || l.Kind == pricing.WaiverLine
	})
	for n, p := range h.paid[i:end] {
		if p.begun != (n == 0) || n == 0 && !p.period.Contains(e.At) {
			b.audit.violatef("upgrade", b.id, "%s: order %s raises %s at %s, and %s has begun: %t", h.id, e.Order, e.Period, Stamp(e.At),
				p.period, p.begun)
		}
		credit, err := p.price.Rate()
		if err != nil || len(lines) != end-i || lines[n].Credit.Decimal().Cmp(credit.Decimal()) != 0 {
			b.audit.violatef("price", b.id, "%s: order %s has the lines %v, and %s was paid for %s",
				h.id, e.Order, lines, p.price, p.period)
		}
	}
}
