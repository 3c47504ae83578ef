// Package stripefake is a stateful stand-in for Stripe's API, for tests: of package payment/stripe, and of hosts that use
// it. It serves HTTP on the loopback interface, and asks nobody for money.
//
//	provider := stripefake.New(nil)
//	defer provider.Close()
//	customer, _ := provider.AddCustomer(stripefake.Good)
//	gateway, err := stripe.New("sk_test_…", payers, &stripe.Options{URL: provider.URL()})
//
// It has customers, cards, setup intents, payment intents, refunds, disputes, and signed notifications about them. It has
// the provider's awkward sides too: a search that lags, idempotency keys that are forgotten after 24 hours and that repeat
// errors before, payments that can be made after they failed, refunds that fail after they succeeded, rate limits, locks,
// failures and lost answers. Its clock can be advanced. All of its state is in memory: a store that remembers customers or
// keys of an earlier fake is of no use to it.
//
// It knows the requests that package payment/stripe makes, and no more. What it answers was written from the public
// documentation and never compared with the real provider.
package stripefake
