package subscription

import "fmt"

// obstacle implements [effect]: an upgrade can be undone while its periods are as it left them, and the last ones.
func (r *UpgradeDelivery) obstacle(a *Application, o *Order, _ undo) obstacle {
	s := a.subscription(r.Subscription)
	if s == nil || s.Status == Refunded {
		return obstacle{}
	}
	if open := a.blocking(s.ID); open != nil && open.ID != o.ID {
		return obstacle{"another order for the subscription is open", open.ID}
	}
	if len(r.Was) != 1+len(r.Ahead) {
		return obstacle{why: "what its periods were before wasn't recorded; keep, or take what is unused"}
	}
	for n := range r.Was {
		c := s.cycle(r.Cycle + n)
		switch {
		case c == nil:
			return obstacle{"a later order builds on it", s.Cycles[len(s.Cycles)-1].Order}
		case n > 0 && c.Begun:
			return obstacle{why: "a period that it upgraded ahead has begun"}
		case c.Version != r.To:
			return obstacle{"a later upgrade builds on it", s.upgrade(a)}
		}
	}
	if last := s.Cycles[len(s.Cycles)-1]; last.Number >= r.Cycle+len(r.Was)+r.Kept && last.Promised.IsZero() {
		return obstacle{"a later order builds on it", last.Order}
	}
	return obstacle{}
}

// undo implements [effect]: every period returns to what it was. The minutes are taken with the lot.
func (r *UpgradeDelivery) undo(d *Draft, o *Order, _ undo) bool {
	s := d.Application.subscription(r.Subscription)
	if s == nil || s.Status == Refunded {
		return true
	}
	for n, was := range r.Was {
		if c := s.cycle(r.Cycle + n); c != nil {
			was.restore(c)
		}
	}
	if c := s.cycle(r.Cycle); c != nil {
		c.Granted -= Minutes(r.Grant)
		d.addSubscriptionEvent(EventUpgradeUndone, s, d.Now, Event{Version: c.Version, Order: o.ID, Period: c.Period})
	}
	return true
}

// restore gives a cycle the state it had.
func (u *UpgradedCycle) restore(c *Cycle) {
	c.Version, c.Price, c.Total, c.Minutes = u.Version, u.Price, u.Total, u.Minutes
}

// is reports whether a cycle has that state.
func (u *UpgradedCycle) is(c *Cycle) bool {
	return c.Version == u.Version && c.Price == u.Price && c.Total == u.Total && c.Minutes == u.Minutes
}

// upgradedCycles returns the state of cycles before they are upgraded.
func upgradedCycles(cycles []Cycle) []UpgradedCycle {
	was := make([]UpgradedCycle, len(cycles))
	for i := range cycles {
		c := &cycles[i]
		was[i] = UpgradedCycle{Version: c.Version, Price: c.Price, Total: c.Total, Minutes: c.Minutes}
	}
	return was
}

// reinstate implements [effect]: if the periods are as they were before the upgrade, they are upgraded again. The next period
// is of the version before if it was ordered meanwhile; a person is told.
func (r *UpgradeDelivery) reinstate(d *Draft, o *Order) (given bool, problem string) {
	s := d.Application.subscription(r.Subscription)
	if s == nil || !s.Status.Live() {
		return false, "the subscription is over or interrupted"
	}
	current := s.current(d.Now)
	if current < 0 || s.Cycles[current].Number != r.Cycle {
		return false, "the period has ended"
	}
	for n := range r.Was {
		if c := s.cycle(r.Cycle + n); c == nil || !r.Was[n].is(c) {
			return false, "its periods have changed since"
		}
	}
	for n := range r.Was {
		c := s.cycle(r.Cycle + n)
		c.Version = r.To
		r.record(c)
		if n == 0 {
			c.Minutes, c.Granted = r.Minutes, c.Granted+Minutes(r.Grant)
		} else {
			c.Minutes += r.Ahead[n-1]
		}
	}
	d.addSubscriptionEvent(EventUpgraded, s, d.Now, Event{Version: r.To, Order: o.ID, Period: s.Cycles[current].Period})
	if open := d.Application.blocking(s.ID); open != nil && open.ID != o.ID {
		d.needsPerson(o, fmt.Sprintf("upgraded again, but order %s for what follows was placed before", open.ID))
	}
	return true, ""
}
