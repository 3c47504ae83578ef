package pricing

import "fmt"

// The maximum terms.
const (
	MaxTermMonths = 120
	MaxTermDays   = 3660
)

// Term is the length of time a package is bought for: a number of whole calendar months, or of days for trials. Exactly
// one of the two is set. In JSON it is {"months":1} or {"days":7}.
type Term struct {
	Months int `json:"months,omitzero"`
	Days   int `json:"days,omitzero"`
}

// Months returns a term of n calendar months.
func Months(n int) Term { return Term{Months: n} }

// Days returns a term of n days.
func Days(n int) Term { return Term{Days: n} }

// Validate returns [ErrTerm] unless exactly one of Months and Days is set and is between 1 and [MaxTermMonths] or
// [MaxTermDays].
func (t Term) Validate() error {
	months := t.Days == 0 && 1 <= t.Months && t.Months <= MaxTermMonths
	days := t.Months == 0 && 1 <= t.Days && t.Days <= MaxTermDays
	if !months && !days {
		return fmt.Errorf("%w: %d months, %d days", ErrTerm, t.Months, t.Days)
	}
	return nil
}

// String returns the term as "1 month", "12 months" or "7 days".
func (t Term) String() string {
	n, unit := t.Months, "month"
	if t.Days != 0 {
		n, unit = t.Days, "day"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// from returns the day that is n ≥ 0 terms after d, counted in one step. The term must be valid.
func (t Term) from(d Date, n int) (Date, error) {
	// Check by division to avoid overflow. A larger n is out of the calendar's range anyway.
	if length := max(t.Months, t.Days); n > int(maxDate-minDate)/length {
		return 0, fmt.Errorf("%w: %s plus %d times %s", ErrDate, d, n, t)
	}
	if t.Days != 0 {
		return d.AddDays(n * t.Days)
	}
	return d.AddMonths(n * t.Months)
}
