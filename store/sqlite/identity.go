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

// identity is a store's identity, once it has been read. It is stored in the file, and therefore in copies of it.
type identity struct{ known atomic.Pointer[string] }

// of returns the identity of the file that q uses. It fails with [ErrNotMigrated] if the file has none.
func (n *identity) of(q session) (string, error) {
	if known := n.known.Load(); known != nil {
		return *known, nil
	}
	id, err := getText(q, getIdentity)
	if err != nil {
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

// identify creates an identity for a file that has none.
func identify(q session) error {
	id, err := getText(q, getIdentity)
	if err == nil && id == "" {
		_, err = q.exec(makeIdentity, storeid.New())
	}
	return err
}

// NewIdentity gives the store a new identity and returns it. Call it for a copy of a file that stays in use alongside
// its original: without it, both would send their gateway the same keys for different things. A backup that replaces
// its original keeps the identity. Call it while nothing else has the copy open, because another process keeps using
// the identity that it has read. Orders that are open in the copy keep their keys; the original collects them.
//
// It fails with [ErrNotMigrated], and like [Store.Commit].
func (s *Store) NewIdentity(ctx context.Context) (string, error) {
	id := storeid.New()
	if err := s.write(ctx, 1, func(q session) error {
		if _, err := q.exec(putIdentity, id); err != nil {
			return err
		}
		_, err := q.exec(renewFeed, storeid.New()) // nobody goes on with the original's cursors
		return err
	}); err != nil {
		return "", fmt.Errorf("sqlite: new identity: %w", err)
	}
	s.identity.known.Store(&id)
	return id, nil
}
