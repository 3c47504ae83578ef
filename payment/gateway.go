package payment

import (
	"context"
	"time"
)

// Gateway collects money from accounts and refunds it. Implementations must be safe for concurrent use and pass
// paymenttest.Run.
//
// A gateway that can cancel a charge also implements [Canceler].
//
// All calls follow these rules:
//
//   - A non-nil error means that the outcome is unknown, never that nothing happened. The [Result] is then the zero
//     value. A failure of the provider, such as an HTTP 500, is such an error, and never Declined or NotFound.
//   - A result has the key of the request and satisfies [Result.Validate].
//   - Once the result of a key is final ([Status.Final]), every later call with that key returns the same result,
//     within the retention.
//   - A key is bound to the content of the first request that used it, including every field and the texts for people
//     ([Charge.Description], [Refund.Reason]), and whether the payer is present. A request with different content fails
//     with [ErrKeyConflict], whatever the outcome of the first request was. A declined request cannot be corrected under
//     the same key.
//   - A malformed request fails with [ErrInvalid]. Neither error moves money, uses the key, or changes the content that
//     the key is bound to.
//   - If ctx is done, the call returns promptly. The error wraps that of ctx unless the outcome is known.
type Gateway interface {
	// Charge collects c.Amount from c.Account, at most once per c.Key.
	//
	// Succeeded means that the money was collected. Declined means that it was not and never will be with this key;
	// Reason gives the cause. Pending means that it may still be collected: call [Gateway.Lookup] or wait for the
	// provider's notification. If the payer has something to do first, the result has an [Action], and so have those of
	// repeated requests and of Lookup until the payer has done it.
	//
	// Repeating the same charge returns the same result and collects nothing more, whether the requests are sequential
	// or concurrent. While the first request is pending, so are its repetitions.
	Charge(ctx context.Context, c Charge) (Result, error)

	// Lookup returns the outcome of the charge with that key. It moves no money.
	//
	// NotFound means that the gateway has no record of the charge. This is not final: the charge may be on its way or
	// may have been forgotten; see [Gateway.Retention].
	//
	// Lookup works only for charges. To learn the outcome of a refund, repeat the refund with its key.
	Lookup(ctx context.Context, key string) (Result, error)

	// Refund refunds r.Amount of the charge r.Charge, at most once per r.Key. A charge can be refunded in parts, but
	// never by more in total than was collected.
	//
	// Succeeded means that the money was refunded. Declined means that it was not and never will be with this key,
	// because the amount exceeds the remainder of the charge ([ExceedsCharge]), which is zero if the charge was
	// declined, or because the account or the currency differs from the charge's ([Mismatch]). Pending means that it
	// may still be refunded; repeat the refund to find out. NotFound means that the gateway has no record of the
	// charge, or that the charge's outcome is still open. NotFound is not final: nothing was refunded, r.Key is not
	// used, and the same refund may succeed later.
	Refund(ctx context.Context, r Refund) (Result, error)

	// Retention returns how long the gateway is guaranteed to remember a key after its first use, and so to prevent a
	// second movement of money. 0 means forever. It never changes during the lifetime of the value.
	Retention() time.Duration
}
