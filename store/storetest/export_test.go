package storetest

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// The parts of the suite that its own tests look at.
var (
	Sample     = sample
	Spoil      = spoil
	Difference = difference
	Opaque     = opaque
)

// Spots returns how to put a text into each place of a change, by path.
func Spots() map[string]func(c *subscription.Change, text string) {
	all := map[string]func(c *subscription.Change, text string){}
	for _, s := range spots() {
		all[s.path] = s.put
	}
	return all
}

// Cases returns the names of all cases, area/name.
func Cases() []string {
	var names []string
	for name := range suite.All(areas()) {
		names = append(names, name)
	}
	return names
}

// Judge runs a case, area/name, on the stores that it opens. The case waits no longer than that for what never takes long.
func Judge(ctx context.Context, name string, open func() store.Store, patience time.Duration) suite.Verdict {
	for found, c := range suite.All(areas()) { //nolint:contextcheck // the cases have the recorder's
		if found == name {
			return suite.Judge(ctx, name, c, func(tb suite.TB) *env {
				e := newEnv(tb, open, patience)
				e.brief = !testsize.IsFull()
				return e
			})
		}
	}
	return suite.Verdict{Case: name, Failed: "no such case"}
}

// Verdict returns the first failure that a case reports, "" if the stores pass.
func Verdict(ctx context.Context, name string, open func() store.Store, patience time.Duration) string {
	return Judge(ctx, name, open, patience).Failed
}

// Skipped returns why a case isn't for the stores that it opens, "" if it is.
func Skipped(ctx context.Context, name string, open func() store.Store) string {
	return Judge(ctx, name, open, time.Second).Skipped
}
