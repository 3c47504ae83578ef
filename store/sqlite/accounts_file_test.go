package sqlite_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/wallet/wallettest"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

func dollars(tb testing.TB, cents int64) pricing.Money {
	tb.Helper()
	m, err := pricing.FromMinor(cents, "USD")
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// wealthy opens "acme" with 100.00 USD.
func wealthy(tb testing.TB, a *sqlite.Accounts) {
	tb.Helper()
	if err := a.Open(tb.Context(), "acme"); err != nil {
		tb.Fatal(err)
	}
	if err := a.Deposit(tb.Context(), "acme", "wire-1", dollars(tb, 10_000)); err != nil {
		tb.Fatal(err)
	}
}

// byHand opens the file as any program would.
func byHand(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	dsn, err := sqlite.DSN(path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// What no request does, the file doesn't let anybody do by hand either.
func TestAccountsSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "accounts.db")
	a := accounts(t, path)
	wealthy(t, a)
	if r, err := a.Charge(t.Context(), payment.Charge{Key: "k", Account: "acme", Amount: dollars(t, 3000)}); err != nil || !r.Status.Final() {
		t.Fatal(r, err)
	}
	db := byHand(t, path)
	for _, tt := range []struct{ name, statement, want string }{
		{"an overdraft", `UPDATE prepaid_balances SET amount = amount - 7001 WHERE account = 'acme'`, "CHECK constraint failed: amount >= 0"},
		{"a balance of nobody", `INSERT INTO prepaid_balances VALUES ('nobody', 'USD', 1)`, "FOREIGN KEY constraint failed"},
		{"a movement changed", `UPDATE prepaid_movements SET amount = amount - 1`, "append-only"},
		{"a movement deleted", `DELETE FROM prepaid_movements`, "append-only"},
		{"a second charge with a key", `INSERT INTO prepaid_charges (key, account, currency, amount, at, status, reason, refunded)
			VALUES ('k', 'acme', 'USD', 1, 0, 'declined', 'other', 0)`, "UNIQUE constraint failed"},
		{"a success without a movement", `UPDATE prepaid_charges SET movement = NULL WHERE key = 'k'`, "CHECK constraint failed"},
		{"more given back than collected", `UPDATE prepaid_charges SET refunded = 3001 WHERE key = 'k'`, "CHECK constraint failed"},
	} {
		if _, err := db.ExecContext(t.Context(), tt.statement); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if got, err := a.Balance(t.Context(), "acme", "USD"); err != nil || got != dollars(t, 7000) {
		t.Errorf("Balance = %s, %v", got, err)
	}
}

// A file that is closed and opened again has all that was in it.
func TestAccountsReopened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "accounts.db")
	charge := payment.Charge{Key: "k", Account: "acme", Amount: dollars(t, 3000), Order: "order-1"}
	var first payment.Result
	for n := range 3 {
		s, err := sqlite.Open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		now := wallettest.Now().Add(time.Duration(n) * time.Hour) // of which a repetition takes no notice
		a := s.Accounts(&balance.Options{Now: func() time.Time { return now }})
		wealthy(t, a)
		r, err := a.Charge(t.Context(), charge)
		if err != nil || !r.Paid(charge.Amount) {
			t.Fatal(r, err)
		}
		if n == 0 {
			first = r
		}
		if r != first {
			t.Errorf("opened again, the charge is %+v, before %+v", r, first)
		}
		if got, err := a.Balance(t.Context(), "acme", "USD"); err != nil || got != dollars(t, 7000) {
			t.Errorf("Balance = %s, %v", got, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Charge(t.Context(), charge); !errors.Is(err, sqlite.ErrClosed) {
			t.Errorf("Charge of a closed file: %v", err)
		}
	}
}

// While another program has the file, nothing happens; afterward the same request does.
func TestAccountsBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "accounts.db")
	s := open(t, path, &sqlite.Options{BusyTimeout: time.Millisecond})
	a := s.Accounts(nil)
	wealthy(t, a)
	tx, err := byHand(t, path).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	charge := payment.Charge{Key: "k", Account: "acme", Amount: dollars(t, 3000)}
	if r, err := a.Charge(t.Context(), charge); !errors.Is(err, sqlite.ErrBusy) || r != (payment.Result{}) {
		t.Errorf("Charge = %+v, %v, want %v", r, err, sqlite.ErrBusy)
	}
	if r, err := a.Lookup(t.Context(), "k"); err != nil || r.Status != payment.NotFound {
		t.Errorf("Lookup = %+v, %v", r, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if r, err := a.Charge(t.Context(), charge); err != nil || !r.Paid(charge.Amount) {
		t.Errorf("Charge = %+v, %v", r, err)
	}
}

func TestAccountsNotMigrated(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "new.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := s.Accounts(nil)
	if err := a.Open(t.Context(), "acme"); !errors.Is(err, sqlite.ErrNotMigrated) {
		t.Errorf("Open: %v, want %v", err, sqlite.ErrNotMigrated)
	}
	for _, err := range a.Journal(t.Context()) {
		if !errors.Is(err, sqlite.ErrNotMigrated) {
			t.Errorf("Journal: %v, want %v", err, sqlite.ErrNotMigrated)
		}
	}
}

func TestAccountsDefaultClock(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "accounts.db"), nil).Accounts(nil)
	before := time.Now().Truncate(time.Microsecond)
	r, err := a.Charge(t.Context(), payment.Charge{Key: "k", Account: "nobody", Amount: dollars(t, 1)})
	if err != nil || r.At.Before(before) || r.At.After(time.Now()) {
		t.Errorf("Charge = %+v, %v, want it dated now", r, err)
	}
}
