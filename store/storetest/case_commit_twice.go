package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// twiceCases checks that a batch with two changes for an application has no effect and is not a conflict.
func twiceCases() []check {
	return []check{
		{"two changes for an application, one after the other: nothing of the batch", func(e *env) {
			x := unborn("a")
			first := x.next("1")
			x.apply(first)
			e.twice(first, x.next("2"))
			e.holds(unborn("a"))
			e.holds(e.stored("a"))
		}},
		{"two changes for an application on one base: nothing of the batch", func(e *env) {
			a := e.stored("a")
			e.twice(a.next("1"), a.next("2"))
			e.holds(a)
			e.apply(a, a.next("1"))
			e.holds(a)
		}},
		{"one change twice in a batch: nothing of the batch", func(e *env) {
			a := e.stored("a")
			e.twice(a.next("1"), a.next("1"))
			e.holds(a)
		}},
		{"two changes for an application among others: nothing of the batch", func(e *env) {
			a, b, c := e.stored("a"), e.stored("b"), unborn("c")
			e.twice(a.next("1"), b.next("1"), c.next("1"), b.next("2"))
			e.holds(a, b, c)
			next := a.next("1")
			e.conflict(appIDs{"b"}, next, small("b", 0, "late"))
			a.apply(next)
			e.holds(a, b, c)
		}},
		{"two changes for an application among a thousand: nothing of the batch", func(e *env) {
			batch := make([]subscription.Change, 1000)
			for i := range batch {
				batch[i] = bare(unborn(subscription.ApplicationID(fmt.Sprint("app ", i))))
			}
			batch[999] = batch[0].Clone()
			e.twice(batch...)
			e.lists(nil)
		}},
		{"two changes for an application beside a conflict: an error that is no conflict", func(e *env) {
			a, b := e.stored("a"), e.stored("b")
			e.twice(small("b", 0, "late"), a.next("1"), a.next("2"))
			e.twice(small("a", 0, "late"), a.next("1"))
			e.holds(a, b)
		}},
		{"two changes for an application end no lease", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), time.Hour, a)
			e.twice(a.dueAt(noon()), a.dueAt(noon()))
			e.claims(noon(), time.Hour)
		}},
		{"applications whose IDs are alike in one batch", func(e *env) {
			var all []*expected
			var batch []subscription.Change
			for _, id := range []subscription.ApplicationID{"acme", "Acme", "acme ", " acme", "acme\u200b", "acme/1"} {
				x := unborn(id)
				batch = append(batch, x.next("t"))
				x.apply(batch[len(batch)-1])
				all = append(all, x)
			}
			e.commit(batch...)
			e.holds(all...)
		}},
	}
}

// twice commits a batch that has two changes for an application, and fails the case unless the error is
// [subscription.ErrInvalid] and nothing else.
func (e *env) twice(batch ...subscription.Change) {
	e.Helper()
	err := e.store.Commit(e.ctx, batch...)
	if !errors.Is(err, subscription.ErrInvalid) {
		e.Fatalf("Commit: %v, want an error that wraps %q", err, subscription.ErrInvalid)
	}
	if conflict := new(subscription.ConflictError); errors.As(err, &conflict) || errors.Is(err, subscription.ErrConflict) {
		e.Fatalf("Commit: %v is a conflict too", err)
	}
	if refused := new(subscription.RefusedError); errors.As(err, &refused) {
		e.Fatalf("Commit: %v refuses single changes, want the whole batch refused", err)
	}
}
