package reconcile

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// missing yields what the statement lacks.
func (c *comparison) missing() bool {
	for app, err := range c.store.Applications(c.ctx) {
		if err != nil {
			return c.fail(fmt.Errorf("reconcile: %w", err))
		}
		if !c.missingOf(app) {
			return false
		}
	}
	return true
}

// missingOf yields what the statement lacks of an application.
func (c *comparison) missingOf(app subscription.ApplicationID) bool {
	var returned []*returns
	of := map[subscription.OrderID]*returns{}
	for o, err := range c.store.Orders(c.ctx, app) {
		switch {
		case err != nil:
			return c.fail(fmt.Errorf("reconcile: %w", err))
		case o.Attempt == "" || o.Collected.Sign() <= 0 && o.Refunds == 0:
		case o.Refunds > 0:
			x := &returns{order: o}
			returned, of[o.ID] = append(returned, x), x
		case !c.lacks(&o, learned(&o, nil)):
			return false
		}
	}
	if len(returned) == 0 {
		return true
	}
	for r, err := range c.store.Refunds(c.ctx, app) {
		if err != nil {
			return c.fail(fmt.Errorf("reconcile: %w", err))
		}
		if x := of[r.Order]; x != nil {
			x.refunds = append(x.refunds, r)
		}
	}
	for _, x := range returned {
		if !c.lacks(&x.order, learned(&x.order, x.refunds)) {
			return false
		}
		for _, r := range x.refunds {
			if !c.lacksRefund(&x.order, r) {
				return false
			}
		}
	}
	return true
}

// returns is an order with its refunds.
type returns struct {
	order   subscription.Order
	refunds []subscription.Refund
}

// learned returns when it was recorded that an order was collected. Of one that wasn't paid and is from before that was
// recorded, it is when the first refund was asked for, or else by when it certainly was.
func learned(o *subscription.Order, refunds []subscription.Refund) time.Time {
	switch {
	case !o.CollectedAt.IsZero():
		return o.CollectedAt
	case !o.PaidAt.IsZero():
		return o.PaidAt
	}
	last := o.ClosedAt
	for i := range refunds {
		r := &refunds[i]
		if r.Key != "" {
			return r.DueAt
		}
		if r.DueAt.After(last) {
			last = r.DueAt
		}
	}
	return last
}

// lacks yields the charge of an order that was collected, and the refund of a whole order from before refunds were rows, if
// the statement should have them and doesn't. learned is when we knew of the collection at the latest.
func (c *comparison) lacks(o *subscription.Order, learned time.Time) bool {
	d := Difference{Kind: Missing, Application: o.Application, Order: o.ID, Status: o.Status, Recorded: o.Collected}
	d.Line = Line{Kind: Charge, Key: string(o.Attempt), Amount: o.Collected, At: learned}
	if o.Collected.Sign() > 0 && c.within(o.PlacedAt, learned) && !c.has(d.Line) && !c.yield(d, nil) {
		return false
	}
	if o.Refunds > 0 || o.Status != subscription.OrderRefunded || o.Collected.Sign() <= 0 {
		return true
	}
	d.Line.Kind, d.Line.Key, d.Line.At = Refund, string(o.Attempt)+"/refund", o.ClosedAt
	return !c.within(o.PlacedAt, o.ClosedAt) || c.has(d.Line) || c.yield(d, nil)
}

// lacksRefund yields a refund that was made, or a notice, if the statement should have it and doesn't, and likewise that it
// came back.
func (c *comparison) lacksRefund(o *subscription.Order, r subscription.Refund) bool {
	d := Difference{Kind: Missing, Application: o.Application, Order: o.ID, Status: o.Status, Recorded: r.Amount}
	d.Line = Line{Kind: Refund, Key: r.Key, Amount: r.Amount, Reference: r.Reference, At: r.ClosedAt}
	from := r.DueAt
	if r.Key == "" {
		d.Line.Key, d.Line.ID, d.Line.At = string(o.Attempt), r.ID, r.DueAt
		from = o.PlacedAt
		if r.Kind == subscription.RefundReversal {
			d.Line.Kind = Reversal
		}
		if _, refund := subscription.ParseKey(r.ID); refund > 0 { // another amount than was asked for
			d.Line.Key, d.Line.ID = r.ID, ""
		}
	}
	switch {
	case r.Status == subscription.RefundFailed && !r.MadeAt.IsZero():
		d.Line.At = r.MadeAt // and it came back when it was closed
	case r.Status != subscription.RefundMade && r.Status != subscription.RefundReinstated:
		return true
	case r.Key == "" && r.ID == "": // by other means: no provider knows of it
		return true
	}
	if c.within(from, d.Line.At) && !c.has(d.Line) && !c.yield(d, nil) {
		return false
	}
	if r.Status == subscription.RefundMade {
		return true
	}
	d.Line.Kind, d.Line.At = Reinstated, r.ClosedAt
	return !c.within(from, d.Line.At) || c.has(d.Line) || c.yield(d, nil)
}

// within reports whether the statement covers all of a time and the margin at both ends.
func (c *comparison) within(from, to time.Time) bool {
	return !from.Add(-c.span.Margin).Before(c.span.From) && to.Add(c.span.Margin).Before(c.span.To)
}
