package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/prepaidkit/prepaid/internal/storeid"
)

const (
	getIdentity  = `SELECT id FROM prepaid_identity WHERE one = 1`
	makeIdentity = `INSERT INTO prepaid_identity (one, id) VALUES (1, ?) ON CONFLICT DO NOTHING`
	putIdentity  = `INSERT INTO prepaid_identity (one, id) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET id = excluded.id`
)

// identity is a store's, once it was read. It stays in the file, and in copies of it.
type identity struct{ known atomic.Pointer[string] }

// of returns the identity of the file that q is on. It fails with [ErrNotMigrated] if the file has none.
func (n *identity) of(q session) (string, error) {
	if known := n.known.Load(); known != nil {
		return *known, nil
	}
	var id string
	if err := q.query(getIdentity, func(r row) error {
		id = r.text(0)
		return nil
	}); err != nil {
		return "", err
	}
	if id == "" {
		return "", ErrNotMigrated
	}
	if !n.known.CompareAndSwap(nil, &id) {
		id = *n.known.Load() // which may be newer
	}
	return id, nil
}

// identify makes the identity of a file that has none.
func identify(q session) error {
	found := false
	if err := q.query(getIdentity, func(row) error {
		found = true
		return nil
	}); err != nil || found {
		return err
	}
	_, err := q.exec(makeIdentity, storeid.New())
	return err
}

// NewIdentity gives the store another identity, and returns it. It is for a copy of a file that lives on beside its
// original: without it the two would ask their gateway with the same keys for different things. A backup that takes its
// original's place keeps the identity. Call it while nothing else has the copy open: another process keeps the identity that
// it has read. Orders that are open in the copy keep their keys; they are the original's to collect.
//
// It fails with [ErrNotMigrated], and as [Store.Commit] does.
func (s *Store) NewIdentity(ctx context.Context) (string, error) {
	id := storeid.New()
	if err := s.write(ctx, 1, func(q session) error {
		_, err := q.exec(putIdentity, id)
		return err
	}); err != nil {
		return "", fmt.Errorf("sqlite: new identity: %w", err)
	}
	s.identity.known.Store(&id)
	return id, nil
}
