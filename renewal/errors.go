package renewal

import "github.com/prepaidkit/prepaid/subscription"

// Errors of this package, each with a code; see [subscription.CodeOf].
var (
	// ErrNotRenewable means that the subscription is a trial or is over; the customer must purchase a new one. Its code
	// is "not_renewable".
	ErrNotRenewable error = &codedError{"renewal: not renewable", "not_renewable"}
	// ErrPolicy means that a policy is invalid. Its code is "policy".
	ErrPolicy error = &codedError{"renewal: invalid policy", "policy"}
)

type codedError struct {
	text string
	code subscription.Code
}

// Error returns the text.
func (e *codedError) Error() string { return e.text }

// Code returns the code for [subscription.CodeOf].
func (e *codedError) Code() subscription.Code { return e.code }
