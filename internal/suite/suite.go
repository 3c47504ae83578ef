// Package suite is what the conformance suites of this module have in common: areas of named cases, each of which has an
// environment of its own and reports through it, so that a suite can be run by its users as subtests, and by its own tests
// against implementations that are broken, to see it fail.
package suite

import (
	"context"
	"iter"
	"testing"
)

// TB is the part of testing.TB that cases use.
//
//nolint:interfacebloat // it is testing's
type TB interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Case is one case of a suite whose environments are of type E.
type Case[E any] interface {
	Name() string
	Run(e E)
}

// Area is a part of a contract, one file of a suite.
type Area[C any] struct {
	Name  string
	Cases []C
}

// Run runs the cases of all areas as subtests, area/name, each in an environment of its own.
func Run[E any, C Case[E]](t *testing.T, areas []Area[C], environment func(t *testing.T) E) {
	t.Helper()
	for _, a := range areas {
		t.Run(a.Name, func(t *testing.T) {
			t.Helper()
			RunCases(t, a.Cases, environment)
		})
	}
}

// RunCases runs cases as subtests, each in an environment of its own.
func RunCases[E any, C Case[E]](t *testing.T, cases []C, environment func(t *testing.T) E) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) { t.Helper(); c.Run(environment(t)) })
	}
}

// All returns all cases by their names, area/name.
func All[C interface{ Name() string }](areas []Area[C]) iter.Seq2[string, C] {
	return func(yield func(string, C) bool) {
		for _, a := range areas {
			for _, c := range a.Cases {
				if !yield(a.Name+"/"+c.Name(), c) {
					return
				}
			}
		}
	}
}
