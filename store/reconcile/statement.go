package reconcile

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// LineKind says what a line of a statement is.
type LineKind string

// The kinds of lines.
const (
	Charge     LineKind = "charge"     // money was collected
	Refund     LineKind = "refund"     // money was returned, because we asked for it or by the provider itself
	Reversal   LineKind = "reversal"   // the payer's bank took a payment back
	Reinstated LineKind = "reinstated" // the bank returned what it had taken back, or a refund came back to us
)

// Line is one movement of money according to the provider. It is plain data and comparable with ==, except for At.
type Line struct {
	Kind LineKind `json:"kind"`
	// Key is the key that we sent. For a charge, and for what the bank or the provider did by itself, it is the charge's,
	// that is, [subscription.Order.Attempt]. For a refund that we asked for, it is [subscription.Refund.Key], and likewise
	// for one that came back.
	Key string `json:"key"`
	// ID is the provider's own name for the dispute, or for the refund that it made by itself, the same as in the notices
	// about it ([payment.Reversal]). Every line has it but those of charges and of refunds that we asked for.
	ID     string        `json:"id,omitzero"`
	Amount pricing.Money `json:"amount"`      // positive
	At     time.Time     `json:"at,omitzero"` // when the money moved; zero if the provider doesn't say
	// Reference is the provider's own name for the movement. Lines that are equal in everything and have a reference are
	// one, so that statements may overlap.
	Reference string `json:"reference,omitzero"`
}

// Validate returns an error that wraps [subscription.ErrInvalid] for the first problem that makes the line impossible: an
// unknown kind, a missing or malformed key or ID, an amount that isn't positive, or text that is too long or not UTF-8.
func (l Line) Validate() error {
	_, refund := subscription.ParseKey(l.Key)
	err := payment.ValidateKey(l.Key)
	switch l.Kind {
	case Charge, Refund, Reversal, Reinstated:
	default:
		err = fmt.Errorf("kind %.40q", string(l.Kind))
	}
	switch {
	case err != nil:
	case refund > 0 && (l.Kind == Charge || l.Kind == Reversal):
		err = fmt.Errorf("a %s with the key of a refund, %.300q", l.Kind, l.Key)
	case l.Kind == Charge || refund > 0:
		err = payment.Result{Key: l.Key, Status: payment.Succeeded, Amount: l.Amount}.Validate()
	default:
		err = payment.Reversal{ID: l.ID, Charge: l.Key, Status: payment.Reversed, Amount: l.Amount}.Validate()
	}
	texts := l.ID + l.Reference
	switch {
	case err != nil:
	case len(l.Reference) > payment.MaxText || len(l.ID) > payment.MaxKey:
		err = fmt.Errorf("reference of %d bytes, or ID of %d", len(l.Reference), len(l.ID))
	case !utf8.ValidString(texts) || strings.IndexByte(texts, 0) >= 0:
		err = errors.New("an ID or a reference that is not UTF-8 text without NUL")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", subscription.ErrInvalid, err)
	}
	return nil
}

// Statement is the lines of one or several statements, in any order. An error ends it and comes with the zero Line.
type Statement = iter.Seq2[Line, error]

// Join returns the lines of several statements, such as those of some days.
func Join(statements ...Statement) Statement {
	return func(yield func(Line, error) bool) {
		for _, s := range statements {
			for l, err := range s {
				if !yield(l, err) || err != nil {
					return
				}
			}
		}
	}
}

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
