package paymenttest

import (
	"context"
	"errors"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// contextCases checks that a canceled call leaves an unknown outcome, which the same key reveals.
func contextCases() []check {
	var cases []check
	for _, way := range []struct {
		name string
		end  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		{"canceled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, context.Canceled},
		{"past its deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(ctx, time.Unix(0, 0))
		}, context.DeadlineExceeded},
	} {
		cases = append(cases,
			check{"a charge whose context is " + way.name + " can be repeated and collects once", func(e *env) {
				e.deposit("a", "100.00 USD")
				c := e.charge("k", "a", "30.00 USD")
				ctx, cancel := way.end(e.ctx)
				defer cancel()
				e.givenUp("Charge", way.want)(e.h.Gateway.Charge(ctx, c))
				e.paid(c)
				e.balanced("a", "70.00 USD")
			}},
			check{"a refund whose context is " + way.name + " can be repeated and gives once", func(e *env) {
				e.deposit("a", "100.00 USD")
				c := e.charge("k", "a", "30.00 USD")
				e.paid(c)
				r := e.refundOf(c, "r", "10.00 USD")
				ctx, cancel := way.end(e.ctx)
				defer cancel()
				e.givenUp("Refund", way.want)(e.h.Gateway.Refund(ctx, r))
				e.given(r)
				e.balanced("a", "80.00 USD")
			}},
			check{"a lookup whose context is " + way.name + " is no final answer that isn't so", func(e *env) {
				e.deposit("a", "100.00 USD")
				c := e.charge("k", "a", "30.00 USD")
				e.paid(c)
				ctx, cancel := way.end(e.ctx)
				defer cancel()
				r, err := e.h.Gateway.Lookup(ctx, c.Key)
				e.givenUp("Lookup", way.want)(r, err)
				if err == nil && r.Status == payment.Declined {
					e.Errorf("Lookup of a charge that succeeded: %s", r.Status)
				}
			}})
	}
	return append(cases, check{"charges given up on their way can be repeated and collect once each", func(e *env) {
		e.deposit("a", "100.00 USD")
		keys := []string{"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"}
		charges := make([]payment.Charge, len(keys))
		for i, key := range keys {
			charges[i] = e.charge(key, "a", "10.00 USD")
		}
		ctx, cancel := context.WithCancel(e.ctx)
		defer cancel()
		answers := together(len(charges), func(i int) (payment.Result, error) {
			if i == len(charges)/2 {
				cancel()
			}
			return e.h.Gateway.Charge(ctx, charges[i])
		})
		for i, a := range answers {
			last := e.paid(charges[i])
			if a.err == nil && a.result.Status.Final() {
				e.same("Charge again", last, a.result)
			}
		}
		e.balanced("a", "20.00 USD")
	}})
}

// givenUp returns a function that fails the case unless the answer to a call with an ended context is either a valid
// result or an error that wraps want.
func (e *env) givenUp(call string, want error) func(payment.Result, error) {
	return func(r payment.Result, err error) {
		e.Helper()
		switch {
		case err != nil && !errors.Is(err, want):
			e.Errorf("%s: error %v, want one that wraps %q", call, err, want)
		case err == nil && r.Validate() != nil:
			e.Errorf("%s: %v", call, r.Validate())
		}
	}
}
