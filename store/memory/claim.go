package memory

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Claim implements [renewal.Store]. The longest due of each shard come first.
func (s *Store) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var claimed []renewal.Claimed
	// Each call begins with another shard, so that none is always the last.
	first := s.claims.Add(1)
	for i := range uint64(shards) {
		if len(claimed) >= limit {
			break
		}
		claimed = s.shards[(first+i)%shards].claim(claimed, asOf, lease, limit)
	}
	return claimed, nil
}

// claim leases due applications of one shard and appends them, up to limit in all.
func (sh *shard) claim(claimed []renewal.Claimed, asOf time.Time, lease time.Duration, limit int) []renewal.Claimed {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	var taken []*record
	for len(sh.due) > 0 && !sh.due[0].wake.After(asOf) && len(claimed) < limit {
		r := sh.due[0]
		sh.due.remove(r)
		taken = append(taken, r)
		claimed = append(claimed, renewal.Claimed{
			Application: r.document.ID, Snapshot: subscription.Snapshot{Application: r.document.Clone()},
		})
	}
	for _, r := range taken {
		r.wake = asOf.Add(lease)
		sh.due.update(r)
	}
	return claimed
}
