package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// ProviderKeys is a store that remembers for a gateway what its keys stand for at its provider, whose look-ups lag or
// forget: Options.Keys of package payment/stripe, for example. All stores of this module do. Nothing is ever pruned. A
// store that is bound to a caller's transaction is of no use for it, since a binding must be there before the provider is
// asked.
type ProviderKeys interface {
	// ProviderKey returns the value that is bound to a key, or "" if none is.
	ProviderKey(ctx context.Context, key string) (string, error)
	// BindProviderKey binds value to key, unless another value is bound already, and returns what is bound then. It is
	// atomic and durable. It fails with [subscription.ErrInvalid], see [ValidateProviderKey].
	BindProviderKey(ctx context.Context, key, value string) (string, error)
}

// MaxProviderKey is the maximum length of a provider's key and of its value, in bytes.
const MaxProviderKey = 200

// ValidateProviderKey returns an error that wraps [subscription.ErrInvalid] unless key and value are printable ASCII of 1
// to [MaxProviderKey] bytes.
func ValidateProviderKey(key, value string) error {
	for _, s := range []string{key, value} {
		if s == "" || len(s) > MaxProviderKey || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("%w: a provider's key or value %.80q", subscription.ErrInvalid, s)
		}
	}
	return nil
}
