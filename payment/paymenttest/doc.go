// Package paymenttest tests payment gateways, and helps to test code that uses them.
//
// # Testing your own gateway
//
// [Run] is the conformance suite. The author of a [payment.Gateway] calls it from one test. Its named cases show
// whether the gateway satisfies its contract. The rest of this module relies on that contract to never charge anyone
// twice.
//
//	func TestGateway(t *testing.T) {
//		paymenttest.Run(t, func(t *testing.T) paymenttest.Harness { return open(t) })
//	}
//
// Besides the gateway, the suite needs a [Harness]: a way to add money to an account, and a way to read the account's
// balance in the provider's own books. The suite relies on those books, not on the gateway's results. The author of an
// adapter should also set Harness.Fail: most adapters go wrong in their handling of an HTTP 500, and without Fail those
// cases are skipped. So are, without Harness.Wait and Harness.PayDeclined, those about keys that a provider forgets and
// about payments that can be made after they failed.
//
// # A misbehaving gateway
//
// [Hostile] stands between the code under test and a correct gateway, and misbehaves like real providers: it answers
// late or never, before or after the money has moved; it returns pending; it sends notifications twice, out of order,
// or not at all; it collects a different amount; it forgets keys after their retention and collects again. Its faults
// come from a script or a seed, so a failure can be reproduced. It records what it actually collected
// ([Hostile.Collected]), so a test need not rely on the code under test for that.
package paymenttest
