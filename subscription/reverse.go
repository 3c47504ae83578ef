package subscription

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Reverse records a provider's notice that money of a charge went back, or came again, without a request: a chargeback, its
// reinstatement, or a refund that was made at the provider. Like [Service.Settle], it trusts its caller: pass only a
// notice that certainly comes from the provider.
//
// A notice is applied once, by its ID, whatever its amount, and becomes a [Refund] beside the order. One whose ID is the key
// of a refund that was requested here tells what became of that, if its outcome wasn't known. The order stays paid.
// If the catalog says "take", which is the default, what the order delivered is taken back too: what is left of its lots
// goes; its current period ends now, and the subscription is interrupted; its periods ahead are suspended; an upgrade is
// undone; for a bill, pay-as-you-go stops as in arrears, until a person ends that with [CloseReview]. Auto-renewal is
// turned off. A part that the provider returned by itself takes nothing back, only the whole does.
//
// A reinstatement returns the periods whose promised end is ahead, and the lots, as they were taken, unless another period
// was bought since. One of another amount than was reversed returns nothing, and the reversal stays with a note.
//
// Whatever doesn't add up is recorded all the same, with an [EventNeedsPerson]. An order that isn't paid yet goes under
// review, so call [Service.Notify] first: a provider may tell of a payment later than of its reversal. Reverse returns the
// order as of then. It fails with [ErrNotFound] for an unknown attempt, so that the provider tells it again, and with
// [ErrInvalid] for a malformed notice or one about another charge.
func (s *Service) Reverse(ctx context.Context, attempt AttemptID, r payment.Reversal) (Order, error) {
	began := s.observe.began()
	o, err := s.reverse(ctx, attempt, r)
	return s.settled(ctx, began, "reverse", o, err)
}

func (s *Service) reverse(ctx context.Context, attempt AttemptID, r payment.Reversal) (Order, error) {
	if err := r.Validate(); err != nil {
		return Order{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	app, id, err := attempt.Parse()
	if err != nil {
		return Order{}, err
	}
	if r.Charge != string(attempt) {
		return Order{}, fmt.Errorf("%w: a reversal of %.200q for attempt %.200q", ErrInvalid, r.Charge, string(attempt))
	}
	o, err := s.apply(ctx, app, id, true, s.decided(func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		return Reverse(snapshot, id, r, cat, now)
	}))
	if undecided := new(undecidedError); errors.As(err, &undecided) && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrInvalid) {
		// Skip advancing, checking and taking back, since any of them may be what failed. The money is on record.
		o, err = s.apply(ctx, app, id, true, func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
			d := Begin(snapshot, now)
			err := d.reverse(id, r, cat, true)
			return d.Change(), err
		})
	}
	if err != nil {
		return Order{}, unknownAttempt(attempt, err)
	}
	return o, nil
}

