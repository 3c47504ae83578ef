package renewal

import "github.com/prepaidkit/prepaid/subscription"

// ErrNotRenewable means that the subscription is a trial or is over; the customer must purchase a new one. Its code is
// "not_renewable".
var ErrNotRenewable error = notRenewableError{}

type notRenewableError struct{}

// Error implements error.
func (notRenewableError) Error() string { return "renewal: not renewable" }

// Code returns the code for [subscription.CodeOf].
func (notRenewableError) Code() subscription.Code { return "not_renewable" }
