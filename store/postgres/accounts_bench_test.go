package postgres_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/postgres"
)

// rich returns accounts in which a few payers have much, and their schema.
func rich(b *testing.B) (*postgres.Accounts, *pgxpool.Pool, string) {
	b.Helper()
	p := connect(b)
	name := schema(b, p)
	a := accounts(b, p, name)
	for i := range 100 {
		id := "acme" + strconv.Itoa(i)
		if err := a.Open(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		if err := a.Deposit(b.Context(), id, "wire"+id, dollars(b, 1<<60)); err != nil {
			b.Fatal(err)
		}
	}
	return a, p, name
}

// BenchmarkAccountsCharge is one charge after the other, each with a new key, that succeeds.
func BenchmarkAccountsCharge(b *testing.B) {
	a, _, _ := rich(b)
	c := payment.Charge{Account: "acme0", Amount: dollars(b, 100), Order: "order-1", Application: "app-1", Description: "Group Call"}
	for i := 0; b.Loop(); i++ {
		c.Key = "app-1/order-" + strconv.Itoa(i)
		if r, err := a.Charge(b.Context(), c); err != nil || r.Status != payment.Succeeded {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkAccountsChargeParallel is what eight callers at once get done, of a hundred accounts or of one.
func BenchmarkAccountsChargeParallel(b *testing.B) {
	for _, of := range []int{100, 1} {
		b.Run("accounts="+strconv.Itoa(of), func(b *testing.B) {
			a, _, _ := rich(b)
			b.SetParallelism(4)
			var keys atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				c := payment.Charge{Amount: dollars(b, 100), Order: "order-1", Application: "app-1", Description: "Group Call"}
				for pb.Next() {
					n := int(keys.Add(1))
					c.Key, c.Account = "app-1/order-"+strconv.Itoa(n), "acme"+strconv.Itoa(n%of)
					if r, err := a.Charge(b.Context(), c); err != nil || r.Status != payment.Succeeded {
						b.Error(r, err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkAccountsChargeByHand writes the same rows in hand-written SQL, in one statement that asks nothing that it
// needn't: the limit of BenchmarkAccountsCharge.
func BenchmarkAccountsChargeByHand(b *testing.B) {
	_, p, name := rich(b)
	statement := `WITH debited AS (
		UPDATE ` + name + `.balances SET amount = amount - $3 WHERE account = $2 AND currency = 'USD' AND amount >= $3 RETURNING amount
	), moved AS (
		INSERT INTO ` + name + `.movements (account, at, kind, key, currency, amount, balance, order_id, application_id, description)
		SELECT $2, $4, 'charged', $1, 'USD', -($3::bigint), amount, $5, $6, $7 FROM debited RETURNING number
	)
	INSERT INTO ` + name + `.charges (key, account, currency, amount, order_id, application_id, description, at, status, movement, refunded)
	SELECT $1, $2, 'USD', $3, $5, $6, $7, $4, 'succeeded', number, 0 FROM moved RETURNING movement`
	for i := 0; b.Loop(); i++ {
		var number int64
		if err := p.QueryRow(b.Context(), statement, "app-1/order-"+strconv.Itoa(i), "acme0", 100, time.Now(), "order-1", "app-1", "Group Call").
			Scan(&number); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAccountsChargeInteractive writes them in the transaction that one would write first, statement by statement.
func BenchmarkAccountsChargeInteractive(b *testing.B) {
	_, p, name := rich(b)
	charge := func(tx pgx.Tx, key string) error {
		ctx := b.Context()
		var n, left int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM `+name+`.charges WHERE key = $1`, key).Scan(&n); err != nil || n > 0 {
			return err
		}
		if err := tx.QueryRow(ctx, `UPDATE `+name+`.balances SET amount = amount - $1
			WHERE account = 'acme0' AND currency = 'USD' AND amount >= $1 RETURNING amount`, 100).Scan(&left); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `INSERT INTO `+name+`.movements (account, at, kind, key, currency, amount, balance, order_id, application_id, description)
			VALUES ('acme0', $1, 'charged', $2, 'USD', $3, $4, 'order-1', 'app-1', 'Group Call') RETURNING number`,
			time.Now(), key, -100, left).Scan(&n); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO `+name+`.charges
			(key, account, currency, amount, order_id, application_id, description, at, status, movement, refunded)
			VALUES ($1, 'acme0', 'USD', $2, 'order-1', 'app-1', 'Group Call', $3, 'succeeded', $4, 0)`, key, 100, time.Now(), n)
		return err
	}
	for i := 0; b.Loop(); i++ {
		if err := pgx.BeginFunc(b.Context(), p, func(tx pgx.Tx) error { return charge(tx, "app-1/order-"+strconv.Itoa(i)) }); err != nil {
			b.Fatal(err)
		}
	}
}
