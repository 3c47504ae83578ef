package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// round is one call of Once.
type round struct {
	*Relay

	ctx    context.Context //nolint:containedctx // it is that of the call
	mark   store.Mark      // as recorded
	stats  Stats
	oldest time.Duration // how long the oldest change of the batches had waited
}

// run handles what there is. It fails with [subscription.ErrConflict] if another process has taken over.
func (w *round) run() error {
	var err error
	if w.mark, err = w.o.Store.Mark(w.ctx, w.o.Name); err != nil {
		return err
	}
	now := w.o.Now()
	if w.mark.Holder != "" && w.mark.Holder != w.holder && now.Before(w.mark.Until) {
		w.stats.Held = true
		return nil
	}
	if err := w.sequence(); err != nil {
		return err
	}
	idle, err := w.idle(now)
	if err != nil || idle {
		return err
	}
	if err := w.begin(); err != nil {
		return err
	}
	if err := w.tryParked(now); err != nil {
		return err
	}
	for more := true; more; {
		if more, err = w.batch(); err != nil {
			return err
		}
	}
	return w.end()
}

// sequence gives numbers to what is committed.
func (w *round) sequence() error {
	for n := w.o.Batch; n > 0; {
		var err error
		if n, err = w.o.Store.Sequence(w.ctx, 1000); err != nil {
			return err
		}
	}
	return nil
}

// idle reports whether there is nothing to do. A relay that has no mark yet gets one.
func (w *round) idle(now time.Time) (bool, error) {
	if w.mark.Version == 0 {
		return false, nil
	}
	some, err := w.o.Store.Feed(w.ctx, w.mark.Cursor, 1)
	if err != nil || len(some) > 0 {
		return false, err
	}
	parked, err := w.o.Store.Parked(w.ctx, w.o.Name, now, 1)
	return len(parked) == 0, err
}

// begin takes the relay, and has a new one begin with what is kept.
func (w *round) begin() error {
	at := w.mark.Cursor
	if at == (store.Cursor{}) {
		first, _, err := w.o.Store.FeedEnds(w.ctx)
		if err != nil {
			return err
		}
		at = first
	}
	return w.record(at, nil, nil)
}

// record moves the mark, and with it the end of the lease. It fails with [subscription.ErrConflict] if another process has
// taken over.
func (w *round) record(at store.Cursor, parks []store.Parked, goesOn []subscription.ApplicationID) error {
	is := store.Mark{Cursor: at, Version: w.mark.Version + 1, Holder: w.holder, Until: w.o.Now().Add(w.o.Lease).UTC()}
	if err := w.o.Store.SetMark(w.ctx, w.o.Name, is, parks, goesOn); err != nil {
		return err
	}
	w.mark = is
	return nil
}

// end gives the relay back.
func (w *round) end() error {
	_, last, err := w.o.Store.FeedEnds(w.ctx)
	if err != nil {
		return err
	}
	w.stats.Behind = max(last.Number-w.mark.Cursor.Number, 0)
	is := store.Mark{Cursor: w.mark.Cursor, Version: w.mark.Version + 1}
	return w.o.Store.SetMark(w.ctx, w.o.Name, is, nil, nil)
}

// late reports whether half of the lease has passed, so that it is time to record what was handled.
func (w *round) late(now time.Time) bool { return now.After(w.mark.Until.Add(-w.o.Lease / 2)) }

// handle handles a change. It fails only if the context has ended, since the change isn't to blame then.
func (w *round) handle(c store.FeedChange) (failure, err error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	if failure = w.call(c); failure == nil {
		w.stats.Handled++
		return nil, nil
	}
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	w.stats.Failed++
	return failure, nil
}

// parked returns the application of a change that failed, parked until it is tried again.
func (w *round) parked(c *store.FeedChange, tries int, why error) store.Parked {
	return store.Parked{
		Application: c.Application, Number: c.Cursor.Number, Tries: tries,
		Next: w.o.Now().Add(w.o.Retry(tries)).UTC().Truncate(time.Microsecond), Reason: text(why),
	}
}

// text returns what an error says in a form that every store can keep.
func text(err error) string {
	quoted := fmt.Sprintf("%.200q", err.Error())
	return quoted[1 : len(quoted)-1]
}

