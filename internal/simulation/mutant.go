package simulation

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store"
)

// mutant is a defect that is put between a process and its store and gateway, to show that the audit catches it.
type mutant struct {
	name string
	what string
	// wrap puts it before the calls that crash, so that a process can crash within it.
	wrap wrapper
	// below puts it behind them, into the store itself.
	below func(w *world, st store.Store) store.Store

	believes bool // a process never compares its clock with the store's
	trusts   bool // it believes whatever a notification says
	stops    bool // its clock stands still while a worker makes a round
	lax      bool // no change is checked by itself, so that the audit alone can see what is wrong
}

// wrapper puts something before a store and a gateway.
type wrapper func(w *world, st store.Store, gw payment.Gateway) (store.Store, payment.Gateway)

// Mutants returns the names of the defects, each with what it does.
func Mutants() map[string]string {
	names := map[string]string{}
	for _, m := range mutants() {
		names[m.name] = m.what
	}
	return names
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
