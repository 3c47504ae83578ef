package audit_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/memory"
)

// traces says as what a defect is found in the store that it leaves.
func traces() map[string]audit.Kind {
	return map[string]audit.Kind{
		"account-moves-orders": audit.Refunds,
		"auto-top-up-hard":     audit.Automatic,
		"auto-top-up-limit":    audit.Automatic,
		"auto-top-up-twice":    audit.Automatic,
		"change-forgotten":     audit.Agreed,
		"closed-sells":         audit.Document,
		"correction-forgotten": audit.Usage,
		"correction-mints":     audit.Usage,
		"correction-twice":     audit.Usage,
		"deal-for-good":        audit.Agreed,
		"deal-forgotten":       audit.Agreed,
		"erased-keeps-note":    audit.Left,
		"event-lost":           audit.Events,
		"forgiven-untold":      audit.Usage,
		"gift-twice":           audit.Delivery,
		"hard-forgotten":       audit.Automatic,
		"import-again":         audit.Delivery,
		"late-delivers":        audit.Status,
		"late-kept":            audit.Kept,
		"leaver-owes":          audit.Status,
		"leaver-stays":         audit.Period,
		"minutes-for-nothing":  audit.Minutes,
		"off-ignored":          audit.Status,
		"overdraft-forgotten":  audit.Minutes,
		"overdraft-too-early":  audit.Minutes,
		"overdraft-twice":      audit.Minutes,
		"overdraft-unlimited":  audit.Minutes,
		"refund-forgotten":     audit.Refunds,
		"released-twice":       audit.Minutes,
		"settled-twice":        audit.Status,
		"stale-commit":         audit.Minutes,
		"taken-and-kept":       audit.Taken,
		"tax-forgotten":        audit.Taxes,
		"time-backwards":       audit.Time,
		"todays-price":         audit.Price,
		"top-up-unpaid":        audit.Delivery,
		"unknown-as-decline":   audit.Status,
		"usage-cuts-package":   audit.Subscriptions,
		"waiver-recorded":      audit.Delivery,
	}
}

// untraced says why nothing in the store tells of a defect.
func untraced() map[string]string {
	const (
		gateway = "only the gateway knows what it collected and returned"
		nobody  = "what is in the store is right; nothing came of it in time"
		refused = "the store or the check of the change refuses what comes of it"
		bills   = "a day may have several bills, and a bill doesn't say which product's usage it collects"
	)
	return map[string]string{
		"action-forgotten":    nobody,
		"actor-forgotten":     "only who asked knows that somebody acted",
		"amount-ignored":      gateway,
		"billed-twice":        bills,
		"carried-twice":       bills,
		"chained-periods":     "what the zone's rules were when a period was promised explains some hours",
		"charge-first":        gateway,
		"clock-believed":      "a store has no clock of its own to compare with",
		"content-ignored":     gateway,
		"decline-as-success":  gateway,
		"forgery-believed":    gateway,
		"forgiven-billed":     refused,
		"fresh-key":           gateway,
		"import-unrecognized": refused,
		"lease-as-lock":       nobody,
		"numbers-again":       refused,
		"overdue-forgotten":   nobody,
		"receipts-lost":       "receipts can't be listed",
		"records-forgotten":   "usage records can't be listed",
		"refund-given-up":     gateway,
		"refund-stays-made":   gateway,
		"refund-twice":        gateway,
		"retention-ignored":   gateway,
		"reversal-twice":      gateway,
		"review-frees-usage":  bills,
		"review-unseen":       nobody,
		"revision-keys":       "whatever the key was, the order has it as its own",
		"share-drift":         "a single share may be rounded either way",
		"round-stands-still":  "time doesn't run backward, it is only late",
	}
}

// Every defect of the simulation that leaves a trace in the store is found, as what it is.
// Rule: audit-proves.
func TestMutants(t *testing.T) {
	testsize.Full(t)
	t.Parallel()
	for name, what := range simulation.Mutants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, trace := traces()[name]
			why, none := untraced()[name]
			if trace == none {
				t.Fatalf("%s: it must be in one of the tables", what)
			}
			if none { // the simulation catches it, by what it knows from outside
				t.Skip("leaves no trace:", why)
			}
			var mu sync.Mutex
			var stores []*memory.Store
			newStore := func() store.Store {
				mu.Lock()
				defer mu.Unlock()
				stores = append(stores, memory.New())
				return stores[len(stores)-1]
			}
			o := &simulation.Options{Worlds: 100, Applications: 8, Months: 12, Mutant: name, Whole: true}
			if _, failure := simulation.Worlds(newStore, o); failure == nil {
				t.Fatalf("%s: the simulation doesn't catch it", what)
			}
			var all []audit.Finding
			for _, st := range stores {
				all = append(all, findings(t, st, &audit.Options{Catalogs: catalogsOf(t, st)})...)
			}
			if !slices.ContainsFunc(all, func(f audit.Finding) bool { return f.Kind == kind }) {
				t.Errorf("%s: want %s, found %v", what, kind, all)
			}
		})
	}
}
