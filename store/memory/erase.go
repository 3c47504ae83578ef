package memory

import (
	"context"
	"errors"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/subscription"
)

// Erase implements [subscription.Eraser].
func (s *Store) Erase(ctx context.Context, change subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sh := s.shard(change.Application)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	var out commitresult.Result
	switch err := sh.apply(&change); {
	case errors.Is(err, subscription.ErrConflict):
		out.Conflict(change.Application)
	case err != nil:
		out.Refuse(change.Application, err)
	default:
		sh.apps[change.Application].erase(change.Base + 1)
	}
	return out.Err()
}

// erase removes what identifies a person from all rows. The events of the last revision have nothing of it.
func (r *record) erase(last int64) {
	for _, o := range r.orders {
		*o = o.Erased()
	}
	for i := range r.refunds {
		r.refunds[i] = r.refunds[i].Erased()
	}
	for i := range r.rows {
		r.rows[i] = r.rows[i].Erased()
	}
	// Readers may hold the old slices, so change no event within them.
	for i, events := range r.events {
		if len(events) == 0 || events[0].Revision == last {
			continue
		}
		erased := make([]subscription.Event, len(events))
		for k := range events {
			erased[k] = events[k].Erased()
		}
		r.events[i] = erased
	}
}
