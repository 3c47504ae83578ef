package pricing_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

func days(tb testing.TB, first, until string) pricing.DayRange {
	tb.Helper()
	return pricing.DayRange{First: day(tb, first), Until: day(tb, until)}
}

// The days of period n are counted from the anchor, regardless of zones and earlier periods.
func TestAnchorDays(t *testing.T) {
	for _, tt := range []struct {
		name, anchor string
		term         pricing.Term
		n            int
		want         string
		count        int
	}{
		{"the first month", "2025-01-31", pricing.Months(1), 0, "[2025-01-31, 2025-02-28)", 28},
		{"after a short month", "2025-01-31", pricing.Months(1), 1, "[2025-02-28, 2025-03-31)", 31},
		{"the 31st again", "2025-01-31", pricing.Months(1), 2, "[2025-03-31, 2025-04-30)", 30},
		{"a leap day", "2024-02-29", pricing.Months(12), 0, "[2024-02-29, 2025-02-28)", 365},
		{"and the next one", "2024-02-29", pricing.Months(12), 3, "[2027-02-28, 2028-02-29)", 366},
		{"a week", "2025-02-25", pricing.Days(7), 0, "[2025-02-25, 2025-03-04)", 7},
		{"the third week", "2025-02-25", pricing.Days(7), 2, "[2025-03-11, 2025-03-18)", 7},
		{"a day that one zone skipped", "2011-12-30", pricing.Days(1), 0, "[2011-12-30, 2011-12-31)", 1},
		{"before 1970", "1969-12-01", pricing.Months(1), 0, "[1969-12-01, 1970-01-01)", 31},
		{"the last days there are", "9999-11-30", pricing.Months(1), 0, "[9999-11-30, 9999-12-30)", 30},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.Anchor{Date: day(t, tt.anchor), Term: tt.term}.Days(tt.n)
			wrapped(t, "Days", err, nil)
			equal(t, "Days", got.String(), tt.want)
			equal(t, "Count", got.Count(), tt.count)
			equal(t, "IsZero", got.IsZero(), false)
		})
	}
}

func TestAnchorDaysRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, anchor string
		term         pricing.Term
		n            int
		err          error
	}{
		{"no term", "2025-01-31", pricing.Term{}, 0, pricing.ErrTerm},
		{"period -1", "2025-01-31", pricing.Months(1), -1, pricing.ErrDate},
		{"begins beyond the calendar", "9999-12-31", pricing.Months(1), 1, pricing.ErrDate},
		{"ends beyond the calendar", "9999-12-31", pricing.Days(1), 0, pricing.ErrDate},
		{"the greatest number", "2025-01-31", pricing.Days(3660), math.MaxInt, pricing.ErrDate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.Anchor{Date: day(t, tt.anchor), Term: tt.term}.Days(tt.n)
			wrapped(t, "Days", err, tt.err)
			equal(t, "Days", got, pricing.DayRange{})
		})
	}
}

// Days are recorded as JSON together with a period's instants. If there are none, they are omitted.
func TestDayRangeJSON(t *testing.T) {
	type record struct {
		Days pricing.DayRange `json:"days,omitzero"`
	}
	for _, tt := range []struct {
		name string
		days pricing.DayRange
		want string
	}{
		{"a month", days(t, "2022-10-01", "2022-11-01"), `{"days":{"first":"2022-10-01","until":"2022-11-01"}}`},
		{"from the zero date", days(t, "1970-01-01", "1970-02-01"), `{"days":{"first":"1970-01-01","until":"1970-02-01"}}`},
		{"up to the zero date", days(t, "1969-12-01", "1970-01-01"), `{"days":{"first":"1969-12-01","until":"1970-01-01"}}`},
		{"not recorded", pricing.DayRange{}, `{}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := json.Marshal(record{tt.days})
			wrapped(t, "Marshal", err, nil)
			equal(t, "Marshal", string(b), tt.want)
			var got record
			wrapped(t, "Unmarshal", json.Unmarshal(b, &got), nil)
			equal(t, "Unmarshal", got.Days, tt.days)
		})
	}
	equal(t, "IsZero of the zero value", pricing.DayRange{}.IsZero(), true)
	equal(t, "Count of the zero value", pricing.DayRange{}.Count(), 0)
}
