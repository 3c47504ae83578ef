package subscription

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Collect completes an order as far as is possible now:
//
//   - An open order is looked up and, if the gateway has no record of it, charged with the same key. This happens
//     only within the gateway's retention; after that, the order goes to review. An order that can no longer be
//     delivered, or has waited for the customer for too long ([Application.GivenUpAt]), is canceled instead.
//   - A refund that is due is requested.
//   - A canceled order is only looked up, or its charge canceled if the gateway is a [payment.Canceler]. If it was
//     collected after all, without any notification, the money is refunded.
//   - Any other order is final and returned unchanged.
//
// The error reports the state of the order, as for [Service.Do]; the order is returned even then. Collect fails with
// [ErrNotFound] for an unknown order.
func (s *Service) Collect(ctx context.Context, app ApplicationID, id OrderID) (Order, error) {
	began := s.observe.began()
	o, err := s.Order(ctx, app, id)
	if err == nil {
		o, err = s.collect(ctx, o, false)
	}
	return s.settled(ctx, began, "collect", o, err)
}

// Settle applies a result that the gateway reported about an attempt. It trusts the result, so pass only one that
// certainly comes from the gateway: from its client, or from a recent notification whose signature was verified with
// the gateway's secret over the bytes received. Otherwise, a stranger's "succeeded" gets an order delivered.
// [Service.Notify] needs no such care.
//
// Settle is idempotent: it doesn't matter how often or when a result arrives. A payment that succeeds late is
// delivered or refunded. A pending result says what the customer has to do for an open order ([Order.Action]), or that
// nothing is left to do. Settle returns the updated order.
//
// Settle also applies the result of a refund, whose key is [Refund.Key]; attempt is that key then. It requests a refund as
// soon as it becomes due; if that isn't possible, it leaves the refund to [Service.Collect] or a worker.
//
// It fails with [ErrNotFound] for an unknown attempt and [ErrInvalid] for a malformed result. The state of the order
// isn't an error.
func (s *Service) Settle(ctx context.Context, attempt AttemptID, r payment.Result) (Order, error) {
	began := s.observe.began()
	o, err := s.settle(ctx, attempt, r)
	return s.settled(ctx, began, "settle", o, err)
}

func (s *Service) settle(ctx context.Context, attempt AttemptID, r payment.Result) (Order, error) {
	if r.Status == payment.NotFound {
		return Order{}, fmt.Errorf("%w: a notification with status not_found", ErrInvalid)
	}
	charge, number := ParseKey(string(attempt))
	app, id, err := charge.Parse()
	if err != nil {
		return Order{}, err
	}
	if r.Key != string(attempt) {
		return Order{}, fmt.Errorf("%w: a result of %.200q for attempt %.200q", ErrInvalid, r.Key, string(attempt))
	}
	o, err := s.resolve(ctx, app, id, r)
	if err != nil {
		return Order{}, unknownAttempt(attempt, err)
	}
	if number == 0 && r.Status == payment.Succeeded {
		o, _ = s.makeRefundsOf(ctx, o) // a worker goes on
	}
	return o, nil
}

// collect completes an order as far as is possible now. fresh means that this very call committed the order, so
// nobody can have asked the gateway about it before.
func (s *Service) collect(ctx context.Context, o Order, fresh bool) (Order, error) {
	switch {
	case s.bound:
		return o, o.Err()
	case o.Refunds > 0 && !o.Status.AwaitsGateway():
		now, err := s.makeRefundsOf(ctx, o)
		return now, errors.Join(now.Err(), err)
	case !o.Status.AwaitsGateway() && o.Status != OrderCanceled:
		return o, o.Err()
	}
	if o.Status == OrderOpen && !fresh {
		now, first, err := s.giveUp(ctx, o)
		if undecided := new(undecidedError); errors.As(err, &undecided) {
			return s.recordLookup(ctx, o, err)
		}
		if err != nil {
			return o, fmt.Errorf("%w: %w", o.Err(), err)
		}
		if o = now; !o.Status.AwaitsGateway() {
			return o, o.Err() // resolved concurrently by someone else
		}
		s.cancelFirst(ctx, first)
	}
	result, err := s.ask(ctx, o, fresh)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	resolved, err := s.resolve(ctx, o.Application, o.ID, result)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	resolved, _ = s.makeRefundsOf(ctx, resolved) // a worker goes on
	return resolved, resolved.Err()
}

