package paymenttest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// errServer is an adapter's error for an HTTP 500.
var errServer = errors.New("500 Internal Server Error")

// outage is a provider that can be made to fail.
type outage struct {
	payment.Gateway
	mu      sync.Mutex
	failing bool
	acts    bool // and still performs the request
}

// fail is a [paymenttest.Harness.Fail].
func (o *outage) fail(_ context.Context, acts bool) (end func(), err error) {
	set := func(failing bool) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.failing, o.acts = failing, acts
	}
	set(true)
	return func() { set(false) }, nil
}

func (o *outage) answer(ask func() (payment.Result, error)) (payment.Result, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.failing {
		return ask()
	}
	if o.acts {
		_, _ = ask() // the answer is lost
	}
	return payment.Result{}, errServer
}

func (o *outage) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	return o.answer(func() (payment.Result, error) { return o.Gateway.Charge(ctx, c) })
}

func (o *outage) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return o.answer(func() (payment.Result, error) { return o.Gateway.Lookup(ctx, key) })
}

func (o *outage) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	return o.answer(func() (payment.Result, error) { return o.Gateway.Refund(ctx, r) })
}

// unreliable returns the harness of a gateway in front of a provider that can be made to fail.
func unreliable(adapter func(payment.Gateway) payment.Gateway) paymenttest.Harness {
	accounts := balance.New(nil)
	provider := &outage{Gateway: accounts}
	h := paymenttest.Prepaid(adapter(provider), accounts)
	h.Fail = provider.fail
	return h
}

func TestGatewayWhoseProviderFailsConforms(t *testing.T) {
	t.Run("failures are errors", func(t *testing.T) {
		paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
			return unreliable(func(g payment.Gateway) payment.Gateway { return g })
		})
	})
	t.Run("final results are kept, and what is open is pending", func(t *testing.T) {
		paymenttest.Run(t, func(*testing.T) paymenttest.Harness {
			return unreliable(func(g payment.Gateway) payment.Gateway { return &keeping{Gateway: g} })
		})
	})
}

// keeping is an adapter that doesn't ask the provider for what it knows, and takes a failure for a request that is
// still in flight.
type keeping struct {
	payment.Gateway
	final sync.Map
}

func (g *keeping) keep(key string, r payment.Result, err error) (payment.Result, error) {
	switch {
	case errors.Is(err, errServer):
		if kept, ok := g.final.Load(key); ok {
			return kept.(payment.Result), nil
		}
		return payment.Result{Key: key, Status: payment.Pending}, nil
	case err == nil && r.Status.Final():
		g.final.Store(key, r)
	}
	return r, err
}

func (g *keeping) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	r, err := g.Gateway.Charge(ctx, c)
	return g.keep(c.Key, r, err)
}

func (g *keeping) Lookup(ctx context.Context, key string) (payment.Result, error) {
	r, err := g.Gateway.Lookup(ctx, key)
	return g.keep(key, r, err)
}

// A harness whose provider doesn't fail when requested would let every gateway pass.
func TestProviderThatDoesNotFailIsNoticed(t *testing.T) {
	noticed := 0
	for _, v := range paymenttest.Verdicts(t.Context(), func() paymenttest.Harness {
		accounts := balance.New(nil)
		h := paymenttest.Prepaid(accounts, accounts)
		h.Fail = func(context.Context, bool) (func(), error) { return func() {}, nil }
		return h
	}) {
		if v.Failed == "" {
			continue
		}
		if !strings.HasPrefix(v.Case, "failure/") {
			t.Errorf("%s: %s", v.Case, v.Failed)
		}
		noticed++
	}
	if noticed == 0 {
		t.Error("no case fails")
	}
}
