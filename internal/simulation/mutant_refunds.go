package simulation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// refundMutants are defects of money that goes back, and of charges that are too small.
func refundMutants() []mutant {
	return []mutant{
		{
			name: "refund-twice", what: "a refund that got no answer is requested again under another key",
			wrap: onGateway(refundTwice),
		},
		{
			name: "refund-forgotten", what: "workers don't see the refunds that are due",
			wrap: refundForgotten, lax: true,
		},
		{
			name: "refund-stays-made", what: "a refund that was made and fails later is left as it is",
			wrap: onCommit(refundStaysMade), lax: true,
		},
		{
			name: "reversal-twice", what: "a notice of a reversal that is repeated is taken for another one",
			wrap: changedOnLoad(forgetReversals, nil),
		},
		{
			name: "taken-and-kept", what: "minutes that a refund takes back can still be spent",
			wrap: onCommit(takenAndKept), lax: true,
		},
		{
			name: "share-drift", what: "a refund's share of a tax is computed from its amount alone, and rounded up",
			wrap: onCommit(shareDrift), lax: true,
		},
		{
			name: "late-kept", what: "money that arrives late is kept",
			wrap: onCommit(lateKept), lax: true,
		},
		{
			name: "waiver-recorded", what: "an upgrade that was too small to charge is recorded as if it were paid",
			wrap: onCommit(waiverRecorded), lax: true,
		},
		{
			name: "carried-twice", what: "of a bill for several days, the first day is still owed",
			wrap: onCommit(carriedTwice),
		},
	}
}

func refundTwice(w *world, g *mutantGateway) {
	g.refund = func(ctx context.Context, r payment.Refund) (payment.Result, error) {
		answer, err := g.Gateway.Refund(ctx, r)
		if err == nil || isInjected(err) {
			return answer, err
		}
		key := r.Key
		r.Key = fmt.Sprintf("%s#%d", key, w.calls)
		answer, err = g.Gateway.Refund(ctx, r)
		answer.Key = key
		return answer, err
	}
}

// refundForgotten hides due refunds from what workers claim.
func refundForgotten(_ *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
	return &withoutRefunds{st}, gw
}

type withoutRefunds struct{ store.Store }

// Claim implements renewal.Store.
func (s *withoutRefunds) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, asOf, lease, limit)
	for i := range claimed {
		claimed[i].Snapshot.Application.Refunds = nil
	}
	return claimed, err
}

// refundStaysMade leaves out that a refund has failed after it was made.
func refundStaysMade(w *world, c *subscription.Change) {
	due := w.store.states[c.Application].Refunds
	for i := range c.Refunds {
		r := &c.Refunds[i]
		was := slices.ContainsFunc(due, func(x subscription.Refund) bool { return x.Order == r.Order && x.Number == r.Number })
		if r.Status != subscription.RefundFailed || was {
			continue
		}
		r.Status, r.Reason = subscription.RefundMade, ""
		for k := range c.Orders {
			if o := &c.Orders[k]; o.ID == r.Order {
				o.RefundedAmount = minor(o.RefundedAmount.Minor()+r.Amount.Minor(), r.Amount)
			}
		}
	}
}

// forgetReversals forgets which reversals were told.
func forgetReversals(_ *world, s *subscription.Snapshot) {
	for i := range s.Refunds {
		if r := &s.Refunds[i]; r.ID != "" {
			r.ID = "another than " + r.ID
		}
	}
}

// takenAndKept leaves the lots that are taken back as they were.
func takenAndKept(w *world, c *subscription.Change) {
	before := w.store.states[c.Application].Lots
	taken := map[subscription.LotID]bool{}
	c.Entries = slices.DeleteFunc(c.Entries, func(e subscription.Entry) bool {
		known := slices.ContainsFunc(before, func(l subscription.Lot) bool { return l.ID == e.Lot && l.Remaining == e.Quantity })
		if e.Kind == subscription.EntryRefunded && known {
			taken[e.Lot] = true
		}
		return taken[e.Lot]
	})
	if len(taken) == 0 {
		return
	}
	c.Events = slices.DeleteFunc(c.Events, func(e subscription.Event) bool {
		return e.Type == subscription.EventLotRefunded && taken[e.Lot]
	})
	c.Next.Lots = slices.DeleteFunc(c.Next.Lots, func(l subscription.Lot) bool { return taken[l.ID] })
	for _, l := range before {
		if taken[l.ID] {
			c.Next.Lots = append(c.Next.Lots, l)
		}
	}
	slices.SortFunc(c.Next.Lots, func(l, m subscription.Lot) int { return cmp.Compare(l.ID, m.ID) })
	renumber(c)
}

