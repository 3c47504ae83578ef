package payment

import "context"

// Canceler is a [Gateway] that can keep a charge from succeeding. It is optional. Callers cancel a charge that they have
// given up, before they request another one in its place; without a Canceler they look it up until it is final, and refund
// it if it succeeded after all.
//
// The rules of [Gateway] apply: an error means that the outcome is unknown, and a result is that of the key. A wrapper of
// a gateway implements Canceler only if that gateway does.
type Canceler interface {
	// Cancel keeps the charge with that key from succeeding, if that is still possible, and returns its outcome. It moves
	// no money.
	//
	// Declined means that the charge never succeeds, whoever asks for it: with the reason [Canceled], or with the one for
	// which it was declined before. Succeeded means that it was paid already; nothing is refunded. Pending means that it
	// isn't certain yet; cancel again, or look it up. NotFound means that the gateway has no record of the charge, which
	// may still be on its way: nothing was canceled, and the key isn't used.
	//
	// Canceling again returns the same final result, as do Charge and Lookup then.
	Cancel(ctx context.Context, key string) (Result, error)
}
