package pricing

import "time"

// ZoneOf returns the zone of a location, so that a test can hold two states of one zone's rules.
func ZoneOf(loc *time.Location) Zone { return Zone{loc} }
