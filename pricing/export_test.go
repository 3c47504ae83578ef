package pricing

import "time"

// ZoneOf returns the zone of a location, so that a test can hold two states of one zone's rules.
func ZoneOf(loc *time.Location) Zone { return Zone{loc} }

// WithRounding returns the catalog with a different rounding mode, for which [ParseCatalog] didn't validate it.
func (c *Catalog) WithRounding(mode Rounding) *Catalog {
	out := *c
	out.rounding = mode
	return &out
}
