package sqlite_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/wallet/wallettest"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// accounts opens the accounts of a file, whose clock is the suite's.
func accounts(tb testing.TB, path string) *sqlite.Accounts {
	tb.Helper()
	return open(tb, path, &patient).Accounts(&balance.Options{Now: wallettest.Now})
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	empty := migrated(t)
	wallettest.Run(t, func(t *testing.T) wallettest.Subject {
		t.Helper()
		path := empty(t)
		return wallettest.Subject{
			Accounts: accounts(t, path),
			Another:  func(t *testing.T) wallettest.Accounts { t.Helper(); return accounts(t, path) },
		}
	})
}
