package postgres

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// scanCharge reads the columns of a charge.
func scanCharge(key string) pgx.RowToFunc[wallet.Charge] {
	return func(row pgx.CollectableRow) (wallet.Charge, error) {
		c := payment.Charge{Key: key}
		var minor int64
		var currency string
		var order, application, description *string
		var f final
		err := row.Scan(&c.Account, &minor, &currency, &order, &application, &description, &c.Present,
			&f.at, &f.status, &f.reason, &f.movement)
		if err == nil {
			c.Amount, err = pricing.FromMinor(minor, pricing.Currency(currency))
		}
		c.Order, c.Application, c.Description = orEmpty(order), orEmpty(application), orEmpty(description)
		return wallet.Charge{Request: c, Result: f.result(key, c.Amount)}, err
	}
}

// scanRefund reads the columns of a refund.
func scanRefund(key string) pgx.RowToFunc[wallet.Refund] {
	return func(row pgx.CollectableRow) (wallet.Refund, error) {
		r := payment.Refund{Key: key}
		var minor int64
		var currency string
		var note *string
		var f final
		err := row.Scan(&r.Charge, &r.Account, &minor, &currency, &note, &f.at, &f.status, &f.reason, &f.movement)
		if err == nil {
			r.Amount, err = pricing.FromMinor(minor, pricing.Currency(currency))
		}
		r.Reason = orEmpty(note)
		return wallet.Refund{Request: r, Result: f.result(key, r.Amount)}, err
	}
}

// scanDeposit reads the columns of a deposit.
func scanDeposit(key string) pgx.RowToFunc[wallet.Deposit] {
	return func(row pgx.CollectableRow) (wallet.Deposit, error) {
		d := wallet.Deposit{Key: key}
		var minor int64
		var currency string
		err := row.Scan(&d.Account, &minor, &currency)
		if err == nil {
			d.Amount, err = pricing.FromMinor(minor, pricing.Currency(currency))
		}
		return d, err
	}
}

// scanMovement reads the columns of a movement.
func scanMovement(row pgx.CollectableRow) (balance.Movement, error) {
	var m balance.Movement
	var minor, after int64
	var currency, kind string
	var charge, order, application, description *string
	err := row.Scan(&m.Account, &minor, &currency, &after, &m.Number, &m.At, &kind, &m.Key, &charge, &order, &application, &description)
	if err == nil {
		m.Amount, err = pricing.FromMinor(minor, pricing.Currency(currency))
	}
	if err == nil {
		m.Balance, err = pricing.FromMinor(after, pricing.Currency(currency))
	}
	m.At, m.Kind, m.Charge = m.At.UTC(), balance.Kind(kind), orEmpty(charge)
	m.Order, m.Application, m.Description = orEmpty(order), orEmpty(application), orEmpty(description)
	return m, err
}

// final holds the columns of a result.
type final struct {
	at       time.Time
	status   string
	reason   *string
	movement *int64
}

// result returns the result. amount is the amount of a success.
func (f final) result(key string, amount pricing.Money) payment.Result {
	r := payment.Result{Key: key, Status: payment.Status(f.status), Reason: payment.Reason(orEmpty(f.reason)), At: f.at.UTC()}
	if f.movement != nil {
		r.Amount, r.Reference = amount, strconv.FormatInt(*f.movement, 10)
	}
	return r
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
