package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// providerKeyCases checks what a store remembers of a gateway's keys. The cases are skipped if the store isn't a
// [store.ProviderKeys].
func providerKeyCases() []check {
	return []check{
		{"a key is bound once, to the first value", func(e *env) {
			k := e.providerKeys()
			e.boundTo(k, "k", "")
			e.binds(k, "k", "pi_1", "pi_1")
			e.boundTo(k, "k", "pi_1")
			e.binds(k, "k", "pi_1", "pi_1")
			e.binds(k, "k", "pi_2", "pi_1")
			e.boundTo(k, "k", "pi_1")
			e.boundTo(k, "K", "")
			e.binds(k, "K", "pi_1", "pi_1")
		}},
		{"many at once bind one value, and all know which", func(e *env) {
			k := e.providerKeys()
			for round := range 5 {
				key := fmt.Sprintf("k%d", round)
				bound := make([]string, 8)
				for _, err := range e.together("binding", len(bound), func(i int) (err error) {
					bound[i], err = k.BindProviderKey(e.ctx, key, fmt.Sprintf("pi_%d", i))
					return err
				}) {
					if err != nil {
						e.Fatalf("BindProviderKey: %v", err)
					}
				}
				for _, value := range bound {
					e.boundTo(k, key, value)
				}
			}
		}},
		{"the longest texts, and none that is longer, empty or not ASCII", func(e *env) {
			k := e.providerKeys()
			longest := strings.Repeat("~", store.MaxProviderKey)
			e.binds(k, longest, longest, longest)
			for _, bad := range []string{"", longest + "~", "a\x00", "ключ", "a\n"} {
				for _, pair := range [][2]string{{bad, "v"}, {"k", bad}} {
					if _, err := k.BindProviderKey(e.ctx, pair[0], pair[1]); !errors.Is(err, subscription.ErrInvalid) {
						e.Fatalf("BindProviderKey(%.10q, %.10q): %v, want subscription.ErrInvalid", pair[0], pair[1], err)
					}
				}
			}
			e.boundTo(k, "k", "")
		}},
		{"a context that has ended", func(e *env) {
			k := e.providerKeys()
			for _, w := range endings() {
				ctx, cancel := w.end(e.ctx)
				_, err := k.ProviderKey(ctx, "k")
				e.ended("ProviderKey", err, w)
				_, err = k.BindProviderKey(ctx, "k", "v")
				e.ended("BindProviderKey", err, w)
				cancel()
			}
			e.boundTo(k, "k", "")
		}},
	}
}

// providerKeys returns the store of the case as a [store.ProviderKeys], and skips the case if it isn't one.
func (e *env) providerKeys() store.ProviderKeys {
	e.Helper()
	return optional[store.ProviderKeys](e)
}

func (e *env) boundTo(k store.ProviderKeys, key, want string) {
	e.Helper()
	if got, err := k.ProviderKey(e.ctx, key); err != nil || got != want {
		e.Fatalf("ProviderKey(%q): %q, %v, want %q", key, got, err, want)
	}
}

func (e *env) binds(k store.ProviderKeys, key, value, want string) {
	e.Helper()
	if got, err := k.BindProviderKey(e.ctx, key, value); err != nil || got != want {
		e.Fatalf("BindProviderKey(%q, %q): %q, %v, want %q", key, value, got, err, want)
	}
}