// recordLookup looks up an order about which no decision can be made, and records what the gateway collected for it.
func (s *Service) recordLookup(ctx context.Context, o Order, why error) (Order, error) {
	result, err := s.lookUp(ctx, o)
	if err == nil && result.Status.Final() {
		var resolved Order
		if resolved, err = s.resolve(ctx, o.Application, o.ID, result); err == nil {
			return resolved, resolved.Err()
		}
	}
	return o, fmt.Errorf("%w: %w", o.Err(), errors.Join(why, err))
}

// How long to wait for a gateway.
const (
	// underWay is how long a request to the gateway can be in transit. What the gateway doesn't know after that, within
	// its retention, it never received.
	underWay = time.Hour
	// badAnswers is the minimum age of an order at which impossible answers, and a request that can't be carried out, end
	// the attempts to ask. refundable is the age of a refund at which the gateway is no longer asked if it still doesn't
	// know the charge.
	badAnswers = 24 * time.Hour
	refundable = 30 * 24 * time.Hour
)

// ask asks the gateway about an order, see [Collector.Ask].
func (s *Service) ask(ctx context.Context, o Order, fresh bool) (payment.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	now, err := s.now(ctx)
	if err != nil {
		return payment.Result{}, err
	}
	since, key := o.PlacedAt, string(o.Attempt)
	var result payment.Result
	switch {
	case s.bound:
		return payment.Result{}, fmt.Errorf("%w: a bound service never calls a gateway", ErrInvalid)
	case o.Status == OrderRefundDue:
		since, key = o.ClosedAt, o.refund().Key
		// The key may have been used at any time since the refund fell due.
		result, err = s.requestRefund(ctx, o.refund(), o.ClosedAt, now)
	case o.Status == OrderCanceling:
		result, err = s.watch(ctx, o, now)
	case o.Status == OrderCanceled:
		return s.gatewayLookup(ctx, key)
	case o.Status == OrderOpen:
		result, err = s.charge(ctx, o, fresh, now)
	default:
		return payment.Result{}, fmt.Errorf("%w: order %s is %s", ErrInvalid, o.ID, o.Status)
	}
	return s.answer(result, err, key, since, now)
}

// answer checks a gateway's answer about a key. NotFound means that asking again is pointless.
func (s *Service) answer(result payment.Result, err error, key string, since, now time.Time) (payment.Result, error) {
	if err == nil {
		err = badAnswer(result, key)
	}
	switch {
	case errors.Is(err, payment.ErrKeyConflict),
		(errors.Is(err, errBadAnswer) || errors.Is(err, payment.ErrInvalid)) && s.aged(since, now, badAnswers),
		errors.Is(err, errNoCharge) && s.aged(since, now, refundable):
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	return result, err
}

// Answers that can't be used.
var (
	errBadAnswer = errors.New("subscription: invalid gateway answer")
	errNoCharge  = errors.New("subscription: charge to refund is unknown to the gateway")
)

// badAnswer returns why a gateway's answer can't be one about a key, or nil.
func badAnswer(r payment.Result, key string) error {
	if err := r.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errBadAnswer, err)
	}
	if r.Key != key {
		return fmt.Errorf("%w: about %.200q instead of %.200q", errBadAnswer, r.Key, key)
	}
	return nil
}

// aged reports whether t is at least by ago. An instant far in the future, recorded by a wrong clock, counts as old
// because nobody knows when it was.
func (s *Service) aged(t, now time.Time, by time.Duration) bool {
	return t.After(now.Add(s.opts.MaxSkew)) || !now.Before(t.Add(by))
}

