package wallettest_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/wallet/wallettest"
	"github.com/prepaidkit/prepaid/payment/balance"
)

// The reference passes its own suite.
func TestReference(t *testing.T) {
	wallettest.Run(t, func(*testing.T) wallettest.Subject {
		return wallettest.Subject{Accounts: balance.New(&balance.Options{Now: wallettest.Now})}
	})
}
