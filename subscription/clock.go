package subscription

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// ErrClock is a clock that can't be right: it is far behind the last change of the application, or far from the store's
// own clock. Nothing was done; the same request is right once the clock is.
var ErrClock = errors.New("subscription: the clock is wrong")

// Clocked is a [Store] on a server that has a clock of its own.
type Clocked interface {
	// Clock returns the server's present wall time. It needs no transaction.
	Clock(ctx context.Context) (time.Time, error)
}

// How often a service on the machine's clock compares it with the store's, and for how long an answer holds where the
// store can't be asked again.
const (
	clockAsked    = time.Minute
	clockHolds    = 10 * time.Minute
	clockPatience = 5 * time.Second
)

// instant returns the instant at which a decision about an application is made now, see [Collector.Now].
func (s *Service) instant(ctx context.Context, app Application) (time.Time, error) {
	now, err := s.now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if ahead := app.AsOf.Sub(now); ahead > s.opts.MaxSkew {
		return time.Time{}, fmt.Errorf("%w: it is %s, and %s was changed at %s", ErrClock,
			now.Format(time.RFC3339), app.ID, app.AsOf.Format(time.RFC3339))
	}
	return app.at(now), nil
}

// at returns the later of an instant and that of the last change, in UTC.
func (a *Application) at(now time.Time) time.Time {
	if a.AsOf.After(now) {
		return a.AsOf.UTC()
	}
	return now.UTC()
}

// now returns the clock's instant, or [ErrClock] where the store's clock says that it is wrong.
func (s *Service) now(ctx context.Context) (time.Time, error) {
	now := s.opts.Now()
	if s.clocks != nil {
		if err := s.clocks.compare(ctx, now, s.opts.MaxSkew, s.bound); err != nil {
			return time.Time{}, err
		}
	}
	return now.UTC().Truncate(time.Microsecond), nil
}

// clocks compares the machine's clock with the store's.
type clocks struct {
	store Clocked
	last  atomic.Pointer[reading]
	turn  chan struct{} // held by the one who asks
}

// reading is the last try to read the store's clock. Its instants are the machine's.
type reading struct {
	tried time.Time
	read  time.Time     // when the last answer came; zero: none ever did
	ahead time.Duration // how far the store's clock was ahead then
	err   error         // why the last try had no answer
}

// compare fails with [ErrClock] if the two clocks are more than skew apart as of the last answer, or there is none that
// holds, and with ctx's error. The store is asked again where the answer is a minute old or the machine's clock was set
// since. A bound service goes by what its parent has heard, and asks only where that hasn't asked.
func (c *clocks) compare(ctx context.Context, now time.Time, skew time.Duration, bound bool) error {
	last := c.last.Load()
	if last.old(now, skew, bound) {
		if err := c.ask(ctx, last, now); err != nil {
			return err
		}
		last = c.last.Load()
	}
	switch {
	case last.read.IsZero():
		return fmt.Errorf("%w: the store's isn't known: %w", ErrClock, last.err)
	case now.Sub(last.read) > clockHolds:
		return fmt.Errorf("%w: the store's isn't known since %s: %w", ErrClock, last.read.UTC().Format(time.RFC3339), last.err)
	case last.apart(skew):
		return fmt.Errorf("%w: the store's is %s ahead of this machine's", ErrClock, last.ahead.Round(time.Second))
	}
	return nil
}

func (r *reading) apart(skew time.Duration) bool { return r.ahead > skew || -r.ahead > skew }

// old reports whether the store is to be asked: where there is no answer, after a minute, or when the machine's clock was
// set, which shows where its wall and its monotonic time went different ways. A bound service, which is in a transaction
// of its caller's, waits for others to ask, unless there is no answer that holds or the last one was bad.
func (r *reading) old(now time.Time, skew time.Duration, bound bool) bool {
	if r == nil || r.read.IsZero() {
		return true
	}
	passed, shown := now.Sub(r.tried), now.Round(0).Sub(r.tried.Round(0))
	if passed < clockAsked && shown-passed < time.Second && passed-shown < time.Second {
		return false
	}
	return !bound || r.err != nil || r.apart(skew) || now.Sub(r.read) > clockHolds
}

// ask reads the store's clock, unless somebody else does: then it waits for the first answer, and for no other. It fails
// with ctx's error.
func (c *clocks) ask(ctx context.Context, last *reading, now time.Time) error {
	if last == nil || last.read.IsZero() {
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	} else {
		select {
		case c.turn <- struct{}{}:
		default:
			return nil
		}
	}
	defer func() { <-c.turn }()
	if c.last.Load() != last {
		return nil // somebody has asked meanwhile
	}
	next := reading{tried: now}
	if last != nil {
		next.read, next.ahead = last.read, last.ahead
	}
	ctx, cancel := context.WithTimeout(ctx, clockPatience)
	defer cancel()
	began := time.Now() //nolint:forbidigo // how long the answer takes, not what time it is
	at, err := c.store.Clock(ctx)
	if next.err = err; err == nil {
		// The clock was read somewhere between question and answer.
		took := time.Since(began) //nolint:forbidigo // likewise
		next.read, next.ahead = now, at.Sub(now.Add(took/2))
	}
	c.last.Store(&next)
	return nil
}
