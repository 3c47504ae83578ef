package subscription

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Collect completes an order as far as is possible now:
//
//   - An open order is looked up and, if the gateway has no record of it, charged with the same key. This happens
//     only within the gateway's retention; after that, the order goes to review. An order that can no longer be
//     delivered is canceled instead.
//   - A refund that is due is made.
//   - A canceled order is only looked up. If it was collected after all, without any notification, the money is
//     refunded.
//   - Any other order is final and returned unchanged.
//
// The error reports the state of the order, as for [Service.Do]; the order is returned even then. Collect fails with
// [ErrNotFound] for an unknown order.
func (s *Service) Collect(ctx context.Context, app ApplicationID, id OrderID) (Order, error) {
	o, err := s.Order(ctx, app, id)
	if err != nil {
		return Order{}, err
	}
	return s.collect(ctx, o, false)
}

// Settle applies a result that the gateway reported about an attempt. It trusts the result, so pass only one that
// certainly comes from the gateway: from its client, or from a recent notification whose signature was verified with
// the gateway's secret over the bytes received. Otherwise, a stranger's "succeeded" gets an order delivered.
// [Service.Notify] needs no such care.
//
// Settle is idempotent: it doesn't matter how often or when a result arrives. A payment that succeeds late is
// delivered or refunded. Settle returns the updated order.
//
// Settle also applies the result of a refund, whose key is the attempt's followed by "/refund". It requests a refund
// as soon as it becomes due; if that isn't possible, it leaves the refund to [Service.Collect] or a worker.
//
// It fails with [ErrNotFound] for an unknown attempt and [ErrInvalid] for a malformed result. The state of the order
// isn't an error.
func (s *Service) Settle(ctx context.Context, attempt AttemptID, r payment.Result) (Order, error) {
	if r.Status == payment.NotFound {
		return Order{}, fmt.Errorf("%w: a notification with status not_found", ErrInvalid)
	}
	app, id, err := AttemptID(strings.TrimSuffix(string(attempt), refundSuffix)).Parse()
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
	if o.Status == OrderRefundDue && r.Status == payment.Succeeded && !s.bound {
		o, _ = s.collect(ctx, o, false) // the order shows whether the money was refunded
	}
	return o, nil
}

// collect completes an order as far as is possible now. fresh means that this very call committed the order, so
// nobody can have asked the gateway about it before.
func (s *Service) collect(ctx context.Context, o Order, fresh bool) (Order, error) {
	if s.bound || !o.Status.AwaitsGateway() && o.Status != OrderCanceled {
		return o, o.Err()
	}
	if o.Status == OrderOpen && !fresh {
		now, err := s.giveUp(ctx, o)
		if undecided := new(undecidedError); errors.As(err, &undecided) {
			return s.look(ctx, o, err)
		}
		if err != nil {
			return o, fmt.Errorf("%w: %w", o.Err(), err)
		}
		if o = now; !o.Status.AwaitsGateway() {
			return o, o.Err() // resolved concurrently by someone else
		}
	}
	result, err := s.ask(ctx, o, fresh)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	resolved, err := s.resolve(ctx, o.Application, o.ID, result)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	if resolved.Status == OrderRefundDue && o.Status != OrderRefundDue {
		return s.collect(ctx, resolved, false)
	}
	return resolved, resolved.Err()
}

// look records what the gateway collected for an order about which no decision can be made.
func (s *Service) look(ctx context.Context, o Order, why error) (Order, error) {
	result, err := s.lookUp(ctx, o)
	if err == nil && result.Status.Final() {
		var resolved Order
		if resolved, err = s.resolve(ctx, o.Application, o.ID, result); err == nil {
			return resolved, resolved.Err()
		}
	}
	return o, fmt.Errorf("%w: %w", o.Err(), errors.Join(why, err))
}

// giveUp cancels an open order that can no longer be delivered, before it is charged.
func (s *Service) giveUp(ctx context.Context, o Order) (Order, error) {
	return s.apply(ctx, o.Application, o.ID, s.decided(func(snapshot Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
		open := snapshot.Application.order(o.ID)
		if open == nil || open.Status != OrderOpen {
			return Change{}, nil
		}
		why := snapshot.Application.undeliverable(open, now)
		if why == "" {
			return Change{}, nil
		}
		d := Begin(snapshot, now)
		d.cancel(*open, why)
		return d.Change(), nil
	}))
}

