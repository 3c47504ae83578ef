package subscription

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Collect brings an order to its end as far as that is possible now: an open one is looked up and, if the
// gateway has no record of it, charged with the same key, within the gateway's retention; beyond it the
// order goes to review. One that couldn't be delivered any more is cancelled instead. A refund that is due is
// made. A cancelled order is only looked up: if it was collected all the same and nobody told, the money is
// given back. Any other order is at its end and returned as it is.
//
// The error tells what became of the order, as for [Service.Do]; the order is valid beside it. It fails
// with [ErrNotFound] for an unknown order.
func (s *Service) Collect(ctx context.Context, app ApplicationID, id OrderID) (Order, error) {
	o, err := s.Order(ctx, app, id)
	if err != nil {
		return Order{}, err
	}
	return s.collect(ctx, o, false)
}

// Settle applies what a gateway said about an attempt, however often and whenever it says it: from a
// webhook, usually. It is idempotent, and a payment that succeeds late is delivered or given back. The
// order as it is then comes with the receipt, whose Key is that of no request.
//
// A refund's result is settled too; its key is the attempt's followed by "/refund". A refund that falls
// due is asked for at once, and otherwise left to [Service.Collect] or a worker.
//
// It fails with [ErrNotFound] for an unknown attempt and [ErrInvalid] for a malformed result; the
// order's own state is no error.
func (s *Service) Settle(ctx context.Context, attempt AttemptID, r payment.Result) (Receipt, error) {
	if r.Status == payment.NotFound {
		return Receipt{}, fmt.Errorf("%w: a notification that nothing is known", ErrInvalid)
	}
	app, id, err := AttemptID(strings.TrimSuffix(string(attempt), refundSuffix)).Parse()
	if err != nil {
		return Receipt{}, err
	}
	if r.Key != string(attempt) {
		return Receipt{}, fmt.Errorf("%w: a result of %.200q for attempt %.200q", ErrInvalid, r.Key, string(attempt))
	}
	o, err := s.Resolve(ctx, app, id, r)
	if err != nil {
		return Receipt{}, err
	}
	if o.Status == OrderRefundDue && r.Status == payment.Succeeded && !s.bound {
		o, _ = s.collect(ctx, o, false) // the order says whether the money went back
	}
	return Receipt{Application: app, Kind: "settle", At: o.ClosedAt, OrderID: o.ID, Order: o}, nil
}

// collect brings an order to its end. fresh says that this very call committed it, so that nobody can have
// asked the gateway about it before.
func (s *Service) collect(ctx context.Context, o Order, fresh bool) (Order, error) {
	if s.bound || !o.Status.Asked() && o.Status != OrderCancelled {
		return o, o.Err()
	}
	if o.Status == OrderOpen && !fresh {
		now, err := s.giveUp(ctx, o)
		if err != nil {
			return o, fmt.Errorf("%w: %w", o.Err(), err)
		}
		if o = now; !o.Status.Asked() {
			return o, o.Err() // somebody else was faster
		}
	}
	result, err := s.Ask(ctx, o, fresh)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	resolved, err := s.Resolve(ctx, o.Application, o.ID, result)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	if resolved.Status == OrderRefundDue && o.Status != OrderRefundDue {
		return s.collect(ctx, resolved, false)
	}
	return resolved, resolved.Err()
}

// giveUp cancels an open order that couldn't be delivered any more, before it is charged.
func (s *Service) giveUp(ctx context.Context, o Order) (Order, error) {
	return s.apply(ctx, o.Application, o.ID, func(snapshot Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
		open := snapshot.Application.order(o.ID)
		if open == nil || open.Status != OrderOpen {
			return Change{}, nil
		}
		why := snapshot.Application.obstacle(open, now)
		if why == "" {
			return Change{}, nil
		}
		d := Begin(snapshot, now)
		d.cancel(*open, why)
		return d.Change(), nil
	})
}

// underWay is how long a request to the gateway can be on its way: what it doesn't know after that, and
// within its retention, it never got.
const underWay = time.Hour

