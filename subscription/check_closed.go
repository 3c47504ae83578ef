package subscription

// checkClosed checks invariants 5 and 8 for orders that were closed before the change, and for refunds that were no longer
// due. The document doesn't have them, so they are compared with the rows that were loaded for the decision: a command that
// changes them names them in its [Needs].
func (c *Change) checkClosed(s *Snapshot) error {
	base := &s.Application
	for i := range c.Orders {
		o := &c.Orders[i]
		if base.order(o.ID) != nil || c.Places(o.ID) {
			continue
		}
		was := find(s.Orders, o.ID)
		if was == nil {
			return broken(5, "closed order %s changes, and wasn't loaded; Needs must name it", o.ID)
		}
		if err := c.checkClosedOrder(o, was, base); err != nil {
			return err
		}
	}
	for i := range c.Refunds {
		r := &c.Refunds[i]
		o := base.order(r.Order)
		if o == nil {
			o = find(s.Orders, r.Order)
		}
		before := 0
		if o != nil {
			before = o.Refunds
		}
		was := base.refundDue(r.Order, r.Number)
		if was == nil {
			was = findRefund(s.Refunds, r.Order, r.Number)
		}
		switch {
		case r.Number > before && r.Status == RefundReinstated && r.Take != TakeNothing:
			return broken(8, "refund %d of order %s is reinstated, and took nothing", r.Number, r.Order)
		case r.Number > before:
		case was == nil:
			return broken(8, "refund %d of order %s changes, and wasn't loaded; Needs must name it", r.Number, r.Order)
		case !was.sameContent(r) || !was.Status.CanBecome(r.Status) && was.Status != r.Status:
			return broken(8, "refund %d of order %s changes from %s to %s, or its content", r.Number, r.Order, was.Status, r.Status)
		}
	}
	return nil
}

// checkClosedOrder checks what may change of an order that was closed: what went back of its money, whether what it
// delivered was taken back, and that it was collected after all.
func (c *Change) checkClosedOrder(o, was *Order, base *Application) error {
	switch {
	case !was.sameContent(o):
		return broken(5, "closed order %s changes its content", o.ID)
	case was.Status != o.Status:
		return broken(3, "closed order %s: %s becomes %s", o.ID, was.Status, o.Status)
	case was.Collected.Sign() > 0 && was.Collected != o.Collected, !was.PaidAt.Equal(o.PaidAt):
		return broken(8, "order %s changes its payment or the time of it", o.ID)
	case was.Delivered.Increment != o.Delivered.Increment || !was.Delivered.Period.Equal(o.Delivered.Period):
		return broken(5, "closed order %s changes what it delivered", o.ID)
	case o.TakenBackAt.Equal(was.TakenBackAt):
	case was.TakenBackAt.IsZero() && !c.takesPeriods(o.ID) && o.Amount.Sign() != 0,
		!was.TakenBackAt.IsZero() && (!o.TakenBackAt.IsZero() || !c.reinstates(o.ID)):
		return broken(8, "order %s is taken back at %s, and no refund says so", o.ID, stamp(o.TakenBackAt))
	}
	return c.checkFigures(o, was, base)
}
