package storetest

import (
	"context"
	"fmt"
	"reflect"

	"github.com/prepaidkit/prepaid/subscription"
)

// listsNoRow fails the case unless a listing whose context has ended yields one error and nothing else.
func (e *env) listsNoRow(l listing, w ending) {
	a := unborn("a")
	e.apply(a, many(a, 3))
	ctx, cancel := w.end(e.ctx)
	defer cancel()
	for _, id := range []subscription.ApplicationID{"a", "b"} {
		yields := 0
		for row, err := range l.rows(ctx, e, id) {
			yields++
			e.ended(fmt.Sprintf("%s of %q", l.name, id), err, w)
			if !reflect.ValueOf(row).IsZero() {
				e.Errorf("%s of %q: %s beside the error, want the zero value", l.name, id, place(row))
			}
		}
		if yields != 1 {
			e.Errorf("%s of %q: %d yields, want one, of the error", l.name, id, yields)
		}
	}
}

// listsUntilCanceled fails the case unless a listing whose context ends within the loop yields all rows, or some and the
// error.
func (e *env) listsUntilCanceled(l listing) {
	a := unborn("a")
	e.apply(a, many(a, 400))
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	rows, failed := 0, false
	for _, err := range l.rows(ctx, e, "a") {
		switch {
		case failed:
			e.Fatalf("%s: it goes on after an error", l.name)
		case err != nil:
			e.ended(l.name, err, endings()[0])
			failed = true
		default:
			rows++
			cancel()
		}
	}
	if !failed && rows != 400 {
		e.Errorf("%s: %d rows of 400, and no error", l.name, rows)
	}
	e.listsAll(l, a)
}

// listsNoApplication fails the case unless a list of applications whose context has ended yields one error and nothing
// else.
func (e *env) listsNoApplication(w ending) {
	for _, n := range []int{0, 10} {
		ids := e.population(n)
		ctx, cancel := w.end(e.ctx)
		yields := 0
		for id, err := range e.store.Applications(ctx) {
			yields++
			e.ended("Applications", err, w)
			if id != "" {
				e.Errorf("Applications: %q beside the error, want the zero value", id)
			}
		}
		if yields != 1 {
			e.Errorf("Applications: %d yields, want one, of the error", yields)
		}
		cancel()
		e.lists(ids)
	}
}

// listsApplicationsUntilCanceled fails the case unless a list of applications whose context ends within the loop yields
// all of them, or some and the error.
func (e *env) listsApplicationsUntilCanceled() {
	ids := e.population(400)
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var got appIDs
	failed := false
	for id, err := range e.store.Applications(ctx) {
		switch {
		case failed:
			e.Fatalf("Applications: it goes on after an error")
		case err != nil:
			e.ended("Applications", err, endings()[0])
			failed = true
		default:
			got = append(got, id)
			cancel()
		}
	}
	if !failed {
		e.same("Applications, without an error", got, ids)
	}
	e.lists(ids)
}
