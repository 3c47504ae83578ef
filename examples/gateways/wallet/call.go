package wallet

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/examples/gateways/api"
)

// What the wallet refuses a request for.
const (
	errNumberUsed   api.RefusedError = "number_used"
	errNoSuchOrder  api.RefusedError = "no_such_order"
	errNoSuchRefund api.RefusedError = "no_such_refund"
	errOrderOver    api.RefusedError = "order_over"
	errOrderOpen    api.RefusedError = "order_open"
)

// call is [api.Call] at the wallet.
func (g *Gateway) call(ctx context.Context, method, path string, request, answer any) error {
	if err := api.Call(ctx, g.o.Client, method, g.o.URL+path, request, answer); err != nil {
		return fmt.Errorf("wallet: %w", err)
	}
	return nil
}
