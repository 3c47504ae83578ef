package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// claimCases checks that due applications are claimed, each by one claimer at a time.
func claimCases() []check {
	return slices.Concat(dueCases(), limitCases(), leaseCases(), leaseEndCases(), claimedCases(), claimRaces())
}

// dueCases checks that an application is due from its Due on.
func dueCases() []check {
	return []check{
		{"an empty store has nothing to claim", func(e *env) {
			e.claims(noon(), time.Hour)
		}},
		{"an application that was never committed isn't claimed", func(e *env) {
			e.load(subscription.Read{Application: "a"})
			e.conflict(appIDs{"b"}, small("b", 3, "t"))
			e.claims(noon().AddDate(1, 0, 0), time.Hour)
		}},
		{"what is due is claimed, and what isn't yet is not", func(e *env) {
			a, b := e.due("a", noon().Add(-time.Hour)), e.due("b", noon().Add(-time.Minute))
			c := e.due("c", noon().Add(time.Minute))
			e.claims(noon().Add(-2*time.Hour), time.Hour)
			e.claims(noon(), time.Hour, a, b)
			e.claims(noon().Add(time.Minute), time.Hour, c)
		}},
		{"it is due exactly at Due, and not a microsecond before", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon().Add(-time.Microsecond), time.Hour)
			e.claims(noon(), time.Hour, a)
		}},
		{"parts of a second count, with however many digits", func(e *env) {
			second := noon().Truncate(time.Second)
			parts := []time.Duration{
				0, time.Microsecond, 90 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond,
				999_999 * time.Microsecond, time.Second, time.Second + time.Microsecond,
			}
			all := make([]*expected, len(parts))
			for i, d := range parts {
				all[i] = e.due(subscription.ApplicationID(fmt.Sprint("app ", i)), second.Add(d))
			}
			for i, d := range parts {
				e.claims(second.Add(d), time.Hour, all[i])
			}
		}},
		{"a Due of zero is never", func(e *env) {
			a := e.due("a", time.Time{})
			b := e.due("b", noon())
			e.apply(b, b.dueAt(time.Time{}))
			for _, asOf := range []time.Time{noon(), time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)} {
				e.claims(asOf, time.Hour)
			}
			e.holds(a, b)
		}},
		{"Due in any year", func(e *env) {
			var all []*expected
			for i, year := range []int{1, 1600, 1899, 1969, 1970, 2038, 2300, 9999} {
				at := time.Date(year, time.January, 1, 0, 0, 0, 1000, time.UTC)
				all = append(all, e.due(subscription.ApplicationID(fmt.Sprint("app ", i)), at))
			}
			e.claims(noon(), time.Hour, all[:5]...)
			for _, x := range all[5:] {
				at := x.document.Due
				e.claims(at.Add(-time.Microsecond), 0, slices.DeleteFunc(slices.Clone(all), func(x *expected) bool {
					return !x.document.Due.Before(at)
				})...)
			}
			e.claims(all[7].document.Due, time.Hour, all...)
		}},
		{"a commit moves Due into the future", func(e *env) {
			a, later := e.due("a", noon()), noon().Add(24*time.Hour)
			e.apply(a, a.dueAt(later))
			e.claims(later.Add(-time.Microsecond), time.Hour)
			e.claims(later, time.Hour, a)
		}},
		{"a commit moves Due into the past", func(e *env) {
			a, earlier := e.due("a", noon().Add(24*time.Hour)), noon().Add(-24*time.Hour)
			e.claims(noon(), time.Hour)
			e.apply(a, a.dueAt(earlier))
			e.claims(earlier.Add(-time.Microsecond), time.Hour)
			e.claims(earlier, time.Hour, a)
		}},
		{"a commit brings Due back from zero", func(e *env) {
			a := e.due("a", time.Time{})
			e.apply(a, a.dueAt(noon()))
			e.claims(noon(), time.Hour, a)
		}},
	}
}

