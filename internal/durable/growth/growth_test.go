package growth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/internal/durable/growth"
	"github.com/prepaidkit/prepaid/store/memory"
)

// Measure measures what it claims: everything due is renewed each month, and nothing else.
func TestMeasure(t *testing.T) {
	tidied := 0
	r, err := growth.Measure(t.Context(), memory.New(), 1500, 400, func(context.Context) error { tidied++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if r.Applications != 1500 || r.Rounds != 3 || r.Renewals != 450 || r.Rate() <= 0 || r.Slowest > r.Took || tidied != 1 {
		t.Errorf("%+v", r)
	}
	want := errors.New("no statistics")
	if _, err := growth.Measure(t.Context(), memory.New(), 10, 1, func(context.Context) error { return want }); !errors.Is(err, want) {
		t.Errorf("Measure = %v, want %v", err, want)
	}
}
