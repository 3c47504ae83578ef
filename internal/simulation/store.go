package simulation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// processStore is the store as seen by a process.
type processStore struct {
	store.Store
	process *process
}

// Load implements subscription.Store.
func (s *processStore) Load(ctx context.Context, reads ...subscription.Read) (snapshots []subscription.Snapshot, err error) {
	err = s.process.call("load", false, func() error {
		var err error
		snapshots, err = s.Store.Load(ctx, reads...)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	return snapshots, nil
}

// Commit implements subscription.Store.
func (s *processStore) Commit(ctx context.Context, changes ...subscription.Change) error {
	commit := func(some []subscription.Change) error {
		s.process.world.store.by = s.process
		defer func() { s.process.world.store.by = nil }()
		return s.Store.Commit(ctx, some...)
	}
	return s.process.call("commit", false,
		func() error { return commit(changes) },
		func() { _ = commit(changes[:len(changes)/2]) })
}

// Erase implements subscription.Eraser.
func (s *processStore) Erase(ctx context.Context, c subscription.Change) error {
	return s.process.call("erase", false, func() error {
		s.process.world.store.by = s.process
		defer func() { s.process.world.store.by = nil }()
		return s.process.world.store.Erase(ctx, c)
	}, nil)
}

// eraser is a store that is wrapped so that it has forgotten how to erase.
type eraser struct {
	store.Store
	subscription.Eraser
}

// Claim implements renewal.Store. It sorts the claims, since stores needn't, and the same seed must make the same
// world.
func (s *processStore) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) (claimed []renewal.Claimed, err error) {
	err = s.process.call("claim", false, func() error {
		var err error
		claimed, err = s.Store.Claim(ctx, asOf, lease, limit)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, func(a, b renewal.Claimed) int { return cmp.Compare(a.Application, b.Application) })
	return claimed, nil
}
