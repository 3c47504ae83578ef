package subscription

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// ErrClock means that the clock must be wrong: it is far behind the application's last change, or far from the
// store's own clock. Nothing was done; repeat the same request once the clock is correct.
var ErrClock = errors.New("subscription: the clock is wrong")

// Clocked is a [Store] on a server that has its own clock.
type Clocked interface {
	// Clock returns the server's current wall time. It needs no transaction.
	Clock(ctx context.Context) (time.Time, error)
}

// How often a service that uses the machine's clock compares it with the store's, how long an answer remains valid if
// the store can't be asked again, and how long to wait for an answer.
const (
	clockAsked    = time.Minute
	clockHolds    = 10 * time.Minute
	clockPatience = 5 * time.Second
)

// instant returns the instant at which to make a decision about an application, see [Collector.Now].
func (s *Service) instant(ctx context.Context, app Application) (time.Time, error) {
	now, err := s.now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if ahead := app.AsOf.Sub(now); ahead > s.opts.MaxSkew {
		return time.Time{}, fmt.Errorf("%w: it shows %s, but %s was changed at %s", ErrClock,
			now.Format(time.RFC3339), app.ID, app.AsOf.Format(time.RFC3339))
	}
	return app.at(now), nil
}

// at returns the later of now and the instant of the last change, in UTC.
func (a *Application) at(now time.Time) time.Time {
	if a.AsOf.After(now) {
		return a.AsOf.UTC()
	}
	return now.UTC()
}

// now returns the clock's time, or [ErrClock] if the store's clock shows that it is wrong.
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
	turn  chan struct{} // held by whoever is asking
}

// reading is the last attempt to read the store's clock. Its instants are the machine's.
type reading struct {
	tried time.Time
	read  time.Time     // when the last answer arrived; zero: never
	ahead time.Duration // how far ahead the store's clock was then
	err   error         // why the last attempt got no answer
}

// compare fails with [ErrClock] if the last answer showed the two clocks more than skew apart, or if there is no
// valid answer. It also fails with ctx's error. It asks the store again if the answer is a minute old or the
// machine's clock was set since then. A bound service relies on its parent's answers and asks only if its parent
// hasn't.
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
		return fmt.Errorf("%w: the store's clock can't be read: %w", ErrClock, last.err)
	case now.Sub(last.read) > clockHolds:
		return fmt.Errorf("%w: the store's clock was last read at %s: %w", ErrClock, last.read.UTC().Format(time.RFC3339), last.err)
	case last.apart(skew):
		return fmt.Errorf("%w: the store's clock is %s ahead of this machine's", ErrClock, last.ahead.Round(time.Second))
	}
	return nil
}

func (r *reading) apart(skew time.Duration) bool { return r.ahead > skew || -r.ahead > skew }

// old reports whether to ask the store: if there is no answer, after a minute, or if the machine's clock was set,
// which shows as a difference between its wall time and its monotonic time. A bound service runs in its caller's
// transaction and leaves asking to others, unless there is no valid answer or the last one was bad.
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

// ask reads the store's clock unless someone else is already reading it. In that case, it waits for the first answer
// ever, but not for later ones. It fails with ctx's error.
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
		return nil // someone else has asked in the meantime
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
		// The clock was read at some point between the request and the answer.
		took := time.Since(began) //nolint:forbidigo // as above
		next.read, next.ahead = now, at.Sub(now.Add(took/2))
	}
	c.last.Store(&next)
	return nil
}
