package subscription

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Notify is for the webhook of a gateway: it takes from the notification only whose attempt it is about, believes nothing
// that it says, and asks the gateway itself. So a forged one, by whoever knows or guesses an attempt's ID, changes nothing
// but what is true. It never asks for a charge; a refund that is due is asked for, as a worker would.
//
// The attempt may be that of a charge, or the key of a refund. Notify returns the order as it is then, and is idempotent. That
// the gateway has no final answer is no error; the order's status says so.
//
// It fails with [ErrNotFound] for an attempt that is none of this store's, with the gateway's error where that gives no
// answer, and with [ErrInvalid] in a bound service, which calls no gateway. A webhook answers an error with a status that
// makes the gateway send the notification again; what is lost all the same a worker finds out.
func (s *Service) Notify(ctx context.Context, attempt AttemptID) (Order, error) {
	if s.bound {
		return Order{}, fmt.Errorf("%w: a bound service never calls a gateway", ErrInvalid)
	}
	charge := AttemptID(strings.TrimSuffix(string(attempt), refundSuffix))
	app, id, err := charge.Parse()
	if err != nil {
		return Order{}, err
	}
	o, err := s.Order(ctx, app, id)
	if err != nil || o.Attempt != charge {
		return Order{}, unknownAttempt(attempt, err)
	}
	if o.Status == OrderRefundDue {
		result, err := s.ask(ctx, o, false)
		if err == nil {
			o, err = s.resolve(ctx, app, id, result)
		}
		switch {
		case errors.Is(err, errNoCharge): // the worker goes on asking
		case err != nil:
			return Order{}, fmt.Errorf("subscription: refund of %.160q: %w", string(charge), err)
		}
		return o, nil
	}
	asking, cancel := context.WithTimeout(ctx, s.opts.ChargeTimeout)
	defer cancel()
	result, err := s.gateway.Lookup(asking, string(charge))
	if err == nil && result.Status.Final() {
		return s.Settle(ctx, charge, result)
	}
	if err != nil {
		return Order{}, fmt.Errorf("subscription: look up %.160q: %w", string(charge), err)
	}
	return o, nil
}

// unknownAttempt returns one error for an application and an order that isn't there, so that it tells nobody which of them
// is; any other error stays as it is.
func unknownAttempt(attempt AttemptID, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%w: attempt %.160q", ErrNotFound, string(attempt))
	}
	return err
}
