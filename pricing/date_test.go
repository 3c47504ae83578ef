package pricing_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

func TestNewDate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		year  int
		month time.Month
		day   int
		want  string
		err   error
	}{
		{"a day", 2025, time.June, 16, "2025-06-16", nil},
		{"the day that dates are counted from", 1970, time.January, 1, "1970-01-01", nil},
		{"the day before it", 1969, time.December, 31, "1969-12-31", nil},
		{"leap day", 2024, time.February, 29, "2024-02-29", nil},
		{"leap day of a fourth century", 2000, time.February, 29, "2000-02-29", nil},
		{"the first day", 1, time.January, 1, "0001-01-01", nil},
		{"the last day", 9999, time.December, 31, "9999-12-31", nil},
		{"no leap day", 2025, time.February, 29, "", pricing.ErrDate},
		{"no leap day in most centuries", 1900, time.February, 29, "", pricing.ErrDate},
		{"31 June", 2025, time.June, 31, "", pricing.ErrDate},
		{"day 0", 2025, time.June, 0, "", pricing.ErrDate},
		{"month 13", 2025, 13, 1, "", pricing.ErrDate},
		{"year 0", 0, time.January, 1, "", pricing.ErrDate},
		{"year 10000", 10000, time.January, 1, "", pricing.ErrDate},
		{"the greatest ints", math.MaxInt, math.MaxInt, math.MaxInt, "", pricing.ErrDate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.NewDate(tt.year, tt.month, tt.day)
			wrapped(t, "NewDate", err, tt.err)
			if err == nil {
				equal(t, "NewDate", got.String(), tt.want)
				equal(t, "ParseDate", day(t, tt.want), got)
			}
		})
	}
}

func TestParseDateRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "no such day": "2025-02-30", "one digit": "2025-6-16", "slashes": "2025/06/16", "with a time": "2025-06-16T00:00:00Z",
		"year 0": "0000-01-01", "negative year": "-001-01-01", "space": " 2025-06-16", "five digits": "12025-06-16", "megabytes": strings.Repeat("2", 1<<20),
	} {
		_, err := pricing.ParseDate(in)
		wrapped(t, name, err, pricing.ErrDate)
		if err != nil && len(err.Error()) > 200 {
			t.Errorf("%s: the error repeats its input: %d bytes", name, len(err.Error()))
		}
	}
}

// Adding months gives the same day of the month, or the month's last day if the month is too short.
func TestDateAddMonths(t *testing.T) {
	for _, tt := range []struct {
		from string
		n    int
		want string // "" wants ErrDate
	}{
		{"2025-01-31", 0, "2025-01-31"},
		{"2025-01-31", 1, "2025-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2025-01-31", 2, "2025-03-31"},
		{"2025-01-31", 3, "2025-04-30"},
		{"2025-01-31", 12, "2026-01-31"},
		{"2025-01-30", 1, "2025-02-28"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2096-02-29", 48, "2100-02-28"}, // 2100 isn't a leap year
		{"2025-06-16", 1, "2025-07-16"},
		{"2025-12-16", 1, "2026-01-16"},
		{"2025-03-31", -1, "2025-02-28"},
		{"2025-01-16", -1, "2024-12-16"},
		{"1970-01-31", -11, "1969-02-28"},
		{"9999-11-30", 1, "9999-12-30"},
		{"0001-01-31", 119987, "9999-12-31"},
		{"9999-12-01", 1, ""},
		{"0001-01-01", -1, ""},
		{"2025-01-01", 120001, ""},
		{"2025-01-01", math.MaxInt, ""},
		{"2025-01-01", math.MinInt, ""},
	} {
		got, err := day(t, tt.from).AddMonths(tt.n)
		if tt.want == "" {
			wrapped(t, tt.from, err, pricing.ErrDate)
		} else if err != nil || got.String() != tt.want {
			t.Errorf("%s plus %d months is %s (%v), want %s", tt.from, tt.n, got, err, tt.want)
		}
	}
}

func TestDateAddDays(t *testing.T) {
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2025-02-28", 1, "2025-03-01"},
		{"2024-02-28", 1, "2024-02-29"},
		{"1970-01-01", -1, "1969-12-31"},
		{"0001-01-01", 3652058, "9999-12-31"},
		{"9999-12-31", -3652058, "0001-01-01"},
		{"9999-12-31", 1, ""},
		{"0001-01-01", -1, ""},
		{"2025-01-01", math.MaxInt, ""},
		{"2025-01-01", math.MinInt, ""},
	} {
		got, err := day(t, tt.from).AddDays(tt.n)
		if tt.want == "" {
			wrapped(t, tt.from, err, pricing.ErrDate)
		} else if err != nil || got.String() != tt.want {
			t.Errorf("%s plus %d days is %s (%v), want %s", tt.from, tt.n, got, err, tt.want)
		}
	}
}

func TestDateMonth(t *testing.T) {
	for _, tt := range []struct{ day, start, end string }{
		{"2025-06-16", "2025-06-01", "2025-06-30"},
		{"2025-12-01", "2025-12-01", "2025-12-31"},
		{"2024-02-29", "2024-02-01", "2024-02-29"},
		{"1969-12-31", "1969-12-01", "1969-12-31"},
		{"0001-01-31", "0001-01-01", "0001-01-31"},
		{"9999-12-31", "9999-12-01", "9999-12-31"},
	} {
		d := day(t, tt.day)
		if start, end := d.MonthStart().String(), d.MonthEnd().String(); start != tt.start || end != tt.end {
			t.Errorf("the month of %s is %s to %s, want %s to %s", tt.day, start, end, tt.start, tt.end)
		}
	}
}

func TestDateText(t *testing.T) {
	type row struct {
		On pricing.Date `json:"on"`
	}
	b, err := json.Marshal(row{day(t, "2025-06-16")})
	wrapped(t, "Marshal", err, nil)
	equal(t, "Marshal", string(b), `{"on":"2025-06-16"}`)
	var got row
	wrapped(t, "Unmarshal", json.Unmarshal(b, &got), nil)
	equal(t, "Unmarshal", got, row{day(t, "2025-06-16")})
	wrapped(t, "UnmarshalText", got.On.UnmarshalText([]byte("2025-02-30")), pricing.ErrDate)
	equal(t, "left as it was", got.On, day(t, "2025-06-16"))
	equal(t, "days between", day(t, "2025-07-16")-day(t, "2025-06-16"), 30)
}
