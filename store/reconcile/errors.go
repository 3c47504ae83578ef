package reconcile

import (
	"fmt"

	"github.com/prepaidkit/prepaid/subscription"
)

// LineError says which line of a statement can't be used. It wraps the reason, which wraps [subscription.ErrInvalid]. Its code
// is "statement".
type LineError struct {
	Line int // from 1: of the file for [ReadCSV], of the statement for [Compare]
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("reconcile: line %d: %v", e.Line, e.Err) }

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// Code returns "statement"; see [subscription.CodeOf].
func (*LineError) Code() subscription.Code { return "statement" }
