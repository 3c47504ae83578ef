package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// maxRounds is the maximum number of the worker's rounds at one instant.
const maxRounds = 100

// move lets time pass. The clock goes from one instant at which something is due to the next, and the worker runs at
// each of them, as it would if it had run all the time. What is overdue is done first. It returns what happened, by
// time. It fails with errBackward for an instant that has passed; after any other error, the clock is where it came to.
func (c *console) move(ctx context.Context, to time.Time) ([]subscription.Event, error) {
	c.machine.Lock()
	defer c.machine.Unlock()
	if to.Before(c.clock.now()) {
		return nil, errBackward
	}
	before, err := c.revisions(ctx)
	if err != nil {
		return nil, err
	}
	for rounds := 0; ; rounds++ {
		next, ok, err := c.nextDue(ctx)
		if err != nil {
			return nil, err
		}
		if !ok || next.After(to) {
			break
		}
		if next.After(c.clock.now()) {
			rounds = 0
			if err := c.clock.set(ctx, next); err != nil {
				return nil, err
			}
		}
		if rounds == maxRounds {
			return nil, fmt.Errorf("the worker gets no further at %s", next)
		}
		if _, err := c.worker.Once(ctx); err != nil {
			return nil, err
		}
		c.mailer.send(ctx)
	}
	if err := c.clock.set(ctx, to); err != nil {
		return nil, err
	}
	c.mailer.send(ctx)
	return c.eventsSince(ctx, before)
}

// snapshots returns all applications, without their orders. An error ends them.
func (c *console) snapshots(ctx context.Context) iter.Seq2[subscription.Snapshot, error] {
	return func(yield func(subscription.Snapshot, error) bool) {
		for id, err := range c.store.Applications(ctx) {
			if err != nil {
				yield(subscription.Snapshot{}, err)
				return
			}
			snapshots, err := c.store.Load(ctx, subscription.Read{Application: id})
			if err != nil {
				yield(subscription.Snapshot{}, err)
				return
			}
			if !yield(snapshots[0], nil) {
				return
			}
		}
	}
}

// nextDue returns the first instant at which an application is due, and whether there is one.
func (c *console) nextDue(ctx context.Context) (first time.Time, ok bool, err error) {
	for s, err := range c.snapshots(ctx) {
		if err != nil {
			return time.Time{}, false, err
		}
		if due := s.Application.Due; !due.IsZero() && (!ok || due.Before(first)) {
			first, ok = due, true
		}
	}
	return first, ok, nil
}

// revisions returns the revision of each application.
func (c *console) revisions(ctx context.Context) (map[subscription.ApplicationID]int64, error) {
	all := map[subscription.ApplicationID]int64{}
	for s, err := range c.snapshots(ctx) {
		if err != nil {
			return nil, err
		}
		all[s.Application.ID] = s.Application.Revision
	}
	return all, nil
}

// eventsSince returns what happened after the given revisions, by time.
func (c *console) eventsSince(ctx context.Context, before map[subscription.ApplicationID]int64) ([]subscription.Event, error) {
	var events []subscription.Event
	for id, revision := range before {
		later, err := list(c.store.Events(ctx, id), func(e subscription.Event) bool { return e.Revision > revision })
		if err != nil {
			return nil, err
		}
		events = append(events, later...)
	}
	slices.SortStableFunc(events, func(a, b subscription.Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Application, b.Application),
			cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Index, b.Index))
	})
	return events, nil
}
