package simulation

import (
	"context"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// staffMutants are defects of what only staff does.
func staffMutants() []mutant {
	return []mutant{
		{
			name: "import-unrecognized", what: "an import isn't recognized when it is repeated",
			wrap: changedOnLoad(hideImports, nil),
		},
		{
			name: "import-again", what: "an import that is repeated opens a second subscription",
			wrap: changedOnLoad(importAgain, renameImports), lax: true,
		},
		{
			name: "gift-twice", what: "a gift is granted twice",
			wrap: onCommit(giftTwice), lax: true,
		},
		{
			name: "account-moves-orders", what: "orders and refunds follow the account that pays now",
			wrap: onCommit(accountMovesOrders), lax: true,
		},
		{
			name: "closed-sells", what: "that an application was closed is forgotten",
			wrap: changedOnLoad(reopen, closeAgain), lax: true,
		},
		{
			name: "erased-keeps-note", what: "what was written before an application was erased stays as it was",
			wrap: erasedKeepsNote,
		},
		{
			name: "actor-forgotten", what: "events don't say who acted",
			wrap: onCommit(forgetActors),
		},
	}
}

func isImport(o subscription.Order) bool { return o.Kind == subscription.ImportOrder }

func hideImports(_ *world, s *subscription.Snapshot) {
	s.Orders = slices.DeleteFunc(s.Orders, isImport)
}

// importAgain hides an earlier import, and shows what it brought as a trial, which another subscription may replace.
func importAgain(_ *world, s *subscription.Snapshot) {
	i := slices.IndexFunc(s.Orders, isImport)
	if i < 0 {
		return
	}
	for k := range s.Application.Subscriptions {
		if h := &s.Application.Subscriptions[k]; h.Product == s.Orders[i].Product && h.Status.Live() {
			h.Trial = true
		}
	}
	hideImports(nil, s)
}

// renameImports gives an import whose order exists another ID, so that the store has room for it.
func renameImports(w *world, c *subscription.Change) {
	i := slices.IndexFunc(c.Orders, isImport)
	if i < 0 || w.store.seen[c.Application] == nil {
		return
	}
	id := c.Orders[i].ID
	if _, exists := w.store.seen[c.Application].Account[id]; !exists {
		return
	}
	other := id[:len(id)-4] + "0000"
	rename := func(all ...*subscription.OrderID) {
		for _, p := range all {
			if *p == id {
				*p = other
			}
		}
	}
	rename(&c.Orders[i].ID)
	for k := range c.Receipts {
		rename(&c.Receipts[k].OrderID)
	}
	for k := range c.Events {
		rename(&c.Events[k].Order)
	}
	for k := range c.Entries {
		rename(&c.Entries[k].Order)
	}
	for k := range c.Next.Lots {
		rename(&c.Next.Lots[k].Order)
	}
	for k := range c.Next.Subscriptions {
		for n := range c.Next.Subscriptions[k].Cycles {
			rename(&c.Next.Subscriptions[k].Cycles[n].Order)
		}
	}
}

// giftTwice grants the lot of a gift once more.
func giftTwice(_ *world, c *subscription.Change) {
	for i := range c.Orders {
		o := &c.Orders[i]
		if o.Kind != subscription.GiftOrder || !c.Places(o.ID) {
			continue
		}
		for _, l := range slices.Clone(c.Next.Lots) {
			if l.Order != o.ID {
				continue
			}
			grantAgain(c, l)
		}
	}
}

func grantAgain(c *subscription.Change, l subscription.Lot) {
	first := l.ID
	c.Next.LastLot++
	l.ID = c.Next.LastLot
	c.Next.Lots = append(c.Next.Lots, l)
	for _, e := range slices.Clone(c.Entries) {
		if e.Lot == first {
			e.Lot, e.Index = l.ID, len(c.Entries)
			c.Entries = append(c.Entries, e)
		}
	}
	for _, e := range slices.Clone(c.Events) {
		if e.Lot == first {
			e.Lot, e.Index = l.ID, len(c.Events)
			c.Events = append(c.Events, e)
		}
	}
}

// accountMovesOrders moves what a change replaces to the account that pays now.
func accountMovesOrders(_ *world, c *subscription.Change) {
	for i := range c.Orders {
		if o := &c.Orders[i]; !c.Places(o.ID) {
			o.Account = c.Next.Account
		}
	}
	for i := range c.Refunds {
		c.Refunds[i].Account = c.Next.Account
	}
}

func reopen(_ *world, s *subscription.Snapshot) {
	if s.Application.ErasedAt.IsZero() {
		s.Application.ClosedAt = s.Application.ErasedAt
	}
}

func closeAgain(w *world, c *subscription.Change) {
	if base := w.store.states[c.Application]; !base.ClosedAt.IsZero() {
		c.Next.ClosedAt = base.ClosedAt
	}
}

// erasedKeepsNote erases the document alone.
func erasedKeepsNote(_ *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway) {
	return forgetful{st}, gw
}

type forgetful struct{ store.Store }

// Erase implements subscription.Eraser.
func (s forgetful) Erase(ctx context.Context, c subscription.Change) error { return s.Commit(ctx, c) }

func forgetActors(_ *world, c *subscription.Change) {
	for i := range c.Events {
		c.Events[i].By, c.Events[i].Why = "", ""
	}
}