// Ask asks the gateway about an order, and commits nothing: about an open one, what became of its charge,
// asking for it if that is safe; about a cancelled one, what became of its charge, and no more; about one
// whose refund is due, for the refund. fresh says that nobody can have asked about the order before. An
// error means that the outcome is unknown; the answer is for [Resolve]. NotFound means that asking for the
// charge is not safe any more, since the gateway may have forgotten its key.
//
// It fails with [ErrInvalid] for an order that is at its end, and within a bound service.
func (s *Service) Ask(ctx context.Context, o Order, fresh bool) (payment.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	switch {
	case s.bound:
		return payment.Result{}, fmt.Errorf("%w: a bound service never calls a gateway", ErrInvalid)
	case o.Status == OrderRefundDue:
		// The key may have been used at any time since the refund fell due.
		if s.forgotten(o.ClosedAt) {
			return payment.Result{Key: o.refund().Key, Status: payment.NotFound}, nil
		}
		return s.gateway.Refund(ctx, o.refund())
	case o.Status == OrderCancelling:
		return s.watch(ctx, o)
	case o.Status == OrderCancelled:
		return s.gateway.Lookup(ctx, string(o.Attempt))
	case o.Status != OrderOpen:
		return payment.Result{}, fmt.Errorf("%w: order %s is %s", ErrInvalid, o.ID, o.Status)
	}
	if !fresh || s.forgotten(o.PlacedAt) {
		found, err := s.gateway.Lookup(ctx, string(o.Attempt))
		if err != nil || found.Status != payment.NotFound {
			return found, err
		}
		// The key may have been used at any time since the order was placed.
		if s.forgotten(o.PlacedAt) {
			return found, nil
		}
	}
	result, err := s.gateway.Charge(ctx, o.charge())
	if err == nil && result.Status == payment.NotFound {
		err = fmt.Errorf("%w: a charge that is not found", payment.ErrInvalid)
	}
	return result, err
}

// watch looks up an order that was given up. If the gateway has no record of it, long enough after and
// within its retention, it was never collected, which is as good as a decline.
func (s *Service) watch(ctx context.Context, o Order) (payment.Result, error) {
	found, err := s.gateway.Lookup(ctx, string(o.Attempt))
	switch {
	case err != nil || found.Status != payment.NotFound || s.forgotten(o.PlacedAt):
		return found, err
	case s.now().Before(o.ClosedAt.Add(underWay)):
		return payment.Result{Key: string(o.Attempt), Status: payment.Pending}, nil
	}
	return payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Canceled}, nil
}

// forgotten reports whether the gateway may have forgotten a key that was first used at t, or may have by the
// time that it is asked: a tenth of its retention is left for clocks that differ and processes that pause.
func (s *Service) forgotten(t time.Time) bool {
	keep := s.gateway.Retention()
	return keep > 0 && !s.now().Before(t.Add(keep-keep/10))
}

// Resolve commits what the gateway's answer to [Service.Ask] does to an order, see [Resolve], and returns
// the order as it is then. What a gateway said must not be lost because the caller went away, so that the
// caller's cancellation doesn't reach the store.
func (s *Service) Resolve(ctx context.Context, app ApplicationID, id OrderID, r payment.Result) (Order, error) {
	return s.apply(ctx, app, id, func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		return Resolve(snapshot, id, r, cat.ZoneOf, now)
	})
}

// apply commits a decision about an order, whatever becomes of the caller, and returns the order as it is
// then.
func (s *Service) apply(ctx context.Context, app ApplicationID, id OrderID, decide decision) (Order, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.ChargeTimeout)
	defer cancel()
	snapshot, change, err := s.change(ctx, Read{Application: app, Orders: []OrderID{id}}, decide)
	if err != nil {
		return Order{}, err
	}
	if o := find(change.Orders, id); o != nil {
		return o.Clone(), nil
	}
	return Begin(snapshot, s.now()).load(snapshot, id)
}
