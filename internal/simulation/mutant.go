package simulation

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store"
)

// mutant is a defect injected between a process and its store and gateway, to show that the audit catches it.
type mutant struct {
	name string
	what string
	// wrap injects it above the calls that can crash, so that a process can crash within it.
	wrap wrapper
	// below injects it below them, into the store itself.
	below func(w *world, st store.Store) store.Store

	believes bool // a process never compares its clock with the store's
	trusts   bool // the process trusts the content of notifications
	stops    bool // the process's clock stands still during a worker's round
	lax      bool // changes aren't checked individually, so only the audit can find the defect
}

// wrapper wraps a store and a gateway.
type wrapper func(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway)

// Mutants returns the names of the defects with their descriptions.
func Mutants() map[string]string {
	names := map[string]string{}
	for _, m := range mutants() {
		names[m.name] = m.what
	}
	return names
}

func mutants() []mutant {
	return slices.Concat(storeMutants(), gatewayMutants(), minutesMutants(), orderMutants(), timeMutants(), refundMutants(),
		termsMutants(), staffMutants(), overdraftMutants())
}

func mutantOf(name string) (mutant, error) {
	if name == "" {
		return mutant{}, nil
	}
	for _, m := range mutants() {
		if m.name == name {
			return m, nil
		}
	}
	return mutant{}, fmt.Errorf("simulation: no mutant %q", name)
}
