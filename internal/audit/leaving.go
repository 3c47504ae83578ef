package audit

import (
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// This file checks who pays, who acted, and what becomes of an application whose customer has left.

// Actor is who acted for a customer, and why.
type Actor struct{ By, Why string }

// auditAccount checks that every order and every refund keeps the account that paid for the application when the order was
// placed.
func (a *auditor) auditAccount(c *Customer, b *book) {
	erased := !b.document.ErasedAt.IsZero()
	account := c.Account
	for _, e := range b.events {
		switch e.Type { //nolint:exhaustive // the others have nothing to do with it
		case subscription.EventAccountChanged:
			account = subscription.AccountID(e.Note)
		case subscription.EventOrderPlaced:
			if o := b.rows[e.Order]; !erased && o.Account != account {
				a.violatef("account", b.id, "order %s is of %s, and was placed when %s paid", o.ID, o.Account, account)
			}
		}
	}
	if !erased && b.document.Account != account {
		a.violatef("account", b.id, "%s pays, by the events %s", b.document.Account, account)
	}
	seen := a.Recorded[b.id]
	if seen == nil {
		return
	}
	for _, o := range b.orders {
		if was := seen.Account[o.ID]; o.Account != was && !erased {
			a.violatef("account", b.id, "order %s was placed with %s, and is of %s", o.ID, was, o.Account)
		}
	}
}

// payer returns the account that an order was placed with. If it was erased, only the committed changes still tell. A
// restored store may have forgotten that another account paid; what that one paid for an order stays its payment, once
// it is on the books.
func (a *auditor) payer(o *subscription.Order) string {
	if lost, forgotten := a.Lost[o.Application].Order(o.ID); forgotten && o.Collected.Sign() > 0 {
		for _, c := range a.Collected {
			if c.Charge.Key == string(o.Attempt) && c.Charge.Account == string(lost.Account) {
				return c.Charge.Account
			}
		}
	}
	if seen := a.Recorded[o.Application]; seen != nil && seen.Account[o.ID] != "" {
		return string(seen.Account[o.ID])
	}
	return string(o.Account)
}

// auditActors checks that what a request caused says who acted and why: one of those who sent the request, or nobody if a
// customer did.
func (a *auditor) auditActors(c *Customer, b *book) {
	if !b.document.ErasedAt.IsZero() {
		return // nobody is known any more
	}
	of := map[int64]*Request{}
	for i := range c.Requests {
		if r, ok := b.receipts[c.Requests[i].Key]; ok {
			of[r.Revision] = &c.Requests[i]
		}
	}
	acted := map[int64]bool{}
	for _, e := range b.events {
		r := of[e.Revision]
		switch who := (Actor{e.By, e.Why}); {
		case r == nil, who == Actor{}:
		case !slices.Contains(r.Actors, who):
			a.violatef("actor", b.id, "%s of revision %d is by %+v, and %s was sent by %+v", e.Type, e.Revision, who, r.Key, r.Actors)
		default:
			acted[e.Revision] = true
		}
	}
	for revision, r := range of {
		if len(r.Actors) > 0 && !acted[revision] {
			a.violatef("actor", b.id, "no event of revision %d says that %s was sent by %+v", revision, r.Key, r.Actors)
		}
	}
	for _, all := range b.refunds {
		for _, f := range all {
			if f.Kind == subscription.RefundReversal && f.By != "" {
				a.violatef("actor", b.id, "refund %d of order %s was made by the bank, and says %q", f.Number, f.Order, f.By)
			}
		}
	}
}
