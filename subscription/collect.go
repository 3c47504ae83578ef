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
// order goes to review. A refund that is due is made. An order that is at its end is returned as it is.
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
	key, refund := strings.CutSuffix(string(attempt), refundSuffix)
	app, id, err := AttemptID(key).Parse()
	if err != nil {
		return Receipt{}, err
	}
	settle := s.settle
	if refund {
		settle = s.settleRefund
	}
	o, err := settle(ctx, app, id, r)
	if err != nil {
		return Receipt{}, err
	}
	if o.Status == OrderRefundDue && !refund && !s.bound {
		o, _ = s.refund(ctx, o) // the order says whether it worked
	}
	return Receipt{Application: app, Kind: "settle", At: o.ClosedAt, OrderID: o.ID, Order: o}, nil
}

// collect brings an order to its end. fresh says that this very call committed it, so that nobody can have
// asked the gateway about it before.
func (s *Service) collect(ctx context.Context, o Order, fresh bool) (Order, error) {
	switch {
	case s.bound:
		return o, o.Err()
	case o.Status == OrderRefundDue:
		return s.refund(ctx, o)
	case o.Status != OrderOpen:
		return o, o.Err()
	}
	result, err := s.outcome(ctx, o, fresh)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	settled := o
	switch {
	case result.Status == payment.NotFound:
		settled, err = s.abandon(ctx, o)
	case result.Status.Final():
		settled, err = s.settle(ctx, o.Application, o.ID, result)
	}
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	if settled.Status == OrderRefundDue {
		return s.refund(ctx, settled)
	}
	return settled, settled.Err()
}

// outcome asks the gateway. It answers NotFound only where asking again is not safe any more.
func (s *Service) outcome(ctx context.Context, o Order, fresh bool) (payment.Result, error) {
	if !fresh {
		found, err := s.lookup(ctx, o)
		if err != nil || found.Status != payment.NotFound {
			return found, err
		}
		// The key may have been used at any time since the order was placed.
		if keep := s.gateway.Retention(); keep > 0 && !s.now().Before(o.PlacedAt.Add(keep)) {
			return found, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	result, err := s.gateway.Charge(ctx, o.charge())
	if err == nil && result.Status == payment.NotFound {
		err = fmt.Errorf("%w: a charge that is not found", payment.ErrInvalid)
	}
	return result, err
}

func (s *Service) lookup(ctx context.Context, o Order) (payment.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	return s.gateway.Lookup(ctx, string(o.Attempt))
}

// refund gives back what an order collected. It asks with the same key until there is an answer.
func (s *Service) refund(ctx context.Context, o Order) (Order, error) {
	asked, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	result, err := s.gateway.Refund(asked, o.refund())
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	refunded, err := s.settleRefund(ctx, o.Application, o.ID, result)
	if err != nil {
		return o, fmt.Errorf("%w: %w", o.Err(), err)
	}
	return refunded, refunded.Err()
}

func (s *Service) settle(ctx context.Context, app ApplicationID, id OrderID, r payment.Result) (Order, error) {
	return s.apply(ctx, app, id, func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		return Settle(snapshot, id, r, cat.ZoneOf, now)
	})
}

func (s *Service) settleRefund(ctx context.Context, app ApplicationID, id OrderID, r payment.Result) (Order, error) {
	return s.apply(ctx, app, id, func(snapshot Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
		return SettleRefund(snapshot, id, r, now)
	})
}

func (s *Service) abandon(ctx context.Context, o Order) (Order, error) {
	return s.apply(ctx, o.Application, o.ID, func(snapshot Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
		return Abandon(snapshot, o.ID, now)
	})
}

// apply commits a decision about an order and returns the order as it is then. What a gateway said must
// not be lost because the caller went away, so that the caller's cancellation doesn't reach the store.
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
