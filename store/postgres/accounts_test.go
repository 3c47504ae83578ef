package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/wallet/wallettest"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/store/postgres"
)

// accounts returns the accounts of a schema, whose clock is the suite's.
func accounts(tb testing.TB, p *pgxpool.Pool, schema string) *postgres.Accounts {
	tb.Helper()
	s, err := postgres.New(p, &postgres.Options{Schema: schema})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s.Accounts(&balance.Options{Now: wallettest.Now})
}

func TestAccounts(t *testing.T) {
	p := connect(t)
	wallettest.Run(t, func(t *testing.T) wallettest.Subject {
		t.Helper()
		name := schema(t, p)
		return wallettest.Subject{
			Accounts: accounts(t, p, name),
			Another:  func(t *testing.T) wallettest.Accounts { t.Helper(); return accounts(t, connect(t), name) },
			Gaps:     true,
		}
	})
}
