package audit

import (
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// purse is an account's money in one currency.
type purse struct {
	account  string
	currency pricing.Currency
}

// auditMoney compares the gateway's own ledger with the orders. Each key must have been collected at most once, for
// an order that exists. The amounts collected and not refunded must match the amounts paid, by order and by account.
// The balances of the gateway behind must show the same.
func (a *auditor) auditMoney(books map[subscription.ApplicationID]*book) {
	kept := map[purse]int64{} // collected minus refunded
	times := map[string]int{}
	for _, c := range a.Collected {
		key := c.Charge.Key
		app := subscription.ApplicationID(c.Charge.Application)
		times[key]++
		if times[key] > 1 {
			a.violatef("double charge", app, "key %s was collected %d times", key, times[key])
		}
		left := c.Amount.Minor() - c.Refunded.Minor()
		kept[purse{c.Charge.Account, c.Amount.Currency()}] += left
		b := books[app]
		id := subscription.OrderID(c.Charge.Order)
		_, forgotten := a.Lost[app].Order(id)
		if b == nil && !forgotten {
			a.violatef("money", app, "%s was collected for an application that there isn't", c.Amount)
			continue
		}
		o, ok := b.row(id)
		switch {
		case forgotten && left == 0 && (!ok || o.Attempt == ""): // operators refunded it
		case !ok:
			a.violatef("money", app, "%s was collected for order %q, which there isn't", c.Amount, c.Charge.Order)
		case key != string(o.Attempt):
			a.violatef("money", app, "%s was collected for order %s under the key %q", c.Amount, o.ID, key)
		case o.Status == subscription.OrderPaid && c.Amount == o.Amount && left == 0 && a.returned(&o):
			a.findings.Returned++
			kept[purse{c.Charge.Account, c.Amount.Currency()}] += c.Amount.Minor()
		case o.Status == subscription.OrderPaid && c.Charge.Account != string(o.Account):
			a.violatef("money", app, "order %s of %s is paid by %s", o.ID, o.Account, c.Charge.Account)
		case o.Status == subscription.OrderPaid && (c.Amount != o.Amount || left != o.Amount.Minor()):
			a.violatef("money", app, "order %s of %s is paid, and %s was collected of which %d are left", o.ID, o.Amount, c.Amount, left)
		case o.Status != subscription.OrderPaid && left != 0:
			a.violatef("money", app, "order %s is %s, and %s was collected of which %d are left", o.ID, o.Status, c.Amount, left)
		}
	}
	for _, c := range a.Customers {
		b := books[c.Application]
		if b == nil {
			continue
		}
		for _, o := range b.orders {
			if o.Status != subscription.OrderPaid {
				continue
			}
			kept[purse{string(o.Account), o.Amount.Currency()}] -= o.Amount.Minor()
			if o.Amount.Sign() > 0 && times[string(o.Attempt)] == 0 {
				a.violatef("money", c.Application, "order %s of %s is paid, and nothing was collected", o.ID, o.Amount)
			}
		}
	}
	for _, c := range a.Customers { // in a fixed order
		for _, currency := range []pricing.Currency{"USD", "JPY"} {
			p := purse{string(c.Account), currency}
			if off := kept[p]; off != 0 {
				a.violatef("sum", c.Application, "%s paid %d %s more than its orders", p.account, off, currency)
			}
			kept[p] = 0
		}
	}
	a.auditBalances()
}

// auditBalances compares the hostile gateway's ledger with the statements of the accounts behind it.
func (a *auditor) auditBalances() {
	moved := map[purse]int64{}
	for _, m := range a.Journal {
		if m.Kind != balance.Deposited {
			moved[purse{m.Account, m.Amount.Currency()}] += m.Amount.Minor()
		}
	}
	for _, c := range a.Collected {
		moved[purse{c.Charge.Account, c.Amount.Currency()}] += c.Amount.Minor() - c.Refunded.Minor()
	}
	for p, off := range moved {
		if off != 0 {
			a.violatef("sum", "", "the gateway's two ledgers of %s differ by %d %s", p.account, off, p.currency)
		}
	}
}

// collectedUnder returns the amount collected under a key, or the zero Money if there is none.
func (a *auditor) collectedUnder(key string) pricing.Money {
	for _, c := range a.Collected {
		if c.Charge.Key == key {
			return c.Amount
		}
	}
	return pricing.Money{}
}
