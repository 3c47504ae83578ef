package pricing

import "time"

// ZoneOf returns the zone of a location, so that a test can hold two states of one zone's rules.
func ZoneOf(loc *time.Location) Zone { return Zone{loc} }

// WithRounding returns the catalog with another rounding mode, which [ParseCatalog] didn't validate it for.
func (c *Catalog) WithRounding(mode Rounding) *Catalog {
	out := *c
	out.rounding = mode
	return &out
}
