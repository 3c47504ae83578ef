package storetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// iteratorCases checks that the rows of one application are listed in order, regardless of concurrent writes and of how
// the loop ends.
func iteratorCases() []check {
	cases := []check{
		{"rows in the order of revisions and indices, past ten of each", func(e *env) {
			a := unborn("a")
			for range 12 {
				e.apply(a, many(a, 12))
			}
			e.holds(a)
		}},
		{"orders in the order in which they were placed, whatever their IDs and clocks", func(e *env) {
			a := unborn("a")
			for _, id := range []subscription.OrderID{"m", "z", "a", "Z", "10", "9"} {
				c := a.next(string(id))
				c.Orders[0].ID = id
				c.Orders[0].PlacedAt = noon().AddDate(0, 0, -int(a.document.Revision)) // the clock was set back
				second := c.Orders[0].Clone()
				second.ID = "0" + id
				second.Attempt += "0"
				c.Orders = append(c.Orders, second)
				e.apply(a, c)
			}
			e.holds(a)
		}},
	}
	for _, l := range listings() {
		cases = append(cases,
			check{l.name + " of thousands of rows", func(e *env) {
				a := unborn("a")
				changes := 20
				if e.brief {
					changes = 8
				}
				for range changes {
					e.apply(a, many(a, 150))
				}
				e.listsAll(l, a)
			}},
			check{l.name + " of an unknown application: none, and no error", func(e *env) {
				e.stored("a")
				e.listsAll(l, unborn("b"))
			}},
			check{l.name + " of no other application", func(e *env) {
				a, b, c := e.stored("a", "1", "2"), e.stored("a ", "3"), e.stored("A", "4")
				for _, x := range []*expected{a, b, c} {
					e.listsAll(l, x)
				}
			}},
			check{l.name + " left early, time after time", func(e *env) { e.leavesEarly(l) }},
			check{l.name + " left by a panic", func(e *env) { e.leavesByPanic(l) }},
			check{l.name + ": the store can be called within the loop", func(e *env) { e.callsWithin(l) }},
			check{l.name + " while commits go on: no row is missing or out of place", func(e *env) { e.listsAmidCommits(l) }},
		)
	}
	return cases
}

// many returns the next change of x with n rows of each kind except the receipt. Its refunds and subscription rows sort
// after those of earlier changes.
func many(x *expected, n int) subscription.Change {
	c := x.next("t")
	order, entry, event := c.Orders[0], c.Entries[0], c.Events[0]
	c.Orders, c.Entries, c.Events, c.Subscriptions = nil, nil, nil, nil
	for i := range n {
		o := order.Clone()
		o.ID = subscription.OrderID(fmt.Sprintf("%d-%d", c.Next.Revision, n-i))
		o.Attempt = attempt(c.Application, o.ID)
		entry.Index, event.Index, event.Order = i, i, o.ID
		refund := refundOf(c.Application, subscription.OrderID(fmt.Sprintf("order %06d", c.Next.Revision)), i+1)
		row := subscription.SubscriptionRow{
			Application: c.Application, ID: subscription.SubscriptionID(fmt.Sprintf("call-%06d-%06d", c.Next.Revision, i)), Account: "acme",
			Product: "call", Version: "lite", Status: subscription.Expired, Currency: "USD", OpenedAt: noon(), PaidUntil: c.Next.Due,
		}
		c.Refunds, c.Subscriptions = append(c.Refunds, refund), append(c.Subscriptions, row)
		c.Orders, c.Entries, c.Events = append(c.Orders, o), append(c.Entries, entry), append(c.Events, event)
	}
	return c
}

// listsAll fails the case unless the listing has exactly the expected rows.
func (e *env) listsAll(l listing, x *expected) {
	e.Helper()
	got, err := e.listed(e.ctx, l, x.document.ID)
	if err != nil {
		e.Fatalf("%s: %v", l.name, err)
	}
	e.same(l.name, got, l.wants(x))
}

