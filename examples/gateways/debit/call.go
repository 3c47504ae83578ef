package debit

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/examples/gateways/api"
)

// What the bank refuses a request for.
const (
	errNumberUsed  api.RefusedError = "number_used"
	errNoSuchDebit api.RefusedError = "no_such_debit"
	errTooLate     api.RefusedError = "too_late"
	errDebitOpen   api.RefusedError = "debit_open"
)

// call is [api.Call] at the bank.
func (g *Gateway) call(ctx context.Context, method, path string, request, answer any) error {
	if err := api.Call(ctx, g.o.Client, method, g.o.URL+path, request, answer); err != nil {
		return fmt.Errorf("debit: %w", err)
	}
	return nil
}
