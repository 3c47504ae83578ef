package sqlite

import (
	"strconv"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

const (
	getCharge = `SELECT account, amount, currency, order_id, application_id, description, at, status, reason, movement, refunded, present
		FROM prepaid_charges WHERE key = ?`
	getRefund  = `SELECT account, amount, currency, charge, note, at, status, reason, movement FROM prepaid_refunds WHERE key = ?`
	getDeposit = `SELECT account, amount, currency FROM prepaid_deposits WHERE account = ? AND key = ?`

	addCharge = `INSERT INTO prepaid_charges
		(key, account, currency, amount, order_id, application_id, description, at, status, reason, movement, present, refunded)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`
	addRefund = `INSERT INTO prepaid_refunds (key, charge, account, currency, amount, note, at, status, reason, movement)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	addDeposit = `INSERT INTO prepaid_deposits (key, account, currency, amount, movement) VALUES (?, ?, ?, ?, ?)`

	giveBack   = `UPDATE prepaid_charges SET refunded = refunded + ? WHERE key = ?`
	setBalance = `INSERT INTO prepaid_balances (account, currency, amount) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET amount = excluded.amount`
	addMovement = `INSERT INTO prepaid_movements
		(account, at, kind, key, charge, currency, amount, balance, order_id, application_id, description)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`
)

// charged returns the recorded charge with that key, or nil if there is none.
func charged(q session, key string) (made *wallet.Charge, err error) {
	err = q.query(getCharge, func(r row) error {
		amount, err := r.money(1)
		made = &wallet.Charge{
			Request: payment.Charge{
				Key: key, Account: r.text(0), Amount: amount, Order: r.text(3), Application: r.text(4), Description: r.text(5),
				Present: r.number(11) != 0,
			},
			Result:   r.result(key, 6, amount),
			Refunded: r.number(10),
		}
		return err
	}, key)
	return made, err
}

// refunded returns the recorded refund with that key, or nil if there is none.
func refunded(q session, key string) (made *wallet.Refund, err error) {
	err = q.query(getRefund, func(r row) error {
		amount, err := r.money(1)
		made = &wallet.Refund{
			Request: payment.Refund{Key: key, Charge: r.text(3), Account: r.text(0), Amount: amount, Reason: r.text(4)},
			Result:  r.result(key, 5, amount),
		}
		return err
	}, key)
	return made, err
}

// deposited returns the account's recorded deposit with that key, or nil if there is none.
func deposited(q session, account, key string) (made *wallet.Deposit, err error) {
	err = q.query(getDeposit, func(r row) error {
		amount, err := r.money(1)
		made = &wallet.Deposit{Key: key, Account: r.text(0), Amount: amount}
		return err
	}, account, key)
	return made, err
}

// move sets the balance to its value after m, writes m to the journal, and returns its number.
func move(q session, m balance.Movement) (number int64, err error) {
	currency := string(m.Amount.Currency())
	if _, err := q.exec(setBalance, m.Account, currency, m.Balance.Minor()); err != nil {
		return 0, err
	}
	return getNumber(q, addMovement, m.Account, m.At.UnixMicro(), string(m.Kind), m.Key, wallet.OrNull(m.Charge), currency,
		m.Amount.Minor(), m.Balance.Minor(), wallet.OrNull(m.Order), wallet.OrNull(m.Application), wallet.OrNull(m.Description))
}

// result returns the result in the columns from i: its time, status, reason, and movement. amount is the amount of a
// success.
func (r row) result(key string, i int, amount pricing.Money) payment.Result {
	result := payment.Result{
		Key: key, Status: payment.Status(r.text(i + 1)), Reason: payment.Reason(r.text(i + 2)), At: r.time(i),
	}
	if result.Status == payment.Succeeded {
		result.Amount, result.Reference = amount, strconv.FormatInt(r.number(i+3), 10)
	}
	return result
}
