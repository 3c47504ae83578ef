package simulation

import (
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/internal/audit"
)

// Failure is a world in which a promise was broken, with the shortest history that was found to show it.
//
//nolint:errname // what a simulation ends with, rather than an error's type
type Failure struct {
	Seed       uint64
	CrashAt    int // the call of the script that the crash interrupts, from 1; 0 in the long runs
	CrashAfter bool
	Violations []audit.Violation
	Actions    int // of the shortest history
	Of         int // actions in the world that failed
	History    []string
}

// Error describes the failure in full, line by line.
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

// broken returns the failure of a world that couldn't be played at all.
func broken(s settings, err error) *Failure {
	return &Failure{Seed: s.seed, Violations: []audit.Violation{{Kind: "simulation", Text: err.Error()}}}
}
