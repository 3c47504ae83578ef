package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
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
		cat, err = loadCatalog(p.File)
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
	n, err := thousandths(string(raw))
	if most := int64(24 * 366 * 1000); err == nil && (n > most || n < -most) {
		err = fmt.Errorf("%.40s hours are more than a year", raw)
	}
	*h = hours(n * int64(time.Hour/1000))
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

// thousandths reads a plain number with at most three decimals and returns exactly 1,000 times it.
func thousandths(s string) (int64, error) {
	whole, decimals, _ := strings.Cut(s, ".")
	if len(decimals) <= 3 && !strings.ContainsAny(s, "eE\"") {
		if n, err := strconv.ParseInt(whole+(decimals + "000")[:3], 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("is %.40s, want a number with at most three decimals", s)
}
