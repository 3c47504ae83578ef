package audit

import (
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// purse is an account's money in one currency.
type purse struct {
	account  string
	currency pricing.Currency
}

// auditMoney compares the gateway's own ledger with the orders and their refunds. Each key must have been collected at
// most once, for an order that exists, and each refund's key must have returned money at most once. What the gateway
// collected, returned and had to give back is on the books, and nothing else is, by order and by account. The balances of
// the gateway behind must show the same.
func (a *auditor) auditMoney(books map[subscription.ApplicationID]*book) {
	kept := map[purse]int64{} // collected and not returned
	times := map[string]int{}
	returned := a.returnedByCharge()
	for _, c := range a.Collected {
		key := c.Charge.Key
		app := subscription.ApplicationID(c.Charge.Application)
		times[key]++
		if times[key] > 1 {
			a.violatef("double charge", app, "key %s was collected %d times", key, times[key])
		}
		left := c.Amount.Minor() - c.Refunded.Minor() - c.Reversed.Minor()
		b := books[app]
		id := subscription.OrderID(c.Charge.Order)
		_, forgotten := a.Lost[app].Order(id)
		if b == nil && !forgotten {
			a.violatef("money", app, "%s was collected for an application that there isn't", c.Amount)
			continue
		}
		o, ok := b.row(id)
		if forgotten && left <= 0 && (!ok || o.Attempt == "") { // operators refunded it
			continue
		}
		p := purse{c.Charge.Account, c.Amount.Currency()}
		kept[p] += left
		switch {
		case !ok:
			a.violatef("money", app, "%s was collected for order %q, which there isn't", c.Amount, c.Charge.Order)
		case key != string(o.Attempt):
			a.violatef("money", app, "%s was collected for order %s under the key %q", c.Amount, o.ID, key)
		case c.Charge.Account != a.payer(&o):
			if left != 0 || o.Status == subscription.OrderPaid || o.Collected.Sign() > 0 {
				a.violatef("money", app, "order %s of %s is %s, paid by %s, and %d are left",
					o.ID, o.Account, o.Status, c.Charge.Account, left)
			}
		case c.Amount != o.Collected && (o.Collected.Sign() > 0 || left != 0):
			a.violatef("money", app, "order %s is %s, %s was collected of which %d are left, and %s is on the books",
				o.ID, o.Status, c.Amount, left, o.Collected)
		case o.Status == subscription.OrderPaid && c.Amount != o.Amount:
			a.violatef("money", app, "order %s of %s is paid, and %s was collected", o.ID, o.Amount, c.Amount)
		default:
			kept[p] -= a.auditReturns(b, &o, returned[key])
		}
	}
	for _, c := range a.Customers {
		b := books[c.Application]
		if b == nil {
			continue
		}
		for _, o := range b.orders {
			kept[purse{a.payer(&o), o.Amount.Currency()}] -= o.Collected.Minor() - o.RefundedAmount.Minor()
			switch collected := times[string(o.Attempt)] > 0; {
			case collected:
			case o.Collected.Sign() > 0 || o.Status == subscription.OrderPaid && o.Amount.Sign() > 0:
				a.violatef("money", c.Application, "order %s of %s is %s, and nothing was collected", o.ID, o.Amount, o.Status)
			case len(b.refunds[o.ID]) > 0:
				a.violatef("refund", c.Application, "order %s has %d refunds, and nothing was collected", o.ID, len(b.refunds[o.ID]))
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

// returns is what went back of one charge: what the gateway was asked to return, by key, and what was reversed, by ID.
type returns struct {
	returned map[string]int64
	keys     []string // in order
	reversed map[string]paymenttest.Reversed
}

// returnedByCharge returns what went back, by the charge's key, and checks that no key returned money twice.
func (a *auditor) returnedByCharge() map[string]*returns {
	all := map[string]*returns{}
	of := func(charge string) *returns {
		if all[charge] == nil {
			all[charge] = &returns{returned: map[string]int64{}, reversed: map[string]paymenttest.Reversed{}}
		}
		return all[charge]
	}
	for _, r := range a.Returned {
		if !r.WithdrawnAt.IsZero() {
			continue
		}
		g := of(r.Refund.Charge)
		if _, twice := g.returned[r.Refund.Key]; twice {
			a.violatef("double refund", "", "key %s returned money twice", r.Refund.Key)
		} else {
			g.keys = append(g.keys, r.Refund.Key)
		}
		g.returned[r.Refund.Key] += r.Amount.Minor()
	}
	for _, r := range a.Reversed {
		of(r.Charge).reversed[r.ID] = r
	}
	return all
}

// auditReturns checks that what went back of an order is on the books, each part as one refund, and that every refund on the
// books went back. It returns the amount, in minor units, that by the books was returned by other means than the gateway.
func (a *auditor) auditReturns(b *book, o *subscription.Order, g *returns) (elsewhere int64) {
	if g == nil {
		g = &returns{}
	}
	known := map[string]int{} // by the gateway's key or ID
	for _, r := range b.refunds[o.ID] {
		wrong := func(what string) {
			a.violatef("refund", b.id, "refund %d of order %s, %s of %s with key %q and ID %q, is %s: %s",
				r.Number, o.ID, r.Kind, r.Amount, r.Key, r.ID, r.Status, what)
		}
		returned, asked := g.returned[r.Key]
		reversal, told := g.reversed[r.ID]
		lost, foreign := g.returned[r.ID]
		switch made := r.Status == subscription.RefundMade; {
		case r.Key != "" && made && returned != r.Amount.Minor():
			wrong("the gateway didn't return that")
		case r.Key != "" && made:
			known[r.Key]++
		case r.Key != "" && asked && returned == r.Amount.Minor() && g.recorded(b.refunds[o.ID], r.Key) == 0:
			wrong("the gateway returned it")
		case r.Key != "":
		case r.ID == "" && made:
			elsewhere += r.Amount.Minor()
		case told && reversal.Amount == r.Amount && made == reversal.ReinstatedAt.IsZero():
			known[r.ID]++
		case foreign && made && lost == r.Amount.Minor() && r.Kind == subscription.RefundProvider:
			known[r.ID]++
			a.findings.Returned++
		default:
			wrong("the gateway knows no such reversal")
		}
	}
	for _, key := range g.keys {
		switch {
		case known[key] > 1:
			a.violatef("refund", b.id, "what was returned of order %s with the key %q is on the books %d times", o.ID, key, known[key])
		case known[key] == 0 && elsewhere >= g.returned[key]: // by hand, and a person recorded it
			elsewhere -= g.returned[key]
		case known[key] == 0:
			a.violatef("refund", b.id, "%d of order %s was returned with the key %q, and isn't on the books", g.returned[key], o.ID, key)
		}
	}
	for id, r := range g.reversed {
		if known[id] != 1 {
			a.violatef("refund", b.id, "%s of order %s was reversed as %q, and is on the books %d times", r.Amount, o.ID, id, known[id])
		}
	}
	return elsewhere
}

// recorded returns how many refunds record money that the gateway returned with a key that was lost.
func (g *returns) recorded(all []subscription.Refund, key string) int {
	n := 0
	for i := range all {
		if all[i].ID == key && all[i].Status == subscription.RefundMade {
			n++
		}
	}
	return n
}

// auditBalances compares the hostile gateway's ledger with the statements of the accounts behind it. What was reversed never
// reached the accounts.
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
