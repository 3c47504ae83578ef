package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// claimRaces checks that concurrent claims and commits never claim an application twice at a time or lose one.
func claimRaces() []check {
	return []check{
		{"racing claimers claim each application once at a time", func(e *env) {
			const apps, claimers = 200, 8
			all := e.crowd(apps, noon())
			for asOf := noon(); asOf.Before(noon().Add(3 * time.Hour)); asOf = asOf.Add(time.Hour) {
				var seen claimedOnce
				e.all("racing claimers", e.together("racing claimers", claimers, func(int) error {
					for {
						batch, err := e.claimOnce(e.ctx, &seen, asOf, 7)
						if err != nil || len(batch) == 0 {
							return err
						}
					}
				}))
				// Concurrent claims may skip each other's applications; claim the rest.
				if _, err := e.claimOnce(e.ctx, &seen, asOf, apps); err != nil {
					e.Fatalf("%v", err)
				}
				e.claimed(seen.batch, all...)
			}
		}},
		{"a claim that meets commits comes before or after each", func(e *env) { e.claimMeetsCommits() }},
		{"claims beside commits, again and again", func(e *env) { e.claimsAmidCommits() }},
		{"claims as leases end: none before its time, and all after it", func(e *env) { e.claimsAsLeasesExpire() }},
		{"claims canceled on their way: claimed by one, or again when the lease ends", func(e *env) {
			const apps, claimers = 200, 16
			all := e.crowd(apps, noon())
			var seen claimedOnce
			errs := e.together("claims canceled on their way", claimers, func(i int) error {
				ctx, cancel := context.WithCancel(e.ctx)
				defer cancel()
				timer := time.AfterFunc(time.Duration(i)*50*time.Microsecond, cancel)
				defer timer.Stop()
				_, err := e.claimOnce(ctx, &seen, noon(), 10)
				return err
			})
			for _, err := range errs {
				if err != nil && !errors.Is(err, context.Canceled) {
					e.Fatalf("error %v, want none or one that wraps %q", err, context.Canceled)
				}
			}
			if _, err := e.claimOnce(e.ctx, &seen, noon(), apps); err != nil {
				e.Fatalf("%v", err)
			}
			e.claims(noon().Add(time.Hour), time.Hour, all...)
		}},
	}
}

// claimedOnce records the claims that many goroutines make at one time. The zero value is empty.
type claimedOnce struct {
	mu    sync.Mutex
	seen  map[subscription.ApplicationID]map[int64]bool
	batch []renewal.Claimed
}

// add fails if an application was already claimed at the same revision, since no commit has ended that lease.
func (o *claimedOnce) add(batch []renewal.Claimed) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil {
		o.seen = map[subscription.ApplicationID]map[int64]bool{}
	}
	for _, c := range batch {
		revisions := o.seen[c.Application]
		if revisions == nil {
			revisions = map[int64]bool{}
			o.seen[c.Application] = revisions
		}
		revision := c.Snapshot.Application.Revision
		if revisions[revision] {
			return fmt.Errorf("%q is claimed twice at the same time, at revision %d", c.Application, revision)
		}
		revisions[revision] = true
	}
	o.batch = append(o.batch, batch...)
	return nil
}

// claimOnce claims for an hour and records the claim. It may be called from any goroutine.
func (e *env) claimOnce(ctx context.Context, seen *claimedOnce, asOf time.Time, limit int) ([]renewal.Claimed, error) {
	batch, err := e.store.Claim(ctx, asOf, time.Hour, limit)
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	if err = claimable(batch, asOf, limit); err == nil {
		err = seen.add(batch)
	}
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	return batch, nil
}

// claimsAsLeasesExpire runs concurrent claimers while their clock advances, so leases end all the time. Half of the
// claimers stop in the middle of what they claimed, as in a crash. No application may be claimed again before its lease
// has ended, and all must be claimed afterward.
func (e *env) claimsAsLeasesExpire() {
	const apps, claimers, claims, limit = 60, 6, 40, 7
	const lease, tick = time.Minute, time.Second
	all := e.crowd(apps, noon())
	var ticks atomic.Int64
	var mu sync.Mutex
	claimed := map[subscription.ApplicationID][]time.Time{} // of each application, at its first revision
	e.all("claims as leases end", e.together("claims as leases end", claimers, func(i int) error {
		for range claims {
			// Clocks differ by a few seconds.
			asOf := noon().Add(time.Duration(ticks.Add(1)+int64(i%3)*2) * tick)
			batch, err := e.store.Claim(e.ctx, asOf, lease, limit)
			if err == nil {
				err = claimable(batch, asOf, limit)
			}
			if err != nil {
				return fmt.Errorf("claim: %w", err)
			}
			mu.Lock()
			for _, c := range batch {
				for _, other := range claimed[c.Application] {
					if apart := asOf.Sub(other).Abs(); apart < lease {
						err = fmt.Errorf("%q is claimed twice within %s, with a lease of %s", c.Application, apart, lease)
					}
				}
				claimed[c.Application] = append(claimed[c.Application], asOf)
			}
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	}))
	e.claims(noon().Add(24*time.Hour), time.Hour, all...)
}
