package renewal

import "github.com/prepaidkit/prepaid/subscription"

// ErrNotRenewable is a renewal of a trial or of a subscription that is over: purchase instead. Its code is "not_renewable".
var ErrNotRenewable error = notRenewableError{}

type notRenewableError struct{}

// Error says what the matter is.
func (notRenewableError) Error() string { return "renewal: not renewable" }

// Code implements what [subscription.CodeOf] looks for.
func (notRenewableError) Code() subscription.Code { return "not_renewable" }
