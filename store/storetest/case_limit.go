package storetest

import (
	"fmt"
	"math"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// limitCases checks that the limit is respected, and that the applications that have been due longest come first.
func limitCases() []check {
	return []check{
		{"a limit below what is due: as many, and the others are free", func(e *env) {
			e.crowd(10, noon())
			for i, want := range []int{3, 3, 3, 1, 0} {
				if got := e.claim(noon(), time.Hour, 3); len(got) != want {
					e.Fatalf("Claim %d: %d applications, want %d", i, len(got), want)
				}
			}
		}},
		{"a limit of just what is due, and one above", func(e *env) {
			all := e.crowd(10, noon())
			for _, limit := range []int{10, 11, 1_000_000, math.MaxInt32} {
				e.claimed(e.claim(noon(), 0, limit), all...)
			}
		}},
		{"the greatest limit that there is", func(e *env) {
			all := e.crowd(10, noon())
			e.claimed(e.claim(noon(), time.Hour, math.MaxInt), all...)
		}},
		{"a limit of zero or less claims nothing", func(e *env) {
			all := e.crowd(10, noon())
			for _, limit := range []int{0, -1, math.MinInt} {
				e.claimed(e.claim(noon(), time.Hour, limit))
			}
			e.claims(noon(), time.Hour, all...)
		}},
		{"many in several batches are all claimed, each once", func(e *env) {
			const apps, limit = 2500, 1000
			all := e.crowd(apps, noon())
			var claimed []renewal.Claimed
			for _, want := range []int{limit, limit, apps - 2*limit, 0} {
				batch := e.claim(noon(), time.Hour, limit)
				if len(batch) != want {
					e.Fatalf("Claim: %d applications after %d of %d, want %d", len(batch), len(claimed), apps, want)
				}
				claimed = append(claimed, batch...)
			}
			e.claimed(claimed, all...)
		}},
		{"batches of any size", func(e *env) {
			const apps = 300
			all := e.crowd(apps, noon())
			var claimed []renewal.Claimed
			for i := 0; len(claimed) < apps; i++ {
				limit := []int{1, 64, 7, 2, 100, 13}[i%6]
				batch := e.claim(noon(), time.Hour, limit)
				if want := min(limit, apps-len(claimed)); len(batch) != want {
					e.Fatalf("Claim: %d applications after %d of %d, want %d", len(batch), len(claimed), apps, want)
				}
				claimed = append(claimed, batch...)
			}
			e.claimed(claimed, all...)
		}},
		{"the longest due come first, roughly", func(e *env) { e.claimsInOrder() }},
		{"what is due longest isn't put off for what keeps coming", func(e *env) { e.claimsAmidNewcomers() }},
	}
}

// claimsInOrder claims many applications in batches. A store need not sort all of them, but the first quarter claimed
// must be among those that have been due longest: their average position among all must be within the first quarter. It
// would be one eighth of the way in strict order, and half of the way in random order.
func (e *env) claimsInOrder() {
	const apps, limit = 1024, 64
	changes := make([]subscription.Change, apps)
	for i := range changes {
		// Neither the IDs nor the order of the commits match the order of the due times.
		id := subscription.ApplicationID(fmt.Sprintf("app %04d", (i*389)%apps))
		changes[i] = unborn(id).dueAt(noon().Add(-time.Duration((i*601)%apps) * time.Minute))
	}
	e.commit(changes...)
	sum := 0
	for range apps / 4 / limit {
		batch := e.claim(noon(), time.Hour, limit)
		if len(batch) != limit {
			e.Fatalf("Claim: %d applications, want %d", len(batch), limit)
		}
		for _, c := range batch {
			sum += apps - 1 - int(noon().Sub(c.Snapshot.Application.Due)/time.Minute)
		}
	}
	if average := sum / (apps / 4); average > apps/4 {
		e.Errorf("Claim: the first %d of %d claimed have position %d on average, by Due; want at most %d",
			apps/4, apps, average, apps/4)
	}
}

// claimsAmidNewcomers commits whatever it claims so that it is due again immediately, and waits for an application that
// has been due for a day.
func (e *env) claimsAmidNewcomers() {
	const calls = 1000
	e.crowd(200, noon())
	e.due("old", noon().AddDate(0, 0, -1))
	for i := range calls {
		now := noon().Add(time.Duration(i) * time.Second)
		var changes []subscription.Change
		for _, c := range e.claim(now, time.Hour, 5) {
			if c.Application == "old" {
				return
			}
			changes = append(changes, (&expected{document: c.Snapshot.Application}).dueAt(now))
		}
		e.commit(changes...)
	}
	e.Errorf("Claim: %d calls did not return the application that has been due longest", calls)
}