// lookUp looks up the charge of an open order, see [Collector.LookUp].
func (s *Service) lookUp(ctx context.Context, o Order) (payment.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	if s.bound || o.Status != OrderOpen {
		return payment.Result{}, fmt.Errorf("%w: order %s is %s, or the service is bound", ErrInvalid, o.ID, o.Status)
	}
	found, err := s.gatewayLookup(ctx, string(o.Attempt))
	if err == nil && found.Status == payment.NotFound {
		found = payment.Result{Key: string(o.Attempt), Status: payment.Pending}
		if o.Action != nil {
			found.Action = *o.Action // nothing new
		}
	}
	return found, err
}

// charge looks up an open order's charge and requests it if the gateway has no record of it.
func (s *Service) charge(ctx context.Context, o Order, fresh bool, now time.Time) (payment.Result, error) {
	if !fresh || s.gateway.Retention() > 0 {
		found, err := s.gatewayLookup(ctx, string(o.Attempt))
		// The key may have been used at any time since the order was placed.
		if err != nil || found.Status != payment.NotFound || s.forgotten(o.PlacedAt, now) {
			return found, err
		}
	}
	result, err := s.gatewayCharge(ctx, o.charge())
	if err == nil && result.Status == payment.NotFound {
		err = fmt.Errorf("%w: a charge just made isn't found", errBadAnswer)
	}
	return result, err
}

// requestRefund requests a refund whose key may have been used at any time since it fell due. If the gateway doesn't know
// the charge yet, it is asked again later.
func (s *Service) requestRefund(ctx context.Context, r payment.Refund, due, now time.Time) (payment.Result, error) {
	if s.forgotten(due, now) {
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	}
	result, err := s.gatewayRefund(ctx, r)
	if err == nil && result.Status == payment.NotFound {
		err = fmt.Errorf("%w: %.200q", errNoCharge, r.Key)
	}
	return result, err
}

// watch looks up a canceled order, or has its charge canceled. If the gateway has no record of it, long enough after
// the cancellation and within its retention, the order was never collected. That is equivalent to a decline.
func (s *Service) watch(ctx context.Context, o Order, now time.Time) (payment.Result, error) {
	found, err := s.cancelOrLookUp(ctx, o.Attempt)
	switch {
	case err != nil || found.Status != payment.NotFound || s.forgotten(o.PlacedAt, now):
		return found, err
	case now.Before(o.ClosedAt.Add(underWay)):
		return payment.Result{Key: string(o.Attempt), Status: payment.Pending}, nil
	}
	return payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Canceled}, nil
}

// forgotten reports whether the gateway may have forgotten a key that was first used at t, or may have by the time it
// is asked. A tenth of its retention is set aside for clock differences and paused processes.
func (s *Service) forgotten(t, now time.Time) bool {
	keep := s.gateway.Retention()
	return keep > 0 && s.aged(t, now, keep-keep/10)
}

// resolve commits the effect of the gateway's answer on an order, see [Collector.Settle].
func (s *Service) resolve(ctx context.Context, app ApplicationID, id OrderID, r payment.Result) (Order, error) {
	_, number := ParseKey(r.Key)
	o, err := s.apply(ctx, app, id, number > 0, s.decided(func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		return Settle(snapshot, id, r, cat.ZoneOf, now)
	}))
	undecided, refused := new(undecidedError), new(RefusedError)
	if !errors.As(err, &undecided) && !errors.As(err, &refused) {
		return o, err
	}
	// Skip advancing and checking, since either may be what failed. Only the order changes.
	recorded, failed := s.apply(ctx, app, id, false, func(snapshot Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
		return record(snapshot, id, r, err, now)
	})
	if failed != nil {
		return Order{}, err
	}
	return recorded, nil
}

// apply commits a decision about an order even if the caller is canceled, and returns the updated order. refunds means
// that the decision needs the order's refunds.
func (s *Service) apply(ctx context.Context, app ApplicationID, id OrderID, refunds bool, decide decision) (Order, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.ChargeTimeout)
	defer cancel()
	read := Read{Application: app, Orders: []OrderID{id}}
	if refunds {
		read.Refunds = read.Orders
	}
	snapshot, change, err := s.commit(ctx, read, s.instant, decide)
	if err != nil {
		return Order{}, err
	}
	if o := find(change.Orders, id); o != nil {
		return o.Clone(), nil
	}
	return snapshot.order(id)
}
