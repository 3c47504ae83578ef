package simulation

import (
	"encoding/json"
	"reflect"

	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// Figures count what was simulated and injected.
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

	WrongClock   int `json:"refused_for_a_wrong_clock"`
	Steps        int `json:"clocks_set_wrong"`
	Years        int `json:"clocks_set_wrong_by_days_to_years"`
	Slow         int `json:"gateway_calls_of_minutes_or_hours"`
	Midnights    int `json:"gateway_calls_over_midnight"`
	Catalogs     int `json:"catalogs_seen_by_a_process"`
	Apart        int `json:"requests_while_catalogs_differ"`
	Lags         int `json:"refunds_not_found_at_first"`
	Restores     int `json:"restored_backups"`
	ChangesLost  int `json:"changes_lost_with_them"`
	ReceiptsLost int `json:"receipts_lost_with_them"`
	OrdersAgain  int `json:"collected_orders_lost_and_placed_again"`
	HandedBack   int `json:"lost_orders_given_back_by_hand"`
	Returned     int `json:"lost_refunds_recorded_as_made_by_the_provider"`
	LostAtRest   int `json:"lines_of_the_statement_that_a_restored_store_lacks"`
	KnownSame    int `json:"keys_known_before_with_the_same_content"`
	KnownOther   int `json:"keys_known_before_with_another_amount"`

	Faults     map[paymenttest.Fault]int `json:"gateway_faults"`
	Waited     int                       `json:"actions_of_customers"`
	Canceled   int                       `json:"charges_canceled"`
	Notified   int                       `json:"notifications_delivered"`
	Lost       int                       `json:"notifications_lost"`
	Reviews    int                       `json:"orders_reviewed_by_a_person"`
	Hasty      int                       `json:"reviews_cancelled_without_a_look"`
	Mistaken   int                       `json:"of_them_collected"`
	Reconciled int                       `json:"cancelled_orders_found_collected_by_reconciliation"`

	RefundsDue      int `json:"refunds_due"`
	RefundsMade     int `json:"refunds_made"`
	RefundsFailed   int `json:"refunds_failed"`
	RefundsRepeated int `json:"failed_refunds_requested_again"`
	Withdrawn       int `json:"refunds_withdrawn_by_the_gateway"`
	Reversed        int `json:"reversals"`
	Reinstated      int `json:"reversals_reinstated"`
	PeriodsTaken    int `json:"periods_taken_back"`
	PeriodsReturned int `json:"periods_reinstated"`
	UpgradesUndone  int `json:"upgrades_undone"`
	Persons         int `json:"refunds_that_need_a_person"`

	Gifts           int `json:"gifts"`
	Imports         int `json:"imports"`
	ImportsAgain    int `json:"imports_repeated_under_another_key"`
	ImportsRefused  int `json:"imports_of_what_is_held"`
	AccountsChanged int `json:"accounts_changed"`
	Closed          int `json:"applications_closed"`
	Erased          int `json:"applications_erased"`
	AfterClosing    int `json:"money_that_moved_after_closing"`
	ByHand          int `json:"payments_of_erased_applications_returned_by_hand"`

	Requests  int                              `json:"requests"`
	Repeated  int                              `json:"requests_repeated"`
	Quotes    int                              `json:"quotes_confirmed"`
	Stale     int                              `json:"quotes_stale"`
	Orders    map[subscription.OrderStatus]int `json:"orders"`
	Renewals  int                              `json:"renewals_paid"`
	Automatic int                              `json:"automatic_renewals_paid"`
	Upgrades  int                              `json:"upgrades_paid"`
	Waived    int                              `json:"upgrades_too_small_to_charge"`
	Carried   int                              `json:"bills_of_several_days_paid"`
	Skipped   int                              `json:"periods_skipped"`
	Interrupt int                              `json:"interruptions"`
	Expired   int                              `json:"expired"`
	Ended     int                              `json:"ended_by_choice"`
	Left      int                              `json:"left_service_by_choice"`
	Chosen    int                              `json:"changes_at_renewal_chosen"`
	Changed   int                              `json:"changes_at_renewal_made"`
	Dropped   int                              `json:"changes_at_renewal_dropped"`
	Deals     int                              `json:"deals"`
	DealsDone int                              `json:"deals_ended"`

	Records     int `json:"usage_records_sent"`
	Counted     int `json:"usage_records_counted"`
	Duplicates  int `json:"usage_records_sent_again"`
	Refused     int `json:"usage_records_refused"`
	TopUps      int `json:"top_ups_paid"`
	AutoTopUps  int `json:"automatic_top_ups_paid"`
	UsagePaid   int `json:"usage_days_paid"`
	GraceUsed   int `json:"usage_of_grace_times_covered"`
	UsageUnpaid int `json:"usage_charges_declined"`
	Stopped     int `json:"services_interrupted_for_unpaid_usage"`
	Reserved    int `json:"reservations"`
	Claimed     int `json:"free_grants_claimed"`
	GivenBack   int `json:"packages_given_back"`
	LowBalance  int `json:"low_balance_warnings"`
	Forgiven    int `json:"changes_that_forgave_usage"`
	Corrected   int `json:"changes_that_corrected_usage"`
	LotsBack    int `json:"lots_that_corrections_returned"`
	Overdrawn   int `json:"changes_that_take_from_overdrafts"`
	Repaid      int `json:"overdrafts_repaid"`
	Lapsed      int `json:"overdrafts_lapsed"`
}

// String returns the figures as indented JSON.
func (f Figures) String() string {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// add adds the figures of another run: all numbers, and the counts by fault and status.
func (f *Figures) add(g *Figures) {
	sums, more := reflect.ValueOf(f).Elem(), reflect.ValueOf(g).Elem()
	for i := range sums.NumField() {
		if n := sums.Field(i); n.CanInt() {
			n.SetInt(n.Int() + more.Field(i).Int())
		}
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
