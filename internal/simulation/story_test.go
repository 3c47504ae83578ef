package simulation_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/internal/simulation"
)

// Rare combinations of events break no promise either.
func TestStories(t *testing.T) {
	for name, what := range simulation.Stories() {
		t.Run(name, func(t *testing.T) {
			if failure := simulation.Tell(newStore, name, ""); failure != nil {
				t.Errorf("%s: %v", what, failure)
			}
		})
	}
}

// A story exposes a defect by the promise that it covers.
func TestStoriesCatchMutants(t *testing.T) {
	for _, test := range []struct{ story, mutant, caught string }{
		{"machine-behind", "time-backwards", "time"},
		{"restored", "revision-keys", "restore"},
		{"restored-and-forgetful", "revision-keys", "restore"},
		{"known-amount", "content-ignored", "money"},
		{"known-amount-looked-up", "content-ignored", "money"},
		{"known-payer", "content-ignored", "money"},
		{"chargeback-reinstated", "reversal-twice", "refund"},
		{"chargeback-reinstated", "taken-and-kept", "story"},
		{"refund-fails", "refund-stays-made", "refund"},
		{"late-and-restored", "late-kept", "kept"},
		{"brought-twice", "import-unrecognized", "import"},
		{"brought-twice", "import-again", "import"},
		{"left-and-erased", "gift-twice", "minutes"},
		{"left-and-erased", "account-moves-orders", "account"},
		{"left-and-erased", "closed-sells", "left"},
		{"left-and-erased", "erased-keeps-note", "left"},
		{"erasure-restored", "erased-keeps-note", "left"},
	} {
		t.Run(test.story+" with "+test.mutant, func(t *testing.T) {
			failure := simulation.Tell(newStore, test.story, test.mutant)
			if failure == nil {
				t.Fatal("not caught")
			}
			kinds := map[string]audit.Violation{}
			for _, v := range failure.Violations {
				kinds[v.Kind] = v
			}
			v, ok := kinds[test.caught]
			if !ok {
				t.Fatalf("caught as something other than %s: %v", test.caught, failure)
			}
			t.Logf("caught: %s", v)
		})
	}
}
