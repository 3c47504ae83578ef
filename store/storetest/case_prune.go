package storetest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// pruneCases checks that exactly the rows that are older than an instant and not needed are deleted and counted. The
// cases are skipped if the store isn't a [store.Pruner].
func pruneCases() []check {
	return slices.Concat(pruneBoundaryCases(), pruneOrderCases(), pruneKeyCases(), pruneContextCases(), []check{
		{"an empty store has nothing to prune", func(e *env) { e.prunes(noon(), store.Pruned{}) }},
		{"once more: nothing is left to prune", func(e *env) {
			a := e.aged("a", -time.Hour, 0, time.Hour)
			e.prunes(noon(), store.Pruned{Receipts: 1, Events: 2, Orders: 1})
			a.forget(1)
			for range 2 {
				e.prunes(noon(), store.Pruned{})
				e.holds(a)
			}
			e.prunes(noon().Add(time.Minute), store.Pruned{Receipts: 1, Events: 2, Orders: 1})
			a.forget(1)
			e.holds(a)
		}},
		{"documents and the ledger stay, and so do leases and what is due", func(e *env) {
			a, b := e.aged("a", -time.Hour, -time.Hour), e.aged("b")
			for _, x := range []*expected{a, b} {
				e.apply(x, at(x.dueAt(noon()), noon()))
			}
			e.claims(noon(), time.Hour, a, b)
			e.prune(noon().AddDate(100, 0, 0))
			a.forget(3)
			b.forget(1)
			e.holds(a, b)
			e.lists(appIDs{"a", "b"})
			e.claims(noon(), time.Hour)
			e.claims(noon().Add(time.Hour), time.Hour, a, b)
			e.apply(a, a.next("goes on"))
			e.holds(a)
		}},
		{"thousands of rows of one application and of many", func(e *env) {
			a := unborn("a")
			for range 3 {
				c := at(many(a, 1000), noon())
				for i := range c.Events {
					c.Events[i].At = noon().Add(time.Duration(i%2*2-1) * time.Hour)
					c.Orders[i].ClosedAt = c.Events[i].At
				}
				c.Receipts[0].At = noon().Add(-time.Hour)
				e.apply(a, c)
			}
			var batch []subscription.Change
			for i := range 300 {
				c := bare(unborn(subscription.ApplicationID(fmt.Sprint("app ", i))))
				c.Events[0].At = noon().Add(-time.Hour)
				batch = append(batch, c)
			}
			e.commit(batch...)
			e.prunes(noon(), store.Pruned{Receipts: 3, Events: 1800, Orders: 1500})
			a.receipts = nil
			a.events = slices.DeleteFunc(a.events, func(n subscription.Event) bool { return n.At.Before(noon()) })
			a.orders = slices.DeleteFunc(a.orders, func(o subscription.Order) bool { return o.ClosedAt.Before(noon()) })
			e.holds(a)
			e.same("events of a pruned application", len(e.events("app 7")), 0)
		}},
		{"rows that were returned before stay as they are", func(e *env) {
			a := e.aged("a", -time.Hour, -time.Minute, time.Hour)
			was := e.load(a.read())[0]
			orders, events := e.orders("a"), e.events("a")
			e.prunes(noon(), store.Pruned{Receipts: 2, Events: 4, Orders: 2})
			e.sameReceipts(was.Receipts, a.receipts)
			e.sameOrders(was.Orders, a.orders)
			e.same("orders listed before", orders, a.orders)
			e.same("events listed before", events, a.events)
			a.forget(2)
			e.holds(a)
		}},
		{"beside commits and loops: nothing that is new is lost, and no commit is refused", func(e *env) { e.prunesAmidCommits() }},
	})
}

// pruner returns the store of the case as a [store.Pruner], and skips the case if it isn't one.
func (e *env) pruner() store.Pruner {
	e.Helper()
	return optional[store.Pruner](e)
}

func (e *env) prune(before time.Time) store.Pruned {
	e.Helper()
	pruned, err := e.pruner().Prune(e.ctx, before)
	if err != nil {
		e.Fatalf("Prune: %v", err)
	}
	return pruned
}

// prunes fails the case unless exactly those numbers of rows are pruned.
func (e *env) prunes(before time.Time, want store.Pruned) {
	e.Helper()
	e.same("Prune before "+before.Format(time.RFC3339Nano), e.prune(before), want)
}

// at sets the time of all rows of a change, and makes its orders prunable: canceled and never collected.
func at(c subscription.Change, t time.Time) subscription.Change {
	for i := range c.Orders {
		o := &c.Orders[i]
		o.Status, o.PlacedAt, o.ClosedAt, o.PaidAt = subscription.OrderCanceled, t, t, time.Time{}
		o.Collected, o.RefundedAmount, o.Refunds = pricing.Money{}, pricing.Money{}, 0
	}
	for i := range c.Entries {
		c.Entries[i].At = t
	}
	for i := range c.Events {
		c.Events[i].At = t
	}
	for i := range c.Receipts {
		c.Receipts[i].At = t
	}
	return c
}

// aged commits a small change for each age, relative to noon.
func (e *env) aged(id subscription.ApplicationID, ages ...time.Duration) *expected {
	e.Helper()
	e.pruner()
	x := unborn(id)
	for _, age := range ages {
		e.apply(x, at(x.next("t"), noon().Add(age)))
	}
	return x
}

// forget records that the rows of the first n remaining small changes were pruned.
func (x *expected) forget(n int) {
	x.orders, x.events, x.receipts = x.orders[n:], x.events[2*n:], x.receipts[n:]
}

