package main

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// nextHappening returns the first instant from now on at which something happens by itself, and whether there is one. An
// application is often due although nothing happens, such as to be scheduled again.
func (c *console) nextHappening(ctx context.Context) (first time.Time, ok bool, err error) {
	for s, err := range c.snapshots(ctx) {
		if err != nil {
			return time.Time{}, false, err
		}
		at, happens, err := c.happening(s)
		if err != nil {
			return time.Time{}, false, err
		}
		if happens && (!ok || at.Before(first)) {
			first, ok = at, true
		}
	}
	return first, ok, nil
}

// happening makes the worker's decisions for an application, without storing them, until one of them has an effect.
func (c *console) happening(s subscription.Snapshot) (at time.Time, ok bool, err error) {
	now := c.clock.now()
	for range maxRounds {
		due := s.Application.Due
		if due.IsZero() {
			return time.Time{}, false, nil
		}
		if due.After(now) {
			now = due
		}
		change, err := renewal.Decide(s, c.policy, c.catalog, now)
		if err != nil || len(change.Events) > 0 {
			return now, err == nil, err
		}
		s = s.After(change)
		if !s.Application.Due.After(now) {
			return time.Time{}, false, nil
		}
	}
	return now, true, nil
}
