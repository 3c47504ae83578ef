package sqlite

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/store"
)

const (
	getProviderKey  = `SELECT value FROM prepaid_provider_keys WHERE key = ?`
	bindProviderKey = `INSERT INTO prepaid_provider_keys (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING`
)

// ProviderKey implements [store.ProviderKeys].
func (s *Store) ProviderKey(ctx context.Context, key string) (value string, err error) {
	err = s.read(ctx, func(q session) (err error) {
		value, err = getText(q, getProviderKey, key)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sqlite: provider's key: %w", err)
	}
	return value, nil
}

// BindProviderKey implements [store.ProviderKeys].
func (s *Store) BindProviderKey(ctx context.Context, key, value string) (bound string, err error) {
	if err := store.ValidateProviderKey(key, value); err != nil {
		return "", err
	}
	err = s.write(ctx, 1, func(q session) (err error) {
		if _, err = q.exec(bindProviderKey, key, value); err == nil {
			bound, err = getText(q, getProviderKey, key)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sqlite: bind a provider's key: %w", err)
	}
	return bound, nil
}
