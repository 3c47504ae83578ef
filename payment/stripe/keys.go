package stripe

import (
	"container/list"
	"context"
	"sync"
)

// Keys remembers forever what a key stands for at the provider: the ID of a payment intent or a customer or, for a refund, its
// charge and content. Keys and values are ASCII of at most 200 bytes. A payment is confirmed only once its intent is the one that
// is bound to its key, so that a key can't be collected twice, whatever the provider forgets and however late it is used
// again. The stores of this module are Keys.
//
// After a restore from a backup the table lacks the latest keys; the provider's search, which is asked for every key that
// the table doesn't have, knows them by then.
type Keys interface {
	// ProviderKey returns the value that is bound to a key, or "" if none is.
	ProviderKey(ctx context.Context, key string) (string, error)
	// BindProviderKey binds value to key, unless another value is bound already, and returns what is bound then. It must be
	// atomic, among processes too, and durable when it returns.
	BindProviderKey(ctx context.Context, key, value string) (string, error)
}

// recent is the Keys of a gateway without any: this process's latest keys. It helps while the provider's search lags, and
// nothing relies on it.
type recent struct {
	mu    sync.Mutex
	bound map[string]*list.Element // of the order, the values are pairs
	order list.List                // the latest one first
}

// recents is how many keys are remembered.
const recents = 10_000

type pair struct{ key, value string }

func (r *recent) ProviderKey(_ context.Context, key string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.get(key), nil
}

func (r *recent) BindProviderKey(_ context.Context, key, value string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if bound := r.get(key); bound != "" {
		return bound, nil
	}
	if r.bound == nil {
		r.bound = map[string]*list.Element{}
	}
	r.bound[key] = r.order.PushFront(pair{key, value})
	if r.order.Len() > recents {
		delete(r.bound, r.order.Remove(r.order.Back()).(pair).key) //nolint:forcetypeassert // the only type in there
	}
	return value, nil
}

func (r *recent) get(key string) string {
	e := r.bound[key]
	if e == nil {
		return ""
	}
	return e.Value.(pair).value //nolint:forcetypeassert // the only type in there
}
