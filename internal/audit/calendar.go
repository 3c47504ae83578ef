package audit

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// calendar determines where the periods of a subscription must lie. It uses the standard library's dates rather than
// those of package pricing.
type calendar struct {
	position

	zone    string
	fresh   bool // the next period has its own anchor
	stopped bool // out of service since the last period
	skipped []pricing.Period
}

// position is what the next period is counted from.
type position struct {
	term   pricing.Term
	anchor time.Time
	passed int // months since the anchor at which periods of this term began
	next   int
}

// retime has the next periods be of another term. They keep the anchor's day of the month, unless the present term is one of
// days.
func (p *position) retime(term pricing.Term, loc *time.Location) {
	if term == p.term {
		return
	}
	if p.term.Days > 0 {
		p.anchor, p.passed = p.nth(p.next, loc), 0
	} else {
		p.passed += p.next * p.term.Months
	}
	p.term, p.next = term, 0
}

// calendar checks where a paid period lies. It must follow the previous one, counted from the anchor. After an
// interruption, it must begin on the day of payment, with two exceptions: a worker that comes late may pay for the
// period of that day by the same anchor, if the periods in between are recorded as skipped, or for each period that
// was missed.
func (b *book) calendar(h *history, e *subscription.Event, extend *subscription.ExtendDelivery) {
	loc, err := time.LoadLocation(h.zone)
	if err != nil {
		b.audit.violatef("simulation", b.id, "%v", err)
		return
	}
	at := e.At.In(loc)
	h.retime(extend.Term, loc)
	n := h.next
	ahead := len(h.paid) > 0 && e.At.Before(h.paid[len(h.paid)-1].period.End) // only the current period was taken back
	switch late := extend.CatchUp && extend.From.Equal(e.Period.Start); {
	case extend.Imported != nil:
		n = h.brings(e.At, extend.Imported, loc)
	case ahead:
	case h.fresh, h.stopped && !late && !extend.Missed:
		h.anchor, h.passed, n = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, loc), 0, 0
	case h.stopped && late:
		for n < h.next+200 && h.nth(n, loc).Before(e.Period.Start) {
			n++
		}
		b.passedOver(h, n, loc)
	}
	start := h.nth(n, loc)
	if last := len(h.paid) - 1; n == 0 && h.stopped && last >= 0 && h.paid[last].period.End.After(start) {
		start = h.paid[last].period.End // it was taken back on the same day
	}
	if !e.Period.Start.Equal(start) || !e.Period.End.Equal(h.nth(n+1, loc)) {
		b.audit.violatef("calendar", b.id, "%s: paid at %s, period %d of the anchor %s isn't %s", h.id,
			at.Format(time.RFC3339), n, h.anchor.Format(time.DateOnly), e.Period)
	}
	h.next, h.fresh, h.stopped, h.skipped = n+1, false, false, nil
}

// passedOver checks that the periods up to the nth are recorded as skipped.
func (b *book) passedOver(h *history, n int, loc *time.Location) {
	for i := h.next; i < n; i++ {
		found := false
		for _, p := range h.skipped {
			found = found || p.Start.Equal(h.nth(i, loc)) && p.End.Equal(h.nth(i+1, loc))
		}
		if !found {
			b.audit.violatef("owed", b.id, "%s: the period from %s was passed over without an event",
				h.id, h.nth(i, loc).Format(time.DateOnly))
		}
	}
}

// nth returns the midnight at which the anchor's nth period begins: on the anchor's day of the month, or on the last
// day of a shorter month.
func (p *position) nth(n int, loc *time.Location) time.Time {
	y, m, d := p.anchor.Date()
	if p.term.Days > 0 {
		return time.Date(y, m, d+n*p.term.Days, 0, 0, 0, 0, loc)
	}
	m += time.Month(p.passed + n*p.term.Months)
	last := time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1).Day()
	return time.Date(y, m, min(d, last), 0, 0, 0, 0, loc)
}
