package renewal

import "github.com/prepaidkit/prepaid/subscription"

// Errors of this package, each with its code, see [subscription.CodeOf].
var (
	// ErrNotRenewable is a renewal of a trial or of a subscription that is over: purchase instead. Its code is "not_renewable".
	ErrNotRenewable error = &codedError{"renewal: not renewable", "not_renewable"}
	// ErrPolicy is a policy that makes no sense. Its code is "policy".
	ErrPolicy error = &codedError{"renewal: invalid policy", "policy"}
)

type codedError struct {
	text string
	code subscription.Code
}

// Error returns the text.
func (e *codedError) Error() string { return e.text }

// Code implements what [subscription.CodeOf] looks for.
func (e *codedError) Code() subscription.Code { return e.code }
