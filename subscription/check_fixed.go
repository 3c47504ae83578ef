package subscription

import "slices"

// checkFixed rejects changes to data that never changes, or that changes in only one direction. It belongs to
// invariants 1, 4 and 7, because anyone able to change such data would get minutes or periods without paying.
func checkFixed(c *Change, base *Application) error {
	next := &c.Next
	if next.LastLot < base.LastLot {
		return broken(1, "the last lot changes from %d to %d", base.LastLot, next.LastLot)
	}
	for was, is := range lotPairs(base, next) {
		if was != nil && is != nil && !was.sameTerms(is) {
			return broken(1, "lot %d changes its terms", was.ID)
		}
	}
	for _, b := range base.PurchaseCounts {
		if next.bought(bought{b.Product, b.Version, b.Offer, false}) < b.Count {
			return broken(7, "%s/%s %s: the number of purchases falls below %d", b.Product, b.Version, b.Offer, b.Count)
		}
	}
	if err := checkClaims(next, base, c.tells(EventClockReset)); err != nil {
		return err
	}
	for i := range next.Subscriptions {
		s := &next.Subscriptions[i]
		was := base.subscription(s.ID)
		if was != nil {
			if err := checkLife(c, was, s); err != nil {
				return err
			}
		}
		if err := checkSuspended(c, was, s); err != nil {
			return err
		}
		if err := checkPlanned(c, was, s); err != nil {
			return err
		}
	}
	return checkBorn(c, base)
}

// checkClaims checks what usage and free minutes depend on: pay-as-you-go stays on, claims stay the same, and the
// amount owed is never negative.
func checkClaims(next, base *Application, reset bool) error {
	was, is := base.PayAsYouGo, next.PayAsYouGo
	if !was.Since.IsZero() && (is.Currency != was.Currency || !is.Since.Equal(was.Since) && (!reset || is.Since.After(was.Since))) {
		return broken(7, "pay-as-you-go, on since %s, changes", was.Since)
	}
	if !reset && (next.ClosedUntil.Before(base.ClosedUntil) || next.ClosedThrough < base.ClosedThrough) {
		return broken(7, "days closed until %s reopen", base.ClosedUntil)
	}
	for i := range base.Free {
		was := &base.Free[i]
		same := func(f FreeClaim) bool {
			return f.ID == was.ID && f.Minutes == was.Minutes && f.Cycles == was.Cycles && f.Anchor == was.Anchor &&
				f.Begun >= was.Begun && slices.Equal(f.Products, was.Products)
		}
		if !slices.ContainsFunc(next.Free, same) {
			return broken(7, "the claim of free minutes %s changes", was.ID)
		}
	}
	for i := range next.Counters {
		c := &next.Counters[i]
		if c.Excess < 0 || c.Weight <= 0 || c.Order != "" && next.order(c.Order) == nil {
			return broken(7, "%s of %s on %s: excess %s, order %q", c.Kind, c.Product, c.Day, c.Excess, c.Order)
		}
	}
	return nil
}

// checkLife checks that a subscription keeps its identity and that no paid period is lost.
func checkLife(change *Change, was, is *Subscription) error {
	if was.Product != is.Product || was.Currency != is.Currency || was.Trial != is.Trial || was.Zone != is.Zone ||
		!was.OpenedAt.Equal(is.OpenedAt) {
		return broken(4, "%s changes its identity", is.ID)
	}
	if len(is.Cycles) == 0 {
		return nil // rejected elsewhere
	}
	resumed := slices.ContainsFunc(is.Cycles, func(c Cycle) bool { return c.Resumed && was.cycle(c.Number) == nil })
	if !resumed && !was.counts(is) {
		return broken(4, "%s changes its anchor, or the count of its periods", is.ID)
	}
	first := &is.Cycles[0]
	for i := range was.Cycles {
		c := &was.Cycles[i]
		if is.cycle(c.Number) != nil {
			continue
		}
		if !c.Begun && change.takesPeriods(c.Order) {
			continue
		}
		// Periods are dropped from the front once a later one has begun.
		if c.Number > first.Number || !first.Begun {
			return broken(4, "%s: period %d vanishes", is.ID, c.Number)
		}
	}
	return nil
}

