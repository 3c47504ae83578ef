package simulation

import (
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file compares each change, as it is committed, with what the world knows at that instant: its time, the
// gateway's answers, and a person's decisions.

// watch checks a change that follows base.
func (r *recorder) watch(c *subscription.Change, base *subscription.Application) {
	if r.world.clocked && c.Next.AsOf.After(r.world.now.Add(maxSkew)) && c.Next.AsOf.After(base.AsOf) {
		r.world.violatef("clock", c.Application, "a change is recorded as of %s, and by the store's clock it is %s",
			audit.Stamp(c.Next.AsOf), audit.Stamp(r.world.now))
	}
	r.waits(c, base)
	for i := range c.Refunds {
		r.watchRefund(c, &c.Refunds[i])
	}
	r.watchCounters(c, base)
	for i := range c.Events {
		e := &c.Events[i]
		if e.Type == subscription.EventUsed && strings.HasPrefix(e.Note, "used in the grace time") {
			r.world.figures.GraceUsed++
		}
		for k := range c.Orders {
			if o := &c.Orders[k]; o.ID == e.Order {
				r.watchOrder(c, o, e, base)
			}
		}
	}
}

// waits checks that no order waits for the customer beyond its end: when a worker has decided, the application is due by
// then.
func (r *recorder) waits(c *subscription.Change, base *subscription.Application) {
	for i := range c.Next.Orders {
		o := &c.Next.Orders[i]
		if was, known := base.OpenOrder(o.ID); o.Action != nil && (!known || was.Action == nil) {
			r.world.figures.Waited++
		}
	}
	scheduled := c.Next.Due.After(c.Next.AsOf) || c.Next.Due.IsZero()
	if len(c.Records) > 0 || !scheduled || len(c.Next.Orders) > 4 { // so many may leave no room to give up another
		return
	}
	for i := range c.Events {
		if c.Events[i].Type == subscription.EventDecisionFailed {
			return
		}
	}
	for i := range c.Next.Orders {
		o := &c.Next.Orders[i]
		if o.Action == nil {
			continue
		}
		if end := r.world.waitsUntil(o, &c.Next); c.Next.Due.IsZero() || c.Next.Due.After(end) {
			r.world.violatef("waits", o.Application, "order %s waits for the customer until %s, and the application is due at %s", o.ID,
				audit.Stamp(end), audit.Stamp(c.Next.Due))
		}
	}
}

// waitsUntil returns when an order is given up at the latest, by any of the catalogs.
func (w *world) waitsUntil(o *subscription.Order, app *subscription.Application) time.Time {
	end := o.PlacedAt.Add(6 * time.Hour)
	extend := audit.Extension(*o)
	for i := range app.Subscriptions {
		s := &app.Subscriptions[i]
		if extend == nil || !extend.Automatic || s.ID != o.Subscription {
			continue
		}
		for _, cat := range w.catalogs {
			if graceful := s.End().Add(cat.ServiceTerms().Grace); graceful.After(end) {
				end = graceful
			}
		}
	}
	return end
}

// watchCounters checks that usage isn't billed by another order, nor set free for one, while the order that bills it may still
// be collected.
func (r *recorder) watchCounters(c *subscription.Change, base *subscription.Application) {
	type key struct {
		product pricing.ProductID
		kind    pricing.UsageKindID
		day     pricing.Date
	}
	billed := map[key]subscription.OrderID{}
	for _, x := range base.Counters {
		if x.Order != "" {
			billed[key{x.Product, x.Kind, x.Day}] = x.Order
		}
	}
	for _, x := range c.Next.Counters {
		id, was := billed[key{x.Product, x.Kind, x.Day}]
		if !was || x.Order == id {
			continue
		}
		if o, open := c.Next.OpenOrder(id); open && (o.Status.Blocking() || o.Status == subscription.OrderCanceling) {
			r.world.violatef("usage", c.Application, "order %s bills %s of %s, is %s, and leaves it to order %q",
				id, x.Kind, x.Day, o.Status, x.Order)
		}
	}
}

// watchOrder checks what an event says about an order.
func (r *recorder) watchOrder(c *subscription.Change, o *subscription.Order, e *subscription.Event, base *subscription.Application) {
	was, _ := base.OpenOrder(o.ID)
	switch e.Type { //nolint:exhaustive // the others need no answer
	case subscription.EventOrderPaid:
		r.paidAfter(o)
	case subscription.EventUpgraded:
		r.waived(c, o, base)
	case subscription.EventOrderCanceling:
		if o.Kind == subscription.UsageOrder && was.Collected.Sign() == 0 && was.Action == nil { // it waited for the customer
			r.world.violatef("review", o.Application, "order %s bills usage, which is owed, and was given up", o.ID)
		}
	case subscription.EventOrderCanceled:
		if len(c.Receipts) == 1 && c.Receipts[0].Kind == (subscription.CloseReview{}).Kind() {
			return // a person decided it
		}
		if o.Collected.Sign() > 0 {
			return // late, and it goes back
		}
		v := r.world.verdicts[string(o.Attempt)]
		since, known := r.seen[o.Application].GivenUp[o.ID]
		if looked := known && v.status == payment.NotFound && !v.at.Before(since); v.status != payment.Declined && !looked {
			r.world.violatef("review", o.Application, "order %s, which was %s, is canceled without a look; the gateway's last word was %q",
				o.ID, was.Status, v.status)
		}
	default:
	}
}

// waived checks that an upgrade that was too small to charge changes no price: the next one pays for both.
func (r *recorder) waived(c *subscription.Change, o *subscription.Order, base *subscription.Application) {
	if !slices.ContainsFunc(o.Lines, func(l pricing.Line) bool { return l.Kind == pricing.WaiverLine }) {
		return // it costs nothing, since more was paid than the higher version costs
	}
	before := map[int]subscription.Cycle{}
	for i := range base.Subscriptions {
		for _, y := range base.Subscriptions[i].Cycles {
			if base.Subscriptions[i].ID == o.Subscription {
				before[y.Number] = y
			}
		}
	}
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		for _, y := range s.Cycles {
			was, known := before[y.Number]
			if s.ID == o.Subscription && known && (y.Price != was.Price || y.Total != was.Total) {
				r.world.violatef("price", o.Application, "order %s was waived, and period %d of %s costs %s instead of %s", o.ID, y.Number,
					s.ID, y.Price, was.Price)
			}
		}
	}
}

