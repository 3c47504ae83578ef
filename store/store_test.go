package store_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
)

// The pruned day ended more than two days ago in every zone, and the next day did not: a day is deleted no earlier than
// that, and no later than one day after.
// Rule: pruning-keeps-the-books.
func TestPrunedDay(t *testing.T) {
	day := func(year int, month time.Month, d int) pricing.Date {
		return pricing.Date(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
	}
	midnight := time.Date(2025, time.March, 3, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		before time.Time
		want   pricing.Date
	}{
		{"midnight", midnight, day(2025, time.February, 27)},
		{"the microsecond before", midnight.Add(-time.Microsecond), day(2025, time.February, 26)},
		{"the end of the day", midnight.Add(24*time.Hour - time.Nanosecond), day(2025, time.February, 27)},
		{"a clock that is ahead shows the next day", midnight.Add(-time.Hour).In(time.FixedZone("", 14*3600)), day(2025, time.February, 26)},
		{"a clock that is behind shows the day before", midnight.In(time.FixedZone("", -12*3600)), day(2025, time.February, 27)},
		{"the first day of 1970", time.Unix(0, 0), -4},
		{"just before 1970", time.Unix(0, -1), -5},
		{"a day before 1970, at midnight", time.Unix(-24*60*60, 0), -5},
		{"a leap day", time.Date(2024, time.March, 4, 12, 0, 0, 0, time.UTC), day(2024, time.February, 29)},
		{"year 1", time.Time{}, -719_162 - 4},
		{"year 9999", time.Date(9999, time.December, 31, 23, 0, 0, 0, time.UTC), day(9999, time.December, 27)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := store.PrunedDay(tt.before); got != tt.want {
				t.Errorf("PrunedDay(%s) = %s, want %s", tt.before, got, tt.want)
			}
		})
	}
}

// A day ends last at UTC-12 and begins first at UTC+14.
func TestPrunedDayHasEndedEverywhere(t *testing.T) {
	for hours := range 24 * 40 {
		before := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)
		ended := time.Unix((int64(store.PrunedDay(before))+1)*24*60*60, 0).Add(12 * time.Hour)
		if since := before.Sub(ended); since <= 48*time.Hour || since > 4*24*time.Hour {
			t.Errorf("before %s: the last day that is pruned ended everywhere %s earlier", before, since)
		}
	}
}
