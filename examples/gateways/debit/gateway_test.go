package debit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/debit"
	"github.com/prepaidkit/prepaid/examples/gateways/debit/bankserver"
	"github.com/prepaidkit/prepaid/examples/gateways/internal/outage"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

func newGateway(tb testing.TB, handler http.Handler) *debit.Gateway {
	tb.Helper()
	listener := httptest.NewServer(handler)
	tb.Cleanup(listener.Close)
	g, err := debit.New(debit.Options{URL: listener.URL, Client: &http.Client{Timeout: 10 * time.Second}, Text: "calls"})
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func harness(t *testing.T) paymenttest.Harness {
	t.Helper()
	bank := bankserver.New(time.Now)
	provider := &outage.Switch{Handler: bank}
	return paymenttest.Harness{
		Gateway: newGateway(t, provider), Fail: provider.Fail,
		Advance: func(context.Context) error { bank.Day(); return nil },
		Deposit: func(_ context.Context, account string, amount pricing.Money) error {
			bank.Fund(debit.Mandate(account), amount)
			return nil
		},
		Balance: func(_ context.Context, account string, c pricing.Currency) (pricing.Money, error) {
			return pricing.FromMinor(bank.Funds(debit.Mandate(account), c), c)
		},
		Decline: func(_ context.Context, account string, reason payment.Reason) error {
			switch reason {
			case payment.NoPaymentMethod:
				bank.Revoke(debit.Mandate(account))
			default:
				bank.Return(debit.Mandate(account), bankserver.Stopped)
			}
			return nil
		},
	}
}

// A bank that collects debits keeps the contract, also while it fails.
// Rule: gateways-keep-a-contract.
func TestConforms(t *testing.T) { paymenttest.Run(t, harness) }
