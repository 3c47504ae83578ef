package subscription

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkOrders checks invariant 5, and invariants 2 and 3 for orders.
func checkOrders(c *Change, base *Application) error {
	for i := range c.Next.Orders {
		o := &c.Next.Orders[i]
		if err := checkUnresolved(o, c, base); err != nil {
			return err
		}
		for j := range i {
			if p := &c.Next.Orders[j]; o.ID == p.ID || bothOpen(o, p) {
				return broken(2, "orders %s and %s for %s", o.ID, p.ID, o.Subscription)
			}
		}
	}
	if err := checkActions(c, base); err != nil {
		return err
	}
	for i := range base.Orders {
		if id := base.Orders[i].ID; c.Next.order(id) == nil && find(c.Orders, id) == nil {
			return broken(3, "order %s vanishes", id)
		}
	}
	for i := range c.Orders {
		if err := checkOrder(&c.Orders[i], c, base); err != nil {
			return err
		}
	}
	return nil
}

// bothOpen reports whether two orders for one subscription may both be collected.
func bothOpen(o, p *Order) bool {
	return o.Subscription != "" && o.Subscription == p.Subscription && o.Status == OrderOpen && p.Status == OrderOpen
}

// checkUnresolved checks an order of the next document: its latest row, which this change writes or an earlier one wrote,
// says the same as it does.
func checkUnresolved(o *Order, c *Change, base *Application) error {
	if !o.Status.Unresolved() {
		return broken(3, "order %s is %s but still in the document", o.ID, o.Status)
	}
	was := base.order(o.ID)
	row := find(c.Orders, o.ID)
	if row == nil {
		row = was // the row that an earlier change wrote
	}
	switch {
	case row == nil || row.Status != o.Status:
		return broken(3, "order %s has no row", o.ID)
	case row.Collected != o.Collected:
		return broken(7, "order %s: %s was collected, but no row records it", o.ID, o.Collected)
	case !row.sameContent(o) || was != nil && !was.sameContent(o):
		return broken(5, "order %s changes its content", o.ID)
	}
	return nil
}

// checkOrder checks an order's row.
func checkOrder(o *Order, c *Change, base *Application) error {
	if o.Application != c.Application || c.Places(o.ID) && o.Account != c.Next.Account {
		return broken(5, "order %s belongs to another application", o.ID)
	}
	if o.Status.Unresolved() != (c.Next.order(o.ID) != nil) {
		return broken(3, "order %s is %s", o.ID, o.Status)
	}
	if was := base.order(o.ID); was != nil {
		if err := checkOrderSteps(c, o.ID, was.Status, o.Status); err != nil {
			return err
		}
		if !was.sameContent(o) {
			return broken(5, "order %s changes its content", o.ID)
		}
	}
	for _, d := range o.Deliveries {
		if d.effect() == nil {
			return broken(5, "order %s has an empty delivery", o.ID)
		}
	}
	if why := o.wrongKind(); why != "" && c.Places(o.ID) {
		return broken(7, "order %s: %s", o.ID, why)
	}
	return o.checkTotal()
}

// sameContent reports whether two orders agree in everything that is set when an order is placed.
func (o *Order) sameContent(p *Order) bool {
	return o.Application == p.Application && o.Account == p.Account && o.Kind == p.Kind &&
		o.Subscription == p.Subscription && o.Product == p.Product && o.Version == p.Version &&
		o.PlacedAt.Equal(p.PlacedAt) && o.Catalog == p.Catalog && o.Agreement == p.Agreement &&
		o.Attempt == p.Attempt && o.Amount == p.Amount && slices.Equal(o.Lines, p.Lines) &&
		slices.Equal(o.Taxes, p.Taxes) && o.TaxIncluded == p.TaxIncluded && o.Present == p.Present &&
		slices.EqualFunc(o.Deliveries, p.Deliveries, Delivery.equal)
}

// checkOrderSteps follows an order's events from its status in base to its status in next. A change can have more
// than one step, for example if another order voids this one and the gateway's answer follows.
func checkOrderSteps(c *Change, id OrderID, status, want OrderStatus) error {
	for i := range c.Events {
		e := &c.Events[i]
		to := e.Type.OrderStatus()
		if e.Order != id || to == "" || to == status {
			continue
		}
		if !status.CanBecome(to) {
			return broken(3, "order %s: %s becomes %s", id, status, to)
		}
		status = to
	}
	if status != want {
		return broken(3, "order %s is %s, but %s by its events", id, want, status)
	}
	return nil
}

// checkActions checks the part of invariant 3 about actions, which are credentials: only an order that waits for the
// customer has one, the same in the document as in its row.
func checkActions(c *Change, base *Application) error {
	for _, orders := range [][]Order{c.Next.Orders, c.Orders} {
		for i := range orders {
			o := &orders[i]
			if o.Action == nil {
				continue
			}
			if o.Status != OrderOpen {
				return broken(3, "order %s is %s, and has an action", o.ID, o.Status)
			}
			if err := o.Action.Validate(); err != nil {
				return broken(3, "order %s: %v", o.ID, err)
			}
		}
	}
	for i := range c.Next.Orders {
		o := &c.Next.Orders[i]
		row := find(c.Orders, o.ID)
		if row == nil {
			row = base.order(o.ID)
		}
		if row != nil && (row.Action == nil) != (o.Action == nil) || row != nil && o.Action != nil && !row.Action.Equal(*o.Action) {
			return broken(3, "order %s has another action than its row", o.ID)
		}
	}
	return nil
}

// checkTotal checks that an order's amount is the sum of its lines, and of its taxes if they aren't included. Only the last
// line rounds.
func (o *Order) checkTotal() error {
	if len(o.Lines) == 0 {
		return broken(5, "order %s has no lines; a price comes from pricing.Total", o.ID)
	}
	lines, untaxed := o.Lines[0].Amount, o.Amount
	for i := range o.Lines {
		var err error
		l := &o.Lines[i]
		if i > 0 {
			lines, err = lines.Add(l.Amount)
		}
		if l.Kind == pricing.RoundingLine && err == nil {
			untaxed, err = untaxed.Sub(l.Amount)
			if i < len(o.Lines)-1 || i == 0 {
				return broken(5, "order %s: line %d of %d rounds", o.ID, i+1, len(o.Lines))
			}
		}
		if err != nil {
			return broken(5, "order %s: %v", o.ID, err)
		}
	}
	for i := range o.Taxes {
		var err error
		if untaxed, err = untaxed.Sub(o.Taxes[i].Amount); err == nil && !o.TaxIncluded {
			lines, err = lines.Add(o.Taxes[i].Amount)
		}
		if err != nil {
			return broken(5, "order %s: %v", o.ID, err)
		}
	}
	for _, t := range o.Taxes {
		if t.Base != untaxed || t.Amount.Sign() < 0 || t.Name == "" {
			return broken(5, "order %s: %s of %s on %s, not on %s", o.ID, t.Name, t.Amount, t.Base, untaxed)
		}
	}
	if lines != o.Amount || o.Amount.Sign() < 0 {
		return broken(5, "order %s: lines and taxes sum to %s, not %s; a price comes from pricing.Total", o.ID, lines, o.Amount)
	}
	return nil
}
