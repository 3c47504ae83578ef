// Package commitresult is what the stores' Commit have in common: what a batch may be, and how it is told what of it
// wasn't applied.
package commitresult

import (
	"errors"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// OnePerApplication fails with [subscription.ErrInvalid] for a batch that has two changes for an application.
func OnePerApplication(changes []subscription.Change) error {
	if len(changes) < 2 {
		return nil
	}
	seen := make(map[subscription.ApplicationID]struct{}, len(changes))
	for i := range changes {
		seen[changes[i].Application] = struct{}{}
	}
	if len(seen) < len(changes) {
		return fmt.Errorf("%w: two changes for an application in one batch", subscription.ErrInvalid)
	}
	return nil
}

// Result is what wasn't applied of a batch. The zero value is nothing.
type Result struct {
	conflicts, held []subscription.ApplicationID
	refused         []subscription.Refusal
}

// Conflict notes a change that didn't hold.
func (o *Result) Conflict(app subscription.ApplicationID) { o.conflicts = append(o.conflicts, app) }

// Held notes a change that didn't hold, or whose application somebody else holds.
func (o *Result) Held(app subscription.ApplicationID) {
	o.Conflict(app)
	o.held = append(o.held, app)
}

// Refuse notes a change that can't be kept.
func (o *Result) Refuse(app subscription.ApplicationID, err error) {
	o.refused = append(o.refused, subscription.Refusal{Application: app, Err: err})
}

// And returns what wasn't applied by o and by p.
func (o Result) And(p Result) Result {
	return Result{
		slices.Concat(o.conflicts, p.conflicts), slices.Concat(o.held, p.held), slices.Concat(o.refused, p.refused),
	}
}

// Err returns what a commit returns: nil, a [*subscription.ConflictError], a [*subscription.RefusedError], or an error
// that wraps the two.
func (o Result) Err() error {
	var conflict, refused error
	if len(o.conflicts) > 0 {
		conflict = &subscription.ConflictError{Applications: o.conflicts, Held: o.held}
	}
	if len(o.refused) > 0 {
		refused = &subscription.RefusedError{Changes: o.refused}
	}
	switch {
	case conflict == nil:
		return refused
	case refused == nil:
		return conflict
	}
	return errors.Join(conflict, refused)
}
