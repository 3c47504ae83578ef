package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Advance brings an application up to now: periods that are paid for begin and grant their minutes,
// those that end without a next one make the subscription past due, then interrupted, then expired,
// and lots whose time has passed expire. It goes through everything that is due in the order in which
// it was due, however long ago, and each step takes effect at its own instant, so that the result
// doesn't depend on how often it is called. It gives the zero Change where nothing is due.
//
// An interrupted subscription doesn't expire while an order that renews it may still be paid, or while a
// renewal that was promised hasn't been tried to the end, as happens when no worker ran.
//
// It runs before every decision and every read. It fails with a [pricing.ErrZone] for a zone that can't
// be loaded.
func Advance(app Application, cat *pricing.Catalog, now time.Time) (Change, error) {
	if _, due := nextStep(&app, cat.Service(), now); !due {
		return Change{}, nil
	}
	d := Begin(Snapshot{Application: app}, now)
	for {
		step, due := nextStep(&d.Application, cat.Service(), now)
		if !due {
			break
		}
		step.do(d)
	}
	return d.Change(), nil
}

// NextStep returns the next instant at which time alone changes something: a period begins or ends, a
// grace or retention time is over, a lot expires. It is the zero time if there is none. It may lie in the
// past, of an application that wasn't brought up to date.
func NextStep(app Application, cat *pricing.Catalog) time.Time {
	s, _ := nextStep(&app, cat.Service(), endOfTime)
	return s.at
}

// endOfTime is later than every instant of the calendar.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var endOfTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// step is one thing that time does: to a subscription, or, where lot is set, to a lot.
type step struct {
	at           time.Time
	subscription int
	to           Status // the new status
	cycle        int    // that begins, if to is ""
	lot          LotID
}

// nextStep returns the earliest step that is due at now, and whether there is one. Of steps at the same
// instant lots go first, since what expires must not be taken for what begins.
func nextStep(app *Application, terms pricing.Service, now time.Time) (step, bool) {
	var first step
	found := false
	consider := func(s step) {
		if !s.at.After(now) && (!found || s.at.Before(first.at)) {
			first, found = s, true
		}
	}
	for i := range app.Lots {
		if l := &app.Lots[i]; l.Reserved == 0 {
			consider(step{at: l.Period.End.Add(terms.LateUsage), lot: l.ID})
		}
	}
	for i := range app.Subscriptions {
		sub := &app.Subscriptions[i]
		if s, ok := sub.nextStep(terms); ok && (s.to != Expired || !app.renewing(sub.ID)) {
			s.subscription = i
			consider(s)
		}
	}
	return first, found
}

// renewing reports whether a renewal is ordered that may still be paid.
func (a *Application) renewing(id SubscriptionID) bool {
	o := a.blocking(id)
	return o != nil && o.Kind == RenewalOrder
}

// nextStep returns what time does next to a subscription, whenever that is.
func (s *Subscription) nextStep(terms pricing.Service) (step, bool) {
	for i := range s.Cycles {
		if !s.Cycles[i].Begun {
			return step{at: s.Cycles[i].Period.Start, cycle: i}, true
		}
	}
	end := s.End()
	switch {
	case s.Status == Active && s.Trial:
		return step{at: end, to: Expired}, true
	case s.Status == Active:
		return step{at: end, to: PastDue}, true
	case s.Status == PastDue:
		return step{at: end.Add(terms.Grace), to: Interrupted}, true
	case s.Status == Interrupted && !s.Owed():
		return step{at: end.Add(terms.Grace + terms.Retention), to: Expired}, true
	}
	return step{}, false
}

func (s step) do(d *Draft) {
	switch {
	case s.lot != 0:
		d.expire(s.lot, s.at)
	case s.to != "":
		d.setStatus(&d.Application.Subscriptions[s.subscription], s.to, s.at)
	default:
		d.begin(&d.Application.Subscriptions[s.subscription], s.cycle, s.at)
	}
}

// expire closes a lot and drops it from the document. Nothing rolls over, and nothing vanishes without
// an entry.
func (d *Draft) expire(id LotID, at time.Time) {
	a := &d.Application
	i := slices.IndexFunc(a.Lots, func(l Lot) bool { return l.ID == id })
	l := a.Lots[i]
	a.Lots = slices.Delete(a.Lots, i, i+1)
	if l.Remaining > 0 {
		d.entries = append(d.entries, Entry{At: at, Kind: EntryExpired, Lot: id, Quantity: l.Remaining})
	}
	d.Note(Event{Type: EventLotExpired, At: at, Lot: id, Quantity: l.Remaining, Subscription: l.Subscription})
}
