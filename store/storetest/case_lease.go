package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// leaseCases checks that a claimed application is hidden while its lease lasts.
func leaseCases() []check {
	return []check{
		{"a lease hides an application until it ends, and exactly then shows it", func(e *env) {
			for i, lease := range []time.Duration{time.Microsecond, 1500 * time.Millisecond, 5 * time.Minute, 1000 * time.Hour} {
				a := e.due(subscription.ApplicationID(fmt.Sprint("app ", i)), noon().Add(-time.Hour))
				e.claims(noon(), lease, a)
				e.claims(noon(), lease)
				e.claims(noon().Add(lease-time.Microsecond), lease)
				e.claims(noon().Add(lease), time.Hour, a)
				e.apply(a, a.dueAt(time.Time{}))
			}
		}},
		{"a lease lasts from asOf, however long it was due", func(e *env) {
			a := e.due("a", noon().AddDate(-1, 0, 0))
			e.claims(noon(), time.Minute, a)
			e.claims(noon().Add(time.Second), time.Minute)
			e.claims(noon().Add(time.Minute), time.Minute, a)
		}},
		{"a clock that is behind doesn't see what is claimed", func(e *env) {
			a := e.due("a", noon().Add(-time.Hour))
			e.claims(noon(), time.Minute, a)
			e.claims(noon().Add(-30*time.Minute), time.Minute)
			e.claims(noon().Add(time.Minute), time.Minute, a)
		}},
		{"the next lease is as long as it says", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), time.Hour, a)
			e.claims(noon().Add(2*time.Hour), time.Minute, a)
			e.claims(noon().Add(2*time.Hour+59*time.Second), time.Minute)
			e.claims(noon().Add(2*time.Hour+time.Minute), time.Hour, a)
			e.claims(noon().Add(3*time.Hour), time.Hour)
			e.claims(noon().Add(3*time.Hour+time.Minute), time.Hour, a)
		}},
		{"leases are each application's own", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), time.Hour, a)
			b := e.due("b", noon())
			e.claims(noon(), 2*time.Hour, b)
			e.claims(noon().Add(time.Hour), time.Hour, a)
			e.claims(noon().Add(2*time.Hour), time.Hour, a, b)
		}},
		{"a lease of zero or less hides nothing", func(e *env) {
			all := e.crowd(100, noon())
			for _, lease := range []time.Duration{0, -time.Microsecond, -24 * time.Hour, 0} {
				e.claims(noon(), lease, all...)
				e.claims(noon().Add(-time.Microsecond), time.Hour)
			}
		}},
		{"Load and the iterators end no lease", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), time.Hour, a)
			e.holds(a)
			e.claims(noon(), time.Hour)
		}},
	}
}