func (e *env) leavesEarly(l listing) {
	a := unborn("a")
	e.apply(a, many(a, 50))
	loops := 200
	if e.brief {
		loops = 15
	}
	e.within("leaving a loop early", func() error {
		for i := range loops {
			seen := 0
			for _, err := range l.rows(e.ctx, e, "a") {
				if err != nil {
					return err
				}
				seen++
				if seen > i%3 {
					break
				}
			}
		}
		return e.store.Commit(e.ctx, a.next("after"))
	})
	a.apply(a.next("after"))
	e.holds(a)
}

func (e *env) leavesByPanic(l listing) {
	a := unborn("a")
	e.apply(a, many(a, 50))
	e.within("a loop that panics", func() error {
		for range 20 {
			func() {
				defer func() { _ = recover() }()
				for _, err := range l.rows(e.ctx, e, "a") {
					panic(fmt.Sprint("the caller's own: ", err))
				}
			}()
		}
		return e.store.Commit(e.ctx, a.next("after"))
	})
	a.apply(a.next("after"))
	e.holds(a)
}

// callsWithin calls every method of the store from within the loop.
func (e *env) callsWithin(l listing) {
	a, b := unborn("a"), unborn("b")
	e.apply(a, many(a, 5))
	before := l.wants(a)
	var got []string
	e.within("calling the store within the loop", func() error {
		for row, err := range l.rows(e.ctx, e, "a") {
			if err != nil {
				return err
			}
			if got = append(got, place(row)); len(got) > len(before) {
				break // it may see changes committed by the loop
			}
			if _, err := e.store.Load(e.ctx, a.read(), b.read()); err != nil {
				return fmt.Errorf("load: %w", err)
			}
			for _, x := range []*expected{a, b} {
				c := x.next("within")
				if err := e.store.Commit(e.ctx, c); err != nil {
					return fmt.Errorf("commit: %w", err)
				}
				x.apply(c)
			}
			for _, inner := range listings() {
				if _, err := e.listed(e.ctx, inner, "a"); err != nil {
					return fmt.Errorf("%s: %w", inner.name, err)
				}
			}
		}
		return nil
	})
	if len(got) < len(before) || !slices.Equal(got[:len(before)], before) {
		e.Fatalf("%s: %q, want them to begin with %q", l.name, got, before)
	}
	e.holds(a, b)
}

// listsAmidCommits lists repeatedly while changes are committed. Rows committed before the call must be present, and
// those that follow must be the next rows, without gaps.
func (e *env) listsAmidCommits(l listing) {
	const revisions, width = 40, 3
	a := unborn("a")
	batch := make([]subscription.Change, revisions)
	for i := range batch {
		batch[i] = many(a, width)
		a.apply(batch[i])
	}
	want := l.wants(a)
	e.commit(batch[0])
	errs := e.together("commits and loops", 2, func(i int) error {
		if i == 0 {
			for _, c := range batch[1:] {
				if err := e.store.Commit(e.ctx, c); err != nil {
					return fmt.Errorf("commit: %w", err)
				}
			}
			return nil
		}
		for revision := int64(0); revision < revisions; {
			snapshots, err := e.store.Load(e.ctx, subscription.Read{Application: "a"})
			if err != nil {
				return fmt.Errorf("load: %w", err)
			}
			revision = snapshots[0].Application.Revision
			got, err := e.listed(e.ctx, l, "a")
			switch {
			case err != nil:
				return err
			case len(got) > len(want) || !slices.Equal(got, want[:len(got)]):
				return fmt.Errorf("at revision %d or later: %d rows out of order or with a gap: %.600q", revision, len(got), got)
			case int64(len(got)) < revision*width:
				return errors.New("rows that were committed before the call are missing")
			case len(got)%width != 0:
				return fmt.Errorf("%d rows: only part of a change", len(got))
			}
		}
		return nil
	})
	e.all("commits and loops", errs)
	e.holds(a)
}
