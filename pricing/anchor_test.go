package pricing_test

import (
	"errors"
	"math"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// When the term changes, the day of the month remains that of the original anchor: the 31st returns after a month
// without one, even for periods of a different length.
func TestAnchorRemembersTheMonthsThatPassed(t *testing.T) {
	date := func(s string) pricing.Date {
		d, err := pricing.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, tt := range []struct {
		term   pricing.Term
		passed int
		want   []string // the first days
	}{
		{pricing.Months(1), 0, []string{"2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"}},
		{pricing.Months(1), 3, []string{"2025-04-30", "2025-05-31", "2025-06-30", "2025-07-31"}},
		{pricing.Months(12), 1, []string{"2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"}},
		{pricing.Months(3), 13, []string{"2026-02-28", "2026-05-31", "2026-08-31", "2026-11-30"}},
		{pricing.Days(7), 1, []string{"2025-02-28", "2025-03-07", "2025-03-14", "2025-03-21"}},
	} {
		a := pricing.Anchor{Date: date("2025-01-31"), Term: tt.term, Passed: tt.passed}
		for n, want := range tt.want {
			days, err := a.Days(n)
			if err != nil || days.First.String() != want {
				t.Errorf("%s after %d months: period %d begins on %s, %v, want %s", tt.term, tt.passed, n, days.First, err, want)
			}
			for _, d := range []pricing.Date{days.First, days.Until - 1} {
				if got, err := a.IndexOf(d); err != nil || got != n {
					t.Errorf("%s after %d months: IndexOf(%s) = %d, %v, want %d", tt.term, tt.passed, d, got, err, n)
				}
			}
			if got, _ := a.IndexOf(days.Until); got != n+1 {
				t.Errorf("%s after %d months: IndexOf(%s) = %d, want %d", tt.term, tt.passed, days.Until, got, n+1)
			}
		}
		if got, err := a.IndexOf(date(tt.want[0]) - 1); got != -1 || err != nil {
			t.Errorf("before the first period: %d, %v", got, err)
		}
	}
	for _, passed := range []int{-1, math.MinInt, math.MaxInt} {
		a := pricing.Anchor{Date: date("2025-01-31"), Term: pricing.Months(1), Passed: passed}
		if days, err := a.Days(0); !errors.Is(err, pricing.ErrDate) {
			t.Errorf("%d months passed: %s, %v, want ErrDate", passed, days, err)
		}
		if n, err := a.IndexOf(date("2025-03-01")); !errors.Is(err, pricing.ErrDate) {
			t.Errorf("%d months passed: %d, %v, want ErrDate", passed, n, err)
		}
	}
}

// An anchor that changes its term begins where the period does, and forgets no day of the month, however often it changes.
// Only periods of days leave none.
// Rule: change-at-renewal, month-end-clamps.
func TestAnchorChanged(t *testing.T) {
	date := func(s string) pricing.Date {
		d, err := pricing.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	type step struct {
		n    int
		term pricing.Term
		want string // the first day of the next period but one
	}
	for _, tt := range []struct {
		name  string
		from  pricing.Anchor
		steps []step
	}{
		{"months", pricing.Anchor{Date: date("2025-01-31"), Term: pricing.Months(1)}, []step{
			{1, pricing.Months(12), "2026-02-28"}, {1, pricing.Months(1), "2026-03-31"}, {0, pricing.Months(3), "2026-05-31"},
			{2, pricing.Months(1), "2026-09-30"}, {1, pricing.Months(1), "2026-10-31"},
		}},
		{"to days and back before any has passed", pricing.Anchor{Date: date("2025-01-31"), Term: pricing.Months(1)}, []step{
			{1, pricing.Days(7), "2025-03-07"}, {0, pricing.Months(1), "2025-03-28"},
		}},
		{"through days", pricing.Anchor{Date: date("2025-01-31"), Term: pricing.Months(1)}, []step{
			{1, pricing.Days(7), "2025-03-07"}, {2, pricing.Months(1), "2025-04-14"}, {1, pricing.Months(12), "2026-04-14"},
		}},
		{"days", pricing.Anchor{Date: date("2025-01-25"), Term: pricing.Days(6)}, []step{{1, pricing.Months(1), "2025-02-28"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.from
			for _, s := range tt.steps {
				before, err := a.Days(s.n)
				if err != nil {
					t.Fatal(err)
				}
				if a, err = a.Changed(s.n, s.term); err != nil {
					t.Fatal(err)
				}
				first, err := a.Days(0)
				if err != nil || first.First != before.First {
					t.Errorf("%s for %s begins on %s, %v, want %s", s.term, a.Term, first.First, err, before.First)
				}
				if first.Until.String() != s.want {
					t.Errorf("%s: the next one begins on %s, want %s", s.term, first.Until, s.want)
				}
			}
		})
	}
	a := pricing.Anchor{Date: date("2025-01-31"), Term: pricing.Months(1)}
	if _, err := a.Changed(1, pricing.Term{}); !errors.Is(err, pricing.ErrTerm) {
		t.Errorf("no term: %v, want ErrTerm", err)
	}
	if _, err := a.Changed(-1, pricing.Months(1)); !errors.Is(err, pricing.ErrDate) {
		t.Errorf("period -1: %v, want ErrDate", err)
	}
	if _, err := a.Changed(math.MaxInt, pricing.Months(1)); !errors.Is(err, pricing.ErrDate) {
		t.Errorf("period %d: %v, want ErrDate", math.MaxInt, err)
	}
}
