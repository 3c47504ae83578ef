package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/prepaidkit/prepaid/internal/tally"
	"github.com/prepaidkit/prepaid/subscription"
)

// Commit implements [subscription.Store]. A batch is one statement, and a transaction of its own.
func (s *Store) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := tally.Once(changes); err != nil {
		return err
	}
	sorted := make([]*subscription.Change, len(changes))
	for i := range changes {
		sorted[i] = &changes[i]
	}
	// Rows are locked in this order, so that batches wait for each other and don't deadlock.
	slices.SortFunc(sorted, byApplication)
	var out tally.Outcome
	if err := s.commit(ctx, sorted, &out, false); err != nil {
		return err
	}
	return out.Err()
}

func byApplication(a, b *subscription.Change) int {
	return strings.Compare(string(a.Application), string(b.Application))
}

// conflicts notes changes that didn't hold.
func conflicts(out *tally.Outcome, changes []*subscription.Change) {
	for _, c := range changes {
		out.Conflict(c.Application)
	}
}

// commit applies changes and notes what doesn't hold. again says that they were tried before, and that nothing was found
// that stands in their way. An error leaves the outcome unknown.
func (s *Store) commit(ctx context.Context, changes []*subscription.Change, out *tally.Outcome, again bool) error {
	b, _ := batches.Get().(*batch)
	defer b.free()
	added := make([]*subscription.Change, 0, len(changes))
	for _, c := range changes {
		if err := b.add(c); err != nil {
			out.Refuse(c.Application, err)
			continue
		}
		added = append(added, c)
	}
	if len(added) == 0 {
		return nil
	}
	applied, err := s.write(ctx, b, len(added))
	switch problem := unacceptable(err); {
	case err == nil:
		for _, c := range added {
			if _, held := slices.BinarySearch(applied, c.Application); !held {
				out.Conflict(c.Application)
			}
		}
		return nil
	case rolledBack(err):
		conflicts(out, added)
		return nil
	case problem == nil:
		return err
	default:
		return s.sort(ctx, added, out, again, problem)
	}
}

// sort finds out which changes the server can't keep, and commits the others. It has rolled all of them back.
//
// A row that stands in the way of a change on the present revision was written before that revision, and nobody writes
// another while it is the present one. It may be pruned before it is looked up: then the second try doesn't meet it.
// Which constraint was broken isn't asked, since those of a partition have names of their own.
func (s *Store) sort(
	ctx context.Context, changes []*subscription.Change, out *tally.Outcome, again bool, problem *pgconn.PgError,
) error {
	if problem.Code == codeUnique {
		free, err := s.free(ctx, changes, out)
		switch {
		case err != nil || len(free) == 0:
			return err
		case len(free) < len(changes):
			return s.commit(ctx, free, out, false)
		case !again:
			return s.commit(ctx, changes, out, true)
		}
	}
	if len(changes) == 1 {
		out.Refuse(changes[0].Application, fmt.Errorf("%w: %w", reason(problem), problem))
		return nil
	}
	half := len(changes) / 2
	if err := s.commit(ctx, changes[:half], out, again); err != nil {
		return err
	}
	return s.commit(ctx, changes[half:], out, again)
}

// free returns the changes in whose way no row stands, and notes the others: a change whose revision has moved, or whose
// receipt or usage record exists, is a conflict, and one that places an order that exists is refused. All that is looked
// up is of one instant, so that an order that a conflict has placed isn't taken for one that was there before.
func (s *Store) free(ctx context.Context, changes []*subscription.Change, out *tally.Outcome) ([]*subscription.Change, error) {
	reads := make([]subscription.Read, len(changes))
	for i, c := range changes {
		reads[i].Application = c.Application
		for j := range c.Receipts {
			reads[i].Keys = append(reads[i].Keys, c.Receipts[j].Key)
		}
		for _, r := range c.Records {
			reads[i].Records = append(reads[i].Records, r.ID)
		}
		for j := range c.Orders {
			if id := c.Orders[j].ID; c.Places(id) {
				reads[i].Orders = append(reads[i].Orders, id)
			}
		}
	}
	found, err := s.loadRows(ctx, reads)
	if err != nil {
		return nil, err
	}
	var free []*subscription.Change
	for i, c := range changes {
		switch row := &found[i]; {
		case row.Application.Revision != c.Base, len(row.Receipts)+len(row.Records) > 0:
			out.Conflict(c.Application)
		case len(row.Orders) > 0:
			out.Refuse(c.Application, fmt.Errorf("%w: order %.80q", subscription.ErrExists, string(row.Orders[0].ID)))
		default:
			free = append(free, c)
		}
	}
	return free, nil
}

// write writes a batch of n changes and returns the applications whose revision held, in order. It is repeated
// while it is certain that nothing was written.
func (s *Store) write(ctx context.Context, b *batch, n int) ([]subscription.ApplicationID, error) {
	mask, args := b.statement()
	statement := s.commitStatement(mask)
	applied := make([]subscription.ApplicationID, 0, n)
	var id string
	scan := func(r rows) error {
		err := r.Scan(&id)
		applied = append(applied, subscription.ApplicationID(id))
		return err
	}
	err := s.repeat(ctx, func() error {
		applied = applied[:0]
		return s.atomically(ctx, func() error { return s.each(ctx, statement, args, scan) })
	})
	slices.Sort(applied)
	return applied, err
}
