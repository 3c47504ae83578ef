package simulation

import (
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment"
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
	for i := range c.Events {
		e := &c.Events[i]
		for k := range c.Orders {
			if o := &c.Orders[k]; o.ID == e.Order {
				r.watchOrder(c, o, e, base)
			}
		}
	}
}

// watchOrder checks what an event says about an order.
func (r *recorder) watchOrder(c *subscription.Change, o *subscription.Order, e *subscription.Event, base *subscription.Application) {
	was, _ := base.OpenOrder(o.ID)
	switch e.Type { //nolint:exhaustive // the others need no answer
	case subscription.EventOrderPaid:
		r.paidAfter(o)
	case subscription.EventOrderCanceling:
		if o.Kind == subscription.UsageOrder && was.Collected.Sign() == 0 {
			r.world.violatef("review", o.Application, "order %s bills usage, which is owed, and was given up", o.ID)
		}
	case subscription.EventOrderCanceled:
		if len(c.Receipts) == 1 && c.Receipts[0].Kind == (subscription.CloseReview{}).Kind() {
			return // a person decided it
		}
		v := r.world.verdicts[string(o.Attempt)]
		since, known := r.seen[o.Application].GivenUp[o.ID]
		if looked := known && v.status == payment.NotFound && !v.at.Before(since); v.status != payment.Declined && !looked {
			r.world.violatef("review", o.Application, "order %s, which was %s, is canceled without a look; the gateway's last word was %q",
				o.ID, was.Status, v.status)
		}
	case subscription.EventOrderUnreconciled:
		r.strays(o, &was)
	default:
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

// strays checks that a refund is left to a person only if the gateway declined it, may have forgotten its key, or
// hasn't known the charge for all that time.
func (r *recorder) strays(o, was *subscription.Order) {
	if was.Status != subscription.OrderRefundDue {
		return
	}
	keep := r.world.gateway.Retention()
	if keep > 0 && !o.ClosedAt.Before(was.ClosedAt.Add(keep-keep/10)) {
		return
	}
	v := r.world.verdicts[string(o.Attempt)+"/refund"]
	if v.status == payment.NotFound && !o.ClosedAt.Before(was.ClosedAt.Add(refundWait)) {
		return
	}
	if !v.status.Final() {
		r.world.violatef("refund", o.Application, "the refund of order %s is left to a person, and the gateway's last word was %q",
			o.ID, v.status)
	}
}
