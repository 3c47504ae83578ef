package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// done is the outcome of a step with nothing to report.
type done struct{}

type catalogStep struct {
	Catalog json.RawMessage `json:"catalog"`
	File    string          `json:"file"`
}

// setCatalog puts a catalog into force.
func setCatalog(_ context.Context, w *world, _ *step, p catalogStep) (any, error) {
	if (p.Catalog == nil) == (p.File == "") {
		return nil, badStep("want either catalog or file")
	}
	var cat *pricing.Catalog
	var err error
	if p.File != "" {
		cat, err = catalog.Open(p.File)
	} else {
		cat, err = pricing.ParseCatalog(bytes.NewReader(p.Catalog))
	}
	if err != nil {
		return nil, &stepError{"catalog", err}
	}
	w.catalog = cat
	return done{}, nil
}

type policyStep struct {
	Attempts  []hours         `json:"attempts_hours"`
	Reminders []hours         `json:"reminders_hours"`
	CatchUp   renewal.CatchUp `json:"catch_up"`
}

// hours is a duration written as a number of hours.
type hours time.Duration

// UnmarshalJSON reads a number with at most three decimals.
func (h *hours) UnmarshalJSON(raw []byte) error {
	if null(raw) {
		return fmt.Errorf("is %s, want a number with at most three decimals", raw)
	}
	var n subscription.Quantity // in thousandths, too
	err := n.UnmarshalJSON(raw)
	if most := subscription.Minutes(24 * 366); err == nil && (n > most || n < -most) {
		err = fmt.Errorf("%.40s hours are more than a year", raw)
	}
	*h = hours(int64(n) * int64(time.Hour/1000))
	return err
}

// setPolicy sets the renewal policy. Absent fields have their defaults.
func setPolicy(_ context.Context, w *world, _ *step, p policyStep) (any, error) {
	next := renewal.Policy{Attempts: durations(p.Attempts), Reminders: durations(p.Reminders), CatchUp: p.CatchUp}
	if err := next.Validate(); err != nil {
		return nil, err
	}
	w.policy = next
	return done{}, nil
}

// durations converts hours to durations; nil stays nil.
func durations(all []hours) []time.Duration {
	if all == nil {
		return nil
	}
	out := make([]time.Duration, len(all))
	for i, h := range all {
		out[i] = time.Duration(h)
	}
	return out
}
