package subscription

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ResetClock sets back the instant of an application's last change to now, where a clock that was wrong had moved it so
// far ahead that nothing can be done any more ([ErrClock]). It is for staff. What was done by the wrong clock stays; what
// follows is recorded as of now, before it.
//
// It fails with [ErrNotFound], and with [ErrInvalid] for an application whose last change is not ahead of the clock.
type ResetClock struct {
	Note string `json:"note,omitzero"` // who, and why
}

// Kind returns "reset_clock".
func (ResetClock) Kind() string { return "reset_clock" }

// Decide implements [Command].
func (c ResetClock) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if !s.Application.AsOf.After(now) {
		return Change{}, fmt.Errorf("%w: %s was last changed at %s, which is not ahead", ErrInvalid, s.Application.ID,
			s.Application.AsOf.Format(time.RFC3339))
	}
	d := Begin(s, now)
	d.Now = now.UTC()
	d.Note(Event{Type: EventClockReset, Note: c.Note})
	return d.Change(), nil
}

// clockAlone is the clock for what is allowed although the application's last change is far ahead of it.
func (s *Service) clockAlone(ctx context.Context, _ Application) (time.Time, error) {
	return s.now(ctx)
}

// checked returns a decision that is checked, on an application that isn't brought up to date before.
func checked(decide decision) decision {
	return func(snapshot Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
		change, err := decide(snapshot, cat, now)
		if err != nil || change.IsZero() {
			return Change{}, err
		}
		return change, change.Check(snapshot.Application)
	}
}
