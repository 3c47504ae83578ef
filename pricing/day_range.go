package pricing

import "fmt"

// DayRange is the calendar days of a period, from First up to but not including Until. It is recorded together with the
// instants of a period, so the days do not change if the zone database later changes the rules of the zone. The zero
// value means that no days are recorded.
type DayRange struct {
	First Date `json:"first"`
	Until Date `json:"until"` // exclusive
}

// Count returns the number of days. It is positive if First is before Until.
func (r DayRange) Count() int { return int(r.Until) - int(r.First) }

// IsZero reports whether r is the zero value.
func (r DayRange) IsZero() bool { return r == DayRange{} }

// String returns the range as "[2022-10-01, 2022-11-01)".
func (r DayRange) String() string { return fmt.Sprintf("[%s, %s)", r.First, r.Until) }

// remaining returns the fraction of the days that remain on day d: at least one day and at most all of them. It returns
// ErrDate if the range is empty.
func (r DayRange) remaining(d Date) (Ratio, error) {
	total := int64(r.Until) - int64(r.First)
	if total <= 0 {
		return Ratio{}, fmt.Errorf("%w: days %s", ErrDate, r)
	}
	return Ratio{Num: min(max(int64(r.Until)-int64(d), 1), total), Den: total}, nil
}
