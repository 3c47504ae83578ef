package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Advance brings an application up to date as of now. Paid periods begin and grant their minutes. A subscription whose
// period ends without a next one becomes past due, then interrupted, then expired; without auto-renewal it has ended,
// goes out of service when the grace time has passed, and expires. Lots expire when their time has passed. Advance
// takes everything that is due in the order in which it became due, however long ago, and each step takes effect at its
// own instant, so the result doesn't depend on how often Advance is called. It returns the zero Change if nothing is
// due.
//
// An interrupted subscription doesn't expire while a renewal order may still be paid, or while a promised renewal
// hasn't been fully attempted, which happens if no worker ran.
//
// An order that waits for its refund by its status alone ([OrderRefundDue]) gets the [Refund] that it lacks.
//
// Advance runs before every decision and every read, at now or, if that is later, at the instant of the application's
// last change; no step is recorded as of an earlier instant. It fails with a [pricing.ErrZone] for a zone that can't
// be loaded.
func Advance(app Application, cat *pricing.Catalog, now time.Time) (Change, error) {
	if _, due := nextStep(&app, cat.ServiceTerms(), app.at(now)); !due && !slices.ContainsFunc(app.Orders, leftDue) {
		return Change{}, nil
	}
	d := Begin(Snapshot{Application: app}, now)
	if err := d.Advance(cat); err != nil {
		return Change{}, err
	}
	return d.Change(), nil
}

// Advance brings the draft's application up to date as of Now, as the function [Advance] does. It comes before
// everything else in a draft of a stored application; the application of a [Command]'s snapshot is up to date.
func (d *Draft) Advance(cat *pricing.Catalog) error {
	last := d.Application.AsOf
	for {
		next, due := nextStep(&d.Application, cat.ServiceTerms(), d.Now)
		if !due {
			d.adoptDue()
			return nil
		}
		// A lot whose time passed while it was reserved ends when the reservation does.
		if next.at.Before(last) {
			next.at = last
		}
		last = next.at
		if err := d.step(next, cat.ZoneOf); err != nil {
			return err
		}
	}
}

// NextStep returns the next instant at which time alone changes something: a period begins or ends, a grace or
// retention time runs out, a reservation lapses or a lot expires. It returns the zero time if there is none. For an
// application that wasn't brought up to date, the instant may be in the past.
func NextStep(app Application, cat *pricing.Catalog) time.Time {
	s, _ := nextStep(&app, cat.ServiceTerms(), endOfTime)
	return s.at
}

// endOfTime is later than every instant of the calendar.
//
//nolint:gochecknoglobals // a constant that Go has no syntax for
var endOfTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// step is one thing that time causes, to the item at an index.
type step struct {
	at    time.Time
	does  deed
	index int
	to    Status // the new status of a subscription
}

// deed is what a step does.
type deed int

const (
	lapse      deed = iota // a reservation lapses
	expire                 // a lot expires
	suspend                // service stops because of unpaid usage
	grantFree              // a cycle of free minutes begins
	beginCycle             // a cycle of a subscription begins
	become                 // a subscription gets another status
	endService             // the grace time of a subscription that has ended passes
)

// nextStep returns the earliest step due at now and reports whether there is one. Among steps at the same instant,
// lots go first, because what expires must not be mistaken for what begins.
func nextStep(app *Application, terms pricing.ServiceTerms, now time.Time) (step, bool) {
	next := earliest{now: now}
	next.ofMinutes(app, terms)
	next.ofSubscriptions(app, terms)
	return next.step, next.found
}

// earliest is the earliest step due at now. Among steps at the same instant, it is the first one considered.
type earliest struct {
	step  step
	found bool
	now   time.Time
}

func (e *earliest) consider(s step) {
	if !s.at.After(e.now) && (!e.found || s.at.Before(e.step.at)) {
		e.step, e.found = s, true
	}
}

func (e *earliest) ofMinutes(app *Application, terms pricing.ServiceTerms) {
	for i := range app.Reservations {
		e.consider(step{at: app.Reservations[i].Until, does: lapse, index: i})
	}
	for i := range app.Lots {
		if at, ends := app.Lots[i].expires(terms); ends {
			e.consider(step{at: at, does: expire, index: i})
		}
	}
	if r := &app.Arrears; !r.Since.IsZero() && !r.Interrupted {
		e.consider(step{at: r.Since.Add(terms.Arrears), does: suspend})
	}
	for i := range app.Free {
		if at := app.Free[i].NextAt; !at.IsZero() {
			e.consider(step{at: at, does: grantFree, index: i})
		}
	}
}

