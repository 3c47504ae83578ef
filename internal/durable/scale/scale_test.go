package scale_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/internal/durable/scale"
)

// small returns options with batches of ten and a scenario in which everything is overdue.
func small(due, workers, crash int) (scale.Options, scale.Scenario) {
	o := scale.DefaultOptions()
	o.Stored, o.Workers, o.Batch, o.Cores, o.Horizon, o.Vacuum = due, workers, 10, 2, 10*24*time.Hour, 0
	return o, scale.Scenario{Overdue: due, Since: time.Hour, Crash: crash}
}

// TestEachIsRenewedOnce pins that every application is renewed exactly once, however many workers crash, lose races for
// applications, or take longer for a batch than their leases or the time until an order is looked up again.
func TestEachIsRenewedOnce(t *testing.T) {
	type options = func(*scale.Options)
	tests := []struct {
		name    string
		crash   int
		change  options
		strange func(scale.Result) bool // what the case is there for
	}{
		{"plain", 0, func(*scale.Options) {}, func(r scale.Result) bool { return r.Conflicts == 0 && r.Crashes == 0 }},
		{"crashes", 4, func(*scale.Options) {}, func(r scale.Result) bool { return r.Crashes > 10 }},
		{"race", 4, func(o *scale.Options) { o.Distributed, o.Nodes = true, 3 }, func(r scale.Result) bool { return r.Crashes > 10 }},
		{"short lease", 4, func(o *scale.Options) { o.Lease, o.Costs.Work = time.Second, time.Second }, func(r scale.Result) bool { return r.Conflicts > 0 }},
		{"slow gateway", 4, func(o *scale.Options) { o.Costs.Gateway, o.Interval = 2*time.Minute, time.Second }, func(r scale.Result) bool { return r.Conflicts > 0 }},
		{"no leases", 4, func(o *scale.Options) { *o = scale.Break(*o, scale.Leaseless) }, func(r scale.Result) bool { return r.Conflicts > 100 }},
		{"shared cores", 0, func(o *scale.Options) { o.Shared = true }, func(r scale.Result) bool { return r.Busy > 0 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, workers := range []int{1, 3, 20} {
				o, sc := small(3000, workers, tt.crash)
				tt.change(&o)
				r := scale.Run(o, sc)
				if r.Renewed != r.Due || r.Twice != 0 {
					t.Errorf("%d workers: %+v", workers, r)
				}
				if workers > 1 && !tt.strange(r) {
					t.Errorf("%d workers: it isn't tested: %+v", workers, r)
				}
			}
		})
	}
}

// TestBrokenVariantsAreFound pins that the counts of TestEachIsRenewedOnce find a store that leases nothing and compares no
// revisions, which renews twice, and one whose leases never end, which loses what crashed workers had.
func TestBrokenVariantsAreFound(t *testing.T) {
	o, sc := small(3000, 3, 0)
	if r := scale.Run(scale.Break(o, scale.Leaseless, scale.Blind), sc); r.Twice == 0 {
		t.Errorf("without leases and revisions: %+v", r)
	}
	o, sc = small(3000, 3, 4)
	if r := scale.Run(scale.Break(o, scale.Stuck), sc); r.Renewed == r.Due {
		t.Errorf("with leases that don't end: %+v", r)
	}
}

// TestLookedAt pins how many index entries claims look at. Each process passes over what the others have claimed, once; only
// claims that start over, which is every seventeenth while there is enough to claim, pass over what is dead. A store that
// remembers no position passes over it with every claim.
func TestLookedAt(t *testing.T) {
	within := func(r scale.Result, workers int) bool {
		over := r.Claims/17 + 2*r.Short + workers
		return r.Read+r.Known <= workers*r.Claimed+over*r.Doomed
	}
	var looked []int
	for _, due := range []int{5_000, 20_000, 80_000} {
		for _, workers := range []int{1, 4} {
			t.Run(fmt.Sprint(due, " due, workers: ", workers), func(t *testing.T) {
				o, sc := small(due, workers, 0)
				good, bad := scale.Run(o, sc), scale.Run(scale.Break(o, scale.Forgetful), sc)
				if !within(good, workers) {
					t.Errorf("%+v", good)
				}
				if within(bad, workers) || bad.Looked() < 6*good.Looked() {
					t.Errorf("without a position %d, with one %d, entries for each hundred applications", bad.Looked(), good.Looked())
				}
				if workers == 1 {
					looked = append(looked, bad.Looked())
				}
				o.Vacuum, o.VacuumAt = 1_000_000, 1000
				if r := scale.Run(o, sc); r.Looked() > 100*(20+workers) {
					t.Errorf("with a vacuum: %+v", r)
				}
			})
		}
	}
	for i := range looked[1:] {
		if looked[i+1] < 3*looked[i] {
			t.Errorf("without a position %d entries for each hundred applications: that isn't quadratic", looked)
		}
	}
}

// TestSameSeed pins that a run depends on nothing but its options and scenario.
func TestSameSeed(t *testing.T) {
	o, sc := small(2000, 5, 3)
	first := scale.Run(o, sc)
	if diff := cmp.Diff(first, scale.Run(o, sc)); diff != "" {
		t.Error(diff)
	}
	o.Seed++
	if cmp.Equal(first, scale.Run(o, sc), cmpopts.EquateEmpty()) {
		t.Error("another seed makes no difference")
	}
}

// TestPercentile pins that a percentile is rounded up by less than a sixteenth.
func TestPercentile(t *testing.T) {
	for _, ms := range []int64{0, 1, 15, 16, 17, 100, 1023, 1024, 86_400_000, 7 * 86_400_000} {
		got := scale.Percentile(50, time.Duration(ms)*time.Millisecond).Milliseconds()
		if got < ms || got > ms+ms/16 {
			t.Errorf("%d is %d", ms, got)
		}
	}
	if got := scale.Percentile(99, 1, 1, time.Hour); got < time.Hour {
		t.Errorf("the last of three is %s", got)
	}
}
