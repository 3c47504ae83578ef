package paymenttest

import (
	"context"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Harness is a gateway under test and the provider's side of it. Gateway, Deposit and Balance are required. The zero
// values of the other fields suit a gateway that collects from prepaid balances in memory.
type Harness struct {
	Gateway payment.Gateway

	// Deposit makes the account able to pay, whatever its state before, and adds amount to its funds. Each call counts.
	// The suite deposits EUR, JPY and USD.
	Deposit func(ctx context.Context, account string, amount pricing.Money) error

	// Balance returns the account's balance in that currency in the provider's own books: deposits, minus the collected
	// amounts, plus refunds. It is 0 for an account without deposits.
	Balance func(ctx context.Context, account string, c pricing.Currency) (pricing.Money, error)

	// Decline makes the account's charges be declined for that reason until the next Deposit. It returns an error that
	// wraps errors.ErrUnsupported if it can't. Nil means that no reason is supported.
	Decline func(ctx context.Context, account string, reason payment.Reason) error

	// Fail makes the provider fail until end is called: every request is answered in a way that leaves its outcome
	// open, such as an HTTP 500 or a broken connection. If acts is true, the request is carried out anyway. Fail
	// returns an error that wraps errors.ErrUnsupported if it can't do that. Nil means that neither is supported.
	Fail func(ctx context.Context, acts bool) (end func(), err error)

	// Advance lets pending requests make progress. The suite calls it, up to a thousand times, before it asks again.
	// Nil means that asking is enough.
	Advance func(ctx context.Context) error

	// Credit means that accounts can pay more than was deposited, as cards can. The cases about an insufficient balance
	// are then skipped, or use Decline.
	Credit bool

	// Prefix is prepended to every key and account of the suite. It must be new in each run if the provider remembers
	// earlier runs. It has at most 64 bytes.
	Prefix string
}

// Run tests that a gateway satisfies the contract of [payment.Gateway]. For each case it calls open, which must return
// a gateway that no other case uses. Run cleans nothing up: open does, with t.Cleanup.
//
// The areas, each a subtest with named cases, are idempotency, conflict, decline, lookup, refund, amount, text,
// failure, context and concurrency. Cases that the harness can't arrange are skipped with a message. Run the suite with
// the race detector.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	for _, a := range areas() {
		t.Run(a.name, func(t *testing.T) {
			for _, c := range a.cases {
				t.Run(c.name, func(t *testing.T) { c.run(newEnv(t, open(t))) })
			}
		})
	}
}

// area is a part of the contract, in one file of this package.
type area struct {
	name  string
	cases []check
}

// check is one case. It reports through its env, never to a *testing.T, so the package's own tests can observe its
// failure.
type check struct {
	name string
	run  func(e *env)
}

func areas() []area {
	return []area{
		{"idempotency", idempotencyCases()},
		{"conflict", conflictCases()},
		{"decline", declineCases()},
		{"lookup", lookupCases()},
		{"refund", refundCases()},
		{"amount", amountCases()},
		{"text", textCases()},
		{"failure", failureCases()},
		{"context", contextCases()},
		{"concurrency", concurrencyCases()},
	}
}

// tb is the part of testing.TB that cases use.
type tb interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}
