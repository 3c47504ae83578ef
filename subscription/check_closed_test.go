package subscription_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// row is the row of a refund of an order, elsewhere, beside which a defective command writes something.
func (w *world) row(o subscription.Order, take subscription.Take, status subscription.RefundStatus) (subscription.Order, subscription.Refund) {
	r := subscription.Refund{
		Application: app, Order: o.ID, Number: o.Refunds + 1, Kind: subscription.RefundReversal, ID: "dp-9", Account: o.Account,
		Amount: money(w.t, "0.01 USD"), Take: take, Status: status, DueAt: w.now, ClosedAt: w.now,
	}
	o.Refunds++
	if status.Counts() {
		o.RefundedAmount = r.Amount
	}
	return o, r
}

// A defective command writes rows of refunds, and what only a payment may give.
// Rule: nothing-without-payment.
func TestCheckRefusesDefectsBesideRefunds(t *testing.T) {
	beside := func(c *subscription.Change, o subscription.Order, r subscription.Refund) {
		c.Orders, c.Refunds = append(c.Orders, o), append(c.Refunds, r)
		c.Events = append(c.Events, subscription.Event{
			Application: app, Revision: c.Base + 1, Index: len(c.Events), At: c.Next.AsOf, Type: subscription.EventReversed, Order: o.ID, Amount: r.Amount,
		})
	}
	t.Run("a pack is paid again", func(t *testing.T) {
		m := newMeter(t)
		o := m.must(topUp("call-50")).Order
		m.at("2025-07-11T10:00:00Z")
		o, r := m.row(o, subscription.TakeNothing, subscription.RefundMade)
		m.refuseDefect(3, defect{Name: "again", draft: func(d *subscription.Draft) {
			d.AddEvent(subscription.Event{Type: subscription.EventOrderPaid, Order: o.ID})
		}, after: func(c *subscription.Change) {
			lot := c.Next.Lots[0]
			c.Next.LastLot++
			lot.ID, lot.GrantedAt = c.Next.LastLot, c.Next.AsOf
			lot.Period.Start = lot.Period.Start.Add(24 * time.Hour)
			c.Next.Lots = append(c.Next.Lots, lot)
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Kind: subscription.EntryGranted, Lot: lot.ID, Quantity: lot.Granted, Order: o.ID,
			})
			beside(c, o, r)
		}})
	})
	t.Run("a period is promised for longer", func(t *testing.T) {
		m := newMeter(t)
		m.must(buy("call", "small"))
		m.refuseDefect(7, defect{Name: "promised", draft: func(d *subscription.Draft) {
			d.Application.Subscriptions[0].Cycles[0].Promised = d.Now.AddDate(10, 0, 0)
		}})
	})
	t.Run("periods are suspended that nobody paid for", func(t *testing.T) {
		m := newMeter(t)
		m.must(buy("call", "small"))
		m.refuseDefect(4, defect{Name: "suspended", draft: func(d *subscription.Draft) {
			s := &d.Application.Subscriptions[0]
			c := s.Cycles[0]
			c.Number, c.Begun, c.Granted, c.Minutes = 2, false, 0, 1000000
			c.Period.Start, c.Period.End = c.Period.End, c.Period.End.AddDate(0, 1, 0)
			s.Suspended = append(s.Suspended, c)
		}})
	})
	t.Run("a suspended period returns and stays suspended", func(t *testing.T) {
		m := newMeter(t)
		m.must(buy("call", "small"))
		o := m.must(renewal.Renew{Product: "call"}).Order
		m.reverse(o, "dp-1", payment.Reversed, "10.00 USD")
		o = m.order(o.ID)
		all, err := m.Refunds(t.Context(), app, o.ID)
		m.ok(err)
		o.RefundedAmount, o.TakenBackAt = money(t, "0.00 USD"), time.Time{}
		all[0].Status = subscription.RefundReinstated
		m.refuseDefect(4, defect{Name: "twice", draft: func(d *subscription.Draft) {
			s := &d.Application.Subscriptions[0]
			s.Cycles = append(s.Cycles, s.Suspended[0])
			s.Next++
		}, after: func(c *subscription.Change) { beside(c, o, all[0]) }})
	})
	t.Run("an upgrade raises what is ahead again", func(t *testing.T) {
		m := newMeter(t)
		m.must(buy("call", "small"))
		m.must(renewal.Renew{Product: "call"})
		o := m.must(subscription.Upgrade{Product: "call", To: "large", Agreement: agreement}).Order
		o, r := m.row(o, subscription.TakeAll, subscription.RefundReinstated)
		m.refuseDefect(7, defect{Name: "again", draft: func(d *subscription.Draft) {
			s := &d.Application.Subscriptions[0]
			s.Cycles[1].Minutes += o.Deliveries[0].Upgrade.Ahead[0]
		}, after: func(c *subscription.Change) { beside(c, o, r) }})
	})
	t.Run("periods end, or vanish, with what is unused", func(t *testing.T) {
		m := newMeter(t)
		m.must(buy("call", "small"))
		o := m.must(renewal.Renew{Product: "call"}).Order
		o, r := m.row(o, subscription.TakeUnused, subscription.RefundMade)
		m.refuseDefect(4, defect{Name: "vanish", draft: func(d *subscription.Draft) {
			s := &d.Application.Subscriptions[0]
			s.Cycles = s.Cycles[:1]
			s.Next--
		}, after: func(c *subscription.Change) { beside(c, o, r) }})
	})
	for name, change := range map[string]func(o *subscription.Order, r *subscription.Refund){
		"its amount": func(o *subscription.Order, _ *subscription.Refund) {
			o.Amount, o.Lines[0].Amount = money(t, "9.00 USD"), money(t, "9.00 USD")
		},
		"what was collected": func(o *subscription.Order, _ *subscription.Refund) { o.Collected = money(t, "1000.00 USD") },
		"when it was paid":   func(o *subscription.Order, _ *subscription.Refund) { o.PaidAt = o.PaidAt.Add(time.Hour) },
		"what it delivers":   func(o *subscription.Order, _ *subscription.Refund) { o.Deliveries[0].Extend.Minutes++ },
		"what went back":     func(o *subscription.Order, _ *subscription.Refund) { o.RefundedAmount = money(t, "0.01 USD") },
		"how many refunds":   func(o *subscription.Order, r *subscription.Refund) { o.Refunds, r.Number = 1, 1 },
		"that it isn't paid": func(o *subscription.Order, _ *subscription.Refund) { o.Status = subscription.OrderRefunded },
		"that it was taken":  func(o *subscription.Order, _ *subscription.Refund) { o.TakenBackAt = o.PaidAt },
		"an earlier refund": func(o *subscription.Order, r *subscription.Refund) {
			o.Refunds, r.Number, r.Kind, r.ID = 1, 1, subscription.RefundRequested, ""
		},
		"a made-up reinstate": func(o *subscription.Order, r *subscription.Refund) {
			r.Status, r.Take, o.RefundedAmount = subscription.RefundReinstated, subscription.TakeAll, money(t, "4.00 USD")
		},
	} {
		t.Run("a closed order changes "+name, func(t *testing.T) {
			m := newMeter(t)
			o := m.must(buy("call", "small")).Order
			o = m.must(m.refund(o.ID, "4.00 USD", "")).Order
			o, r := m.row(o.Clone(), subscription.TakeNothing, subscription.RefundMade)
			o.RefundedAmount = money(t, "4.01 USD")
			change(&o, &r)
			before := m.stored()
			_, err := m.do(needing{defect{Name: name, after: func(c *subscription.Change) { beside(c, o, r) }}, o.ID})
			fails(t, err, subscription.ErrInvariant)
			check(t, "revision", m.stored().Revision, before.Revision)
		})
	}
	t.Run("a closed order that wasn't loaded", func(t *testing.T) {
		m := newMeter(t)
		o, r := m.row(m.must(buy("call", "small")).Order, subscription.TakeNothing, subscription.RefundMade)
		_, err := m.do(defect{Name: "not loaded", after: func(c *subscription.Change) { beside(c, o, r) }})
		fails(t, err, subscription.ErrInvariant)
	})
	t.Run("one that is right", func(t *testing.T) {
		m := newMeter(t)
		o, r := m.row(m.must(buy("call", "small")).Order, subscription.TakeNothing, subscription.RefundMade)
		m.must(needing{defect{Name: "right", after: func(c *subscription.Change) { beside(c, o, r) }}, o.ID})
	})
}

// needing is a defective command that asks for an order and its refunds.
type needing struct {
	defect
	order subscription.OrderID
}

func (c needing) Needs() subscription.Needs {
	return subscription.Needs{Orders: []subscription.OrderID{c.order}, Refunds: []subscription.OrderID{c.order}}
}
