package paymenttest

import (
	"context"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
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

	// NeedPayer makes the account's charges need the payer until the next Deposit: while they are pending, they have an
	// action. Confirm does what the payer does about the charge with that key: it confirms the payment, or refuses to. Nil
	// means that the provider has nothing of the kind; one without the other means the same.
	NeedPayer func(ctx context.Context, account string) error
	Confirm   func(ctx context.Context, key string, confirms bool) error

	// Wait lets that much time pass at the provider and at the gateway: they forget what they forget by then. Nil means that
	// time can't be arranged.
	Wait func(ctx context.Context, d time.Duration) error

	// PayDeclined tries to pay the declined charge with that key at the provider, with a method that works, as a payer can
	// who still has the page that asked for the payment. It returns an error if the provider refuses. Nil means that nobody
	// could.
	PayDeclined func(ctx context.Context, key string) error

	// Advance lets pending requests make progress. The suite calls it, up to a thousand times, before it asks again.
	// Nil means that asking is enough.
	Advance func(ctx context.Context) error

	// Credit means that accounts can pay more than was deposited, as cards can. The cases about an insufficient balance
	// are then skipped, or use Decline.
	Credit bool

	// Present means that nothing is collected without the payer, as from wallets and by QR codes. The charges of the suite
	// then say that the payer is present, and one of an absent payer must be declined with payment.NeedsAuthentication.
	Present bool

	// OneCurrency means that the gateway collects USD and nothing else. The cases about payments in another currency are then
	// skipped; a charge in another currency must still be declined.
	OneCurrency bool

	// Prefix is prepended to every key and account of the suite. It must be new in each run if the provider remembers
	// earlier runs. It has at most 64 bytes.
	Prefix string
}

// Run tests that a gateway satisfies the contract of [payment.Gateway]. For each case it calls open, which must return
// a gateway that no other case uses. Run cleans nothing up: open does, with t.Cleanup.
//
// The areas, each a subtest with named cases, are idempotency, conflict, decline, lookup, refund, amount, text,
// failure, context, concurrency, late, action, and cancel, for a gateway that is a [payment.Canceler]. Cases that the harness
// can't arrange are skipped with a message. Run the suite with the race detector.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	suite.Run(t, areas(), func(t *testing.T) *env { t.Helper(); return newEnv(t, open(t)) })
}

// check is one case. It reports through its env, never to a *testing.T, so the package's own tests can observe its
// failure.
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
		{Name: "late", Cases: lateCases()},
		{Name: "action", Cases: actionCases()},
		{Name: "cancel", Cases: cancelCases()},
	}
}

type tb = suite.TB
