package renewal_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestDefaultPolicyIsWhatTheZeroValueStandsFor(t *testing.T) {
	want := renewal.Policy{
		Attempts:  hours(-24, -12, -3, 0, 6, 12, 18),
		Reminders: hours(-7*24, -3*24, -24),
		CatchUp:   renewal.Lapse, Poll: time.Minute, UsageRetry: 6 * time.Hour,
		TopUpDelays: hours(6, 12, 24), FailureBackoff: time.Hour,
	}
	if diff := cmp.Diff(want, renewal.DefaultPolicy()); diff != "" {
		t.Errorf("default (-want +got):\n%s", diff)
	}
	renewal.DefaultPolicy().Attempts[0] = 0
	if diff := cmp.Diff(want, renewal.DefaultPolicy()); diff != "" {
		t.Errorf("the default was modified:\n%s", diff)
	}

	zero, full := newWorld(t, setup{}), newWorld(t, setup{policy: renewal.DefaultPolicy()})
	for _, w := range []*world{zero, full} {
		w.must(buy("call", "one-to-one"))
		w.run("2025-03-01T00:00:00Z")
	}
	same(t, "events under the zero policy", zero.log(), full.log())
}

func TestPolicyValidate(t *testing.T) {
	const limit = 27 * 24 * time.Hour
	for _, tt := range []struct {
		name   string
		policy renewal.Policy
		want   string // in the error; "" means no error
	}{
		{"zero", renewal.Policy{}, ""},
		{"default", renewal.DefaultPolicy(), ""},
		{"one attempt, at the end", renewal.Policy{Attempts: hours(0)}, ""},
		{"the longest lead and the latest attempt", renewal.Policy{Attempts: []time.Duration{-limit, 366 * 24 * time.Hour}}, ""},
		{"no reminders", renewal.Policy{Reminders: hours()}, ""},
		{"reminder after the end", renewal.Policy{Reminders: hours(-24, 1)}, ""},
		{"bill each", renewal.Policy{CatchUp: renewal.BillEach}, ""},

		{"no attempts", renewal.Policy{Attempts: hours()}, "no attempts"},
		{"attempts not ascending", renewal.Policy{Attempts: hours(-3, -12)}, "attempts"},
		{"attempt twice", renewal.Policy{Attempts: hours(-3, -3)}, "attempts"},
		{"lead beyond the shortest month", renewal.Policy{Attempts: []time.Duration{-limit - 1}}, "attempts"},
		{"attempt too late", renewal.Policy{Attempts: []time.Duration{0, 366*24*time.Hour + 1}}, "attempts"},
		{"reminders not ascending", renewal.Policy{Reminders: hours(-1, -2)}, "reminders"},
		{"reminder too early", renewal.Policy{Reminders: []time.Duration{-limit - 1}}, "reminders"},
		{"unknown catch-up", renewal.Policy{CatchUp: "sometimes"}, `"sometimes"`},
		{"negative poll", renewal.Policy{Poll: -1}, "poll"},
		{"poll that a store rounds to nothing", renewal.Policy{Poll: time.Microsecond - 1}, "poll"},
		{"negative failure backoff", renewal.Policy{FailureBackoff: -1}, "failure backoff"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.policy.Validate()
			if tt.want == "" {
				if err != nil {
					t.Errorf("Validate = %v", err)
				}
				return
			}
			if !errors.Is(err, renewal.ErrPolicy) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Validate = %v, want ErrPolicy about %s", err, tt.want)
			}
		})
	}
}

// An invalid policy is refused wherever one is accepted, and has no effect.
func TestInvalidPolicyIsRefusedEverywhere(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	bad := renewal.Policy{CatchUp: "sometimes"}
	if _, err := renewal.Decide(subscription.Snapshot{Application: w.application()}, bad, w.catalog, w.now.AddDate(1, 0, 0)); !errors.Is(err, renewal.ErrPolicy) {
		t.Errorf("Decide = %v", err)
	}
	worker, err := renewal.NewWorker(w.Service, w.store, &renewal.Options{Policy: bad})
	if worker != nil || !errors.Is(err, renewal.ErrPolicy) {
		t.Errorf("NewWorker = %v, %v", worker, err)
	}
	for u := range renewal.Preview(w.application(), bad, w.catalog, w.now, w.now.AddDate(1, 0, 0)) {
		t.Errorf("Preview yields %+v", u)
	}
}
