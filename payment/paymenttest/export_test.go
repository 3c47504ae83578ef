package paymenttest

import (
	"context"

	"github.com/prepaidkit/prepaid/internal/suite"
)

// Verdict is the outcome of one case of the suite for a gateway.
type Verdict = suite.Verdict

// Cases returns the names of all cases, area/name.
func Cases() []string {
	var names []string
	for name := range suite.All(areas()) {
		names = append(names, name)
	}
	return names
}

// Judge runs one case against the gateway that open returns, as Run does, but returns the verdict instead of failing.
func Judge(ctx context.Context, name string, open func() Harness) Verdict {
	for found, c := range suite.All(areas()) { //nolint:contextcheck // a case takes its context from its tb
		if found == name {
			return suite.Judge(ctx, name, c, func(tb suite.TB) *env { return newEnv(tb, open()) })
		}
	}
	return Verdict{Case: name, Failed: "no such case"}
}

// Verdicts judges every case.
func Verdicts(ctx context.Context, open func() Harness) []Verdict {
	var all []Verdict
	for _, name := range Cases() { //nolint:contextcheck // likewise
		all = append(all, Judge(ctx, name, open))
	}
	return all
}
