package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Store is what a relay needs of a store. All stores of this module have it.
type Store interface {
	store.Feeder
	store.Marks
}

// Options says what a relay does. Name, Store and Handle are needed.
type Options struct {
	// Name is the relay's own: text of 1 to 64 bytes. What it has handled is recorded under it.
	Name  string
	Store Store
	// Handle handles a change. After an error, the application is parked and the change is handled again later. It must
	// come to an end when its context ends.
	Handle func(ctx context.Context, change store.FeedChange) error
	// Retry is how long a parked application waits after so many tries, counted from 1. By default from 10 seconds, doubled
	// each time, up to an hour.
	Retry func(tries int) time.Duration
	// Batch is how many changes are handled before that is recorded; so many can be handled again after a crash. Default
	// 100, at most 1000.
	Batch int
	// Lease is for how long a process has the relay for itself before another one takes over, unless it goes on working.
	// Default a minute. A change that takes longer to handle can be handled by two processes at once.
	Lease time.Duration
	// Poll is how often Run looks for changes. Default a second.
	Poll time.Duration
	// Report is told of every round of Run that did something or failed, to log it or to raise an alarm. May be nil.
	Report func(stats Stats, err error)
	// Observe is told of every round and of every call of Handle, once it has ended: [subscription.OpRelay] and
	// [subscription.OpHandle]. What is said at [subscription.Options.Observe] holds here. May be nil.
	Observe func(ctx context.Context, o subscription.Observation)
	// Logger is told the same, see [subscription.LogTo]. May be nil; slog.Default is never used. It logs what the errors of
	// Handle say: don't let them quote what your payment provider sent.
	Logger *slog.Logger
	// Now is the time. Default [time.Now].
	Now func() time.Time
}

// Relay hands committed changes to a function. Create one with [New]. It is for one goroutine at a time.
type Relay struct {
	o       Options
	holder  string
	observe func(context.Context, subscription.Observation) // nil if nobody listens
}

// New returns a relay. It fails with an error that wraps [subscription.ErrInvalid] if options are missing or out of range.
func New(o Options) (*Relay, error) {
	if err := store.RelayName(o.Name); err != nil {
		return nil, err
	}
	if o.Store == nil || o.Handle == nil || o.Batch < 0 || o.Batch > 1000 || o.Lease < 0 || o.Poll < 0 {
		return nil, fmt.Errorf("%w: relay %s needs a store, a handler, and a batch of at most 1000", subscription.ErrInvalid, o.Name)
	}
	o.Batch = cmp.Or(o.Batch, 100)
	o.Lease = cmp.Or(o.Lease, time.Minute)
	o.Poll = cmp.Or(o.Poll, time.Second)
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the default of Options.Now
	}
	if o.Retry == nil {
		o.Retry = doubled
	}
	return &Relay{o, storeid.New(), subscription.Observers(o.Observe, subscription.LogTo(o.Logger))}, nil
}

// doubled is the default of [Options.Retry].
func doubled(tries int) time.Duration {
	return min(10*time.Second<<min(max(tries-1, 0), 10), time.Hour)
}

// Stats is what a round did.
type Stats struct {
	Handled int   // changes
	Failed  int   // changes that couldn't be handled
	Waiting int   // changes that wait behind one that couldn't be handled
	Behind  int64 // numbers between the relay and the end of the feed, when the round ended
	Held    bool  // another process has the relay; nothing was done, or no more
}

// Run handles changes until ctx ends, and then returns nil. It goes on after errors of the store, of which [Options.Report] is
// told; if the last round failed, Run returns its error. Only [store.ErrCursor] ends it.
func (r *Relay) Run(ctx context.Context) error {
	ticker := time.NewTicker(r.o.Poll)
	defer ticker.Stop()
	for {
		stats, err := r.Once(ctx)
		if ended := ctx.Err() != nil && errors.Is(err, ctx.Err()); ended {
			err = nil
		}
		if r.o.Report != nil && (stats != Stats{} || err != nil) {
			r.o.Report(stats, err)
		}
		if errors.Is(err, store.ErrCursor) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-ticker.C:
		}
	}
}

// Once handles all changes that there are, tries parked applications again if it is time, and returns. If it fails, what
// was handled since it was last recorded is handled again. It fails with [store.ErrCursor] and with the store's errors;
// the handler's errors park applications instead.
func (r *Relay) Once(ctx context.Context) (Stats, error) {
	w := &round{Relay: r, ctx: ctx}
	began := r.began()
	err := w.run() //nolint:contextcheck // it is in the round
	if errors.Is(err, subscription.ErrConflict) {
		w.stats.Held, err = true, nil
	}
	if err != nil {
		err = fmt.Errorf("relay %s: %w", r.o.Name, err)
	}
	r.told(ctx, began, w, err)
	return w.stats, err
}

// Restart has the relay go on after a cursor, such as one of [store.Feeder.FeedEnds], and forgets which applications are
// parked. It is for a relay that fails with [store.ErrCursor].
func (r *Relay) Restart(ctx context.Context, after store.Cursor) error {
	for {
		mark, err := r.o.Store.Mark(ctx, r.o.Name)
		if err != nil {
			return err
		}
		parked, err := r.o.Store.Parked(ctx, r.o.Name, time.UnixMicro(math.MaxInt64/2), 1000)
		if err != nil {
			return err
		}
		mark = store.Mark{Cursor: after, Version: mark.Version + 1}
		err = r.o.Store.SetMark(ctx, r.o.Name, mark, nil, applications(parked))
		if errors.Is(err, subscription.ErrConflict) {
			continue // a process is working on it
		}
		if err != nil || len(parked) < 1000 {
			return err
		}
	}
}

func applications(parked []store.Parked) []subscription.ApplicationID {
	var ids []subscription.ApplicationID
	for _, p := range parked {
		ids = append(ids, p.Application)
	}
	return ids
}
