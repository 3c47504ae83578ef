// Package suite has what this module's conformance suites share: areas of named cases, each with its own environment,
// through which it reports. Users run a suite as subtests; the suite's own tests run it against broken implementations,
// to see it fail.
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

// Area is a part of a contract, in one file of a suite.
type Area[C any] struct {
	Name  string
	Cases []C
}

// Run runs the cases of all areas as subtests named area/name, each in its own environment.
func Run[E any, C Case[E]](t *testing.T, areas []Area[C], environment func(t *testing.T) E) {
	t.Helper()
	for _, a := range areas {
		t.Run(a.Name, func(t *testing.T) {
			t.Helper()
			RunCases(t, a.Cases, environment)
		})
	}
}

// RunCases runs cases as subtests, each in its own environment.
func RunCases[E any, C Case[E]](t *testing.T, cases []C, environment func(t *testing.T) E) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) { t.Helper(); c.Run(environment(t)) })
	}
}

// All returns all cases with their names, area/name.
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
