package renewal

import "errors"

// ErrNotRenewable is a renewal of a trial or of a subscription that is over: purchase instead.
var ErrNotRenewable = errors.New("renewal: not renewable")
