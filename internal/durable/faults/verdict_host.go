package faults

import (
	"context"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// auditHost checks the host's own rows in the database: a row exists if and only if the request that it was written
// with does, and each deposit was made once. It adds the money in the database's accounts to the evidence.
func (r *run) auditHost(ctx context.Context, d *database, e *audit.Evidence) error {
	rows, err := d.host.query(ctx, d.host.requested)
	if err != nil {
		return err
	}
	remembered := map[string]bool{}
	for _, row := range rows {
		remembered[row] = true
	}
	for _, c := range r.customers {
		for _, a := range c.askings {
			if !a.Within {
				continue
			}
			snapshots, err := e.Store.Load(ctx, subscription.Read{Application: c.id, Keys: []string{a.Key}})
			if err != nil {
				return err
			}
			stored, written := len(snapshots[0].Receipts) > 0, remembered[requestOf(c.id, a.Key)]
			if stored != written {
				r.violatef("host", c.id, "request %s is stored: %t; the host's row of the same transaction: %t", a.Key, stored, written)
			}
			if stored {
				r.figures.Within++
			}
		}
	}
	return r.auditAccounts(ctx, d, e)
}

// auditAccounts compares the accounts in the database with the deposits, and adds their statement to the evidence.
func (r *run) auditAccounts(ctx context.Context, d *database, e *audit.Evidence) error {
	left := map[string]pricing.Money{}
	for _, d := range r.deposits {
		left[d.Key] = d.Amount
	}
	charges := map[string]int{}
	sums := map[[2]string]int64{}
	for m, err := range d.accounts.Journal(ctx) {
		if err != nil {
			return err
		}
		e.Journal = append(e.Journal, m)
		sums[[2]string{m.Account, string(m.Amount.Currency())}] += m.Amount.Minor()
		switch m.Kind {
		case balance.Deposited:
			if amount, ok := left[m.Key]; !ok || amount != m.Amount {
				r.violatef("deposit", "", "%s of %q, of which %s were to be deposited once", m.Amount, m.Key, amount)
			}
			delete(left, m.Key)
		case balance.Charged:
			amount, err := pricing.FromMinor(-m.Amount.Minor(), m.Amount.Currency())
			if err != nil {
				return err
			}
			charges[m.Key] = len(e.Collected)
			e.Collected = append(e.Collected, paymenttest.Collection{
				Charge: payment.Charge{
					Key: m.Key, Account: m.Account, Amount: amount, Order: m.Order, Application: m.Application, Description: m.Description,
				},
				Amount: amount, At: m.At,
			})
		case balance.Refunded:
			e.Returned = append(e.Returned, paymenttest.Returned{
				Refund: payment.Refund{Key: m.Key, Charge: m.Charge, Account: m.Account, Amount: m.Amount}, Amount: m.Amount, At: m.At,
			})
			c := &e.Collected[charges[m.Charge]]
			if c.Refunded, err = pricing.FromMinor(c.Refunded.Minor()+m.Amount.Minor(), m.Amount.Currency()); err != nil {
				return err
			}
		}
	}
	for key, amount := range left {
		r.violatef("deposit", "", "%s of %q, which was answered, isn't there", amount, key)
	}
	for of, sum := range sums {
		has, err := d.accounts.Balance(ctx, of[0], pricing.Currency(of[1]))
		if err != nil {
			return err
		}
		if has.Minor() != sum {
			r.violatef("deposit", "", "%s has %s, and its movements sum to %d", of[0], has, sum)
		}
	}
	return nil
}
