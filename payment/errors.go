package payment

import "errors"

// Errors that describe the request. They come wrapped with the facts of the case; test with [errors.Is].
var (
	// ErrInvalid is a request that no gateway can carry out: an empty key, an amount that isn't
	// positive, text that isn't UTF-8. Nothing was sent and no money moved because of it.
	ErrInvalid = errors.New("payment: invalid")

	// ErrKeyConflict is a key that was used before with another content. This request moved no money;
	// the earlier one may have.
	ErrKeyConflict = errors.New("payment: key was used for another request")
)