// leaseEndCases checks that a commit ends the lease of its application, and that nothing else ends it early.
func leaseEndCases() []check {
	return []check{
		{"a commit ends the lease", func(e *env) {
			a, b := e.due("a", noon()), e.due("b", noon())
			e.claims(noon(), time.Hour, a, b)
			for range 3 {
				e.apply(a, a.dueAt(noon()))
				e.claims(noon(), time.Hour, a)
				e.claims(noon(), time.Hour)
			}
			e.claims(noon().Add(time.Hour), time.Hour, a, b)
		}},
		{"a commit that leaves it due within the lease: claimed then, not when the lease would have ended", func(e *env) {
			a, soon := e.due("a", noon()), noon().Add(10*time.Minute)
			e.claims(noon(), time.Hour, a)
			e.apply(a, a.dueAt(soon))
			e.claims(soon.Add(-time.Microsecond), time.Hour)
			e.claims(soon, time.Hour, a)
		}},
		{"a commit that leaves it due after the lease: not claimed when the lease would have ended", func(e *env) {
			a, later := e.due("a", noon()), noon().Add(2*time.Hour)
			e.claims(noon(), time.Hour, a)
			e.apply(a, a.dueAt(later))
			e.claims(noon().Add(time.Hour), time.Hour)
			e.claims(later.Add(-time.Microsecond), time.Hour)
			e.claims(later, time.Hour, a)
		}},
		{"a commit that leaves it never due: not claimed when the lease would have ended", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), time.Hour, a)
			e.apply(a, a.dueAt(time.Time{}))
			e.claims(noon().Add(time.Hour), time.Hour)
			e.claims(noon().AddDate(10, 0, 0), time.Hour)
		}},
		{"a commit that is refused ends no lease", func(e *env) {
			a, b := e.due("a", noon()), e.due("b", noon())
			e.claims(noon(), time.Hour, a, b)
			e.conflict(appIDs{"a"}, small("a", 0, "late"))
			known := a.dueAt(noon())
			known.Receipts[0].Key = a.receipts[0].Key
			e.conflict(appIDs{"a"}, known)
			next := b.dueAt(noon())
			e.conflict(appIDs{"a"}, small("a", 7, "early"), next)
			b.apply(next)
			e.claims(noon(), time.Hour, b)
			e.claims(noon().Add(time.Hour), time.Hour, a, b)
		}},
		{"a commit whose context has ended ends no lease", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), time.Hour, a)
			ctx, cancel := context.WithCancel(e.ctx)
			cancel()
			e.ended("Commit", e.store.Commit(ctx, a.dueAt(noon())), endings()[0])
			e.claims(noon(), time.Hour)
		}},
	}
}

// claimedCases checks that Claim returns committed data that belongs to the caller.
func claimedCases() []check {
	cases := []check{
		{"every field of a claimed document", func(e *env) {
			for seed := range 4 {
				a := unborn(subscription.ApplicationID(fmt.Sprint("app ", seed)))
				e.apply(a, sample(a.document.ID, 0, seed))
				e.claims(a.document.Due, time.Hour, a)
				e.apply(a, a.dueAt(time.Time{}))
			}
		}},
		{"a claim changes nothing, and a change on what was claimed is applied", func(e *env) {
			a := e.due("a", noon())
			claimed := &expected{document: e.claim(noon(), time.Hour, 1)[0].Snapshot.Application}
			e.holds(a)
			e.apply(a, claimed.dueAt(noon()))
			e.holds(a)
		}},
		{"a document is claimed as it was committed last", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), 0, a)
			for range 3 {
				e.apply(a, a.dueAt(noon()))
				e.claims(noon(), 0, a)
			}
		}},
		{"a claimed snapshot that is spoilt spoils neither the store nor another snapshot", func(e *env) {
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			due := a.document.Due
			once, twice := e.claim(due, 0, 1), e.claim(due, 0, 1)
			e.claimed(once, a)
			spoil(&once[0].Snapshot)
			e.claimed(twice, a)
			e.claims(due, 0, a)
			e.holds(a)
		}},
		{"a claimed snapshot stays as it is when commits follow", func(e *env) {
			a := unborn("a")
			e.apply(a, sample("a", 0, 0))
			was := *a
			claimed := e.claim(a.document.Due, time.Hour, 1)
			e.apply(a, sample("a", 1, 1))
			e.claimed(claimed, &was)
		}},
	}
	for _, w := range endings() {
		cases = append(cases, check{"Claim, its context " + w.name + ": nothing is claimed", func(e *env) {
			ctx, cancel := w.end(e.ctx)
			defer cancel()
			for _, apps := range []int{0, 10} {
				all := e.crowd(apps, noon())
				for _, limit := range []int{0, 100} {
					batch, err := e.store.Claim(ctx, noon(), time.Hour, limit)
					e.ended("Claim", err, w)
					if len(batch) != 0 {
						e.Errorf("Claim: %d applications with the error, want none", len(batch))
					}
				}
				e.claims(noon(), time.Hour, all...)
			}
		}})
	}
	return cases
}