func (e *earliest) ofSubscriptions(app *Application, terms pricing.ServiceTerms) {
	for i := range app.Subscriptions {
		s := &app.Subscriptions[i]
		next, changes := s.nextStep(terms, app.AsOf)
		if !changes || next.to == Expired && app.renewalUnpaid(s.ID) {
			continue
		}
		next.index = i
		e.consider(next)
	}
}

// renewalUnpaid reports whether a renewal order may still be paid.
func (a *Application) renewalUnpaid(id SubscriptionID) bool {
	o := a.blocking(id)
	return o != nil && o.Kind == RenewalOrder
}

// nextStep returns the next thing that time does to a subscription, whenever that is. asOf is the instant of the
// application's last change.
func (s *Subscription) nextStep(terms pricing.ServiceTerms, asOf time.Time) (step, bool) {
	for i := range s.Cycles {
		if !s.Cycles[i].Begun {
			return step{at: s.Cycles[i].Period.Start, does: beginCycle}, true
		}
	}
	end := s.End()
	switch {
	case s.Status == Active && s.Trial:
		return step{at: end, does: become, to: Expired}, true
	case s.Status == Active && !s.AutoRenew:
		return step{at: end, does: become, to: Ended}, true
	case s.Status == Active:
		return step{at: end, does: become, to: PastDue}, true
	case s.Status == PastDue && !s.AutoRenew:
		return s.leaves(end, asOf), true
	case s.Status == PastDue:
		return step{at: end.Add(terms.Grace), does: become, to: Interrupted}, true
	case s.Status == Ended && !s.OutOfService:
		return step{at: end.Add(terms.Grace), does: endService}, true
	case s.Status == Ended, s.Status == Interrupted && !s.Owed():
		return step{at: end.Add(terms.Grace + terms.Retention), does: become, to: Expired}, true
	}
	return step{}, false
}

// leaves returns the step of a subscription that is past due though its customer has chosen not to renew, as it is in
// documents from before there was [Ended]: it has ended, or it is active if it became past due before its end.
func (s *Subscription) leaves(end, asOf time.Time) step {
	at := s.Renewal.LastAttemptAt
	if at.IsZero() {
		at = asOf // another method was reported since
	}
	if !at.IsZero() && at.Before(end) && asOf.Before(end) {
		return step{at: at, does: become, to: Active}
	}
	return step{at: end, does: become, to: Ended}
}

// step performs one step.
func (d *Draft) step(s step, zones Zones) error {
	a := &d.Application
	switch s.does {
	case lapse:
		d.release(a.Reservations[s.index], s.at)
		d.takeReleased(s.at)
	case expire:
		d.expire(s.index, s.at)
	case suspend:
		a.Arrears.Interrupted = true
		d.AddEvent(Event{Type: EventArrearsStop, At: s.at})
	case grantFree:
		zone, err := zones(a.Free[s.index].Zone)
		if err != nil {
			return err
		}
		return d.beginFree(s.index, zone, s.at)
	case beginCycle:
		sub := &a.Subscriptions[s.index]
		d.begin(sub, slices.IndexFunc(sub.Cycles, func(c Cycle) bool { return !c.Begun }), s.at)
	case become:
		d.setStatus(&a.Subscriptions[s.index], s.to, s.at)
		d.lapseOverdrafts(s.at)
	case endService:
		sub := &a.Subscriptions[s.index]
		sub.OutOfService = true
		d.addSubscriptionEvent(EventServiceEnded, sub, s.at, Event{})
	}
	return nil
}

// expires returns when a lot closes, which is after its period has ended and the late-usage window has passed. It
// reports false while part of the lot is reserved, and for an overdraft, which ends with its subscription.
func (l *Lot) expires(terms pricing.ServiceTerms) (time.Time, bool) {
	at := l.Period.End.Add(terms.LateUsage)
	if at.Before(l.GrantedAt) {
		at = l.GrantedAt // its period was paid for long after it ended
	}
	return at, l.Reserved == 0 && l.Source != FromOverdraft
}

// expire closes a lot and drops it from the document. Nothing rolls over, and nothing disappears without a ledger
// entry.
func (d *Draft) expire(i int, at time.Time) {
	a := &d.Application
	l := a.Lots[i]
	a.Lots = slices.Delete(a.Lots, i, i+1)
	left := l.Remaining
	if left > 0 {
		d.move(&l, Entry{At: at, Kind: EntryExpired, Quantity: left})
	}
	d.AddEvent(Event{Type: EventLotExpired, At: at, Lot: l.ID, Quantity: left, Subscription: l.Subscription})
}
