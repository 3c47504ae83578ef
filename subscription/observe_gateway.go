package subscription

import (
	"context"
	"errors"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// The service calls its gateway only by these methods, which tell of it.

func (s *Service) gatewayCharge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	began := s.observe.began()
	r, err := s.gateway.Charge(ctx, c)
	s.asked(ctx, began, "charge", c.Key, r, err)
	return r, err
}

func (s *Service) gatewayLookup(ctx context.Context, key string) (payment.Result, error) {
	began := s.observe.began()
	r, err := s.gateway.Lookup(ctx, key)
	s.asked(ctx, began, "lookup", key, r, err)
	return r, err
}

func (s *Service) gatewayRefund(ctx context.Context, refund payment.Refund) (payment.Result, error) {
	began := s.observe.began()
	r, err := s.gateway.Refund(ctx, refund)
	s.asked(ctx, began, "refund", refund.Key, r, err)
	return r, err
}

// gatewayCancel has the charge of a key canceled, by a gateway that can.
func (s *Service) gatewayCancel(ctx context.Context, g payment.Canceler, key string) (payment.Result, error) {
	began := s.observe.began()
	r, err := g.Cancel(ctx, key)
	s.asked(ctx, began, "cancel", key, r, err)
	return r, err
}

// asked tells of a call of the gateway.
func (s *Service) asked(ctx context.Context, began time.Time, name, key string, r payment.Result, err error) {
	if s.observe == nil {
		return
	}
	o := Observation{Op: OpGateway, Name: name, Outcome: string(r.Status), Err: err, Reason: known(r.Reason), Key: key}
	if err == nil {
		if err = badAnswer(r, key); err == nil && name == "charge" && r.Status == payment.NotFound {
			err = errBadAnswer
		}
		if err != nil {
			o.Outcome, o.Err, o.Reason = OutcomeInvalidAnswer, err, ""
		}
	} else {
		o.Reason, o.Outcome = "", OutcomeUnknown
		if errors.Is(err, payment.ErrKeyConflict) || errors.Is(err, payment.ErrInvalid) {
			o.Outcome = OutcomeOf(err)
		}
	}
	attempt, _ := ParseKey(key)
	o.Application, o.Order, _ = attempt.Parse()
	s.observe.ended(ctx, began, o)
}
