package scene

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Gateway collects and gives back everything at once, and remembers nothing.
type Gateway struct{}

var _ payment.Gateway = Gateway{}

// Charge succeeds.
func (Gateway) Charge(_ context.Context, c payment.Charge) (payment.Result, error) {
	return payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}, nil
}

// Lookup finds nothing.
func (Gateway) Lookup(_ context.Context, key string) (payment.Result, error) {
	return payment.Result{Key: key, Status: payment.NotFound}, nil
}

// Refund succeeds.
func (Gateway) Refund(_ context.Context, r payment.Refund) (payment.Result, error) {
	return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount}, nil
}

// Retention is forever.
func (Gateway) Retention() time.Duration { return 0 }
