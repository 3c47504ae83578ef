package postgres

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	getProviderKey  = `SELECT value FROM {schema}.provider_keys WHERE key = $1`
	bindProviderKey = `
WITH added AS (
	INSERT INTO {schema}.provider_keys (key, value) VALUES ($1, $2)
	ON CONFLICT DO NOTHING
	RETURNING 1
)
SELECT count(*) FROM added`
)

// ProviderKey implements [store.ProviderKeys].
func (s *Store) ProviderKey(ctx context.Context, key string) (value string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	err = s.get(ctx, getProviderKey, []any{key}, &value)
	return value, unmigrated(err)
}

// BindProviderKey implements [store.ProviderKeys].
func (s *Store) BindProviderKey(ctx context.Context, key, value string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := store.ValidateProviderKey(key, value); err != nil {
		return "", err
	}
	n, err := s.count(ctx, bindProviderKey, key, value)
	if err != nil {
		return "", unmigrated(err)
	}
	if n == 1 {
		return value, nil
	}
	bound, err := s.ProviderKey(ctx, key) // in a snapshot of its own, which has what was in the way
	if err == nil && bound == "" {
		err = fmt.Errorf("%w: a provider's key was bound by a transaction that this one doesn't see", subscription.ErrConflict)
	}
	return bound, err
}
