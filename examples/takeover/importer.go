package takeover

import (
	"context"
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Importer imports lines. It does what [subscription.Service] does for one command, for many at a time, as a worker does: it
// loads, brings up to date, decides, checks, and commits all changes in one call.
type Importer struct {
	Store      store.Store
	Clock      subscription.Collector // for the instant of each decision
	Catalog    *pricing.Catalog
	By, Reason string // who imports, and why, see [subscription.Service.As]
	Dry        bool   // commit nothing
}

// tries is how often a line is decided while others keep changing its application.
const tries = 30

// Import imports lines, and says in each what became of it. Those with an error are left out. An error that is no line's own
// is returned; some lines may have been imported then.
func (i *Importer) Import(ctx context.Context, lines []*Line) error {
	var left []*Line
	for _, o := range lines {
		if o.Err == nil {
			left = append(left, o)
		}
	}
	for range tries {
		if len(left) == 0 {
			return nil
		}
		var err error
		if left, err = i.round(ctx, left); err != nil {
			return err
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("%w: line %d", subscription.ErrConflict, left[0].Number)
	}
	return nil
}

// round imports the first line of each application, and returns those that are still to be imported: further ones, and
// those whose application was changed by somebody else meanwhile.
func (i *Importer) round(ctx context.Context, lines []*Line) (left []*Line, err error) {
	first := map[subscription.ApplicationID]*Line{}
	var now []*Line
	var reads []subscription.Read
	for _, o := range lines {
		if first[o.Application] != nil {
			left = append(left, o)
			continue
		}
		first[o.Application] = o
		now = append(now, o)
		reads = append(reads, subscription.Read{Application: o.Application, Orders: o.Command.Needs().Orders})
	}
	snapshots, err := i.Store.Load(ctx, reads...)
	if err != nil {
		return nil, err
	}
	var changes []subscription.Change
	for k, o := range now {
		change, err := i.decide(ctx, snapshots[k], o.Command)
		switch {
		case failed(err):
			return nil, err
		case err != nil:
			o.Err = err
		case change.IsZero() || i.Dry && o.again:
			o.Before = true
		case !i.Dry:
			changes = append(changes, change)
		}
	}
	return i.commit(ctx, changes, first, left)
}

// decide decides a line, as of the clock.
func (i *Importer) decide(ctx context.Context, s subscription.Snapshot, c Command) (subscription.Change, error) {
	base := s.Application
	now, err := i.Clock.Now(ctx, base)
	if err != nil {
		return subscription.Change{}, err
	}
	advanced, err := subscription.Advance(base, i.Catalog, now)
	if err != nil {
		return subscription.Change{}, err
	}
	s.By, s.Why = i.By, i.Reason
	change, err := c.Decide(s.After(advanced), i.Catalog, now)
	if err != nil || change.IsZero() {
		return subscription.Change{}, err
	}
	return change, change.CheckAt(base, now)
}

// commit commits changes, and adds to left the lines of those that conflicted.
func (i *Importer) commit(
	ctx context.Context, changes []subscription.Change, of map[subscription.ApplicationID]*Line, left []*Line,
) ([]*Line, error) {
	if len(changes) == 0 {
		return left, nil
	}
	err := i.Store.Commit(ctx, changes...)
	conflict, refused := new(subscription.ConflictError), new(subscription.RefusedError)
	conflicts, refuses := errors.As(err, &conflict), errors.As(err, &refused)
	if err != nil && !conflicts && !refuses {
		return nil, err
	}
	if conflicts {
		for _, id := range conflict.Applications {
			left = append(left, of[id])
		}
	}
	if refuses {
		for _, r := range refused.Changes {
			of[r.Application].Err = r.Err
		}
	}
	return left, nil
}

// failed reports whether an error is no line's own: the store's or the context's, or a clock that is wrong.
func failed(err error) bool {
	if err == nil || errors.Is(err, ErrAccount) {
		return false
	}
	code := subscription.CodeOf(err)
	return code == subscription.Internal || code == "clock"
}
