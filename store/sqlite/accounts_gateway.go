package sqlite

import (
	"context"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/internal/wallet"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
)

// Charge implements [payment.Gateway]. The result is always final. It fails with [payment.ErrInvalid] or
// [payment.ErrKeyConflict]; in either case no money has moved.
func (a *Accounts) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	return a.transfer(ctx, "charge", c.Key, func(q session) (payment.Result, error, error) { return a.charge(q, c) })
}

// transfer returns the result of a transaction that moves money, or the reason to refuse it.
func (a *Accounts) transfer(
	ctx context.Context, what, key string, do func(q session) (result payment.Result, refusal, err error),
) (result payment.Result, err error) {
	var refusal error
	if err := a.write(ctx, what, key, func(q session) (err error) {
		result, refusal, err = do(q)
		return err
	}); err != nil {
		return payment.Result{}, err
	}
	return result, refusal
}

// charge returns the result of c, or the reason to refuse it. An error means that the database failed.
func (a *Accounts) charge(q session, c payment.Charge) (result payment.Result, refusal, err error) {
	made, err := charged(q, c.Key)
	if err != nil {
		return payment.Result{}, nil, err
	}
	if made != nil {
		result, refusal = made.Answer(c)
		return result, refusal, nil
	}
	p, err := position(q, c.Account, c.Amount.Currency())
	if err != nil {
		return payment.Result{}, nil, err
	}
	result, after := wallet.DecideCharge(p, c)
	result.At = a.now()
	var number any
	if result.Status == payment.Succeeded {
		out, _ := c.Amount.Mul(-1) // every Money can be negated
		n, err := move(q, balance.Movement{
			At: result.At, Kind: balance.Charged, Account: c.Account, Key: c.Key, Amount: out, Balance: after,
			Order: c.Order, Application: c.Application, Description: c.Description,
		})
		if err != nil {
			return payment.Result{}, nil, err
		}
		number, result.Reference = n, strconv.FormatInt(n, 10)
	}
	_, err = q.exec(addCharge, c.Key, c.Account, string(c.Amount.Currency()), c.Amount.Minor(),
		wallet.OrNull(c.Order), wallet.OrNull(c.Application), wallet.OrNull(c.Description),
		result.At.UnixMicro(), string(result.Status), wallet.OrNull(string(result.Reason)), number, c.Present)
	return result, nil, err
}

// Lookup implements [payment.Gateway]. The result is final, or NotFound if that key was never charged. It fails with
// [payment.ErrInvalid] for an invalid key.
func (a *Accounts) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	var made *wallet.Charge
	if err := a.read(ctx, "lookup", key, func(q session) (err error) {
		made, err = charged(q, key)
		return err
	}); err != nil {
		return payment.Result{}, err
	}
	if made == nil {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	return made.Result, nil
}

// Refund implements [payment.Gateway]. The result is final, or NotFound if the charge was never made. It fails like
// [Accounts.Charge], and with [pricing.ErrOverflow] if the amount would overflow the balance; the same refund then
// succeeds once some of the balance has been spent.
func (a *Accounts) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	return a.transfer(ctx, "refund", r.Key, func(q session) (payment.Result, error, error) { return a.refund(q, r) })
}

// refund returns the result of r, or the reason to refuse it. An error means that the database failed.
func (a *Accounts) refund(q session, r payment.Refund) (result payment.Result, refusal, err error) {
	given, err := refunded(q, r.Key)
	if err != nil {
		return payment.Result{}, nil, err
	}
	if given != nil {
		result, refusal = given.Answer(r)
		return result, refusal, nil
	}
	made, err := charged(q, r.Charge)
	if err != nil {
		return payment.Result{}, nil, err
	}
	if made == nil {
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil, nil
	}
	p, err := position(q, r.Account, r.Amount.Currency())
	if err != nil {
		return payment.Result{}, nil, err
	}
	result, after, refusal := wallet.DecideRefund(p, *made, r)
	if refusal != nil {
		return payment.Result{}, refusal, nil
	}
	result.At = a.now()
	var number any
	if result.Status == payment.Succeeded {
		n, err := move(q, balance.Movement{
			At: result.At, Kind: balance.Refunded, Account: r.Account, Key: r.Key, Charge: r.Charge, Amount: r.Amount, Balance: after,
			Order: made.Request.Order, Application: made.Request.Application, Description: r.Reason,
		})
		if err != nil {
			return payment.Result{}, nil, err
		}
		if _, err := q.exec(giveBack, r.Amount.Minor(), r.Charge); err != nil {
			return payment.Result{}, nil, err
		}
		number, result.Reference = n, strconv.FormatInt(n, 10)
	}
	_, err = q.exec(addRefund, r.Key, r.Charge, r.Account, string(r.Amount.Currency()), r.Amount.Minor(), wallet.OrNull(r.Reason),
		result.At.UnixMicro(), string(result.Status), wallet.OrNull(string(result.Reason)), number)
	return result, nil, err
}

// Retention implements [payment.Gateway]. It returns 0, since keys are never forgotten.
func (a *Accounts) Retention() time.Duration { return 0 }

// Deposit adds amount to the account's balance, once per key of the account: repeating the same deposit returns nil
// and adds nothing. If it fails, it adds nothing. It fails with
//
//   - [payment.ErrInvalid] for a bad key or an amount that isn't positive;
//   - [payment.ErrKeyConflict] for a key that was used for another amount;
//   - balance.ErrNoAccount;
//   - [pricing.ErrOverflow] if the amount would overflow the balance.
func (a *Accounts) Deposit(ctx context.Context, id, key string, amount pricing.Money) error {
	d := wallet.Deposit{Key: key, Account: id, Amount: amount}
	if err := d.Validate(); err != nil {
		return err
	}
	var refusal error
	if err := a.write(ctx, "deposit", key, func(q session) (err error) {
		refusal, err = a.deposit(q, d)
		return err
	}); err != nil {
		return err
	}
	return refusal
}

// deposit makes d, or returns the reason to refuse it. An error means that the database failed.
func (a *Accounts) deposit(q session, d wallet.Deposit) (refusal, err error) {
	made, err := deposited(q, d.Account, d.Key)
	if err != nil {
		return nil, err
	}
	if made != nil {
		return made.Answer(d), nil
	}
	p, err := position(q, d.Account, d.Amount.Currency())
	if err != nil {
		return nil, err
	}
	after, refusal := d.Decide(p)
	if refusal != nil {
		return refusal, nil
	}
	n, err := move(q, balance.Movement{
		At: a.now(), Kind: balance.Deposited, Account: d.Account, Key: d.Key, Amount: d.Amount, Balance: after,
	})
	if err == nil {
		_, err = q.exec(addDeposit, d.Key, d.Account, string(d.Amount.Currency()), d.Amount.Minor(), n)
	}
	return nil, err
}
