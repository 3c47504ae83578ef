package subscription

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// settleRefund applies the gateway's answer about a refund.
func (d *Draft) settleRefund(id OrderID, number int, answer payment.Result) error {
	d.adoptDue()
	for _, r := range d.refundsOf(id) {
		if r.Number != number || r.Key == "" { // "": the key may be that of an order refunded as a whole
			continue
		}
		if r.Key != answer.Key {
			return foreignResult(id, answer)
		}
		if answer.Reference != "" {
			r.Reference = answer.Reference
		}
		open := r.Status == RefundDue || r.Status == RefundFailed && r.Reason == "" // "": its outcome isn't known
		switch {
		case open && answer.Status == payment.Succeeded && answer.Amount == r.Amount && !d.tells(id, r.Key):
			return d.refundMade(r)
		case open && answer.Status == payment.Succeeded:
			return d.refundedOther(r, answer)
		case r.Status == RefundDue && answer.Status == payment.NotFound:
			return d.refundFailed(r, "", noteForgotten)
		case answer.Status == payment.Declined && r.Status.Counts():
			return d.refundFailed(r, answer.Reason, r.Note)
		}
		return nil
	}
	o, err := d.order(id)
	switch {
	case err != nil:
		return err
	case number > 1 || o.Attempt == "" || answer.Key != refundKey(o.Attempt, 1):
		return foreignResult(id, answer)
	}
	return nil // it ended before refunds were rows
}

// tells reports whether one of an order's refunds is the provider's, of an ID.
func (d *Draft) tells(id OrderID, provider string) bool {
	return slices.ContainsFunc(d.refundsOf(id), func(r Refund) bool { return r.ID == provider })
}

// refundMade records that a refund's money was returned.
func (d *Draft) refundMade(r Refund) error {
	o, err := d.order(r.Order)
	if err != nil {
		return err
	}
	over := false
	if r.Status == RefundFailed {
		left := o.Left()
		if err := o.addRefunded(&r); err != nil {
			return err
		}
		d.update(o)
		more, err := r.Amount.Cmp(left)
		over = err != nil || more > 0
		r.FailedAt = r.ClosedAt
	}
	r.Status, r.ClosedAt = RefundMade, d.Now
	d.updateRefund(r)
	d.addRefundEvent(EventRefundMade, &o, &r)
	if over {
		d.needsPerson(&o, fmt.Sprintf("%s went back after all, and it had been repeated", r.Amount))
	}
	return nil
}

// refundFailed records that a refund's money wasn't returned, or that nobody knows. It is left with the order again.
func (d *Draft) refundFailed(r Refund, reason payment.Reason, note string) error {
	o, err := d.order(r.Order)
	if err != nil {
		return err
	}
	if err := o.subtractRefunded(&r); err != nil {
		return err
	}
	if r.Status == RefundMade {
		r.MadeAt = r.ClosedAt
	}
	r.Status, r.ClosedAt, r.Reason, r.Note = RefundFailed, d.Now, reason, plain(note)
	d.update(o)
	d.updateRefund(r)
	d.addRefundEvent(EventRefundFailed, &o, &r)
	return nil
}

// refundedOther records that what the gateway returned isn't what was requested: the refund has failed, and what went back is one
// of the provider's, unless it is on record already. The key may be that of a refund which a restored store has lost.
func (d *Draft) refundedOther(r Refund, answer payment.Result) error {
	if r.Status == RefundDue {
		if err := d.refundFailed(r, payment.Other, noteMismatch); err != nil {
			return err
		}
	}
	if d.tells(r.Order, r.Key) {
		return nil
	}
	o, err := d.order(r.Order)
	if err != nil {
		return err
	}
	went := Refund{
		Kind: RefundProvider, ID: r.Key, Amount: answer.Amount, Reference: answer.Reference, Status: RefundMade, Note: noteMismatch,
	}
	if err := d.refund(&o, went); err != nil {
		return err
	}
	d.update(o)
	d.needsPerson(&o, fmt.Sprintf("%s went back instead of %s", answer.Amount, r.Amount))
	return nil
}

// plus adds two amounts, of which the first may be the zero Money.
func plus(m, n pricing.Money) (pricing.Money, error) {
	if m.IsZero() {
		return n, nil
	}
	return m.Add(n)
}
