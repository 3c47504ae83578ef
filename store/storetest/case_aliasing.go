package storetest

import (
	"errors"

	"github.com/prepaidkit/prepaid/subscription"
)

// aliasingCases checks that a store retains and modifies none of its arguments, and returns nothing that it retains.
func aliasingCases() []check {
	cases := []check{
		{"a change that is spoilt after Commit spoils nothing stored", func(e *env) {
			a := unborn("a")
			for seed := range 2 {
				c := sample("a", a.document.Revision, seed)
				a.apply(c)
				e.commit(c)
				spoil(&c)
				e.holds(a)
			}
		}},
		{"a batch that is spoilt after a conflict spoils nothing stored", func(e *env) {
			a, b := e.stored("a"), unborn("b")
			next := sample("b", 0, 0)
			b.apply(next)
			batch := []subscription.Change{sample("a", 0, 1), next}
			err := e.store.Commit(e.ctx, batch...)
			if why := conflicting(err, "a"); why != "" {
				e.Fatalf("Commit: %s", why)
			}
			if conflict, ok := errors.AsType[*subscription.ConflictError](err); ok {
				spoil(&conflict.Applications)
			}
			spoil(&batch)
			e.holds(a, b)
		}},
		{"Commit leaves its arguments as they are", func(e *env) {
			batch := []subscription.Change{sample("a", 0, 0), sample("b", 0, 1), sample("x", 3, 2)}
			want := make([]subscription.Change, len(batch))
			for i := range batch {
				want[i] = batch[i].Clone()
			}
			e.conflict(appIDs{"x"}, batch...)
			e.same("the batch after Commit", batch, want)
		}},
		{"Load leaves its arguments as they are", func(e *env) {
			a := e.stored("a", "1", "2", "3")
			e.apply(a, sample("a", a.document.Revision, 0))
			reads, want := []subscription.Read{a.read(), a.read()}, []subscription.Read{a.read(), a.read()}
			e.load(reads...)
			e.same("the reads after Load", reads, want)
		}},
		{"a snapshot that is spoilt spoils neither the store nor another snapshot", func(e *env) {
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			twice := e.load(a.read(), a.read())
			once := e.load(a.read())
			spoil(&twice[0])
			for _, kept := range []subscription.Snapshot{twice[1], once[0]} {
				e.same("another snapshot", kept.Application, a.document)
				e.sameReceipts(kept.Receipts, a.receipts)
				e.sameOrders(kept.Orders, a.orders)
				e.same("another snapshot's refunds", kept.Refunds, a.refunds)
			}
			e.holds(a)
		}},
	}
	return append(cases, check{"listed rows that are spoilt spoil nothing stored", func(e *env) {
		a := unborn("a")
		e.apply(a, sample("a", 0, 0))
		orders, entries, events, refunds, rows := e.orders("a"), e.entries("a"), e.events("a"), e.refunds("a"), e.subscriptions("a")
		kept := e.orders("a")
		spoil(&orders)
		spoil(&entries)
		spoil(&events)
		spoil(&refunds)
		spoil(&rows)
		e.same("orders listed before", kept, a.orders)
		e.holds(a)
	}}, check{"listed rows that are spoilt within the loop spoil no later row", func(e *env) {
		a := unborn("a")
		e.apply(a, sample("a", 0, 0))
		i := 0
		for o, err := range e.store.Orders(e.ctx, "a") {
			if err != nil {
				e.Fatalf("Orders: %v", err)
			}
			if i < len(a.orders) {
				e.same("Orders", o, a.orders[i])
			}
			spoil(&o)
			i++
		}
		e.holds(a)
	}})
}