// checkSuspended checks that only periods are suspended that were paid for, and that none is while it is in force.
func checkSuspended(change *Change, was, is *Subscription) error {
	for i := range is.Suspended {
		c := &is.Suspended[i]
		same := func(old Cycle) bool { return was.timed(old) == is.timed(*c) }
		known := was != nil && (slices.ContainsFunc(was.Suspended, same) ||
			!c.Begun && change.takesPeriods(c.Order) && slices.ContainsFunc(was.Cycles, same))
		twice := slices.ContainsFunc(is.Suspended[:i], func(x Cycle) bool { return x.Number == c.Number })
		if !known || twice || is.cycle(c.Number) != nil {
			return broken(4, "%s: period %d is suspended, and wasn't paid for or is in force", is.ID, c.Number)
		}
	}
	return nil
}

// checkBorn checks how orders begin. An order placed by this change is new, and is open or, if it costs nothing,
// paid. An order that the change takes up again was closed, and only its money may be refunded.
func checkBorn(c *Change, base *Application) error {
	for i := range c.Orders {
		o := &c.Orders[i]
		placed, known := c.Places(o.ID), base.order(o.ID) != nil
		switch {
		case placed && known:
			return broken(3, "order %s is placed again", o.ID)
		case known:
		case placed && !OrderStatus("").CanBecome(o.Status):
			return broken(3, "order %s begins as %s", o.ID, o.Status)
		case placed && o.Status == OrderPaid && o.Amount.Sign() != 0:
			return broken(7, "order %s is placed as paid", o.ID)
		case !placed && (o.Status.Unresolved() || !c.refundsAny(o.ID)):
			return broken(3, "closed order %s becomes %s, without a refund", o.ID, o.Status)
		case !placed && c.settles(o):
			return broken(3, "closed order %s is paid again", o.ID)
		case !placed:
			if err := checkOrderSteps(c, o.ID, o.Status, o.Status); err != nil {
				return err
			}
		}
	}
	return checkNumbers(c, base)
}

// refundsAny reports whether the change writes a refund of an order, takes back a package of whose money nothing is left,
// or records what was collected for an order of which all has gone back.
func (c *Change) refundsAny(id OrderID) bool {
	o := find(c.Orders, id)
	return slices.ContainsFunc(c.Refunds, func(r Refund) bool { return r.Order == id }) ||
		o.Left().Sign() <= 0 && !o.TakenBackAt.IsZero() || o.unreturnable(&c.Next) ||
		o.Status != OrderPaid && !o.RefundedAmount.IsZero() && o.Left().Sign() == 0
}

// checkNumbers checks that the numbering of orders never restarts and counts every order placed. An order with the
// number of an earlier one would have the same key.
func checkNumbers(c *Change, base *Application) error {
	bills := base.Billing.Number
	for i := range c.Orders {
		o := &c.Orders[i]
		if !c.Places(o.ID) {
			continue
		}
		want := o.ID
		switch e := o.extension(); {
		case o.Kind == ImportOrder && o.ID.imports():
		case o.topsUp():
			if t := c.Next.autoTopUp(o.Product); t != nil {
				want = topUpID(o.Product, t.Number)
			}
		case o.Kind == UsageOrder:
			bills++
			want = usageID(bills)
		case e != nil && e.Automatic:
			if s := c.Next.subscription(e.Subscription); s != nil {
				want = renewalID(s.ID, e.Day, s.number(e.Day))
			}
		case len(c.Receipts) == 1:
			want = requestID(c.Application, c.Receipts[0].Key)
		}
		if o.ID != want || o.Attempt != "" && !o.Attempt.of(c.Application, o.ID) {
			return broken(7, "order %s with attempt %s should be order %s", o.ID, o.Attempt, want)
		}
	}
	if c.Next.Billing.Number != bills {
		return broken(7, "%d usage orders were placed, not %d", bills, c.Next.Billing.Number)
	}
	for i := range c.Next.Subscriptions {
		is := &c.Next.Subscriptions[i]
		was := base.subscription(is.ID)
		if was == nil {
			continue
		}
		for _, n := range was.Numbers {
			if now := is.number(n.Day); now < n.Orders && (now > 0 || len(is.Cycles) == 0 || n.Day >= is.Cycles[0].Days.First) {
				return broken(7, "%s: %d orders were placed for the period from %s, not %d", is.ID, n.Orders, n.Day, now)
			}
		}
	}
	return nil
}

// sameTerms reports whether two lots agree in everything except their minutes.
func (l *Lot) sameTerms(m *Lot) bool {
	return l.ID == m.ID && l.Source == m.Source && slices.Equal(l.Products, m.Products) && l.Subscription == m.Subscription &&
		l.Free == m.Free && l.Order == m.Order && l.Period.Equal(m.Period) && l.GrantedAt.Equal(m.GrantedAt)
}
