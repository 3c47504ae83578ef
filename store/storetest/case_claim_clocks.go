package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

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

func claimedIDs(batch []renewal.Claimed) appIDs {
	ids := make(appIDs, len(batch))
	for i := range batch {
		ids[i] = batch[i].Application
	}
	return ids
}
