package scale

import "time"

// Scenario is when applications are due. They are in the order of their numbers.
type Scenario struct {
	Name    string
	Overdue int           // were due before anybody claims,
	Since   time.Duration // evenly from so long ago on; 0: all at one instant
	Later   int           // will be due,
	Until   time.Duration // evenly until then
	Crash   int           // one batch in so many ends with a crash of its worker; 0: none
}

// Applications is how many there are.
func (s Scenario) Applications() int { return s.Overdue + s.Later }

// Due returns when an application is due.
func (s Scenario) Due(app int) time.Duration {
	switch {
	case app >= s.Overdue:
		return time.Duration(app-s.Overdue+1) * (s.Until / time.Duration(s.Later))
	case s.Since == 0:
		return 0
	}
	return time.Duration(app-s.Overdue) * (s.Since / time.Duration(s.Overdue))
}

// Scenarios returns the scenarios of a number of stored applications, which pay for months of 30 days.
func Scenarios(stored int) []Scenario {
	const day = 24 * time.Hour
	daily := stored / 30
	return []Scenario{
		{Name: "even", Later: daily, Until: day},
		{Name: "midnight", Overdue: daily},
		{Name: "instant", Overdue: stored},
		{Name: "outage", Overdue: daily, Since: day, Later: daily, Until: day},
		{Name: "crashes", Overdue: daily, Since: day, Later: daily, Until: day, Crash: 100},
	}
}
