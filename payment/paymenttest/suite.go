package paymenttest

import (
	"context"
	"testing"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Harness is a gateway under test and the provider's side of it. Gateway, Deposit and Balance are required;
// the zero values of the other fields suit a gateway that collects from prepaid balances in memory.
type Harness struct {
	Gateway payment.Gateway

	// Deposit makes the account able to pay, whatever it was before, and gives it amount more to spend. Each
	// call counts. The suite deposits EUR, JPY and USD.
	Deposit func(ctx context.Context, account string, amount pricing.Money) error

	// Balance returns what the account has in that currency by the provider's own books: what was deposited,
	// less what was really collected, plus what was given back. It is 0 for an account without deposits.
	Balance func(ctx context.Context, account string, c pricing.Currency) (pricing.Money, error)

	// Decline makes the account's charges be declined for that reason until the next Deposit. A reason that
	// can't be arranged is refused with an error that wraps errors.ErrUnsupported. Nil: none can.
	Decline func(ctx context.Context, account string, reason payment.Reason) error

	// Fail makes the provider fail until end is called: every request is answered in a way that leaves its outcome
	// open, such as an HTTP 500 or a connection that breaks, and is carried out all the same if acts is true. A way
	// that can't be arranged is refused with an error that wraps errors.ErrUnsupported. Nil: neither can.
	Fail func(ctx context.Context, acts bool) (end func(), err error)

	// Advance lets pending requests make progress; the suite calls it, up to a thousand times, before it asks
	// again. Nil: asking is enough.
	Advance func(ctx context.Context) error

	// Credit says that accounts can pay more than was deposited, as cards can. The cases about a balance that
	// is too small are skipped, or use Decline.
	Credit bool

	// Prefix begins every key and account of the suite. It must be new in each run where the provider
	// remembers earlier ones. At most 64 bytes.
	Prefix string
}

// Run tests that a gateway keeps the contract of [payment.Gateway]. It calls open for each case, for a
// gateway that no other case uses, and cleans nothing up: open does, with t.Cleanup.
//
// The areas, each a subtest with named cases, are idempotency, conflict, decline, lookup, refund, amount,
// text, failure, context and concurrency. Cases that the harness can't arrange are skipped, and say so. Run it with
// the race detector.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	suite.Run(t, areas(), func(t *testing.T) *env { t.Helper(); return newEnv(t, open(t)) })
}

// check is one case. It reports through its env, never to a *testing.T, so that the package's own tests can
// see it fail.
type check struct {
	name string
	run  func(e *env)
}

// Name implements [suite.Case].
func (c check) Name() string { return c.name }

// Run implements [suite.Case].
func (c check) Run(e *env) { c.run(e) }

// areas are one file of this package each.
func areas() []suite.Area[check] {
	return []suite.Area[check]{
		{Name: "idempotency", Cases: idempotencyCases()},
		{Name: "conflict", Cases: conflictCases()},
		{Name: "decline", Cases: declineCases()},
		{Name: "lookup", Cases: lookupCases()},
		{Name: "refund", Cases: refundCases()},
		{Name: "amount", Cases: amountCases()},
		{Name: "text", Cases: textCases()},
		{Name: "failure", Cases: failureCases()},
		{Name: "context", Cases: contextCases()},
		{Name: "concurrency", Cases: concurrencyCases()},
	}
}

type tb = suite.TB
