package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// claimMeetsCommits claims once while every application is committed once, and then checks which applications are free.
// Those that weren't claimed are free, and so are those that were claimed before their commit, since the commit ended
// the lease. Those that were claimed after their commit are not.
func (e *env) claimMeetsCommits() {
	const apps, rounds = 32, 10
	all := e.crowd(apps, noon())
	for range rounds {
		changes := make([]subscription.Change, apps)
		for i, x := range all {
			changes[i] = x.dueAt(noon())
		}
		var batch []renewal.Claimed
		e.all("a claim beside commits", e.together("a claim beside commits", 2, func(i int) error {
			if i == 0 {
				var err error
				if batch, err = e.store.Claim(e.ctx, noon(), time.Hour, apps); err != nil {
					return fmt.Errorf("claim: %w", err)
				}
				return claimable(batch, noon(), apps)
			}
			for _, c := range changes {
				if err := e.store.Commit(e.ctx, c); err != nil {
					return fmt.Errorf("commit: %w", err)
				}
			}
			return nil
		}))
		var free []*expected
		for i, x := range all {
			x.apply(changes[i])
			if !slices.ContainsFunc(batch, func(c renewal.Claimed) bool {
				return c.Application == x.document.ID && c.Snapshot.Application.Revision == x.document.Revision
			}) {
				free = append(free, x)
			}
		}
		e.claims(noon(), time.Hour, free...)
		for _, x := range all { // ends the leases
			e.apply(x, x.dueAt(noon()))
		}
	}
}

// progression takes applications through a number of revisions at one instant. Each revision but the last leaves them due.
type progression struct {
	*env
	revisions int64
	seen      claimedOnce
	committed map[subscription.ApplicationID]*atomic.Int64 // a committed revision, or an earlier one
}

// claimsAmidCommits has some goroutines commit what they claim, and others commit without a claim. No claim may return
// a document older than the one at its start. No lease may outlive a commit, since the application would then be hidden
// before its last revision.
func (e *env) claimsAmidCommits() {
	const apps, claimers, others = 24, 6, 2
	p := &progression{env: e, revisions: 12, committed: map[subscription.ApplicationID]*atomic.Int64{}}
	var ids []subscription.ApplicationID
	for i := range apps {
		id := subscription.ApplicationID(fmt.Sprint("app ", i))
		ids = append(ids, id)
		e.commit(p.next(id, 0))
		p.committed[id] = &atomic.Int64{}
		p.committed[id].Store(1)
	}
	e.all("claims beside commits", e.together("claims beside commits", claimers+others, func(i int) error {
		if i < claimers {
			return p.claimAndCommit(5)
		}
		for n := range int64(others) * 2 {
			for _, id := range ids {
				if err := p.commitUnclaimed(id, 2*n+3); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	e.within("claims after commits", func() error { return p.claimAndCommit(apps) })
	for _, id := range ids {
		p.through(id)
	}
}

// next returns the change that follows a revision.
func (p *progression) next(id subscription.ApplicationID, base int64) subscription.Change {
	at := noon()
	if base+1 == p.revisions {
		at = time.Time{}
	}
	x := unborn(id)
	x.document.Revision = base
	return x.dueAt(at)
}

// claimAndCommit claims and commits until nothing is left to claim.
func (p *progression) claimAndCommit(limit int) error {
	for {
		least := map[subscription.ApplicationID]int64{}
		for id, revision := range p.committed {
			least[id] = revision.Load()
		}
		batch, err := p.claimOnce(p.ctx, &p.seen, noon(), limit)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, c := range batch {
			app := c.Snapshot.Application
			if app.Revision < least[app.ID] {
				return fmt.Errorf("claim: %q is at revision %d, but %d was committed before", app.ID, app.Revision, least[app.ID])
			}
			if d := difference(app, p.next(app.ID, app.Revision-1).Next); d != "" {
				return fmt.Errorf("claim: %q at revision %d: %s", app.ID, app.Revision, d)
			}
			if err := p.tryCommit(app.ID, app.Revision); err != nil {
				return err
			}
		}
	}
}

// commitUnclaimed commits the next change to an application if its revision is below the given one.
func (p *progression) commitUnclaimed(id subscription.ApplicationID, below int64) error {
	snapshots, err := p.store.Load(p.ctx, subscription.Read{Application: id})
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	revision := snapshots[0].Application.Revision
	if revision >= min(below, p.revisions) {
		return nil
	}
	return p.tryCommit(id, revision)
}

// tryCommit commits the change that follows a revision. A conflict with another writer is not an error.
func (p *progression) tryCommit(id subscription.ApplicationID, base int64) error {
	err := p.store.Commit(p.ctx, p.next(id, base))
	if errors.Is(err, subscription.ErrConflict) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("commit: %w, want success or a conflict", err)
	}
	for highest := p.committed[id]; ; {
		was := highest.Load()
		if was > base || highest.CompareAndSwap(was, base+1) {
			return nil
		}
	}
}

// through fails the case unless an application is at its last revision, with the rows of all revisions.
func (p *progression) through(id subscription.ApplicationID) {
	p.Helper()
	x := unborn(id)
	for base := range p.revisions {
		x.apply(p.next(id, base))
	}
	if got := p.load(subscription.Read{Application: id})[0].Application.Revision; got != p.revisions {
		p.Fatalf("%q is due at revision %d but isn't claimed: a lease has outlived a commit", id, got)
	}
	p.holds(x)
}
