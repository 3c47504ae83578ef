package suite_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/suite"
)

type check struct {
	name string
	run  func(tb suite.TB)
}

func (c check) Name() string    { return c.name }
func (c check) Run(tb suite.TB) { c.run(tb) }

func areas() []suite.Area[check] {
	return []suite.Area[check]{
		{Name: "one", Cases: []check{
			{"passes", func(suite.TB) {}},
			{"fails twice", func(tb suite.TB) { tb.Errorf("first %d", 1); tb.Fatalf("second"); tb.Errorf("never") }},
		}},
		{Name: "two", Cases: []check{{"isn't for it", func(tb suite.TB) { tb.Skipf("no %s", "clock"); tb.Errorf("never") }}}},
	}
}

// A failing case is reported in its verdict and doesn't fail the test.
func TestVerdictsAreWhatCasesSaid(t *testing.T) {
	var got []suite.Verdict
	for name, c := range suite.All(areas()) {
		got = append(got, suite.Judge(t.Context(), name, c, func(tb suite.TB) suite.TB { return tb }))
	}
	want := []suite.Verdict{{Case: "one/passes"}, {Case: "one/fails twice", Failed: "first 1"}, {Case: "two/isn't for it", Skipped: "no clock"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

// Users run all cases, each as a subtest with its own environment.
func TestEachCaseHasItsEnvironment(t *testing.T) {
	environments := 0
	suite.Run(t, []suite.Area[check]{areas()[1], {Name: "one", Cases: areas()[0].Cases[:1]}}, func(t *testing.T) suite.TB {
		t.Helper()
		environments++
		return t
	})
	if environments != 2 {
		t.Errorf("%d environments for two cases", environments)
	}
}
