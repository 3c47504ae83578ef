package simulation

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// Violation is a broken promise.
type Violation struct {
	Kind        string
	Application subscription.ApplicationID // "" where it isn't one's
	At          time.Time
	Text        string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s", v.Kind, v.Application, v.Text)
}

// Failure is a world in which a promise was broken, with the shortest history that was found.
//
//nolint:errname // what a simulation ends with, rather than an error's type
type Failure struct {
	Seed       uint64
	CrashAt    int // the call of the script that the crash interrupts, from 1; 0 in the long runs
	CrashAfter bool
	Violations []Violation
	Actions    int // of the shortest history
	Of         int // actions in the world that failed
	History    []string
}

// Error tells all of it, line by line.
func (f *Failure) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "simulation: seed %d", f.Seed)
	if f.CrashAt > 0 {
		fmt.Fprintf(&b, ", crash at call %d (after it: %t)", f.CrashAt, f.CrashAfter)
	}
	fmt.Fprintf(&b, ": %d promises broken, shown by %d of %d actions\n", len(f.Violations), f.Actions, f.Of)
	for i, v := range f.Violations {
		if i == 10 {
			fmt.Fprintf(&b, "  and %d more\n", len(f.Violations)-i)
			break
		}
		fmt.Fprintf(&b, "  %s\n", v)
	}
	for _, line := range f.History {
		b.WriteString("    " + line + "\n")
	}
	return b.String()
}

// broken is the failure of a world that couldn't be played at all.
func broken(s settings, err error) *Failure {
	return &Failure{Seed: s.seed, Violations: []Violation{{Kind: "simulation", Text: err.Error()}}}
}

// Figures say what was simulated and injected.
type Figures struct {
	Worlds      int `json:"worlds"`
	Months      int `json:"application_months"`
	Actions     int `json:"actions"`
	Calls       int `json:"calls"` // of the store and the gateway
	Commits     int `json:"changes_committed"`
	Rounds      int `json:"worker_rounds"`
	ScriptCalls int `json:"script_calls"`
	CrashPoints int `json:"crash_points"`

	Crashes     int `json:"crashes"`
	Interleaved int `json:"actions_within_actions"`
	StoreBefore int `json:"store_failures_before"`
	StoreAfter  int `json:"store_failures_after"`
	StorePartly int `json:"store_batches_partly_written"`
	Conflicts   int `json:"worker_conflicts"`

	Faults     map[paymenttest.Fault]int `json:"gateway_faults"`
	Notified   int                       `json:"notifications_delivered"`
	Lost       int                       `json:"notifications_lost"`
	Reviews    int                       `json:"orders_reviewed_by_a_person"`
	Reconciled int                       `json:"cancelled_orders_found_collected_by_reconciliation"`

	Requests  int                              `json:"requests"`
	Repeated  int                              `json:"requests_repeated"`
	Quotes    int                              `json:"quotes_confirmed"`
	Stale     int                              `json:"quotes_stale"`
	Orders    map[subscription.OrderStatus]int `json:"orders"`
	Renewals  int                              `json:"renewals_paid"`
	Automatic int                              `json:"automatic_renewals_paid"`
	Upgrades  int                              `json:"upgrades_paid"`
	Skipped   int                              `json:"periods_skipped"`
	Interrupt int                              `json:"interruptions"`
	Expired   int                              `json:"expired"`

	Records     int `json:"usage_records_sent"`
	Counted     int `json:"usage_records_counted"`
	Duplicates  int `json:"usage_records_sent_again"`
	Refused     int `json:"usage_records_refused"`
	TopUps      int `json:"top_ups_paid"`
	UsagePaid   int `json:"usage_days_paid"`
	UsageUnpaid int `json:"usage_charges_declined"`
	Stopped     int `json:"services_interrupted_for_unpaid_usage"`
	Reserved    int `json:"reservations"`
	Claimed     int `json:"free_grants_claimed"`
	GivenBack   int `json:"packages_given_back"`
	LowBalance  int `json:"low_balance_warnings"`
}

// String returns the figures as indented JSON.
func (f Figures) String() string {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func (f *Figures) add(g *Figures) {
	for _, n := range []struct {
		sum *int
		n   int
	}{
		{&f.Worlds, g.Worlds}, {&f.Months, g.Months}, {&f.Actions, g.Actions}, {&f.Calls, g.Calls},
		{&f.Commits, g.Commits}, {&f.Rounds, g.Rounds}, {&f.ScriptCalls, g.ScriptCalls}, {&f.CrashPoints, g.CrashPoints},
		{&f.Crashes, g.Crashes}, {&f.Interleaved, g.Interleaved}, {&f.StoreBefore, g.StoreBefore},
		{&f.StoreAfter, g.StoreAfter}, {&f.StorePartly, g.StorePartly}, {&f.Conflicts, g.Conflicts},
		{&f.Notified, g.Notified}, {&f.Lost, g.Lost}, {&f.Reviews, g.Reviews}, {&f.Reconciled, g.Reconciled},
		{&f.Requests, g.Requests}, {&f.Repeated, g.Repeated}, {&f.Quotes, g.Quotes}, {&f.Stale, g.Stale},
		{&f.Renewals, g.Renewals}, {&f.Automatic, g.Automatic}, {&f.Upgrades, g.Upgrades},
		{&f.Skipped, g.Skipped}, {&f.Interrupt, g.Interrupt}, {&f.Expired, g.Expired},
		{&f.Records, g.Records}, {&f.Counted, g.Counted}, {&f.Duplicates, g.Duplicates}, {&f.Refused, g.Refused},
		{&f.TopUps, g.TopUps}, {&f.UsagePaid, g.UsagePaid}, {&f.UsageUnpaid, g.UsageUnpaid}, {&f.Stopped, g.Stopped},
		{&f.Reserved, g.Reserved}, {&f.Claimed, g.Claimed}, {&f.GivenBack, g.GivenBack}, {&f.LowBalance, g.LowBalance},
	} {
		*n.sum += n.n
	}
	f.Faults = sum(f.Faults, g.Faults)
	f.Orders = sum(f.Orders, g.Orders)
}

func sum[K comparable](a, b map[K]int) map[K]int {
	all := map[K]int{}
	for _, m := range []map[K]int{a, b} {
		for k, n := range m {
			all[k] += n
		}
	}
	return all
}
