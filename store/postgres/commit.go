package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/subscription"
)

// Commit implements [subscription.Store]. A batch is one statement and its own transaction.
func (s *Store) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := commitresult.OnePerApplication(changes); err != nil {
		return err
	}
	sorted := make([]*subscription.Change, len(changes))
	for i := range changes {
		sorted[i] = &changes[i]
	}
	// Rows are locked in this order, so concurrent batches wait for each other instead of deadlocking.
	slices.SortFunc(sorted, func(a, b *subscription.Change) int { return cmp.Compare(a.Application, b.Application) })
	c := committing{Store: s, mode: waiting}
	if len(changes) > 1 && !s.savepoints && !s.spread { // a caller's transaction keeps its own lock_timeout
		c.mode = hurried
	}
	if err := c.commit(ctx, sorted, false); err != nil {
		return err
	}
	return c.outcome()
}

// committing is one call of Commit and the results of its changes so far.
type committing struct {
	*Store

	mode   int // how it deals with locks
	out    commitresult.Result
	taken  bool // the server has accepted a change
	doubts []doubt
}

// doubt is a change that the server didn't accept, possibly because of its rows.
type doubt struct {
	application subscription.ApplicationID
	err         *pgconn.PgError
}

// outcome returns the result of Commit. If the server accepted no change at all, a doubt isn't about a row.
func (c *committing) outcome() error {
	for _, d := range c.doubts {
		if !c.taken {
			return d.err
		}
		c.refuse(d.application, d.err)
	}
	return c.out.Err()
}

func (c *committing) refuse(app subscription.ApplicationID, e *pgconn.PgError) {
	c.out.Refuse(app, fmt.Errorf("%w: %w", reason(e), e))
}

// conflict records a change that wasn't applied: its revision has moved or, in passing mode, others may hold its row.
func (c *committing) conflict(change *subscription.Change) {
	if c.mode == passing {
		c.out.Held(change.Application)
	} else {
		c.out.Conflict(change.Application)
	}
}

// commit applies changes and records the outcome of those that it doesn't apply. again means that they have been tried before
// and that no conflicting row was found. An error leaves the outcome unknown.
func (c *committing) commit(ctx context.Context, changes []*subscription.Change, again bool) error {
	b, _ := batches.Get().(*batch)
	defer b.release()
	added := make([]*subscription.Change, 0, len(changes))
	for _, change := range changes {
		if err := b.add(change); err != nil {
			c.out.Refuse(change.Application, err)
			continue
		}
		added = append(added, change)
	}
	if len(added) == 0 {
		return nil
	}
	applied, err := c.write(ctx, b, c.mode, len(added))
	switch problem := unacceptable(err); {
	case err == nil:
		c.taken = c.taken || len(applied) > 0
		for _, change := range added {
			if _, held := slices.BinarySearch(applied, change.Application); !held {
				c.conflict(change)
			}
		}
		return nil
	case rolledBack(err), c.mode == passing && len(added) == 1 && locked(err):
		for _, change := range added {
			c.conflict(change)
		}
		return nil
	case c.mode == hurried && locked(err):
		c.mode = passing
		return c.commit(ctx, added, again)
	case (c.mode == passing || c.spread) && len(added) > 1 && locked(err): // others hold a row of one of them
		return c.halves(ctx, added, again)
	case problem == nil:
		return err
	default:
		return c.isolate(ctx, added, again, problem)
	}
}

// isolate finds the changes that the server can't store and commits the others. All of them have been rolled back.
//
// A row that conflicts with a change to the current revision was written before that revision, and no new one can be
// written while the revision is current. The row may be pruned before it is looked up; the second attempt then
// succeeds. isolate ignores which constraint was violated, because the constraints of partitions have their own names.
func (c *committing) isolate(ctx context.Context, changes []*subscription.Change, again bool, problem *pgconn.PgError) error {
	if problem.Code == codeUnique {
		free, err := c.free(ctx, changes)
		switch {
		case err != nil || len(free) == 0:
			return err
		case len(free) < len(changes):
			return c.commit(ctx, free, false)
		case !again:
			return c.commit(ctx, changes, true)
		}
	}
	switch {
	case len(changes) > 1:
	case doubtful(problem):
		c.doubts = append(c.doubts, doubt{changes[0].Application, problem})
		return nil
	default:
		c.refuse(changes[0].Application, problem)
		return nil
	}
	return c.halves(ctx, changes, again)
}

// halves commits each half of the changes by itself.
func (c *committing) halves(ctx context.Context, changes []*subscription.Change, again bool) error {
	half := len(changes) / 2
	if err := c.commit(ctx, changes[:half], again); err != nil {
		return err
	}
	return c.commit(ctx, changes[half:], again)
}

// free returns the changes that no existing row conflicts with, and records the others: a change is a conflict if its
// revision has moved or its receipt or usage record exists, and is refused if it places an order that exists. All
// lookups see the same instant, so an order that a conflicting change has placed isn't mistaken for one that existed
// before.
func (c *committing) free(ctx context.Context, changes []*subscription.Change) ([]*subscription.Change, error) {
	reads := make([]subscription.Read, len(changes))
	for i, change := range changes {
		reads[i].Application = change.Application
		for j := range change.Receipts {
			reads[i].Keys = append(reads[i].Keys, change.Receipts[j].Key)
		}
		for _, r := range change.Records {
			reads[i].Records = append(reads[i].Records, r.ID)
		}
		for j := range change.Orders {
			if id := change.Orders[j].ID; change.Places(id) {
				reads[i].Orders = append(reads[i].Orders, id)
			}
		}
	}
	found, err := c.loadRows(ctx, reads)
	if err != nil {
		return nil, err
	}
	var free []*subscription.Change
	for i, change := range changes {
		switch row := &found[i]; {
		case row.Application.Revision != change.Base, len(row.Receipts)+len(row.Records) > 0:
			c.out.Conflict(change.Application)
		case len(row.Orders) > 0:
			c.out.Refuse(change.Application, fmt.Errorf("%w: order %.80q", subscription.ErrExists, string(row.Orders[0].ID)))
		default:
			free = append(free, change)
		}
	}
	return free, nil
}

// write writes a batch of n changes and returns the applications whose revision held, in order. It retries as long as
// it is certain that nothing was written.
func (s *Store) write(ctx context.Context, b *batch, mode, n int) ([]subscription.ApplicationID, error) {
	mask, args := b.statement(mode)
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
