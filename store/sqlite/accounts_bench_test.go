package sqlite_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// rich returns accounts in which "acme" has much, and the path of their file.
func rich(b *testing.B) (*sqlite.Accounts, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "accounts.db")
	a := open(b, path, nil).Accounts(nil)
	if err := a.Open(b.Context(), "acme"); err != nil {
		b.Fatal(err)
	}
	if err := a.Deposit(b.Context(), "acme", "wire", dollars(b, 1<<60)); err != nil {
		b.Fatal(err)
	}
	return a, path
}

// BenchmarkAccountsCharge is one charge after the other, each with a new key, that succeeds.
func BenchmarkAccountsCharge(b *testing.B) {
	a, _ := rich(b)
	c := payment.Charge{Account: "acme", Amount: dollars(b, 100), Order: "order-1", Application: "app-1", Description: "Group Call"}
	for i := 0; b.Loop(); i++ {
		c.Key = "app-1/order-" + strconv.Itoa(i)
		if r, err := a.Charge(b.Context(), c); err != nil || r.Status != payment.Succeeded {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkAccountsChargeParallel is what sixteen callers at once get done.
func BenchmarkAccountsChargeParallel(b *testing.B) {
	a, _ := rich(b)
	b.SetParallelism(8)
	var keys atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		c := payment.Charge{Account: "acme", Amount: dollars(b, 100), Order: "order-1", Application: "app-1", Description: "Group Call"}
		for pb.Next() {
			c.Key = "app-1/order-" + strconv.FormatInt(keys.Add(1), 10)
			if r, err := a.Charge(b.Context(), c); err != nil || r.Status != payment.Succeeded {
				b.Error(r, err)
				return
			}
		}
	})
}

// BenchmarkAccountsChargeByHand writes the same rows in hand-written SQL: the limit of BenchmarkAccountsCharge.
func BenchmarkAccountsChargeByHand(b *testing.B) {
	_, path := rich(b)
	ctx := b.Context()
	db, err := byHand(b, path).Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	prepare := func(query string) *sql.Stmt {
		s, err := db.PrepareContext(ctx, query)
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	begin, commit := prepare(`BEGIN IMMEDIATE`), prepare(`COMMIT`)
	made := prepare(`SELECT 1 FROM prepaid_charges WHERE key = ?`)
	debit := prepare(`UPDATE prepaid_balances SET amount = amount - ? WHERE account = ? AND currency = 'USD' AND amount >= ? RETURNING amount`)
	move := prepare(`INSERT INTO prepaid_movements (account, at, kind, key, currency, amount, balance, order_id, application_id, description)
		VALUES (?, ?, 'charged', ?, 'USD', ?, ?, ?, ?, ?)`)
	keep := prepare(`INSERT INTO prepaid_charges
		(key, account, currency, amount, order_id, application_id, description, at, status, movement, refunded)
		VALUES (?, ?, 'USD', ?, ?, ?, ?, ?, 'succeeded', ?, 0)`)
	charge := func(key string) error {
		if _, err := begin.ExecContext(ctx); err != nil {
			return err
		}
		var left, number int64
		if err := made.QueryRowContext(ctx, key).Scan(&left); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := debit.QueryRowContext(ctx, 100, "acme", 100).Scan(&left); err != nil {
			return err
		}
		at := time.Now().UnixMicro()
		r, err := move.ExecContext(ctx, "acme", at, key, -100, left, "order-1", "app-1", "Group Call")
		if err != nil {
			return err
		}
		if number, err = r.LastInsertId(); err != nil {
			return err
		}
		if _, err := keep.ExecContext(ctx, key, "acme", 100, "order-1", "app-1", "Group Call", at, number); err != nil {
			return err
		}
		_, err = commit.ExecContext(ctx)
		return err
	}
	for i := 0; b.Loop(); i++ {
		if err := charge("app-1/order-" + strconv.Itoa(i)); err != nil {
			b.Fatal(err)
		}
	}
}