// pruneBoundaryCases checks that rows before the instant are deleted, to the microsecond.
func pruneBoundaryCases() []check {
	cases := []check{
		{"rows of the instant itself stay, those of the microsecond before go", func(e *env) {
			a := e.aged("a", -time.Microsecond, 0, time.Microsecond)
			b := e.aged("b", -time.Microsecond)
			e.prunes(noon(), store.Pruned{Receipts: 2, Events: 4, Orders: 2})
			a.forget(1)
			b.forget(1)
			e.holds(a, b)
		}},
		{"an instant in another zone is the same instant", func(e *env) {
			a := e.aged("a", -time.Microsecond, 0)
			e.prunes(noon().In(time.FixedZone("", 14*60*60)), store.Pruned{Receipts: 1, Events: 2, Orders: 1})
			a.forget(1)
			e.holds(a)
		}},
		{"events of one change, of which some are older", func(e *env) {
			e.pruner()
			a := unborn("a")
			c := at(many(a, 6), noon())
			for i := range c.Events {
				c.Events[i].At = noon().Add(time.Duration(i%2-1) * time.Second)
			}
			e.apply(a, c)
			e.prunes(noon(), store.Pruned{Events: 3})
			a.events = slices.DeleteFunc(a.events, func(n subscription.Event) bool { return n.At.Before(noon()) })
			e.holds(a)
		}},
		{"each kind of row by its own time", func(e *env) {
			e.pruner()
			a := unborn("a")
			for i := range 3 {
				c := at(a.next(strconv.Itoa(i)), noon().Add(time.Hour))
				old := noon().Add(-time.Hour)
				switch i {
				case 0:
					c.Receipts[0].At, c.Next.CreatedAt, c.Entries[0].At = old, old, old
				case 1:
					c.Events[0].At, c.Next.Due = old, old
				case 2:
					c.Orders[0].ClosedAt, c.Next.Accepted.At = old, old
				}
				e.apply(a, c)
			}
			e.prunes(noon(), store.Pruned{Receipts: 1, Events: 1, Orders: 1})
			a.receipts, a.events, a.orders = a.receipts[1:], slices.Delete(a.events, 2, 3), a.orders[:2]
			e.holds(a)
		}},
		{"instants of all ages", func(e *env) {
			e.pruner()
			a := unborn("a")
			for _, t := range instants() {
				e.apply(a, at(a.next("t"), t))
			}
			e.prunes(time.Time{}, store.Pruned{})
			for i, t := range instants() {
				e.prunes(t, map[bool]store.Pruned{true: {Receipts: 1, Events: 2, Orders: 1}}[i > 0])
				if i > 0 {
					a.forget(1)
				}
				e.holds(a)
			}
		}},
	}
	for _, before := range []time.Time{
		noon(), time.Date(2025, time.June, 16, 0, 0, 0, 0, time.UTC), time.Date(2025, time.June, 15, 23, 59, 59, 999999000, time.UTC),
		time.Date(1969, time.December, 31, 23, 59, 59, 999999000, time.UTC), time.Date(1960, time.February, 29, 0, 0, 0, 0, time.UTC),
	} {
		cases = append(cases, check{"usage records up to PrunedDay, before " + before.Format(time.RFC3339Nano), func(e *env) {
			e.pruner()
			a, b := unborn("a"), unborn("b")
			last := store.PrunedDay(before)
			for _, x := range []*expected{a, b} {
				c := bare(x)
				c.Events[0].At = before
				for i, on := range []pricing.Date{last - 400, last - 1, last, last + 1, last + 4, last + 5} {
					c.Records = append(c.Records, subscription.UsageRow{ID: fmt.Sprint("record ", i), On: on})
				}
				e.apply(x, c)
			}
			reads := []subscription.Read{a.read(), b.read()}
			e.prunes(before, store.Pruned{Records: 6})
			a.records, b.records = a.records[3:], b.records[3:]
			for i, got := range e.load(reads...) {
				e.sameRecords(got.Records, []*expected{a, b}[i].records)
			}
			e.holds(a, b)
			e.prunes(before.AddDate(0, 0, 1), store.Pruned{Events: 2, Records: 2})
		}})
	}
	return cases
}

// pruneContextCases checks that a call whose context has ended deletes nothing.
func pruneContextCases() []check {
	var cases []check
	for _, w := range endings() {
		cases = append(cases, check{"the context " + w.name + ": nothing is deleted", func(e *env) {
			a := e.aged("a", -time.Hour)
			ctx, cancel := w.end(e.ctx)
			defer cancel()
			pruned, err := e.pruner().Prune(ctx, noon())
			e.ended("Prune", err, w)
			e.same("Prune", pruned, store.Pruned{})
			e.holds(a)
			e.prunes(noon(), store.Pruned{Receipts: 1, Events: 2, Orders: 1})
		}})
	}
	return append(cases, check{"canceled on its way: what isn't deleted can be pruned again", func(e *env) {
		all := make([]*expected, 40)
		for i := range all {
			all[i] = e.aged(subscription.ApplicationID(fmt.Sprint("app ", i)), -time.Hour, time.Hour)
		}
		for i := range 8 {
			ctx, cancel := context.WithCancel(e.ctx)
			timer := time.AfterFunc(time.Duration(i)*30*time.Microsecond, cancel)
			_, err := e.pruner().Prune(ctx, noon())
			timer.Stop()
			cancel()
			if err != nil {
				e.ended("Prune", err, endings()[0])
			}
		}
		e.prune(noon())
		for _, x := range all {
			x.forget(1)
		}
		e.holds(all...)
	}})
}