// paidAfter checks that a payment is dated no earlier than the gateway's answer, by the clock of the process.
func (r *recorder) paidAfter(o *subscription.Order) {
	if r.by == nil {
		return
	}
	a, asked := r.by.answers[string(o.Attempt)]
	if asked && a.steps == r.by.steps && o.PaidAt.Before(a.at.Truncate(time.Microsecond)) {
		r.world.violatef("time", o.Application, "order %s is paid as of %s, and %s had the gateway's answer at %s", o.ID,
			audit.Stamp(o.PaidAt), r.by.name, audit.Stamp(a.at))
	}
}

// refundWait is how long a refund is requested again while the gateway doesn't know the charge.
const refundWait = 30 * 24 * time.Hour

// watchRefund checks that money is returned elsewhere only if a person says so, and that a refund has failed only if the
// gateway declined it, may have forgotten its key or knows it with other content, or hasn't known the charge for all that
// time.
func (r *recorder) watchRefund(c *subscription.Change, f *subscription.Refund) {
	if f.Status == subscription.RefundMade && f.Key == "" && f.ID == "" {
		if len(c.Receipts) != 1 || c.Receipts[0].Kind != (subscription.RefundOrder{}).Kind() &&
			c.Receipts[0].Kind != (subscription.CloseReview{}).Kind() {
			r.world.violatef("refund", f.Application, "refund %d of order %s was made elsewhere, and nobody said so", f.Number, f.Order)
		}
		return
	}
	if f.Kind == subscription.RefundReversal && f.Status == subscription.RefundMade && f.Take != subscription.TakeAll {
		for i := range c.Orders {
			if o := &c.Orders[i]; o.ID == f.Order && o.Status == subscription.OrderPaid && o.TakenBackAt.IsZero() {
				r.world.violatef("reversal", f.Application, "the payment of order %s is reversed, and nothing is taken back", o.ID)
			}
		}
	}
	if f.Status != subscription.RefundFailed {
		return
	}
	keep := r.world.gateway.Retention()
	if keep > 0 && !f.ClosedAt.Before(f.DueAt.Add(keep-keep/10)) {
		return
	}
	v := r.world.verdicts[f.Key]
	if v.status == payment.NotFound && !f.ClosedAt.Before(f.DueAt.Add(refundWait)) {
		return
	}
	if v.status != payment.Declined && v.status != conflicting {
		r.world.violatef("refund", f.Application, "refund %d of order %s has failed, and the gateway's last word was %q",
			f.Number, f.Order, v.status)
	}
}
