package storetest_test

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/store"
)

func (b *broken) ProviderKey(ctx context.Context, key string) (string, error) {
	if b.keyOf != nil {
		return b.keyOf(ctx, key)
	}
	return b.Store.ProviderKey(ctx, key)
}

func (b *broken) BindProviderKey(ctx context.Context, key, value string) (string, error) {
	if b.bind != nil {
		return b.bind(ctx, key, value)
	}
	return b.Store.BindProviderKey(ctx, key, value)
}

var providerKeyFlaws = []flaw{
	{"the caller's value is returned, whatever is bound", func(b *broken) {
		b.bind = func(ctx context.Context, key, value string) (string, error) {
			_, err := b.Store.BindProviderKey(ctx, key, value)
			return value, err
		}
	}, "keys/a key is bound once"},
	{"nothing is kept", func(b *broken) {
		b.bind = func(ctx context.Context, key, value string) (string, error) {
			if err := store.ValidateProviderKey(key, value); err != nil {
				return "", err
			}
			return value, ctx.Err()
		}
	}, "keys/a key is bound once"},
	{"it is looked at before it is bound", func(b *broken) {
		b.bind = func(ctx context.Context, key, value string) (string, error) {
			if was, err := b.Store.ProviderKey(ctx, key); was != "" || err != nil {
				return was, err
			}
			time.Sleep(5 * time.Millisecond)
			_, err := b.Store.BindProviderKey(ctx, key, value)
			return value, err
		}
	}, "keys/many at once"},
	{"any text is taken", func(b *broken) {
		b.bind = func(ctx context.Context, key, value string) (string, error) {
			if store.ValidateProviderKey(key, value) != nil {
				return value, ctx.Err()
			}
			return b.Store.BindProviderKey(ctx, key, value)
		}
	}, "keys/the longest texts"},
	{"the context is ignored", func(b *broken) {
		b.keyOf = func(_ context.Context, key string) (string, error) {
			return b.Store.ProviderKey(context.Background(), key)
		}
	}, "keys/a context"},
}
