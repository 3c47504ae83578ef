package customstore

import (
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Claim implements [renewal.Store]. Leases are only in memory: when the process ends, so does its worker.
func (s *Store) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []subscription.ApplicationID
	for id, r := range s.apps {
		if !r.due.IsZero() && !r.due.After(asOf) && !r.leased.After(asOf) {
			due = append(due, id)
		}
	}
	slices.SortFunc(due, func(a, b subscription.ApplicationID) int { return s.apps[a].due.Compare(s.apps[b].due) })
	var claimed []renewal.Claimed
	for _, id := range due[:min(len(due), max(limit, 0))] {
		c := renewal.Claimed{Application: id, Snapshot: subscription.Snapshot{Store: s.identity}}
		c.Err = s.apps[id].load(subscription.Read{}, &c.Snapshot)
		s.apps[id].leased = asOf.Add(max(lease, 0))
		claimed = append(claimed, c)
	}
	return claimed, nil
}
