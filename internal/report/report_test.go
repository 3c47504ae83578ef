package report_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/report"
)

// A span is of whole microseconds, and nothing that isn't stored is before its beginning because of a cut.
func TestBetween(t *testing.T) {
	noon := time.Date(2025, time.July, 1, 12, 0, 0, 0, time.UTC)
	late := time.Date(20000, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name                            string
		from, until, wantFrom, wantTill time.Time
	}{
		{"whole", noon, noon.Add(time.Microsecond), noon, noon.Add(time.Microsecond)},
		{"between microseconds", noon.Add(1), noon.Add(1001), noon.Add(time.Microsecond), noon.Add(2 * time.Microsecond)},
		{"open", time.Time{}, time.Time{}, time.Time{}, time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)},
		{"beyond", time.Time{}.Add(-time.Hour), late, time.Time{}, time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)},
		{"in a zone", noon.In(time.FixedZone("", 3600)), noon, noon, noon},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := report.Between(tt.from, tt.until)
			if got != (report.Span{From: tt.wantFrom, Until: tt.wantTill}) {
				t.Errorf("%+v, want %s and %s", got, tt.wantFrom, tt.wantTill)
			}
		})
	}
}