// batch handles the next changes, and reports whether there may be more.
func (w *round) batch() (more bool, err error) {
	changes, err := w.o.Store.Feed(w.ctx, w.mark.Cursor, w.o.Batch)
	if err != nil || len(changes) == 0 {
		return false, err
	}
	var apps []subscription.ApplicationID
	for i := range changes {
		apps = append(apps, changes[i].Application)
	}
	slices.Sort(apps)
	before, err := w.o.Store.ParkedAmong(w.ctx, w.o.Name, slices.Compact(apps))
	if err != nil {
		return false, err
	}
	waits := map[subscription.ApplicationID]bool{}
	for _, p := range before {
		waits[p.Application] = true
	}
	at := w.mark.Cursor
	var parks []store.Parked
	for i := range changes {
		c, now := &changes[i], w.o.Now()
		if w.late(now) && at != w.mark.Cursor {
			if err := w.record(at, parks, nil); err != nil {
				return false, err
			}
			parks = nil
		}
		if waits[c.Application] {
			w.stats.Waiting++
			at = c.Cursor
			continue
		}
		w.oldest = max(w.oldest, now.Sub(c.At))
		failure, err := w.handle(*c)
		if err != nil {
			return false, errors.Join(err, w.recordLast(at, parks))
		}
		if failure != nil {
			parks, waits[c.Application] = append(parks, w.parked(c, 1, failure)), true
		}
		at = c.Cursor
	}
	return true, w.record(at, parks, nil)
}

// recordLast records what was handled although the context has ended, and gives the relay back.
func (w *round) recordLast(at store.Cursor, parks []store.Parked) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), 5*time.Second)
	defer cancel()
	is := store.Mark{Cursor: at, Version: w.mark.Version + 1}
	return w.o.Store.SetMark(ctx, w.o.Name, is, parks, nil)
}

// tryParked tries the parked applications that are to be tried by now.
func (w *round) tryParked(now time.Time) error {
	tried := map[subscription.ApplicationID]bool{} // each once, whatever the clock does meanwhile
	for {
		some, err := w.o.Store.Parked(w.ctx, w.o.Name, now, w.o.Batch)
		if err != nil {
			return err
		}
		before := len(tried)
		for _, p := range some {
			if tried[p.Application] {
				continue
			}
			tried[p.Application] = true
			if err := w.tryAgain(p); err != nil {
				return err
			}
		}
		if len(tried) == before {
			return nil
		}
	}
}

// tryAgain handles the changes that wait in a parked application, up to the mark. What comes after it is handled in its
// turn.
func (w *round) tryAgain(p store.Parked) error {
	first, after := p.Number, store.Cursor{Feed: w.mark.Cursor.Feed, Number: p.Number - 1}
	for {
		changes, err := w.o.Store.FeedOf(w.ctx, p.Application, after, w.o.Batch)
		if err != nil {
			return err
		}
		goesOn := len(changes) == 0
		for i := range changes {
			c := &changes[i]
			if goesOn = c.Cursor.Number > w.mark.Cursor.Number; goesOn {
				break
			}
			if w.late(w.o.Now()) {
				if err := w.recordParked(&p, after); err != nil {
					return err
				}
			}
			failure, err := w.handle(*c)
			if err != nil {
				p.Number = after.Number + 1
				return errors.Join(err, w.recordLast(w.mark.Cursor, []store.Parked{p}))
			}
			if failure != nil {
				tries := p.Tries + 1
				if c.Cursor.Number != first {
					tries = 1 // it is another change
				}
				return w.record(w.mark.Cursor, []store.Parked{w.parked(c, tries, failure)}, nil)
			}
			after = c.Cursor
		}
		if goesOn {
			return w.record(w.mark.Cursor, nil, []subscription.ApplicationID{p.Application})
		}
		if err := w.recordParked(&p, after); err != nil {
			return err
		}
	}
}

// recordParked records that the changes of a parked application are handled up to a cursor, so that they aren't again.
func (w *round) recordParked(p *store.Parked, after store.Cursor) error {
	p.Number = after.Number + 1
	return w.record(w.mark.Cursor, []store.Parked{*p}, nil)
}
