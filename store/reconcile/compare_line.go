package reconcile

import (
	"slices"
	"strconv"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// differs compares a line with what is recorded of its order. The kind of the result is "" if they agree. s is the snapshot
// of the application that the key names, or nil if it names none.
func (c *comparison) differs(l Line, s *subscription.Snapshot) Difference {
	d := Difference{Line: l, Kind: Unknown}
	if s == nil {
		return d
	}
	attempt, refund := subscription.ParseKey(l.Key)
	app, id, _ := attempt.Parse()
	o := orderOf(s, id)
	switch {
	case o != nil && o.Attempt == attempt:
	case s.Application.Revision > 0 && attempt == subscription.AttemptID(s.Store+"/"+string(app)+"/"+string(id)):
		d.Application = app // the order isn't there, or isn't there any more
		return d
	default:
		return d
	}
	d.Application, d.Order, d.Status = app, id, o.Status
	switch {
	case c.saw(l.movement()):
		d.Kind = Twice
	case l.Kind == Charge:
		d.charge(o)
	case refund > 0:
		d.refund(o, s.Refunds, refund)
	default:
		c.notice(&d, o, s.Refunds)
	}
	return d
}

// orderOf finds an order in the document or among the rows loaded with it.
func orderOf(s *subscription.Snapshot, id subscription.OrderID) *subscription.Order {
	for _, all := range [][]subscription.Order{s.Application.Orders, s.Orders} {
		if i := slices.IndexFunc(all, func(o subscription.Order) bool { return o.ID == id }); i >= 0 {
			return &all[i]
		}
	}
	return nil
}

// agree sets the kind by whether the statement has as much as is recorded.
func (d *Difference) agree(recorded pricing.Money) {
	d.Recorded, d.Kind = recorded, ""
	if d.Line.Amount != recorded {
		d.Kind = Different
	}
}

// charge compares a collection with its order.
func (d *Difference) charge(o *subscription.Order) {
	switch {
	case o.Collected.Sign() > 0:
		d.agree(o.Collected)
	case o.Status == subscription.OrderPaid: // from before what was collected was recorded
		d.agree(o.Amount)
	case o.Status == subscription.OrderRefunded: // a person found that it was collected, and that it went back
		d.Kind = ""
	case o.Status.Blocking():
		d.Kind = Unrecorded
	default:
		d.Kind = Late
	}
}

// refund compares a refund that we asked for, or that came back, with its row.
func (d *Difference) refund(o *subscription.Order, rows []subscription.Refund, number int) {
	key := d.Line.Key
	if o.Refunds == 0 {
		d.whole(o, number)
		return
	}
	find := func(is func(r *subscription.Refund) bool) int {
		return slices.IndexFunc(rows, func(r subscription.Refund) bool { return r.Order == o.ID && is(&r) })
	}
	at := find(func(r *subscription.Refund) bool { return r.Key == key })
	other := find(func(r *subscription.Refund) bool { return r.ID == key })
	switch {
	case other >= 0 && d.Line.Kind == Refund: // another amount went back than was asked for, or Apply recorded it
		d.agree(rows[other].Amount)
		return
	case at < 0:
		return
	}
	r := rows[at]
	if d.Line.Kind == Reinstated {
		if d.Kind = Unrecorded; r.Status == subscription.RefundFailed {
			d.agree(r.Amount)
		}
		return
	}
	switch {
	case r.Status == subscription.RefundMade, !r.MadeAt.IsZero(): // and came back later, which is a line of its own
		d.agree(r.Amount)
	case r.Status == subscription.RefundDue, r.Reason == "" && r.Amount == d.Line.Amount:
		d.Kind = Unrecorded // or it isn't known what became of it
	default:
		d.Kind = Different
	}
}

// whole compares the refund of a whole order, from before refunds were rows.
func (d *Difference) whole(o *subscription.Order, number int) {
	switch {
	case number > 1 || o.Collected.Sign() <= 0:
	case o.Status == subscription.OrderRefunded && d.Line.Kind == Refund:
		d.agree(o.Collected)
	case o.Status == subscription.OrderRefundDue && d.Line.Kind == Refund:
		d.Kind = Unrecorded
	case o.Status == subscription.OrderUnreconciled && d.Line.Kind == Refund:
		d.Kind = Different
	}
}

// notice compares what a bank or the provider did by itself with what was told of it. A refund may also be one that a person
// made at the provider and recorded as made by other means: each such record stands for one line of its amount.
func (c *comparison) notice(d *Difference, o *subscription.Order, rows []subscription.Refund) {
	d.Kind = Unrecorded
	for _, r := range rows {
		if r.Order != d.Order || r.ID != d.Line.ID {
			continue
		}
		d.agree(r.Amount)
		if d.Kind == "" && d.Line.Kind == Reinstated && r.Status == subscription.RefundMade {
			d.Kind = Unrecorded
		}
		return
	}
	if d.Line.Kind != Refund {
		return
	}
	for _, r := range rows {
		elsewhere := r.Order == d.Order && r.Key == "" && r.ID == "" && r.Status == subscription.RefundMade
		if elsewhere && r.Amount == d.Line.Amount && !c.saw(digestOf("elsewhere", d.Line.Key, strconv.Itoa(r.Number))) {
			d.agree(r.Amount)
			return
		}
	}
	if o.Status == subscription.OrderRefunded && o.Collected.Sign() == 0 { // a person found that all of it went back
		d.Kind = ""
	}
}
