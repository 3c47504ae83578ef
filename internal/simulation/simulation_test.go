package simulation_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
)

func newStore() store.Store { return memory.New() }

func TestWorlds(t *testing.T) {
	simulation.Run(t, newStore, &simulation.Options{Points: -1, Worlds: 4})
}

func TestCrashPoints(t *testing.T) {
	simulation.Run(t, newStore, &simulation.Options{Worlds: 1, Applications: 1, Months: 1})
}
