package reconcile

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// Apply does about a difference what can be done without a person, and records the rest for one. Like
// [subscription.Service.Settle], it trusts the statement: apply only what certainly comes from the provider.
//
//	difference                              what is done
//	unrecorded or late charge               Settle: the order is delivered, or its money is returned. If another amount was
//	                                        collected than the order's, the order goes under review.
//	unrecorded refund                       Settle: the refund is made
//	unrecorded refund that came back        Settle: the refund has failed
//	unrecorded reversal, refund of the      Reverse, with the line's ID
//	provider's own, or reinstatement
//	unknown refund of a known order         Reverse, as one of the provider's own whose ID is the line's key: a database
//	                                        that was restored from a backup lacks refunds made since. If it
//	                                        lacks the one before, too: Flag
//	missing, different, twice, or unknown   Flag: an event needs_person that says what differs, with
//	in an application of this store         the order if there is one
//	unknown, of no application              nothing: ErrNotFound, of package subscription
//
// Apply may be repeated, also for a difference that somebody has taken care of meanwhile: what was applied stays, and an event
// is written once for each difference. To record who reconciled, pass [subscription.Service.As].
//
// It returns the order as of then, or the zero Order for a difference without one. It fails with the errors of what it does,
// and with [subscription.ErrInvalid] for a nil service or a difference that Compare doesn't make.
func Apply(ctx context.Context, s *subscription.Service, d Difference) (subscription.Order, error) {
	if s == nil {
		return subscription.Order{}, fmt.Errorf("%w: no service", subscription.ErrInvalid)
	}
	if err := d.Line.Validate(); err != nil {
		return subscription.Order{}, fmt.Errorf("reconcile: %s: %w", d.Kind, err)
	}
	var o subscription.Order
	var err error
	_, refund := subscription.ParseKey(d.Line.Key)
	switch {
	case d.Kind == Unrecorded, d.Kind == Late:
		o, err = settle(ctx, s, d.Line)
	case d.Kind == Unknown && d.Order != "" && d.Line.Kind == Refund && refund > 0:
		o, err = restore(ctx, s, d, refund)
	case slices.Contains([]Kind{Missing, Different, Twice, Unknown}, d.Kind):
		o, err = flag(ctx, s, d)
	default:
		return o, fmt.Errorf("%w: a difference of the kind %.40q", subscription.ErrInvalid, string(d.Kind))
	}
	if err != nil {
		return subscription.Order{}, fmt.Errorf("reconcile: %s: %w", d, err)
	}
	return o, nil
}

// restore records the nth refund of an order, which a restored store lacks. If it lacks one before it, too, a person looks
// at it: the row would be recorded as that one, and the next refund would be asked for with a key that the gateway knows.
func restore(ctx context.Context, s *subscription.Service, d Difference, n int) (subscription.Order, error) {
	o, err := s.Order(ctx, d.Application, d.Order)
	if err != nil {
		return o, err
	}
	if n > o.Refunds+1 {
		return flag(ctx, s, d)
	}
	lost := d.Line
	lost.Key, lost.ID = string(o.Attempt), lost.Key
	return settle(ctx, s, lost)
}

// settle tells the service what the statement says.
func settle(ctx context.Context, s *subscription.Service, l Line) (subscription.Order, error) {
	attempt, refund := subscription.ParseKey(l.Key)
	if l.Kind == Charge || refund > 0 {
		r := payment.Result{Key: l.Key, Status: payment.Succeeded, Amount: l.Amount, Reference: l.Reference, At: l.At}
		if l.Kind == Reinstated {
			r = payment.Result{Key: l.Key, Status: payment.Declined, Reason: payment.Other, Reference: l.Reference, At: l.At}
		}
		return s.Settle(ctx, subscription.AttemptID(l.Key), r)
	}
	notice := payment.Reversal{ID: l.ID, Charge: l.Key, Amount: l.Amount, Reference: l.Reference, At: l.At}
	switch l.Kind { //nolint:exhaustive // a charge isn't a notice
	case Refund:
		notice.Status = payment.GivenBack
	case Reversal:
		notice.Status = payment.Reversed
	case Reinstated:
		notice.Status = payment.Reinstated
	}
	return s.Reverse(ctx, attempt, notice)
}

// flag records a difference for a person, once.
func flag(ctx context.Context, s *subscription.Service, d Difference) (subscription.Order, error) {
	if d.Application == "" {
		return subscription.Order{}, fmt.Errorf("%w: an order of this store", subscription.ErrNotFound)
	}
	_, err := s.Do(ctx, d.Application, subscription.Flag{Order: d.Order, Note: d.note()}, d.key())
	if err != nil || d.Order == "" {
		return subscription.Order{}, err
	}
	return s.Order(ctx, d.Application, d.Order)
}

// key is that of the request, the same for the same difference.
func (d Difference) key() string {
	l := d.Line
	sum := digestOf("flag", string(d.Kind), string(l.Kind), l.Key, l.ID, l.Amount.String(), l.At.UTC().String(), l.Reference,
		d.Recorded.String(), string(d.Order))
	return "reconcile-" + hex.EncodeToString(sum[:])
}

// note says what differs, the same whatever has become of the order since.
func (d Difference) note() string {
	d.Order = ""
	note := "statement: " + d.String()
	if d.Line.Reference != "" {
		note += fmt.Sprintf(", reference %.200q", d.Line.Reference)
	}
	if !d.Line.At.IsZero() {
		note += ", " + d.Line.At.UTC().Format(time.DateTime)
	}
	return strings.ToValidUTF8(note[:min(len(note), payment.MaxText)], "") // what can't be printed is longer when it is quoted
}
