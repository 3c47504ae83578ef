package sqlite_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/payment/balance"
)

// Deposits of before their keys were each account's own keep their keys: one that is repeated adds nothing.
func TestDepositsKeepTheirKeys(t *testing.T) {
	path := temporary(t)
	a := open(t, path, nil).Accounts(&balance.Options{Now: noon})
	for _, account := range []string{"acme", "other"} {
		ended(t, a.Open(t.Context(), account))
	}
	ended(t, a.Deposit(t.Context(), "acme", "wire-1", usd(t, "5.00")))
	db := database(t, path, nil)
	run(t, db, "ALTER TABLE prepaid_deposits RENAME TO newer")
	run(t, db, `CREATE TABLE prepaid_deposits (
	key      TEXT NOT NULL PRIMARY KEY,
	account  TEXT NOT NULL REFERENCES prepaid_accounts (id),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	amount   INTEGER NOT NULL CHECK (amount > 0),
	movement INTEGER NOT NULL REFERENCES prepaid_movements (number)
) STRICT, WITHOUT ROWID`)
	run(t, db, "INSERT INTO prepaid_deposits SELECT key, account, currency, amount, movement FROM newer")
	run(t, db, "DROP TABLE newer")
	run(t, db, "DROP INDEX prepaid_applications_account")
	run(t, db, "DROP VIEW prepaid_lot_balances")
	run(t, db, "ALTER TABLE prepaid_charges DROP COLUMN present")
	run(t, db, "ALTER TABLE prepaid_events DROP COLUMN actor")
	run(t, db, "ALTER TABLE prepaid_events DROP COLUMN why")
	run(t, db, "ALTER TABLE prepaid_orders DROP COLUMN collected_at")
	for _, index := range []string{
		"subscription_rows_end", "orders_paid", "orders_returned", "order_refunds_due", "order_refunds_undone", "order_refunds_failed",
	} {
		run(t, db, "DROP INDEX prepaid_"+index)
	}
	for _, column := range []string{"failed_at", "made_at", "cycles"} {
		run(t, db, "ALTER TABLE prepaid_order_refunds DROP COLUMN "+column)
	}
	run(t, db, "ALTER TABLE prepaid_entries DROP COLUMN recorded_at")
	run(t, db, "DROP TABLE prepaid_parked")
	run(t, db, "DROP TABLE prepaid_relays")
	run(t, db, "DROP TABLE prepaid_provider_keys")
	run(t, db, "DELETE FROM prepaid_migrations WHERE version >= 7")
	ended(t, open(t, path, nil).Migrate(t.Context()))
	ended(t, a.Deposit(t.Context(), "acme", "wire-1", usd(t, "5.00")))
	ended(t, a.Deposit(t.Context(), "other", "wire-1", usd(t, "0.01")))
	for account, want := range map[string]string{"acme": "5.00 USD", "other": "0.01 USD"} {
		if got, err := a.Balance(t.Context(), account, "USD"); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v, want %s", account, got, err, want)
		}
	}
}
