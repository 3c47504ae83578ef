package wallettest

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// Books has the methods that list the changes of balances.
type Books interface {
	Statement(ctx context.Context, id string) iter.Seq2[balance.Movement, error]
	Journal(ctx context.Context) iter.Seq2[balance.Movement, error]
}

// Accounts is the implementation under test.
type Accounts interface {
	payment.Gateway
	paymenttest.Accounts
	Books
}

// Subject is a new, empty database of accounts. Its clock is [Now].
type Subject struct {
	Accounts Accounts

	// Another returns the same accounts as seen by another process. Nil means that there is no other process.
	Another func(t *testing.T) Accounts

	// Gaps means that the numbers of movements may have gaps.
	Gaps bool
}

// Now is the time of everything in these tests, in the microseconds that a database keeps.
func Now() time.Time { return time.Date(2025, 6, 16, 12, 0, 0, 123456000, time.UTC) }

// Run tests the accounts that open returns. It calls open for each case.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	t.Run("conformance", func(t *testing.T) {
		paymenttest.Run(t, func(t *testing.T) paymenttest.Harness {
			t.Helper()
			accounts := open(t).Accounts
			return paymenttest.Prepaid(accounts, accounts)
		})
	})
	suite.RunCases(t, cases(), func(t *testing.T) *env { t.Helper(); return &env{T: t, Subject: open(t)} })
}

// check is one case.
type check struct {
	name string
	run  func(e *env)
}

// Name implements [suite.Case].
func (c check) Name() string { return c.name }

// Run implements [suite.Case].
func (c check) Run(e *env) { c.run(e) }

func cases() []check {
	return []check{
		{"results", results},
		{"a deposit counts once per key", depositOnce},
		{"deposits that are refused", depositRefused},
		{"the limits of a balance", limits},
		{"accounts", accounts},
		{"payment method", paymentMethod},
		{"journal and statement", journal},
		{"long statements are read in pages", pages},
		{"a reading is of the moment it begins", snapshot},
		{"a reading ends with its context", readingEnds},
		{"at once, movements sum to balances", conservation},
		{"accounts can't be overdrawn by two processes", overdraft},
		{"one key at once by two processes collects once", oneKey},
		{"another process has the same results", restart},
		{"a request that is given up happened wholly or not at all", givenUp},
		{"a random walk has the outcome of the reference", walk},
	}
}
