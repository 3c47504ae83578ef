package storetest

import (
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/prepaidkit/prepaid/subscription"
)

// readsAmidCommits loads while one order and a refund of it are replaced repeatedly. Every receipt up to the document's
// revision must be present, and the order and the refund must be as of that revision or later.
func (e *env) readsAmidCommits() {
	const revisions, readers = 60, 3
	x := unborn("a")
	batch := make([]subscription.Change, revisions)
	for i := range batch {
		c := x.next("t")
		c.Orders[0].ID, c.Orders[0].Attempt, c.Orders[0].Note = "o", attempt("a", "o"), strconv.FormatInt(c.Next.Revision, 10)
		c.Refunds = []subscription.Refund{refundOf("a", "o", 1)}
		c.Refunds[0].Note = c.Orders[0].Note
		batch[i] = c
		x.apply(c)
	}
	read := x.read()
	var committed atomic.Int64
	errs := e.together("commits and loads", 1+readers, func(i int) error {
		if i == 0 {
			for _, c := range batch {
				if err := e.store.Commit(e.ctx, c); err != nil {
					return fmt.Errorf("commit: %w", err)
				}
				committed.Store(c.Next.Revision)
			}
			return nil
		}
		for last := int64(0); last < revisions; {
			least := max(last, committed.Load())
			snapshots, err := e.store.Load(e.ctx, read)
			if err != nil {
				return fmt.Errorf("load: %w", err)
			}
			if last, err = consistent(snapshots[0], least); err != nil {
				return err
			}
		}
		return nil
	})
	e.all("commits and loads", errs)
	e.holds(x)
}

// consistent returns the document's revision, which must be at least least.
func consistent(s subscription.Snapshot, least int64) (int64, error) {
	revision := s.Application.Revision
	if revision < least {
		return 0, fmt.Errorf("the document is at revision %d, but %d was committed before", revision, least)
	}
	if revision == 0 {
		return 0, nil
	}
	if d := difference(s.Application, small("a", revision-1, "t").Next); d != "" {
		return 0, fmt.Errorf("the document at revision %d: %s", revision, d)
	}
	seen := map[int64]bool{}
	for _, r := range s.Receipts {
		seen[r.Revision] = true
	}
	for r := range revision {
		if !seen[r+1] {
			return 0, fmt.Errorf("the document is at revision %d, but the receipt of %d is missing", revision, r+1)
		}
	}
	if len(s.Orders) != 1 {
		return 0, fmt.Errorf("the document is at revision %d and has %d orders, want 1", revision, len(s.Orders))
	}
	if len(s.Refunds) != 1 {
		return 0, fmt.Errorf("the document is at revision %d and has %d refunds, want 1", revision, len(s.Refunds))
	}
	for what, note := range map[string]string{"order": s.Orders[0].Note, "refund": s.Refunds[0].Note} {
		var written int64
		if _, err := fmt.Sscan(note, &written); err != nil || written < revision {
			return 0, fmt.Errorf("the document is at revision %d, but the %s is at %d", revision, what, written)
		}
	}
	return revision, nil
}
