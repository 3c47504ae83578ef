package memory

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Claim implements [renewal.Store]. What comes is the longest due of each shard.
func (s *Store) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if limit <= 0 {
		return nil, nil
	}
	// Every shard first gives its share, so that the batch is of the longest due of all, roughly; then those
	// that have more make up for those that have less. Without a lease nothing would hide the first from the
	// second, so that there is but one round.
	rounds := []int{(limit-1)/shards + 1, limit}
	if lease <= 0 {
		lease, rounds = 0, rounds[1:]
	}
	var claimed []renewal.Claimed
	// Each call begins with another shard, so that none is always the last.
	first := s.claims.Add(1)
	for _, share := range rounds {
		for i := range uint64(shards) {
			if len(claimed) == limit {
				return claimed, nil
			}
			claimed = s.shards[(first+i)%shards].claim(claimed, asOf, lease, min(share, limit-len(claimed)))
		}
	}
	return claimed, nil
}

// claim leases up to share due applications of one shard and appends them.
func (sh *shard) claim(claimed []renewal.Claimed, asOf time.Time, lease time.Duration, share int) []renewal.Claimed {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	var taken []*record
	for len(sh.due) > 0 && !sh.due[0].wake.After(asOf) && len(taken) < share {
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
