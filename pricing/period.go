package pricing

import (
	"fmt"
	"time"
)

// Period is the half-open interval [Start, End) for which a package is valid. It includes the IANA name of the zone it
// was computed in, because a time.Time would lose the name in JSON. Both instants are in UTC.
type Period struct {
	Start time.Time `json:"start"` // the first instant of its first day
	End   time.Time `json:"end"`   // exclusive
	Zone  string    `json:"zone"`
}

// Contains reports whether Start ≤ t < End.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// IsZero reports whether p is the zero value.
func (p Period) IsZero() bool { return p.Start.IsZero() && p.End.IsZero() }

// Equal reports whether p and q have the same instants and the same zone.
func (p Period) Equal(q Period) bool {
	return p.Start.Equal(q.Start) && p.End.Equal(q.End) && p.Zone == q.Zone
}

// Days returns the number of calendar days in p in its zone z. Daylight saving never changes the number, but the zone
// database can; recorded days are authoritative, see [Anchor.Days]. It returns [ErrZone] if z is not the zone of p.
func (p Period) Days(z Zone) (int, error) {
	if err := p.in(z); err != nil {
		return 0, err
	}
	return p.days(z).Count(), nil
}

// days returns the days of p. Its last day is the day of its last instant. The day of End would be wrong where a zone
// once skipped a day (it is later), or where the period ends in the middle of a day (it is the same).
func (p Period) days(z Zone) DayRange {
	first := z.DateOf(p.Start)
	return DayRange{First: first, Until: max(first, z.DateOf(p.End.Add(-1))+1)}
}

func (p Period) in(z Zone) error {
	if name := z.Name(); name != p.Zone {
		return fmt.Errorf("%w: the period is in zone %q, not %q", ErrZone, p.Zone, name)
	}
	return nil
}

// String returns the first day and the exclusive last day, for example "[2025-06-16, 2025-07-16) Asia/Shanghai". If the
// zone cannot be loaded, it returns the instants.
func (p Period) String() string {
	z, err := recordedZone(p.Zone)
	if err != nil {
		return fmt.Sprintf("[%s, %s) %s", p.Start.Format(time.RFC3339), p.End.Format(time.RFC3339), p.Zone)
	}
	return fmt.Sprintf("%s %s", p.days(z), p.Zone)
}

// Anchor is the day from which a subscription's periods are counted, and their length. Period n begins n terms after
// the anchor and never depends on period n-1, so the 31st returns after a short month: 31 January, 28 February, 31
// March.
type Anchor struct {
	Date Date `json:"date"`
	Term Term `json:"term"`
	// Passed is the number of months of other terms that had passed since Date when period 0 began. It preserves the
	// day of the month when the term changes.
	Passed int `json:"passed,omitzero"`
}

// Days returns the days of period n of the anchor, counting from 0. They do not depend on a zone: a day that the zone
// skips is included. A package bought at any time of day D has the anchor D. It returns [ErrTerm], or [ErrDate] beyond
// the year 9999.
func (a Anchor) Days(n int) (DayRange, error) {
	if err := a.Term.Validate(); err != nil {
		return DayRange{}, err
	}
	if n < 0 {
		return DayRange{}, fmt.Errorf("%w: period %d", ErrDate, n)
	}
	first, err := a.first(n)
	if err != nil {
		return DayRange{}, err
	}
	until, err := a.first(n + 1)
	if err != nil {
		return DayRange{}, err
	}
	return DayRange{First: first, Until: until}, nil
}

// Period returns period n of the anchor in zone z by the current rules of z. The period runs from the first instant of
// its first day ([Anchor.Days]) up to the first instant of the day after its last. It returns the errors of Days.
//
// Zone rules change. A sold period is recorded, both instants and days, and is never recomputed; the next period begins
// at its recorded end.
func (a Anchor) Period(n int, z Zone) (Period, error) {
	days, err := a.Days(n)
	if err != nil {
		return Period{}, err
	}
	return Period{Start: z.StartOf(days.First), End: z.StartOf(days.Until), Zone: z.Name()}, nil
}

// Changed returns the anchor of periods of another term, the first of which begins where period n of a does. They keep
// the day of the month of a: monthly from 31 January, yearly after the first month, they begin on 28 February and, in a
// leap year, on the 29th. After periods of days no day of the month is left, and that of the change counts. It returns
// the errors of Days, and [ErrTerm] for a term that is invalid.
func (a Anchor) Changed(n int, term Term) (Anchor, error) {
	if err := term.Validate(); err != nil {
		return Anchor{}, err
	}
	days, err := a.Days(n)
	switch {
	case err != nil:
		return Anchor{}, err
	case a.Term.Days != 0:
		return Anchor{Date: days.First, Term: term}, nil
	}
	return Anchor{Date: a.Date, Term: term, Passed: a.Passed + n*a.Term.Months}, nil
}

// Index returns the number of the period whose days include the day of t in zone z, or -1 if t is before the anchor. It
// returns [ErrTerm] if the term is invalid.
func (a Anchor) Index(t time.Time, z Zone) (int, error) { return a.IndexOf(z.DateOf(t)) }

// IndexOf returns the number of the period that contains day d, or -1 if d is before the anchor. It returns [ErrTerm]
// if the term is invalid.
func (a Anchor) IndexOf(d Date) (int, error) {
	if err := a.Term.Validate(); err != nil {
		return 0, err
	}
	begin, err := a.first(0)
	if err != nil {
		return 0, err
	}
	if d < begin {
		return -1, nil
	}
	if a.Term.Days != 0 {
		return int(d-begin) / a.Term.Days, nil
	}
	from, to := a.Date.civil(), d.civil()
	n := ((to.Year()-from.Year())*12 + int(to.Month()-from.Month()) - a.Passed) / a.Term.Months
	// The difference in months is one too many if the day of the month has not been reached.
	if start, err := a.first(n); err == nil && start > d {
		n--
	}
	return n, nil
}

// first returns the first day of period n ≥ 0. The term must be valid.
func (a Anchor) first(n int) (Date, error) {
	if a.Passed == 0 {
		return a.Term.from(a.Date, n)
	}
	if a.Passed < 0 || a.Passed > int(maxDate-minDate) {
		return 0, fmt.Errorf("%w: %d months passed", ErrDate, a.Passed)
	}
	if a.Term.Days != 0 {
		begin, err := a.Date.AddMonths(a.Passed)
		if err != nil {
			return 0, err
		}
		return a.Term.from(begin, n)
	}
	if n > int(maxDate-minDate)/a.Term.Months {
		return 0, fmt.Errorf("%w: period %d", ErrDate, n)
	}
	return a.Date.AddMonths(a.Passed + n*a.Term.Months)
}
