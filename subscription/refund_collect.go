package subscription

import (
	"context"
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
)

// Refunds returns all refunds of an order, in the order in which they were placed. It fails with [ErrNotFound] for an
// unknown order, and with [ErrInvalid] if an ID isn't valid.
func (s *Service) Refunds(ctx context.Context, app ApplicationID, id OrderID) ([]Refund, error) {
	if err := checkID("order ID", id); err != nil {
		return nil, err
	}
	snapshot, err := s.load(ctx, Read{Application: app, Orders: []OrderID{id}, Refunds: []OrderID{id}})
	if err != nil {
		return nil, err
	}
	if _, err := snapshot.order(id); err != nil {
		return nil, err
	}
	return Begin(snapshot, snapshot.Application.AsOf).refundsOf(id), nil
}

// refunder is a command that refunds an order instead of placing one.
type refunder interface{ refunded() OrderID }

func (c RefundOrder) refunded() OrderID { return c.Order }

func (c ReturnPackage) refunded() OrderID { return c.Order }

// refundOutcome requests what is due of the refunds of an order, and returns the outcome of the request that placed one. A
// refund that can't be made now is left to a worker.
func (s *Service) refundOutcome(ctx context.Context, r Receipt, id OrderID) (Outcome, error) {
	_ = s.makeRefunds(ctx, r.Application, id) // the refund's row says what came of it
	o, err := s.Order(ctx, r.Application, id)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{r, o}, nil
}

// makeRefunds requests the refunds of an order that are due. A bound service leaves them to a worker.
func (s *Service) makeRefunds(ctx context.Context, app ApplicationID, id OrderID) error {
	if s.bound {
		return nil
	}
	snapshot, err := s.load(ctx, Read{Application: app})
	if err != nil {
		return err
	}
	for _, r := range snapshot.Application.refundsDue(id) {
		result, asked := s.askRefund(ctx, r)
		if asked == nil {
			_, asked = s.resolve(ctx, app, id, result)
		}
		err = errors.Join(err, asked)
	}
	return err
}

// makeRefundsOf does what makeRefunds does, and returns the order as of then, even with an error.
func (s *Service) makeRefundsOf(ctx context.Context, o Order) (Order, error) {
	if o.Refunds == 0 || s.bound {
		return o, nil
	}
	err := s.makeRefunds(ctx, o.Application, o.ID)
	if now, failed := s.Order(ctx, o.Application, o.ID); failed == nil {
		return now, err
	}
	return o, err
}

// askRefund requests a refund that is due, see [Collector.AskRefund].
func (s *Service) askRefund(ctx context.Context, r Refund) (payment.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	now, err := s.now(ctx)
	switch {
	case err != nil:
		return payment.Result{}, err
	case s.bound:
		return payment.Result{}, fmt.Errorf("%w: a bound service never calls a gateway", ErrInvalid)
	case r.Status != RefundDue && r.Status != RefundMade || r.Key == "":
		return payment.Result{}, fmt.Errorf("%w: refund %d of order %s is %s", ErrInvalid, r.Number, r.Order, r.Status)
	}
	result, err := s.requestRefund(ctx, r.request(), r.DueAt, now)
	return s.answer(result, err, r.Key, r.DueAt, now)
}

// notifyRefund finds out what became of a refund, by repeating the request for it.
func (s *Service) notifyRefund(ctx context.Context, app ApplicationID, id OrderID, number int) (Order, error) {
	all, err := s.Refunds(ctx, app, id)
	if err != nil {
		return Order{}, err
	}
	for _, r := range all {
		if r.Number != number || !r.Status.Counts() || r.Key == "" {
			continue
		}
		result, err := s.askRefund(ctx, r)
		if err == nil && (r.Status == RefundDue || result.Status == payment.Declined) {
			_, err = s.resolve(ctx, app, id, result)
		}
		if err != nil && !errors.Is(err, errNoCharge) { // a worker keeps asking
			return Order{}, fmt.Errorf("subscription: refund %.200q: %w", r.Key, err)
		}
	}
	return s.Order(ctx, app, id)
}
