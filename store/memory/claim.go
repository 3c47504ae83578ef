package memory

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Claim implements [renewal.Store]. It claims the applications of each shard that have been due longest.
func (s *Store) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if limit <= 0 {
		return nil, nil
	}
	// Each call starts with a different shard, so none is always the last.
	first := s.claims.Add(1)
	round := func(claimed []renewal.Claimed, share int, except map[subscription.ApplicationID]bool) []renewal.Claimed {
		before := len(claimed)
		for i := uint64(0); i < shards && len(claimed) < limit; i++ {
			claimed = s.shards[(first+i)%shards].claim(claimed, asOf, max(lease, 0), min(share, limit-len(claimed)), except)
		}
		for i := before; i < len(claimed); i++ {
			claimed[i].Snapshot.Store = s.id
		}
		return claimed
	}
	// In the first round every shard contributes its share, so the batch has roughly the longest due applications of
	// all. In the second round, shards with more due applications fill up the batch. Applications that were already
	// claimed and are due again, because they were committed meanwhile or have no lease, are left to the next call.
	claimed := round(nil, (limit-1)/shards+1, nil)
	if len(claimed) == limit {
		return claimed, nil
	}
	already := make(map[subscription.ApplicationID]bool, len(claimed))
	for i := range claimed {
		already[claimed[i].Application] = true
	}
	return round(claimed, limit, already), nil
}

// claim leases up to share due applications of one shard, except the given ones, and appends them.
func (sh *shard) claim(
	claimed []renewal.Claimed, asOf time.Time, lease time.Duration, share int, except map[subscription.ApplicationID]bool,
) []renewal.Claimed {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	var seen []*record // still due: without a lease, or not to be claimed
	for len(sh.due) > 0 && !sh.due[0].wake.After(asOf) && share > 0 {
		r := sh.due[0]
		if lease == 0 || except[r.document.ID] {
			sh.due.remove(r)
			seen = append(seen, r)
		}
		if except[r.document.ID] {
			continue
		}
		share--
		r.wake = asOf.Add(lease)
		if lease > 0 {
			sh.due.update(r)
		}
		claimed = append(claimed, renewal.Claimed{
			Application: r.document.ID, Snapshot: subscription.Snapshot{Application: r.document.Clone()},
		})
	}
	for _, r := range seen {
		sh.due.update(r)
	}
	return claimed
}