// Reverse decides what a provider's notice does to an order, see [Service.Reverse]. The order is in the snapshot, with all
// its refunds. A notice that was applied before gives the zero Change.
func Reverse(s Snapshot, id OrderID, r payment.Reversal, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := r.Validate(); err != nil {
		return Change{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if cat == nil {
		return Change{}, fmt.Errorf("%w: no catalog", ErrInvalid)
	}
	d := Begin(s, now)
	if err := d.reverse(id, r, cat, false); err != nil {
		return Change{}, err
	}
	return d.Change(), nil
}

// reverse applies a notice. alone means that it is only recorded: nothing is taken back or given again.
func (d *Draft) reverse(id OrderID, r payment.Reversal, cat *pricing.Catalog, alone bool) error {
	o, err := d.order(id)
	if err != nil {
		return err
	}
	if o.Attempt == "" || r.Charge != string(o.Attempt) {
		return fmt.Errorf("%w: attempt %.200q", ErrNotFound, r.Charge)
	}
	d.adopt(&o)
	before := d.refundsOf(id)
	for _, known := range before {
		if known.Key == r.ID { // the refund that we asked for ourselves: a statement knows it by its key
			if r.Status != payment.GivenBack || known.Status != RefundFailed {
				return nil
			}
			answer := payment.Result{Key: known.Key, Status: payment.Succeeded, Amount: r.Amount, Reference: r.Reference}
			return d.settleRefund(id, known.Number, answer)
		}
		if known.ID != r.ID {
			continue
		}
		if r.Status == payment.Reinstated && known.Status == RefundMade {
			return d.reinstate(&o, known, r, before, alone)
		}
		return nil // told before
	}
	next := Refund{
		Kind: RefundReversal, ID: r.ID, Amount: r.Amount, Take: TakeNothing, Status: RefundMade,
		Reason: r.Reason, Reference: r.Reference,
	}
	if r.Status == payment.GivenBack {
		next.Kind = RefundProvider
	}
	if r.Status == payment.Reinstated { // before the reversal was told
		next.Status = RefundReinstated
		if err := d.refund(&o, next); err != nil {
			return err
		}
		d.update(o)
		return nil
	}
	return d.recordReversal(&o, next, r.Status, before, cat, alone)
}

// recordReversal records money that went back as a refund of an order, and takes back what it paid for, if the catalog says
// so. before are the order's refunds as they were. alone is as for reverse.
func (d *Draft) recordReversal(
	o *Order, next Refund, status payment.ReversalStatus, before []Refund, cat *pricing.Catalog, alone bool,
) (err error) {
	if next.Taxes, err = o.share(next.Amount, before, cat.Rounding()); err != nil {
		return err
	}
	left := o.Left()
	sum, err := plus(o.RefundedAmount, next.Amount)
	whole := err == nil && sum == o.Collected
	over, err := next.Amount.Cmp(left)
	if err != nil { // another currency, or nothing was collected
		over = 1
	}
	takes := !cat.ServiceTerms().KeepReversed && o.Status == OrderPaid && o.TakenBackAt.IsZero() &&
		(status == payment.Reversed || whole)
	take := takes && !alone
	if take {
		next.Take = TakeAll
	}
	if err := d.refund(o, next); err != nil {
		return err
	}
	if take {
		if err := d.takeBack(o, TakeAll, undo{suspend: true}); err != nil {
			return err
		}
	}
	d.update(*o)
	switch {
	case o.Status == OrderOpen:
		d.review(o, noteReversed)
	case over > 0:
		d.needsPerson(o, fmt.Sprintf("%s went back, and only %s was left", next.Amount, left))
	case len(d.Application.refundsDue(o.ID)) > 0:
		d.needsPerson(o, fmt.Sprintf("%s went back while a refund was under way", next.Amount))
	}
	if takes && alone {
		d.needsPerson(o, "its payment was reversed, and what it paid for couldn't be taken back")
	}
	return nil
}

// reinstate undoes a reversal. all are the order's refunds as they were. If another amount came back than was reversed, the
// reversal stays, with a note, and a person decides.
func (d *Draft) reinstate(o *Order, known Refund, r payment.Reversal, all []Refund, alone bool) error {
	if known.Amount != r.Amount {
		if note := fmt.Sprintf("%s was reinstated of %s that was reversed", r.Amount, known.Amount); known.Note != note {
			known.Note = note
			d.updateRefund(known)
			d.needsPerson(o, note)
			d.update(*o)
		}
		return nil
	}
	if err := o.subtractRefunded(&known); err != nil {
		return err
	}
	known.Status, known.ClosedAt = RefundReinstated, d.Now
	d.updateRefund(known)
	d.addRefundEvent(EventReinstated, o, &known)
	if known.Take != TakeAll {
		if left := o.Left(); left.Sign() > 0 && o.Status != OrderPaid && !o.Status.Unresolved() {
			d.needsPerson(o, fmt.Sprintf("%s was reinstated for an order that wasn't delivered", left))
		}
		d.update(*o)
		return nil
	}
	problem, everything := "", true
	switch {
	case alone:
		problem = "it can't be given again"
	case slices.ContainsFunc(all, func(x Refund) bool { return x.Number > known.Number && x.Status.Counts() }):
		problem = "more of its money has gone back since"
	}
	for _, v := range o.Deliveries {
		if e := v.effect(); e != nil && problem == "" {
			var given bool
			given, problem = e.reinstate(d, o)
			everything = everything && given
		}
	}
	switch {
	case problem != "":
		d.forgetSuspended(o)
		d.needsPerson(o, "the payment was reinstated, and what it paid for wasn't: "+problem)
	case everything:
		o.TakenBackAt = time.Time{}
		fallthrough
	default:
		d.returnLots(o, &known, all)
	}
	d.update(*o)
	return nil
}

// forgetSuspended drops the periods of an order that were suspended and don't return.
func (d *Draft) forgetSuspended(o *Order) {
	for i := range d.Application.Subscriptions {
		s := &d.Application.Subscriptions[i]
		s.Suspended = slices.DeleteFunc(s.Suspended, func(c Cycle) bool { return c.Order == o.ID })
	}
}
