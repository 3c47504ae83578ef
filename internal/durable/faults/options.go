package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// Options configure a run. The zero value of each field except Store means its default.
type Options struct {
	Store        string // [SQLite] or [Postgres]
	Kills        int    // how many processes are killed; the default is 20
	Restarts     int    // how often the Postgres server is killed and restarted; the default is 2
	Failovers    int    // how often the Postgres server is lost and its synchronous standby takes over; the default is none
	Full         int    // how often the disk of a SQLite file is full for a while; the default is 2
	Cuts         int    // commits on Postgres per thousand that lose their connection before, and as many after; the default is 10
	Gap          int    // maximum milliseconds between two kills, above 40; the default is 350
	Days         int    // minimum days of virtual time; the default is 70, so that purchases are renewed twice
	Applications int    // the default is 24
	Services     int    // processes that serve customers; the default is 2
	Workers      int    // processes that are workers; the default is 2
	Seed         uint64 // of customers' actions and the times of kills; the rest depends on the machine
	Mutant       string // the name of a defect to inject, see [Mutants]; "" means none
	// Dir is the directory of the run's file and log; the default is a temporary directory, which is deleted unless a
	// promise was broken.
	Dir string
	// Patience limits the duration of the run; the default is 10 minutes.
	Patience time.Duration
	// Progress receives progress messages, one per line; nil means none.
	Progress io.Writer
}

func (o *Options) filled() Options {
	f := *o
	positive(&f.Kills, 20)
	positive(&f.Restarts, 2)
	positive(&f.Full, 2)
	positive(&f.Cuts, 10)
	positive(&f.Gap, 350)
	positive(&f.Days, 70)
	positive(&f.Applications, 24)
	positive(&f.Services, 2)
	positive(&f.Workers, 2)
	positive(&f.Patience, 10*time.Minute)
	if f.Progress == nil {
		f.Progress = io.Discard
	}
	return f
}

// positive sets v to its default if it is zero; a negative value means none.
func positive[T int | time.Duration](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
	*v = max(*v, 0)
}

// Report is the result of a run.
type Report struct {
	Figures    Figures
	Violations []audit.Violation
	Kept       string // the directory with the file and the log, if a promise was broken
}

// Figures count what was done to a store, and what it stored.
type Figures struct {
	Store string `json:"store"`
	Seed  uint64 `json:"seed"`

	Kills     int `json:"processes_killed"`
	Restarts  int `json:"server_killed_and_restarted"`
	Failovers int `json:"server_lost_and_standby_promoted"`
	Cut       int `json:"connections_cut_anywhere"`
	Before    int `json:"connections_cut_before_a_commit"`
	After     int `json:"connections_cut_between_a_commit_and_its_answer"`
	Full      int `json:"disk_full"`

	Requests int `json:"requests_sent"`
	Lost     int `json:"requests_whose_process_was_killed"`
	Failed   int `json:"requests_of_unknown_outcome_otherwise"`
	Refusals int `json:"applications_whose_changes_the_host_refused_for_a_while"`
	Held     int `json:"transactions_of_the_host_that_took_their_time"`
	Within   int `json:"requests_within_a_transaction_of_the_host"`
	Prunes   int `json:"times_pruned"`
	Pruned   int `json:"rows_pruned"`
	Hampered int `json:"deeds_of_the_host_that_failed"`
	Catalogs int `json:"catalogs_one_after_the_other"`
	Deposits int `json:"deposits_into_accounts_in_the_database"`
	Rounds   int `json:"worker_rounds"`
	Broken   int `json:"worker_rounds_that_failed"`
	Days     int `json:"days_of_virtual_time"`

	Applications  int                              `json:"applications"`
	Commits       int                              `json:"changes_committed"`
	Orders        map[subscription.OrderStatus]int `json:"orders"`
	Renewals      int                              `json:"automatic_renewals_paid"`
	Collected     int                              `json:"charges_collected"`
	Refunds       int                              `json:"refunds_due"`
	RefundsFailed int                              `json:"refunds_failed"`
	Reversals     int                              `json:"reversals"`
	Reinstated    int                              `json:"reversals_reinstated"`
	Records       int                              `json:"usage_records_counted"`
	Unanswered    int                              `json:"usage_records_never_answered"`
	Entries       int                              `json:"ledger_entries"`
	Events        int                              `json:"events"`
	Faults        map[paymenttest.Fault]int        `json:"gateway_faults"`
	Errors        map[string]int                   `json:"errors"` // seen by callers, by text

	Feed follows `json:"feed"`

	Violations int           `json:"violations"`
	Took       time.Duration `json:"took_ns"`
}

// String returns the figures as indented JSON.
func (f Figures) String() string {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// String returns the figures and, if promises were broken, which ones, and what was kept.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Figures)
	for i, v := range r.Violations {
		if i == 20 {
			fmt.Fprintf(&b, "and %d more\n", len(r.Violations)-i)
			break
		}
		fmt.Fprintln(&b, v)
	}
	if r.Kept != "" {
		fmt.Fprintf(&b, "seed %d; the log, and the file if there is one, are kept in %s\n", r.Figures.Seed, r.Kept)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
