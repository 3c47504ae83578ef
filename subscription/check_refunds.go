package subscription

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkRefunds checks invariant 8 for refunds: no refund is lost or changes, the figures of orders follow them, and what a
// refund takes back is taken in the same change.
func checkRefunds(c *Change, base *Application) error {
	for i := range base.Refunds {
		was := &base.Refunds[i]
		is := c.Next.refundDue(was.Order, was.Number)
		if row := c.refund(was.Order, was.Number); is == nil && (row == nil || row.Status == RefundDue) {
			return broken(8, "refund %d of order %s vanishes", was.Number, was.Order)
		}
	}
	for i := range c.Next.Refunds {
		r := &c.Next.Refunds[i]
		row := c.refund(r.Order, r.Number)
		if row == nil {
			row = base.refundDue(r.Order, r.Number)
		}
		if r.Status != RefundDue || row == nil || !row.sameContent(r) || row.Status != RefundDue {
			return broken(8, "refund %d of order %s is %s but still in the document, or differs from its row", r.Number, r.Order, r.Status)
		}
	}
	for i := range c.Refunds {
		if err := c.checkRefund(&c.Refunds[i], base); err != nil {
			return err
		}
	}
	for i := range c.Orders {
		o := &c.Orders[i]
		was := base.order(o.ID)
		if err := c.checkFigures(o, was, base); err != nil {
			return err
		}
		if err := checkUndelivered(o, was); err != nil {
			return err
		}
		if o.Status == OrderPaid && c.takesBack(o) {
			if err := c.checkTakenBack(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkRefund checks the row of a refund that the change writes.
func (c *Change) checkRefund(r *Refund, base *Application) error {
	was := base.refundDue(r.Order, r.Number)
	o := find(c.Orders, r.Order)
	switch {
	case r.Application != c.Application || r.Number < 1 ||
		r.Amount.Sign() < 0 || r.Amount.Sign() == 0 && (r.Key != "" || r.Take == TakeNothing):
		return broken(8, "refund %d of order %s is of %s for another application", r.Number, r.Order, r.Amount)
	case (r.Status == RefundDue) != (c.Next.refundDue(r.Order, r.Number) != nil):
		return broken(8, "refund %d of order %s is %s", r.Number, r.Order, r.Status)
	case was != nil && (!was.sameContent(r) || !was.Status.CanBecome(r.Status) && was.Status != r.Status):
		return broken(8, "refund %d of order %s changes from %s to %s, or its content", r.Number, r.Order, was.Status, r.Status)
	case was == nil && o == nil:
		return broken(8, "refund %d is for order %s, which doesn't change", r.Number, r.Order)
	case was == nil && r.Account != o.Account:
		return broken(8, "refund %d of order %s is for another account", r.Number, r.Order)
	case was == nil && o.Refunds < r.Number:
		return broken(8, "order %s has %d refunds, and number %d is placed", o.ID, o.Refunds, r.Number)
	case r.Key != "" && (o != nil && r.Key != refundKey(o.Attempt, r.Number) || r.Kind == RefundReversal || r.Kind == RefundProvider):
		return broken(8, "refund %d of order %s has the key %.80q", r.Number, r.Order, r.Key)
	case r != c.refund(r.Order, r.Number):
		return broken(8, "refund %d of order %s is there twice", r.Number, r.Order)
	case r.Status == RefundReinstated && (r.Key != "" || r.ID == "" || r.Kind != RefundReversal && r.Kind != RefundProvider):
		return broken(8, "refund %d of order %s is reinstated, which is no reversal", r.Number, r.Order)
	case r.Status == RefundDue && r.Key == "":
		return broken(8, "refund %d of order %s is due, without a key", r.Number, r.Order)
	}
	rest := r.Amount
	for _, t := range r.Taxes {
		var err error
		if rest, err = rest.Sub(t.Amount); err != nil || t.Amount.Sign() < 0 || rest.Sign() < 0 {
			return broken(8, "refund %d of order %s: %s of %s in %s", r.Number, r.Order, t.Amount, t.Name, r.Amount)
		}
	}
	if !slices.ContainsFunc(c.Events, func(e Event) bool { return e.Order == r.Order && e.Type.refunds() }) {
		return broken(8, "refund %d of order %s changes without an event", r.Number, r.Order)
	}
	return nil
}

// refunds reports whether an event is about a refund.
func (t EventType) refunds() bool {
	switch t { //nolint:exhaustive // the others aren't
	case EventRefundDue, EventRefundMade, EventRefundFailed, EventReversed, EventReinstated:
		return true
	default:
		return false
	}
}

// checkFigures checks an order's figures: was is the order before the change, nil if it isn't known. The document doesn't
// have those that were closed before; see [Change.checkClosed].
func (c *Change) checkFigures(o, was *Order, base *Application) error {
	placed, reversed := 0, false
	sum := pricing.Money{}
	if was != nil {
		sum = was.RefundedAmount
	}
	for i := range c.Refunds {
		r := &c.Refunds[i]
		if r.Order != o.ID {
			continue
		}
		reversed = reversed || r.Key == ""
		if was == nil {
			continue
		}
		isNew, due := r.Number > was.Refunds, base.refundDue(r.Order, r.Number) != nil
		if isNew {
			placed++
		}
		var err error
		switch {
		case !o.sums(r):
		case (isNew || !due) && r.Status.Counts():
			sum, err = plus(sum, r.Amount)
		case !isNew && !r.Status.Counts():
			sum, err = sum.Sub(r.Amount)
		}
		if err != nil {
			return broken(8, "order %s: %v", o.ID, err)
		}
	}
	same := o.RefundedAmount == sum || o.RefundedAmount.Sign() == 0 && sum.Sign() == 0
	if was != nil && (o.Refunds != was.Refunds+placed || !same) {
		return broken(8, "order %s has %d refunds of %s, not %d of %s", o.ID, o.Refunds, o.RefundedAmount, was.Refunds+placed, sum)
	}
	if o.RefundedAmount.IsZero() || reversed {
		return nil
	}
	if over, err := o.RefundedAmount.Cmp(o.Collected); !c.refundsPlaced(o) || err == nil && over <= 0 {
		return nil
	}
	return broken(8, "order %s returns %s of %s that was collected", o.ID, o.RefundedAmount, o.Collected)
}

// checkUndelivered checks that an order that is closed without being delivered returns all that was collected for it. One
// that the first version left to be refunded as a whole says so by its status.
func checkUndelivered(o, was *Order) error {
	if was == nil || o.Status.Unresolved() || o.Status == OrderPaid ||
		was.Status == OrderRefundDue || was.Status == OrderUnreconciled && was.Collected.Sign() > 0 {
		return nil
	}
	if o.Collected.Sign() <= 0 {
		if was.Status == OrderOpen && o.Status == OrderRefunded {
			return broken(7, "order %s is refunded, but nothing was collected", o.ID)
		}
		return nil
	}
	if o.RefundedAmount.IsZero() {
		return broken(8, "order %s is %s, and %s that was collected stays", o.ID, o.Status, o.Collected)
	}
	if over, err := o.RefundedAmount.Cmp(o.Collected); err == nil && over < 0 {
		return broken(8, "order %s is %s, and returns only %s of %s", o.ID, o.Status, o.RefundedAmount, o.Collected)
	}
	return nil
}

// refundsPlaced reports whether the change places a refund of an order.
func (c *Change) refundsPlaced(o *Order) bool {
	return slices.ContainsFunc(c.Refunds, func(r Refund) bool { return r.Order == o.ID && r.Status == RefundDue })
}

// takesBack reports whether the change takes back all that an order delivered.
func (c *Change) takesBack(o *Order) bool {
	return !o.TakenBackAt.IsZero() && c.takesPeriods(o.ID)
}

// checkTakenBack checks that nothing is left of what an order delivered.
func (c *Change) checkTakenBack(o *Order) error {
	for i := range c.Next.Lots {
		if l := &c.Next.Lots[i]; l.Order == o.ID && (!l.TakenBack || l.Remaining > 0) {
			return broken(8, "order %s is taken back, but lot %d isn't", o.ID, l.ID)
		}
	}
	for i := range o.Deliveries {
		v := &o.Deliveries[i]
		if v.Extend != nil {
			s := c.Next.subscription(v.Extend.Subscription)
			left := func(y Cycle) bool { return y.Order == o.ID && (!y.Begun || y.Period.Contains(c.Next.AsOf)) }
			if s != nil && s.InService() && slices.ContainsFunc(s.Cycles, left) {
				return broken(8, "order %s is taken back, but its periods aren't", o.ID)
			}
		}
		if r := v.Upgrade; r != nil {
			if s := c.Next.subscription(r.Subscription); s != nil && s.Status != Refunded {
				if y := s.cycle(r.Cycle); y != nil && y.Version == r.To {
					return broken(8, "order %s is taken back, but its upgrade isn't undone", o.ID)
				}
			}
		}
		if v.Usage != nil {
			return broken(8, "order %s is taken back, though it is for usage", o.ID)
		}
	}
	return nil
}

// reinstates reports whether the change reinstates the payment of an order.
func (c *Change) reinstates(id OrderID) bool {
	return slices.ContainsFunc(c.Refunds, func(r Refund) bool {
		return r.Order == id && r.Status == RefundReinstated && r.Take == TakeAll
	})
}

// takes reports whether the change takes back what an order delivered, at least some of it.
func (c *Change) takes(id OrderID) bool {
	return slices.ContainsFunc(c.Refunds, func(r Refund) bool {
		return r.Order == id && (r.Take == TakeAll || r.Take == TakeUnused) && r.Status.Counts()
	})
}

// takesPeriods reports whether the change takes back the periods of an order, or what it upgraded.
func (c *Change) takesPeriods(id OrderID) bool {
	return slices.ContainsFunc(c.Refunds, func(r Refund) bool {
		return r.Order == id && r.Take == TakeAll && r.Status.Counts()
	})
}

// checkTaken checks invariant 8 for minutes: they are taken back only with their payment, or as they are released by a
// reservation, and return only when it is reinstated.
func (c *Change) checkTaken(base *Application) error {
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Kind != EntryRefunded && e.Kind != EntryReinstated {
			continue
		}
		lot := base.lot(e.Lot)
		if lot == nil {
			lot = c.Next.lot(e.Lot)
		}
		switch {
		case lot == nil: // granted and taken within one change
		case e.Kind == EntryReinstated && !c.reinstates(lot.Order),
			e.Kind == EntryRefunded && !lot.TakenBack && !c.takes(lot.Order) && !c.returns(lot.Subscription):
			return broken(8, "%s minutes of lot %d are %s, without their payment", e.Quantity, e.Lot, e.Kind)
		}
	}
	for i := range c.Next.Lots {
		is := &c.Next.Lots[i]
		if was := base.lot(is.ID); was != nil && was.TakenBack && !is.TakenBack && !c.reinstates(is.Order) {
			return broken(8, "lot %d is no longer taken back", is.ID)
		}
	}
	return nil
}

// returns reports whether the change returns a package that cost nothing.
func (c *Change) returns(id SubscriptionID) bool {
	s := c.Next.subscription(id)
	return s != nil && s.Status == Refunded
}

// sameContent reports whether two refunds agree in everything that is set when a refund is placed.
func (r *Refund) sameContent(x *Refund) bool {
	return r.Application == x.Application && r.Order == x.Order && r.Number == x.Number && r.Kind == x.Kind && r.ID == x.ID &&
		r.Key == x.Key && r.Account == x.Account && r.Amount == x.Amount && slices.Equal(r.Taxes, x.Taxes) && r.Take == x.Take &&
		r.By == x.By && r.DueAt.Equal(x.DueAt)
}

// refund returns the row of a refund that the change writes, or nil.
func (c *Change) refund(of OrderID, number int) *Refund { return findRefund(c.Refunds, of, number) }
