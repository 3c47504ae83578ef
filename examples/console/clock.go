package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// clockNote is the name of the note with the clock.
const clockNote = "clock"

// errBackward means that the clock was to be moved to an instant that has passed.
var errBackward = errors.New("the clock never runs backward")

// clock is the demonstration's clock. It stands still until it is moved, goes on from where it was when the console
// starts again, and never runs backward.
type clock struct {
	notes notes

	mu sync.Mutex
	at time.Time
}

// load reads the clock. A clock that was never set is at start.
func (c *clock) load(ctx context.Context, start time.Time) error {
	at := start
	if _, err := c.notes.get(ctx, clockNote, &at); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
	return nil
}

// now is the time for everything in the console.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// set moves the clock. The new time is stored first, so that nothing is ever decided at a time that a later start
// doesn't know of. It fails with errBackward for an instant that has passed.
func (c *clock) set(ctx context.Context, at time.Time) error {
	if at.Before(c.now()) {
		return errBackward
	}
	if err := c.notes.put(ctx, clockNote, at); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
	return nil
}
