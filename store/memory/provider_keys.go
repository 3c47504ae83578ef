package memory

import (
	"context"
	"sync"

	"github.com/prepaidkit/prepaid/store"
)

// providerKeys is what a gateway's keys stand for.
type providerKeys struct {
	mu    sync.Mutex
	bound map[string]string
}

// ProviderKey implements [store.ProviderKeys].
func (s *Store) ProviderKey(ctx context.Context, key string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	return s.keys.bound[key], nil
}

// BindProviderKey implements [store.ProviderKeys].
func (s *Store) BindProviderKey(ctx context.Context, key, value string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := store.ValidateProviderKey(key, value); err != nil {
		return "", err
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if bound, ok := s.keys.bound[key]; ok {
		return bound, nil
	}
	if s.keys.bound == nil {
		s.keys.bound = map[string]string{}
	}
	s.keys.bound[key] = value
	return value, nil
}