// shareDrift computes the taxes of each refund that is placed as if it were the only one.
func shareDrift(w *world, c *subscription.Change) {
	for i := range c.Refunds {
		r := &c.Refunds[i]
		o := slices.IndexFunc(c.Orders, func(o subscription.Order) bool { return o.ID == r.Order })
		if o < 0 || r.Number != c.Orders[o].Refunds || len(r.Taxes) == 0 || w.placed(r) {
			continue
		}
		rest := r.Amount.Minor()
		for k := range r.Taxes {
			all := c.Orders[o].Amount.Minor()
			share := (c.Orders[o].Taxes[k].Amount.Minor()*r.Amount.Minor() + all - 1) / all
			r.Taxes[k].Amount = minor(min(share, rest), r.Amount)
			rest -= min(share, rest)
		}
		for k := range r.Taxes {
			r.Taxes[k].Base = minor(rest, r.Amount)
		}
		for k := range c.Next.Refunds {
			if d := &c.Next.Refunds[k]; d.Order == r.Order && d.Number == r.Number {
				d.Taxes = slices.Clone(r.Taxes)
			}
		}
	}
}

// placed reports whether a refund was placed before.
func (w *world) placed(r *subscription.Refund) bool {
	seen := w.store.seen[r.Application]
	if seen == nil {
		return false
	}
	for i := range seen.Refunds {
		if x := &seen.Refunds[i]; x.Order == r.Order && x.Number == r.Number {
			return true
		}
	}
	return false
}

// lateKept places no refund for money that arrives late.
func lateKept(w *world, c *subscription.Change) {
	for i := range c.Orders {
		o := &c.Orders[i]
		late := func(r subscription.Refund) bool {
			return r.Order == o.ID && r.Number == o.Refunds && r.Kind == subscription.RefundLate &&
				r.Status == subscription.RefundDue && !w.placed(&r)
		}
		k := slices.IndexFunc(c.Refunds, late)
		if k < 0 || o.Refunds > 1 {
			continue
		}
		o.Refunds, o.RefundedAmount = 0, minor(o.RefundedAmount.Minor()-c.Refunds[k].Amount.Minor(), o.Amount)
		c.Next.Refunds = slices.DeleteFunc(c.Next.Refunds, func(r subscription.Refund) bool { return r.Order == o.ID })
		c.Refunds = slices.Delete(c.Refunds, k, k+1)
		c.Events = slices.DeleteFunc(c.Events, func(e subscription.Event) bool {
			return e.Type == subscription.EventRefundDue && e.Order == o.ID && len(c.Events) > 1
		})
		renumber(c)
	}
}

// waiverRecorded records the price of an upgrade that was waived.
func waiverRecorded(_ *world, c *subscription.Change) {
	for i := range c.Orders {
		for _, d := range c.Orders[i].Deliveries {
			r := d.Upgrade
			if r == nil || !r.Waived || c.Orders[i].Status != subscription.OrderPaid || !c.Places(c.Orders[i].ID) {
				continue
			}
			for k := range c.Next.Subscriptions {
				s := &c.Next.Subscriptions[k]
				for n := range s.Cycles {
					if y := &s.Cycles[n]; s.ID == r.Subscription && y.Number >= r.Cycle {
						y.Price = r.Price
					}
				}
			}
		}
	}
}

// carriedTwice keeps the counters of the first of several days that are paid.
func carriedTwice(w *world, c *subscription.Change) {
	for i := range c.Orders {
		o := &c.Orders[i]
		for _, d := range o.Deliveries {
			if d.Usage == nil || d.Usage.Through == 0 || o.Status != subscription.OrderPaid {
				continue
			}
			for _, x := range w.store.states[c.Application].Counters {
				if x.Order == o.ID && x.Day == d.Usage.Day {
					x.Order = ""
					c.Next.Counters = append(c.Next.Counters, x)
				}
			}
		}
	}
}
