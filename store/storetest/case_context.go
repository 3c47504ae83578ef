package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// ending is a way for a context to end.
type ending struct {
	name string
	end  func(context.Context) (context.Context, context.CancelFunc)
	want error
}

func endings() []ending {
	return []ending{
		{"canceled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, context.Canceled},
		{"past its deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(ctx, time.Unix(0, 0))
		}, context.DeadlineExceeded},
	}
}

// contextCases checks that a call whose context has ended fails with the context's error and changes nothing. A call
// whose context ends while it runs may take effect as a whole or not at all.
func contextCases() []check {
	var cases []check
	for _, w := range endings() {
		cases = append(cases, w.callCases()...)
		for _, l := range listings() {
			cases = append(cases, check{l.name + ", the context " + w.name + ": one error and no row", func(e *env) { e.listsNoRow(l, w) }})
		}
	}
	for _, l := range listings() {
		cases = append(cases, check{l.name + ", the context canceled within the loop: the error, or all rows", func(e *env) {
			e.listsUntilCanceled(l)
		}})
	}
	for _, w := range endings() {
		cases = append(cases, check{"applications, the context " + w.name + ": one error and no ID", func(e *env) {
			e.listsNoApplication(w)
		}})
	}
	return append(cases,
		check{"applications, the context canceled within the loop: the error, or all of them", func(e *env) {
			e.listsApplicationsUntilCanceled()
		}},
		check{"commits canceled on their way are applied as a whole or not at all", func(e *env) { e.cancelsCommits() }},
	)
}

// callCases are those of Load and Commit.
func (w ending) callCases() []check {
	return []check{
		{"Load, its context " + w.name, func(e *env) {
			a := e.stored("a")
			ctx, cancel := w.end(e.ctx)
			defer cancel()
			for _, x := range []*expected{a, unborn("b")} {
				got, err := e.store.Load(ctx, x.read())
				e.ended("Load", err, w)
				if len(got) != 0 {
					e.Errorf("Load: %d snapshots beside the error, want none", len(got))
				}
			}
		}},
		{"Commit, its context " + w.name + ": nothing changes", func(e *env) {
			a := e.stored("a")
			ctx, cancel := w.end(e.ctx)
			defer cancel()
			e.ended("Commit", e.store.Commit(ctx, a.next("u")), w)
			e.ended("Commit", e.store.Commit(ctx, a.next("u"), small("b", 0, "t")), w)
			e.holds(a, unborn("b"))
			e.apply(a, a.next("u"))
			e.holds(a)
		}},
		{"a conflict, its context " + w.name + ": no outcome is made up", func(e *env) {
			a := e.stored("a")
			ctx, cancel := w.end(e.ctx)
			defer cancel()
			err := e.store.Commit(ctx, small("a", 0, "late"))
			e.ended("Commit", err, w)
			if errors.Is(err, subscription.ErrConflict) {
				e.Errorf("Commit: %v is a conflict too", err)
			}
			e.holds(a)
		}},
		{"a change that can't be kept, its context " + w.name + ": no outcome is made up", func(e *env) {
			a := e.stored("a")
			ctx, cancel := w.end(e.ctx)
			defer cancel()
			c := a.next("u")
			c.Events[0].Note = "a\x00b\xff"
			err := e.store.Commit(ctx, c)
			e.ended("Commit", err, w)
			if refused := new(subscription.RefusedError); errors.As(err, &refused) {
				e.Errorf("Commit: %v is a refusal too", err)
			}
			e.ended("Commit", e.store.Commit(ctx, a.next("1"), a.next("2")), w)
			e.holds(a)
		}},
	}
}

// ended fails the case unless err wraps the error of the ended context.
func (e *env) ended(call string, err error, w ending) {
	e.Helper()
	if !errors.Is(err, w.want) {
		e.Errorf("%s: error %v, want one that wraps %q", call, err, w.want)
	}
}

// cancelsCommits cancels contexts while batches are being committed, and checks the results. A server may still be applying
// a change whose commit was canceled. So another change of each application is committed first: it waits for that one, and
// conflicts if that one was applied.
func (e *env) cancelsCommits() {
	const batches, width = 24, 8
	errs := e.together("commits canceled on their way", batches, func(i int) error {
		ctx, cancel := context.WithCancel(e.ctx)
		defer cancel()
		batch := make([]subscription.Change, width)
		for j := range batch {
			batch[j] = many(unborn(subscription.ApplicationID(fmt.Sprintf("app %d %d", i, j))), 5)
		}
		timer := time.AfterFunc(time.Duration(i)*50*time.Microsecond, cancel)
		defer timer.Stop()
		return e.store.Commit(ctx, batch...)
	})
	for i, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			e.Fatalf("Commit: error %v, want none or one that wraps %q", err, context.Canceled)
		}
		for j := range width {
			x := unborn(subscription.ApplicationID(fmt.Sprintf("app %d %d", i, j)))
			c, late := many(x, 5), small(x.document.ID, 0, "late")
			switch failed := e.store.Commit(e.ctx, late); {
			case errors.Is(failed, subscription.ErrConflict):
				x.apply(c)
			case failed != nil:
				e.Fatalf("Commit after a canceled one: error %v", failed)
			case err == nil:
				e.Fatalf("Commit: no error, but %s didn't exist", x.document.ID)
			default:
				x.apply(late)
			}
			e.holds(x)
		}
	}
}
