package pricing

import "fmt"

// DayRange is the calendar days of a period: from First up to Until, which is not one of them. It is
// recorded beside the instants of a period that is promised, so that its days stay what they were when the
// zone database changes the zone's rules. The zero value is no days at all: not recorded.
type DayRange struct {
	First Date `json:"first"`
	Until Date `json:"until"` // exclusive
}

// Count returns the number of days; it is positive if First is before Until.
func (r DayRange) Count() int { return int(r.Until) - int(r.First) }

// IsZero reports whether r is the zero value.
func (r DayRange) IsZero() bool { return r == DayRange{} }

// String returns "[2022-10-01, 2022-11-01)".
func (r DayRange) String() string { return fmt.Sprintf("[%s, %s)", r.First, r.Until) }

// remaining returns how many of the days are left on day d: at least one, and no more than there are. It
// fails with ErrDate unless there is a day.
func (r DayRange) remaining(d Date) (Ratio, error) {
	total := int64(r.Until) - int64(r.First)
	if total <= 0 {
		return Ratio{}, fmt.Errorf("%w: days %s", ErrDate, r)
	}
	return Ratio{Num: min(max(int64(r.Until)-int64(d), 1), total), Den: total}, nil
}