// How long to wait for a gateway.
const (
	// underWay is how long a request to the gateway can be in transit. What the gateway doesn't know after that, within
	// its retention, it never received.
	underWay = time.Hour
	// badAnswers is the minimum age of an order at which impossible answers end the attempts to ask. refundable is the
	// age of a refund at which the gateway is no longer asked if it still doesn't know the charge.
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
		result, err = s.refund(ctx, o, now)
	case o.Status == OrderCanceling:
		result, err = s.watch(ctx, o, now)
	case o.Status == OrderCanceled:
		return s.gateway.Lookup(ctx, key)
	case o.Status == OrderOpen:
		result, err = s.charge(ctx, o, fresh, now)
	default:
		return payment.Result{}, fmt.Errorf("%w: order %s is %s", ErrInvalid, o.ID, o.Status)
	}
	if err == nil {
		if err = result.Validate(); err == nil && result.Key != key {
			err = fmt.Errorf("%w: about %.200q instead of %.200q", errBadAnswer, result.Key, key)
		} else if err != nil {
			err = fmt.Errorf("%w: %w", errBadAnswer, err)
		}
	}
	switch {
	case errors.Is(err, payment.ErrKeyConflict),
		errors.Is(err, errBadAnswer) && s.aged(since, now, badAnswers),
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
	found, err := s.gateway.Lookup(ctx, string(o.Attempt))
	if err == nil && found.Status == payment.NotFound {
		found = payment.Result{Key: string(o.Attempt), Status: payment.Pending}
	}
	return found, err
}

// charge looks up an open order's charge and requests it if the gateway has no record of it.
func (s *Service) charge(ctx context.Context, o Order, fresh bool, now time.Time) (payment.Result, error) {
	if !fresh || s.gateway.Retention() > 0 {
		found, err := s.gateway.Lookup(ctx, string(o.Attempt))
		// The key may have been used at any time since the order was placed.
		if err != nil || found.Status != payment.NotFound || s.forgotten(o.PlacedAt, now) {
			return found, err
		}
	}
	result, err := s.gateway.Charge(ctx, o.charge())
	if err == nil && result.Status == payment.NotFound {
		err = fmt.Errorf("%w: a charge just made isn't found", errBadAnswer)
	}
	return result, err
}

// refund requests a refund. If the gateway doesn't know the charge yet, it is asked again later.
func (s *Service) refund(ctx context.Context, o Order, now time.Time) (payment.Result, error) {
	r := o.refund()
	// The key may have been used at any time since the refund fell due.
	if s.forgotten(o.ClosedAt, now) {
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	}
	result, err := s.gateway.Refund(ctx, r)
	if err == nil && result.Status == payment.NotFound {
		err = fmt.Errorf("%w: %.200q", errNoCharge, r.Key)
	}
	return result, err
}

// watch looks up a canceled order. If the gateway has no record of it, long enough after the cancellation and within
// its retention, the order was never collected. That is equivalent to a decline.
func (s *Service) watch(ctx context.Context, o Order, now time.Time) (payment.Result, error) {
	found, err := s.gateway.Lookup(ctx, string(o.Attempt))
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
	o, err := s.apply(ctx, app, id, s.decided(func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		return Settle(snapshot, id, r, cat.ZoneOf, now)
	}))
	undecided, refused := new(undecidedError), new(RefusedError)
	if !errors.As(err, &undecided) && !errors.As(err, &refused) {
		return o, err
	}
	// Skip advancing and checking, since either may be what failed. Only the order changes.
	recorded, failed := s.apply(ctx, app, id, func(snapshot Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
		return record(snapshot, id, r, err, now)
	})
	if failed != nil {
		return Order{}, err
	}
	return recorded, nil
}

// apply commits a decision about an order even if the caller is canceled, and returns the updated order.
func (s *Service) apply(ctx context.Context, app ApplicationID, id OrderID, decide decision) (Order, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.ChargeTimeout)
	defer cancel()
	snapshot, change, err := s.commit(ctx, Read{Application: app, Orders: []OrderID{id}}, s.instant, decide)
	if err != nil {
		return Order{}, err
	}
	if o := find(change.Orders, id); o != nil {
		return o.Clone(), nil
	}
	return snapshot.order(id)
}
