package report

import "time"

// Span is the whole microseconds from From up to, and without, Until, both in UTC. Stores keep instants as such.
type Span struct{ From, Until time.Time }

// Between returns the span between two instants, of which the zero one leaves it open. Nothing that is stored is outside
// the years 1 to 9999.
func Between(from, until time.Time) Span {
	first, last := time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)
	if until.IsZero() {
		until = last
	}
	return Span{within(from, first, last), within(until, first, last)}
}

// within returns the first whole microsecond that isn't before t, or the bound that t is beyond.
func within(t, first, last time.Time) time.Time {
	switch {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	whole := t.UTC().Truncate(time.Microsecond)
	if whole.Before(t) {
		whole = whole.Add(time.Microsecond)
	}
	return whole
}

// Has reports whether an instant is in the span.
func (s Span) Has(t time.Time) bool { return !t.Before(s.From) && t.Before(s.Until) }
