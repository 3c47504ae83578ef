package storetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// placedCases: an order that a change places is new. If there is one of its ID the change is refused, that one alone and
// all of it.
func placedCases() []check {
	return []check{
		{"an order that is placed and exists refuses the change, and nothing of it is written", func(e *env) {
			a := e.stored("a", "1", "2")
			taken := a.orders[0].ID
			c := a.placing("again", taken)
			replaced := a.orders[1].Clone()
			replaced.Note = "beside it"
			c.Orders = append(c.Orders, replaced)
			c.Records = []subscription.UsageRow{{ID: "r", On: 20_000}}
			c.Refunds = []subscription.Refund{refundOf("a", taken, 1)}
			e.exists(appIDs{"a"}, nil, c)
			e.holds(a)
			// Neither its key nor its record is taken.
			free := a.next("again")
			free.Records = c.Records
			e.apply(a, free)
			e.holds(a)
		}},
		{"whatever became of the order that exists", func(e *env) {
			for i, status := range orderStatuses() {
				a := unborn(subscription.ApplicationID(fmt.Sprint("app ", i)))
				c := a.next("t")
				c.Orders[0].Status = status
				if status.Unresolved() {
					c.Next.Orders = []subscription.Order{c.Orders[0].Clone()}
				}
				e.apply(a, c)
				e.exists(appIDs{a.document.ID}, nil, a.placing("again", c.Orders[0].ID))
				e.holds(a)
			}
		}},
		{"a new order beside one that exists: neither is there", func(e *env) {
			a := e.stored("a")
			c := a.placing("again", a.orders[0].ID)
			second := a.next("new")
			second.Events[0].Index, second.Events[1].Index = 2, 3
			c.Orders, c.Events = append(c.Orders, second.Orders...), append(c.Events, second.Events...)
			e.exists(appIDs{"a"}, nil, c)
			e.holds(a)
		}},
		{"of a batch those that place what exists are refused, the others applied", func(e *env) {
			a, b, c, d := e.stored("a"), e.stored("b"), e.stored("c"), unborn("d")
			nextB, nextD := b.next("t"), d.next("t")
			e.exists(appIDs{"a", "c"}, nil, a.placing("again", a.orders[0].ID), nextB, c.placing("again", c.orders[0].ID), nextD)
			b.apply(nextB)
			d.apply(nextD)
			e.holds(a, b, c, d)
		}},
		{"beside conflicts: each change hears its own", func(e *env) {
			all := map[string]*expected{}
			for _, id := range []subscription.ApplicationID{"exists", "good", "key", "late", "late and exists", "key and exists"} {
				all[string(id)] = e.stored(id, "1", "2")
			}
			again := func(id string) subscription.Change { return all[id].placing("again", all[id].orders[0].ID) }
			key := all["key"].next("t")
			key.Receipts[0].Key = all["key"].receipts[0].Key
			// Of what is no longer on the present revision nobody says more than that.
			lateAndExists := small("late and exists", 1, "again")
			withOrder(&lateAndExists, all["late and exists"].orders[1].ID)
			keyAndExists := again("key and exists")
			keyAndExists.Receipts[0].Key = all["key and exists"].receipts[0].Key
			good := all["good"].next("t")
			e.exists(appIDs{"exists"}, appIDs{"key", "late", "late and exists", "key and exists"},
				again("exists"), key, small("late", 0, "t"), lateAndExists, keyAndExists, good)
			all["good"].apply(good)
			for _, x := range all {
				e.holds(x)
			}
		}},
		{"a change that is late is a conflict, whatever it places", func(e *env) {
			a := e.stored("a", "1", "2")
			for base := range int64(2) {
				late := small("a", base, "late")
				withOrder(&late, a.orders[1].ID)
				e.conflict(appIDs{"a"}, late)
			}
			e.holds(a)
		}},
		{"an order of another application may have its ID", func(e *env) {
			a, b := e.stored("a"), e.stored("b")
			e.apply(b, b.placing("t", "o"))
			e.apply(a, a.placing("t", "o"))
			e.holds(a, b)
		}},
		{"an order that is placed, replaced and placed again: refused the second time", func(e *env) {
			a := e.stored("a")
			c := a.next("pays")
			paid := a.orders[0].Clone()
			paid.Note = "replaced"
			c.Orders = append(c.Orders, paid)
			e.apply(a, c)
			e.exists(appIDs{"a"}, nil, a.placing("again", paid.ID))
			e.holds(a)
		}},
		{"many place one order at once: one of them does", func(e *env) { e.raceToPlace() }},
	}
}

