package payment

import "errors"

// Errors that describe the request. They are wrapped with details; test for them with [errors.Is].
var (
	// ErrInvalid means that no gateway can carry out the request: for example, the key is empty, the amount isn't
	// positive, or a text isn't UTF-8. The request was not sent and moved no money.
	ErrInvalid = errors.New("payment: invalid")

	// ErrKeyConflict means that the key was already used with different content. This request moved no money; the
	// earlier one may have.
	ErrKeyConflict = errors.New("payment: key was used for another request")
)
