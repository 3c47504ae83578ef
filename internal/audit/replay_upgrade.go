package audit

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// raise applies an upgrade.
func (b *book) raise(h *held, e *subscription.Event) {
	var raise *subscription.UpgradeDelivery
	for _, d := range b.rows[e.Order].Deliveries {
		raise = d.Upgrade
	}
	i := slices.IndexFunc(h.paid, func(p paid) bool { return samePeriod(p.period, e.Period) })
	if raise == nil || i < 0 || b.status[e.Order] != subscription.OrderPaid || len(h.paid)-i-1 != len(raise.Ahead) {
		b.violatef("%s: order %q upgrades %s", h.id, e.Order, e.Period)
		return
	}
	b.raisable(h, e, i)
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
	h.expect(raise.Grant)
}

// raisable checks that an upgrade raises the period in which it is recorded and those that haven't begun, each for
// the difference from what was paid for it.
func (b *book) raisable(h *held, e *subscription.Event, i int) {
	lines := slices.DeleteFunc(slices.Clone(b.rows[e.Order].Lines), func(l pricing.Line) bool {
		return l.Kind == pricing.RoundingLine || l.Kind == pricing.WaiverLine
	})
	for n, p := range h.paid[i:] {
		if p.begun != (n == 0) || n == 0 && !p.period.Contains(e.At) {
			b.audit.violatef("upgrade", b.id, "%s: order %s raises %s at %s, and %s has begun: %t", h.id, e.Order, e.Period, Stamp(e.At),
				p.period, p.begun)
		}
		credit, err := p.price.Rate()
		if err != nil || len(lines) != len(h.paid)-i || lines[n].Credit.Decimal().Cmp(credit.Decimal()) != 0 {
			b.audit.violatef("price", b.id, "%s: order %s has the lines %v, and %s was paid for %s",
				h.id, e.Order, lines, p.price, p.period)
		}
	}
}
