package subscription

import (
	"cmp"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Create creates an application, which Account pays for. It fails with [ErrExists] and [ErrInvalid].
type Create struct {
	Account AccountID `json:"account"`
}

// Kind returns "create".
func (Create) Kind() string { return "create" }

// Decide implements [Command].
func (c Create) Decide(s Snapshot, _ *pricing.Catalog, now time.Time) (Change, error) {
	if err := cmp.Or(checkNewID("application ID", s.Application.ID), checkNewID("account ID", c.Account)); err != nil {
		return Change{}, err
	}
	if s.Application.Revision != 0 {
		return Change{}, fmt.Errorf("%w: %s", ErrExists, named(s.Application.ID))
	}
	d := Begin(s, now)
	d.Application.Account, d.Application.CreatedAt = c.Account, d.Now
	d.AddEvent(Event{Type: EventCreated, Note: string(c.Account)})
	return d.Change(), nil
}
