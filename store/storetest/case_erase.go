package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// eraseCases checks that what identifies a person is removed from every row of an application, and from no other. The
// cases are skipped if the store isn't a [subscription.Eraser].
func eraseCases() []check {
	return []check{
		{"every field of every row, and those of another application stay", func(e *env) {
			for seed := range 2 {
				a, b := unborn(subscription.ApplicationID('a'+rune(2*seed))), unborn(subscription.ApplicationID('b'+rune(2*seed)))
				for _, x := range []*expected{a, b} {
					e.apply(x, sample(x.document.ID, 0, seed))
					e.apply(x, x.next("later"))
				}
				e.erase(a)
				e.holds(a, b)
			}
		}},
		{"the account finds its other applications alone", func(e *env) {
			a, b := e.stored("a", "1"), e.stored("b", "1")
			e.listsOf("acme", appIDs{"a", "b"})
			e.erase(a)
			e.listsOf("acme", appIDs{"b"})
			e.holds(a, b)
		}},
		{"a conflict, nothing is erased", func(e *env) {
			a := e.stored("a", "1", "2", "3")
			late := erasing(a)
			late.Base, late.Next.Revision = 1, 2
			if why := conflicting(e.eraser().Erase(e.ctx, late), "a"); why != "" {
				e.Fatalf("Erase: %s", why)
			}
			e.holds(a)
			taken := erasing(a)
			taken.Receipts = slices.Clone(a.receipts[:1])
			if why := conflicting(e.eraser().Erase(e.ctx, taken), "a"); why != "" {
				e.Fatalf("Erase with a key that has a receipt: %s", why)
			}
			e.holds(a)
		}},
		{"a refusal, nothing is erased", func(e *env) {
			a := e.stored("a", "1", "2")
			c := erasing(a)
			again := small("a", 0, "1")
			c.Orders = []subscription.Order{again.Orders[0].Erased()}
			placed := again.Events[0].Erased()
			placed.Revision, placed.Index = c.Base+1, len(c.Events)
			c.Events = append(c.Events, placed)
			err := e.eraser().Erase(e.ctx, c)
			if refused := new(subscription.RefusedError); !errors.As(err, &refused) || !errors.Is(err, subscription.ErrExists) {
				e.Fatalf("Erase: %v, want a *subscription.RefusedError with ErrExists", err)
			}
			e.holds(a)
		}},
		{"an application without rows, and one that goes on", func(e *env) {
			a := unborn("a")
			c := bare(a)
			c.Events = c.Events[:1]
			e.apply(a, c)
			e.erase(a)
			e.holds(a)
			c = a.next("late")
			c.Next.Account, c.Next.ErasedAt = "", a.document.ErasedAt
			e.apply(a, c)
			e.holds(a)
		}},
		{"thousands of rows", func(e *env) {
			a := unborn("a")
			for range 3 {
				e.apply(a, many(a, 1000))
			}
			e.erase(a)
			e.holds(a)
		}},
		{"rows that were returned before stay as they are", func(e *env) {
			a := e.stored("a", "1", "2")
			was := e.load(a.read())[0]
			orders, events, rows := e.orders("a"), e.events("a"), e.subscriptions("a")
			before := *a
			before.orders, before.events, before.rows = slices.Clone(a.orders), slices.Clone(a.events), slices.Clone(a.rows)
			e.erase(a)
			e.sameOrders(was.Orders, before.orders)
			e.same("orders listed before", orders, before.orders)
			e.same("events listed before", events, before.events)
			e.same("rows listed before", rows, before.rows)
		}},
		{"a context that has ended", func(e *env) {
			a := e.stored("a", "1")
			ctx, cancel := context.WithCancel(e.ctx)
			cancel()
			if err := e.eraser().Erase(ctx, erasing(a)); !errors.Is(err, context.Canceled) {
				e.Fatalf("Erase: %v, want the context's error", err)
			}
			e.holds(a)
		}},
		{"the change is the store's own copy", func(e *env) {
			a := e.stored("a", "1")
			c := erasing(a)
			a.erase(c)
			if err := e.eraser().Erase(e.ctx, c); err != nil {
				e.Fatalf("Erase: %v, want success", err)
			}
			spoil(&c)
			e.holds(a)
		}},
	}
}

// eraser returns the store of the case as a [subscription.Eraser], and skips the case if it isn't one.
func (e *env) eraser() subscription.Eraser {
	e.Helper()
	return optional[subscription.Eraser](e)
}

// listsOf fails the case unless an account has exactly these applications.
func (e *env) listsOf(account subscription.AccountID, want appIDs) {
	e.Helper()
	call := "ApplicationsOf " + string(account)
	e.same(call, rowsOf(e, call, e.store.ApplicationsOf(e.ctx, account)), want)
}

// erase erases an application, and records the expected state.
func (e *env) erase(x *expected) {
	e.Helper()
	c := erasing(x)
	if err := e.eraser().Erase(e.ctx, c); err != nil {
		e.Fatalf("Erase: %v, want success", err)
	}
	x.erase(c)
}

// erasing returns a change that erases an application.
func erasing(x *expected) subscription.Change {
	at := noon().Add(time.Hour)
	c := subscription.Change{Application: x.document.ID, Base: x.document.Revision, Next: x.document.Clone()}
	c.Next.Revision++
	c.Next.Account, c.Next.Tax, c.Next.ClosedAt, c.Next.ErasedAt = "", nil, noon(), at
	c.Next.Orders, c.Next.Refunds = nil, nil
	c.Events = []subscription.Event{{Application: c.Application, Revision: c.Next.Revision, At: at, Type: subscription.EventErased}}
	return c
}

// erase records that a change erased the application.
func (x *expected) erase(c subscription.Change) {
	x.apply(c)
	for i := range x.orders {
		x.orders[i] = x.orders[i].Erased()
	}
	for i := range x.refunds {
		x.refunds[i] = x.refunds[i].Erased()
	}
	for i := range x.events {
		x.events[i] = x.events[i].Erased()
	}
	for i := range x.rows {
		x.rows[i] = x.rows[i].Erased()
	}
}