// placing returns a small change that follows, with another ID for the order that it places.
func (x *expected) placing(tag string, id subscription.OrderID) subscription.Change {
	c := x.next(tag)
	withOrder(&c, id)
	return c
}

// withOrder gives the order that a small change places another ID.
func withOrder(c *subscription.Change, id subscription.OrderID) {
	c.Orders[0].ID, c.Orders[0].Attempt = id, attempt(c.Application, id)
	for i := range c.Events {
		c.Events[i].Order = id
	}
	c.Entries[0].Order, c.Receipts[0].OrderID = id, id
}

// exists commits a batch, and fails the case unless exactly the changes of those applications are refused since an order
// exists, and those of others are conflicts.
func (e *env) exists(refused, late appIDs, batch ...subscription.Change) {
	e.Helper()
	if why := existing(e.store.Commit(e.ctx, batch...), refused, late); why != "" {
		e.Fatalf("Commit: %s", why)
	}
}

// existing returns what is wrong with err as the answer to a batch of which some changes place orders that exist.
func existing(err error, refused, late appIDs) string {
	o := outcomeOf(err)
	got := make(appIDs, 0, len(o.refused))
	for id, why := range o.refused {
		if !errors.Is(why, subscription.ErrExists) {
			return fmt.Sprintf("%q is refused for %v, want an error that wraps %q", id, why, subscription.ErrExists)
		}
		got = append(got, id)
	}
	slices.Sort(got)
	slices.Sort(o.late)
	want, conflicts := slices.Sorted(slices.Values(refused)), slices.Sorted(slices.Values(late))
	switch {
	case o.wrong != "":
		return o.wrong
	case !slices.Equal(got, want) || !slices.Equal(o.late, conflicts):
		return fmt.Sprintf("refusals of %q and conflicts of %q, want %q and %q", got, o.late, want, conflicts)
	}
	return ""
}

// raceToPlace commits changes that place the same order at once, of applications in which it exists and in which it
// doesn't.
func (e *env) raceToPlace() {
	const racers = 8
	rounds := 12
	if e.brief {
		rounds = 4
	}
	for round := range rounds {
		a := e.stored(subscription.ApplicationID(fmt.Sprint("app ", round)))
		b := e.stored(subscription.ApplicationID(fmt.Sprint("beside ", round)))
		taken := b.orders[0].ID
		changes := make([]subscription.Change, racers)
		errs := e.together("commits that place one order", racers, func(i int) error {
			changes[i] = a.placing(fmt.Sprint("racer ", i), "o")
			return e.store.Commit(e.ctx, changes[i], b.placing(fmt.Sprint("racer ", i), taken))
		})
		won := -1
		for i, err := range errs {
			lost := appIDs{a.document.ID}
			if existing(err, appIDs{b.document.ID}, nil) == "" {
				if won >= 0 {
					e.Fatalf("Commit: %d and %d have both placed the order", won, i)
				}
				won, lost = i, nil
			}
			if why := existing(err, appIDs{b.document.ID}, lost); why != "" {
				e.Fatalf("Commit: racer %d: %s", i, why)
			}
		}
		if won < 0 {
			e.Fatalf("Commit: nobody has placed the order")
		}
		a.apply(changes[won])
		e.holds(a, b)
		later := a.placing("later", "o")
		e.exists(appIDs{a.document.ID}, nil, later)
	}
}
