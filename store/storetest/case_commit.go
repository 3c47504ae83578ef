package storetest

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

type appIDs = []subscription.ApplicationID

// commitCases checks that a change is applied as a whole if its base is the application's revision, and not at all
// otherwise.
func commitCases() []check {
	cases := []check{
		{"base 0 creates the application", func(e *env) { e.holds(e.stored("a")) }},
		{"each revision follows the one before", func(e *env) { e.holds(e.stored("a", "1", "2", "3"), e.stored("b")) }},
		{"an empty batch does nothing", func(e *env) {
			a := e.stored("a")
			e.commit()
			e.holds(a)
		}},
		{"a change of nothing but the document and an event", func(e *env) {
			a := e.stored("a")
			c := a.next("bare")
			c.Orders, c.Entries, c.Receipts = nil, nil, nil
			e.apply(a, c)
			e.holds(a)
		}},
		{"a change decided again after a conflict is applied", func(e *env) {
			a := e.stored("a", "1", "2")
			e.conflict(appIDs{"a"}, small("a", 1, "late"))
			e.apply(a, a.next("late"))
			e.holds(a)
		}},
		{"an order is replaced by its ID and keeps its place", func(e *env) {
			a := e.stored("a", "1", "2", "3")
			c := a.next("pays")
			replaced := a.orders[1].Clone()
			replaced.Status, replaced.Note, replaced.Reference = subscription.OrderRefunded, "given back", "r2"
			replaced.ClosedAt, replaced.Collected = c.Next.Due, cents(12345)
			c.Orders = append(c.Orders, replaced)
			e.apply(a, c)
			e.holds(a)
		}},
		{"orders that a change doesn't name stay as they are", func(e *env) {
			a := e.stored("a", "1", "2")
			c := a.next("without orders")
			c.Orders = nil
			e.apply(a, c)
			e.holds(a)
		}},
		{"one order ID in two applications", func(e *env) {
			a, b := unborn("a"), unborn("b")
			e.apply(a, a.next("t"))
			e.apply(b, b.next("t"))
			replaced := small("b", 1, "u")
			replaced.Orders[0].ID = b.orders[0].ID
			e.apply(b, replaced)
			e.holds(a, b)
		}},
		{"a batch of a thousand applications", func(e *env) {
			all, batch := make([]*expected, 1000), make([]subscription.Change, 1000)
			for i := range all {
				all[i] = unborn(subscription.ApplicationID(fmt.Sprintf("app %d", i)))
				batch[i] = all[i].next("t")
				all[i].apply(batch[i])
			}
			e.commit(batch...)
			e.holds(all[0], all[1], all[499], all[998], all[999])
			for i := range all {
				batch[i] = all[i].next("u")
				all[i].apply(batch[i])
			}
			e.commit(batch...)
			if e.brief {
				for i := range 99 { // and the last ones
					all[i] = all[i*10]
				}
				all = append(all[:99], all[990:]...)
			}
			e.holds(all...)
		}},
	}
	return slices.Concat(cases, conflictCases(), keyCases(), placedCases(), twiceCases())
}

// conflictCases checks that a refused change leaves nothing behind.
func conflictCases() []check {
	var cases []check
	for _, tt := range []struct {
		name string
		base int64
	}{
		{"creating twice", 0},
		{"a base that is past", 1},
		{"a base just behind", 2},
		{"a base just ahead", 4},
		{"a base far ahead", 1 << 40},
	} {
		cases = append(cases, check{"a conflict, nothing changes: " + tt.name, func(e *env) {
			a, b := e.stored("a", "1", "2", "3"), e.stored("b")
			c := small("a", tt.base, "late")
			// The change also replaces an order, which must not change.
			replaced := a.orders[0].Clone()
			replaced.Status, replaced.Note = subscription.OrderRefundDue, "late"
			c.Orders, c.Next.Orders = append(c.Orders, replaced), []subscription.Order{replaced.Clone()}
			e.conflict(appIDs{"a"}, c)
			e.holds(a, b)
		}})
	}
	return append(cases,
		check{"a conflict, nothing changes: an unknown application that should exist", func(e *env) {
			e.conflict(appIDs{"a"}, small("a", 1, "t"))
			e.holds(unborn("a"))
			e.holds(e.stored("a"))
		}},
		check{"the same change twice is applied once", func(e *env) {
			a := e.stored("a")
			c := a.next("t")
			e.apply(a, c)
			e.conflict(appIDs{"a"}, c)
			e.holds(a)
		}},
		check{"of a batch those that conflict are named, the others applied", func(e *env) {
			a, b, c, d := e.stored("a", "1", "2"), e.stored("b", "1", "2"), e.stored("c"), unborn("d")
			nextA, nextC, nextD := a.next("t"), c.next("t"), d.next("t")
			e.conflict(appIDs{"b", "x"}, nextA, small("b", 1, "late"), nextC, small("x", 7, "late"), nextD)
			a.apply(nextA)
			c.apply(nextC)
			d.apply(nextD)
			e.holds(a, b, c, d, unborn("x"))
		}},
		check{"a batch whose changes all conflict", func(e *env) {
			a, b := e.stored("a"), e.stored("b")
			e.conflict(appIDs{"a", "b"}, small("a", 0, "late"), small("b", 0, "late"))
			e.holds(a, b)
		}},
		check{"every third of three hundred conflicts", func(e *env) {
			var all []*expected
			var late appIDs
			var first, batch []subscription.Change
			for i := range 300 {
				x := unborn(subscription.ApplicationID(fmt.Sprintf("app %d", i)))
				all = append(all, x)
				first = append(first, x.next("t"))
				x.apply(first[i])
			}
			e.commit(first...)
			for i, x := range all {
				if i%3 == 0 {
					late = append(late, x.document.ID)
					batch = append(batch, small(x.document.ID, 0, "late"))
					continue
				}
				c := x.next("t")
				batch = append(batch, c)
				x.apply(c)
			}
			e.conflict(late, batch...)
			e.holds(all...)
		}},
	)
}

// keyCases checks that a key with a receipt is a conflict, whatever the base is.
func keyCases() []check {
	return []check{
		{"a key that has a receipt is a conflict, and nothing changes", func(e *env) {
			a := e.stored("a", "1", "2")
			c := a.next("t")
			c.Receipts[0].Key = a.receipts[0].Key
			e.conflict(appIDs{"a"}, c)
			e.holds(a)
			e.apply(a, a.next("t"))
			e.holds(a)
		}},
		{"of a batch those whose key has a receipt are named, the others applied", func(e *env) {
			a, b := e.stored("a"), e.stored("b")
			taken, next := a.next("t"), b.next("t")
			taken.Receipts[0].Key = a.receipts[0].Key
			e.conflict(appIDs{"a"}, taken, next)
			b.apply(next)
			e.holds(a, b)
		}},
		{"one key in two applications", func(e *env) {
			a, b := unborn("a"), unborn("b")
			for _, x := range []*expected{a, b} {
				c := x.next("of " + string(x.document.ID))
				c.Receipts[0].Key = "k"
				e.apply(x, c)
			}
			e.holds(a, b)
			c := small("b", 1, "t")
			c.Receipts[0].Key = "k"
			e.conflict(appIDs{"b"}, c)
			e.holds(a, b)
		}},
	}
}
