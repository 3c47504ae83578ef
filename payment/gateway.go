package payment

import (
	"context"
	"time"
)

// Gateway collects money from accounts and gives it back. Implementations are safe for concurrent use
// and pass paymenttest.Run.
//
// All three calls share these rules:
//
//   - A non-nil error means that the outcome is unknown, never that nothing happened. It comes with the
//     zero [Result]. What a provider that fails answers, an HTTP 500, say, is such an error, and never Declined or
//     NotFound.
//   - A result bears the key it was asked for, and satisfies [Result.Validate].
//   - Once a key's result is final ([Status.Final]), every later answer for that key is that same result,
//     within the retention.
//   - A key stands for one content: every field of the first request with it, the texts for people too
//     ([Charge.Description], [Refund.Reason]). With another it is refused with [ErrKeyConflict], whatever became
//     of the first request; a declined one is not put right with its key.
//   - A malformed request is refused with [ErrInvalid]. Neither refusal moves money, nor uses the key up, nor
//     changes what it stands for.
//   - When ctx is done, the call returns soon, with an error that wraps ctx's unless the outcome is known.
type Gateway interface {
	// Charge collects c.Amount from c.Account, at most once per c.Key.
	//
	// Succeeded: the money was collected. Declined: it wasn't and never will be with this key; Reason
	// says why. Pending: it may yet be; ask [Gateway.Lookup] or wait for the provider's notification.
	//
	// The same charge again has the same result and collects nothing more, whether the requests come one
	// after the other or at once. While the first is pending, so is the repetition.
	Charge(ctx context.Context, c Charge) (Result, error)

	// Lookup says what became of the charge with that key. It moves no money.
	//
	// NotFound: the gateway has no record of it, which is not definite. The charge may be on its way or
	// forgotten; see [Gateway.Retention].
	//
	// Only charges are looked up. To learn what became of a refund, ask for it again with its key.
	Lookup(ctx context.Context, key string) (Result, error)

	// Refund gives r.Amount back of the charge r.Charge, at most once per r.Key. A charge can be given
	// back in parts, never more in all than was collected.
	//
	// Succeeded: the money was given back. Declined: it wasn't and never will be with this key: more than
	// is left of the charge ([ExceedsCharge]), which is nothing if the charge was declined, or another account or
	// currency than the charge's ([Mismatch]). Pending: it may yet be; repeat the refund to find out. NotFound:
	// the gateway has no record of the charge, or its outcome is still open. That isn't final: nothing was given
	// back, r.Key isn't used up, and the same refund may succeed later.
	Refund(ctx context.Context, r Refund) (Result, error)

	// Retention is how long after its first use the gateway surely remembers a key, and so refuses to
	// move its money twice. 0 is forever. It never changes during the life of the value.
	Retention() time.Duration
}
