package customstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/subscription"
)

// Commit implements [subscription.Store]. Either the lines of all changes that hold are in the file when it returns nil, or,
// after any error that isn't a conflict or a refusal, nothing can be committed until the file is opened again.
func (s *Store) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	seen := map[subscription.ApplicationID]bool{}
	for i := range changes {
		if seen[changes[i].Application] {
			return fmt.Errorf("%w: two changes for an application in one batch", subscription.ErrInvalid)
		}
		seen[changes[i].Application] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var applied []change
	var text []byte
	var conflict subscription.ConflictError
	var refused subscription.RefusedError
	for i := range changes {
		c := &changes[i]
		l, encoded, err := s.decide(c)
		switch {
		case errors.Is(err, subscription.ErrConflict):
			conflict.Applications = append(conflict.Applications, c.Application)
		case err != nil:
			refused.Changes = append(refused.Changes, subscription.Refusal{Application: c.Application, Err: err})
		default:
			applied, text = append(applied, l), append(text, encoded...)
		}
	}
	if err := s.write(text); err != nil {
		return err
	}
	for _, l := range applied {
		if err := s.apply(l); err != nil { // a fault of this package: the file says what memory doesn't
			s.broken = err
			return err
		}
	}
	return wasnt(&conflict, &refused)
}

// wasnt returns what a commit returns: nil if everything was applied, and otherwise an error that names what wasn't.
func wasnt(conflict *subscription.ConflictError, refused *subscription.RefusedError) error {
	switch {
	case len(conflict.Applications) > 0 && len(refused.Changes) > 0:
		return errors.Join(conflict, refused)
	case len(conflict.Applications) > 0:
		return conflict
	case len(refused.Changes) > 0:
		return refused
	}
	return nil
}

// decide returns the line of a change if it can be applied, [subscription.ErrConflict] if it doesn't hold any more, and any other
// error if it can't be kept.
func (s *Store) decide(c *subscription.Change) (change, []byte, error) {
	r := s.apps[c.Application]
	if r == nil {
		r = none()
	}
	if r.revision != c.Base {
		return change{}, nil, subscription.ErrConflict
	}
	for i := range c.Receipts {
		if _, taken := r.receipts[c.Receipts[i].Key]; taken {
			return change{}, nil, subscription.ErrConflict
		}
	}
	for i := range c.Records {
		if _, counted := r.records[c.Records[i].ID]; counted {
			return change{}, nil, subscription.ErrConflict
		}
	}
	for i := range c.Orders {
		id := c.Orders[i].ID
		if _, exists := r.orders[id]; exists && c.Places(id) {
			return change{}, nil, fmt.Errorf("%w: order %s", subscription.ErrExists, id)
		}
	}
	return encode(c)
}
