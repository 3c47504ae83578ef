package subscription

import (
	"context"
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
)

// Notify handles a gateway's webhook. It takes only the attempt ID from the notification, trusts nothing else in it,
// and asks the gateway itself. So a forged notification, even from someone who knows or guesses an attempt ID, can
// only make the service record what is true. Notify never requests a charge. It does request a refund that is due, as
// a worker would.
//
// The attempt may be a charge's or the key of a refund. Notify returns the order as of then, and is idempotent. It
// isn't an error if the gateway has no final answer: the order's status says so, and [Order.Action] whether the customer
// has something to do.
//
// It fails with [ErrNotFound] for an attempt that isn't from this store, with the gateway's error if the gateway
// doesn't answer, and with [ErrInvalid] in a bound service, which never calls a gateway. A webhook handler should
// answer an error with a status that makes the gateway send the notification again. If a notification is lost anyway,
// a worker finds out the outcome.
func (s *Service) Notify(ctx context.Context, attempt AttemptID) (Order, error) {
	began := s.observe.began()
	o, err := s.notify(ctx, attempt)
	return s.settled(ctx, began, "notify", o, err)
}

func (s *Service) notify(ctx context.Context, attempt AttemptID) (Order, error) {
	if s.bound {
		return Order{}, fmt.Errorf("%w: a bound service never calls a gateway", ErrInvalid)
	}
	charge, number := ParseKey(string(attempt))
	app, id, err := charge.Parse()
	if err != nil {
		return Order{}, err
	}
	o, err := s.Order(ctx, app, id)
	if err != nil || o.Attempt != charge {
		return Order{}, unknownAttempt(attempt, err)
	}
	if number > 0 && o.Refunds > 0 {
		return s.notifyRefund(ctx, app, id, number)
	}
	if o.Status == OrderRefundDue {
		result, err := s.ask(ctx, o, false)
		if err == nil {
			o, err = s.resolve(ctx, app, id, result)
		}
		switch {
		case errors.Is(err, errNoCharge): // the worker keeps asking
		case err != nil:
			return Order{}, fmt.Errorf("subscription: refund of %.160q: %w", string(charge), err)
		}
		return o, nil
	}
	asking, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	result, err := s.gatewayLookup(asking, string(charge))
	if err == nil && result.Status != payment.NotFound {
		return s.settle(ctx, charge, result)
	}
	if err != nil {
		return Order{}, fmt.Errorf("subscription: look up %.160q: %w", string(charge), err)
	}
	return o, nil
}

// unknownAttempt returns the same error for an unknown application and an unknown order, so it doesn't reveal which
// one is missing. It returns any other error unchanged.
func unknownAttempt(attempt AttemptID, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%w: attempt %.160q", ErrNotFound, string(attempt))
	}
	return err
}
