package subscription

import (
	"cmp"
	"fmt"
	"reflect"
	"time"
)

// Check enforces the invariants that hold for every change, whatever decided it. base is the state that the change
// was decided on. [Service] checks each change before committing it, so a bug in a command can't corrupt the store.
// It fails with [ErrInvariant]:
//
//  1. For every lot, granted = remaining + reserved + consumed + refunded, and no part is negative. The entries account
//     for the whole difference between base and next, and for all that was left of a lot that next hasn't any more. The
//     open reservations hold exactly what is reserved. No usage record is counted twice. What a counter says that lots
//     gave is what entries took and corrections returned, and its parts never exceed its minutes. An overdraft lends only
//     for usage, minutes that are granted repay it at once, and what isn't repaid lapses with its subscription.
//  2. A product has at most one live subscription, and a subscription at most one open order. An automatic top-up orders
//     nothing while an order of one may still bring minutes of its product.
//  3. Statuses change only as the tables allow, and each step has its event. Only an open order has an action.
//  4. The periods of a subscription follow each other without gap or overlap, except for a gap caused by an
//     interruption. They are counted from its anchor, which changes only with their term or after an interruption, and have
//     the days that follow from it. What was agreed for further periods comes and goes with its events, and every period at
//     the price of a deal is counted.
//  5. The lines of an order, and its taxes unless the lines include them, add up to its amount, in one currency.
//  6. The first change of an application creates it: it sets a valid account and the time of creation, and has an
//     [EventCreated]. No later change does. Every change has an event, unless it only moves Due, and every event has a
//     type. The revision grows by one. A change has at most one receipt. Time never runs backward, except after a
//     [ResetClock]. The account changes while nothing is unresolved, and has an [EventAccountChanged]. To a closed
//     application nothing is sold, and no usage is counted; an erased one is written without what identifies a person.
//  7. Nothing is delivered without an order that was paid its amount or costs nothing, and no period begins before its
//     time. The numbering of orders never restarts. An automatic top-up orders on the terms of a request, when too little
//     is left, within its limit, and not while it is stopped.
//  8. The amount owed for usage decreases only through an order that is paid, minutes that cover the usage or a
//     correction. Amounts paid and payment times don't change. An order's refunds are all rows, and its figures are their
//     sum. What a refund or a reversal takes back is taken in the same change, and nothing is taken back without one.
func (c Change) Check(base Application) error {
	// One by one instead of through a table, so that neither argument has to move to the heap.
	err := checkRevision(&c, &base)
	if err == nil {
		err = checkFixed(&c, &base)
	}
	if err == nil {
		err = checkRecords(&c, &base)
	}
	if err == nil {
		err = checkCounters(&c, &base)
	}
	if err == nil {
		err = checkReservations(&c, &base)
	}
	if err == nil {
		err = checkLots(&c, &base)
	}
	if err == nil {
		err = checkOverdrafts(&c, &base)
	}
	if err == nil {
		err = checkSubscriptions(&c, &base)
	}
	if err == nil {
		err = checkOrders(&c, &base)
	}
	if err == nil {
		err = checkDeliveries(&c, &base)
	}
	if err == nil {
		err = checkAutoTopUps(&c, &base)
	}
	if err == nil {
		err = checkMoney(&c, &base)
	}
	return err
}

// CheckAt is [Change.Check] for a change that was decided for now. It also fails with [ErrInvariant] if the change is as
// of a later instant than now and the application's last change: whoever decided it didn't use the instant that it was
// given, and no correct clock could decide anything for the application until that instant.
func (c Change) CheckAt(base Application, now time.Time) error {
	if limit := base.at(now); c.Next.AsOf.After(limit) {
		return broken(6, "the change is as of %s, but it was decided for %s; Decide must use its argument now",
			stamp(c.Next.AsOf), stamp(limit))
	}
	return c.Check(base)
}

