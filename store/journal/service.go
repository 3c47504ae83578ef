package journal

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// service is what an order pays for and what is delivered bit by bit: a lot of minutes or, without minutes, the days of a
// period. A period that is upgraded before it begins is paid for by several orders.
type service struct {
	claims []*claim

	minutes bool
	granted bool // the lot is there
	// total is how many units, thousandths of minutes or days, were to be delivered when the claims' bases were set, and done
	// how many of them have been since.
	total, done int64
	taken       int64 // units that were taken back, and could be reinstated

	zone         pricing.Zone // of a service without minutes
	first, until pricing.Date // its days

	number  int  // of a subscription's period
	removed bool // the subscription doesn't have the period any more
}

// claim is the part of an order's money that a service is to earn.
type claim struct {
	account *account
	service *service
	base    pricing.Money // deferred when the service's total was set
	earned  pricing.Money // of the base
	taken   pricing.Money // worth of the units that were taken back, when they were
	held    pricing.Money // worth of the service when it was taken back as a whole
}

// rest is what is still deferred.
func (k *keeper) rest(c *claim) pricing.Money { return k.sub(c.base, c.earned) }

// left is how many units are still to be delivered.
func (s *service) left() int64 { return s.total - s.done }

// earn recognizes what is delivered of a service.
func (k *keeper) earn(s *service, units int64, as Ledger) {
	s.done = min(s.done+units, s.total)
	for _, c := range s.claims {
		target := k.share(c.base, s.done, s.total)
		k.post(c.account.ref, Deferred, as, k.sub(target, c.earned))
		c.earned = target
	}
}

// rebase makes what is left of a service the base of what follows, with more or fewer units.
func (k *keeper) rebase(s *service, units int64) {
	for _, c := range s.claims {
		c.base, c.earned = k.rest(c), none(c.base)
	}
	s.total, s.done = units, 0
}

// take takes units of a lot back. What they are worth is settled with the refunds of the instant.
func (k *keeper) take(s *service, units int64) {
	left := s.left()
	k.rebase(s, left-min(units, left))
	for _, c := range s.claims {
		worth := k.share(c.base, units, left)
		c.base, c.taken = k.sub(c.base, worth), k.add(c.taken, worth)
		c.account.taken = k.add(c.account.taken, worth)
		k.touch(c.account)
	}
	s.taken += units
}

// giveBack returns units of a lot that were taken back. They are worth what is reinstated of the refunds for which they
// were taken.
func (k *keeper) giveBack(s *service, units int64) {
	k.rebase(s, s.left()+units)
	for _, c := range s.claims {
		worth := k.share(c.taken, units, s.taken)
		c.taken = k.sub(c.taken, worth)
		c.account.returning = append(c.account.returning, returning{c, worth})
		k.touch(c.account)
	}
	s.taken = max(0, s.taken-units)
}

// move accounts for an entry of the minutes ledger.
func (k *keeper) move(e *subscription.Entry) {
	if e.Kind == subscription.EntryGranted && e.Order != "" {
		k.grant(e)
		return
	}
	s := k.lots[e.Lot]
	if s == nil {
		return // of minutes that nobody paid for
	}
	switch e.Kind { //nolint:exhaustive // the others deliver nothing
	case subscription.EntryConsumed:
		k.earn(s, int64(e.Quantity), Usage)
	case subscription.EntryExpired:
		k.earn(s, int64(e.Quantity), Breakage)
	case subscription.EntryRefunded:
		k.take(s, int64(e.Quantity))
	case subscription.EntryReinstated:
		k.giveBack(s, int64(e.Quantity))
	}
}

// grant finds the service whose lot is granted: the order's first one that has none.
func (k *keeper) grant(e *subscription.Entry) {
	a := k.orders[e.Order]
	if a == nil {
		return
	}
	for _, s := range a.services {
		if s.minutes && !s.granted {
			s.granted = true
			k.rebase(s, int64(e.Quantity))
			k.lots[e.Lot] = s
			return
		}
	}
}

// lose plans that a service that still hasn't begun when its period is over is lost to the customer.
func (k *keeper) lose(s *service, at time.Time) {
	k.plan(at, lost, func() error {
		if s.minutes && !s.granted {
			k.end(s)
		}
		return nil
	})
}

// end keeps what is still deferred of a service of which nothing will be delivered any more.
func (k *keeper) end(s *service) {
	for _, c := range s.claims {
		k.forfeit(c.account, k.rest(c))
		c.base = none(c.base)
		c.earned = c.base
	}
}

// pass plans the days of a service without minutes: each is earned when it begins, and those that had begun when it was
// paid for at once.
func (k *keeper) pass(s *service, at time.Time) {
	begins := later(at, s.zone.StartOf(s.first))
	k.plan(begins, day, func() error {
		if s.minutes {
			return nil // an upgrade gave it some
		}
		today := s.zone.DateOf(k.now)
		passed := int64(min(today+1, s.until)) - int64(s.until) + s.left()
		k.earn(s, passed, Days)
		if s.left() > 0 {
			s.first = today + 1
			k.pass(s, k.now)
		}
		return nil
	})
}
