// Package paymenttest tests payment gateways, and tests with payment gateways.
//
// # A gateway of your own
//
// [Run] is the conformance suite: whoever writes a [payment.Gateway] calls it from one test, and finds out
// in named cases whether the gateway keeps its contract, which is what the rest of this module relies on to
// never charge anybody twice.
//
//	func TestGateway(t *testing.T) {
//		paymenttest.Run(t, func(t *testing.T) paymenttest.Harness { return open(t) })
//	}
//
// The [Harness] is what the suite needs beside the gateway: a way to give an account money, and a way to see
// what it has left by the provider's own books. The suite believes those, not the gateway's results. Whoever
// writes an adapter of a provider sets Harness.Fail too: what an adapter makes of an HTTP 500 is where most go
// wrong, and without it those cases are skipped.
//
// # A gateway that misbehaves
//
// [Hostile] stands between the code under test and an honest gateway, and does to it what real providers do:
// it answers late, or never, before or after the money has moved; it says pending; it notifies twice, out of
// order, or not at all; it collects another amount; it forgets keys after their retention and collects again.
// It does so by a script or by a seed, so that a failure can be repeated, and keeps its own account of what it
// really collected ([Hostile.Collected]), so that a test needn't believe the code under test about that either.
package paymenttest