// Check returns [ErrInvariant] if the application isn't one that changes can have led to: the next change, whatever it is
// about, would fail for it. It looks at the document alone. [Change.Check] looks at each step.
func (a Application) Check() error {
	c := Change{Application: a.ID, Base: a.Revision, Next: a}
	c.Next.Revision++
	if err := c.Check(a); err != nil {
		return err
	}
	for i := range a.Lots {
		if b := a.Lots[i].Balance(); !b.adds() {
			return b.broken()
		}
	}
	for i := range a.Subscriptions {
		s := &a.Subscriptions[i]
		if n := len(s.Cycles); n > 0 && s.Cycles[n-1].Promised.IsZero() && !s.Cycles[n-1].Days.IsZero() {
			if err := s.checkSpan(&s.Cycles[n-1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func broken(number int, format string, args ...any) error {
	return fmt.Errorf("%w: %d: %s", ErrInvariant, number, fmt.Sprintf(format, args...))
}

// checkRevision checks invariant 6, and that all rows belong to the change.
func checkRevision(c *Change, base *Application) error {
	switch {
	case c.Application == "" || c.Application != base.ID || c.Application != c.Next.ID:
		return broken(6, "application %q on %q gives %q", c.Application, base.ID, c.Next.ID)
	case c.Base != base.Revision || c.Next.Revision != c.Base+1:
		return broken(6, "revision %d on %d gives %d", c.Base, base.Revision, c.Next.Revision)
	case len(c.Events) == 0 && !onlyDue(c, base):
		return broken(6, "a change without an event")
	case len(c.Receipts) > 1:
		return broken(6, "%d receipts", len(c.Receipts))
	}
	if err := checkCreation(c, base); err != nil {
		return err
	}
	if err := checkLeaving(c, base); err != nil {
		return err
	}
	if err := checkTime(c, base); err != nil {
		return err
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Application != c.Application || e.Revision != c.Base+1 || e.Index != i {
			return broken(6, "event %d is misplaced", i)
		}
		if e.Type == "" {
			return broken(6, "event %d has no type", i)
		}
	}
	for i := range c.Entries {
		if e := &c.Entries[i]; e.Application != c.Application || e.Revision != c.Base+1 || e.Index != i {
			return broken(6, "entry %d is misplaced", i)
		}
	}
	for i := range c.Receipts {
		if r := &c.Receipts[i]; r.Application != c.Application || r.Revision != c.Base+1 || r.Key == "" {
			return broken(6, "receipt is misplaced")
		}
	}
	return nil
}

// checkCreation checks invariant 6 for the creation of an application.
func checkCreation(c *Change, base *Application) error {
	created := 0
	for i := range c.Events {
		if c.Events[i].Type == EventCreated {
			created++
		}
	}
	if base.Revision > 0 {
		if created > 0 || !c.Next.CreatedAt.Equal(base.CreatedAt) {
			return broken(6, "application %s exists and is created again", named(c.Application))
		}
		return nil
	}
	if created != 1 {
		return broken(6, "application %s doesn't exist, and the change doesn't create it; Decide must return the error of Snapshot.Exists",
			named(c.Application))
	}
	if err := cmp.Or(checkNewID("application ID", c.Application), checkNewID("account ID", c.Next.Account)); err != nil {
		return broken(6, "%v", err)
	}
	if at := c.Next.CreatedAt; at.IsZero() || at.After(c.Next.AsOf) {
		return broken(6, "application %s is created at %s by a change as of %s", named(c.Application), stamp(at), stamp(c.Next.AsOf))
	}
	return nil
}

// checkTime checks invariant 6 for instants: those of events and entries never decrease, within a change or from one
// change to the next, unless the clock was reset.
func checkTime(c *Change, base *Application) error {
	from := base.AsOf
	for i := range c.Events {
		e := &c.Events[i]
		if e.Type == EventClockReset {
			from = e.At
		}
		if e.At.Before(from) || e.At.After(c.Next.AsOf) {
			return broken(6, "%s at %s, between %s and %s", e.Type, stamp(e.At), stamp(from), stamp(c.Next.AsOf))
		}
		from = e.At
	}
	if len(c.Events) > 0 && from.Before(base.AsOf) {
		base = &Application{AsOf: from} // the clock was reset
	}
	if c.Next.AsOf.Before(base.AsOf) {
		return broken(6, "the last change was at %s, this one is at %s", stamp(base.AsOf), stamp(c.Next.AsOf))
	}
	from = base.AsOf
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.At.Before(from) || e.At.After(c.Next.AsOf) {
			return broken(6, "an entry at %s, between %s and %s", stamp(e.At), stamp(from), stamp(c.Next.AsOf))
		}
		from = e.At
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// onlyDue reports whether a change is one that [Reschedule] makes.
func onlyDue(c *Change, base *Application) bool {
	want := *base
	want.Revision, want.Due = c.Next.Revision, c.Next.Due
	return len(c.Orders)+len(c.Entries)+len(c.Receipts)+len(c.Records) == 0 && reflect.DeepEqual(want, c.Next)
}