// dueAt returns the next small change, which makes the application due at the given instant.
func (x *expected) dueAt(at time.Time) subscription.Change {
	c := x.next("t")
	c.Next.Due = at
	return c
}

// due commits an application that is due at the given instant.
func (e *env) due(id subscription.ApplicationID, at time.Time) *expected {
	e.Helper()
	x := unborn(id)
	e.apply(x, x.dueAt(at))
	return x
}

// crowd commits n applications that are due at the given instant.
func (e *env) crowd(n int, at time.Time) []*expected {
	e.Helper()
	all, changes := make([]*expected, n), make([]subscription.Change, n)
	for i := range all {
		all[i] = unborn(subscription.ApplicationID(fmt.Sprint("app ", i)))
		changes[i] = all[i].dueAt(at)
		all[i].apply(changes[i])
	}
	e.commit(changes...)
	return all
}

// claim fails the case unless the result is valid for Claim; see [claimable].
func (e *env) claim(asOf time.Time, lease time.Duration, limit int) []renewal.Claimed {
	e.Helper()
	batch, err := e.store.Claim(e.ctx, asOf, lease, limit)
	if err == nil {
		err = claimable(batch, asOf, limit)
	}
	if err != nil {
		e.Fatalf("Claim: %v", err)
	}
	for i := range batch {
		e.identified("Claim", &batch[i].Snapshot)
	}
	return batch
}

// claimable returns an error if a batch is invalid whatever the store contains.
func claimable(batch []renewal.Claimed, asOf time.Time, limit int) error {
	if len(batch) > max(limit, 0) {
		return fmt.Errorf("got %d applications, want at most %d", len(batch), limit)
	}
	seen := map[subscription.ApplicationID]bool{}
	for _, c := range batch {
		app := &c.Snapshot.Application
		switch {
		case c.Err != nil:
			return fmt.Errorf("%q can't be read: %w", c.Application, c.Err)
		case c.Application != app.ID:
			return fmt.Errorf("application %q has the snapshot of %q", c.Application, app.ID)
		case seen[app.ID]:
			return fmt.Errorf("%q is in the batch twice", app.ID)
		case app.Due.IsZero() || app.Due.After(asOf):
			return fmt.Errorf("%q is due at %s, but it is only %s", app.ID, app.Due.Format(time.RFC3339Nano), asOf.Format(time.RFC3339Nano))
		case len(c.Snapshot.Receipts) > 0 || len(c.Snapshot.Orders) > 0:
			return fmt.Errorf("the snapshot of %q has rows that weren't requested", app.ID)
		}
		if err := unidentified(&c.Snapshot); err != nil {
			return err
		}
		seen[app.ID] = true
	}
	return nil
}

// claims fails the case unless exactly those applications are claimed, each as it was committed.
func (e *env) claims(asOf time.Time, lease time.Duration, want ...*expected) {
	e.Helper()
	e.claimed(e.claim(asOf, lease, 1000), want...)
}

// claimed fails the case unless exactly those applications were claimed, each once and as it was committed, in any
// order.
func (e *env) claimed(batch []renewal.Claimed, want ...*expected) {
	e.Helper()
	got, all := make([]subscription.Application, len(batch)), make([]subscription.Application, len(want))
	for i := range batch {
		got[i] = batch[i].Snapshot.Application
	}
	for i := range want {
		all[i] = want[i].document
	}
	byID := func(a, b subscription.Application) int { return strings.Compare(string(a.ID), string(b.ID)) }
	slices.SortFunc(got, byID)
	slices.SortFunc(all, byID)
	e.same("Claim: documents", got, all)
}

// claimedIDs returns the IDs of claimed applications.
func claimedIDs(batch []renewal.Claimed) appIDs {
	ids := make(appIDs, len(batch))
	for i := range batch {
		ids[i] = batch[i].Application
	}
	return ids
}
