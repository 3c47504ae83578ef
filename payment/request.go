package payment

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/pricing"
)

// The longest texts of a request, in bytes. A gateway whose provider takes shorter keys sends a digest.
const (
	MaxKey  = 256  // a key, an account, an order, an application
	MaxText = 1024 // a description, the reason of a refund
)

// Charge asks for money. Its content, that a key stands for, is every field: a caller that repeats a
// charge repeats all of it. Charges are comparable with ==. The zero value is invalid.
type Charge struct {
	Key         string        `json:"key"`                   // chosen by the caller, at most MaxKey bytes
	Account     string        `json:"account"`               // who pays
	Amount      pricing.Money `json:"amount"`                // positive
	Order       string        `json:"order,omitempty"`       // what is paid for; for statements and support
	Application string        `json:"application,omitempty"` // the application the order belongs to
	Description string        `json:"description,omitempty"` // for the payer's statement, at most MaxText bytes
}

// Validate reports the first thing that makes c impossible to carry out, wrapping [ErrInvalid]: no key or
// account, an amount that is not positive, or text that is too long, not UTF-8, or has a NUL byte.
// Gateways call it first.
func (c Charge) Validate() error {
	return first(
		ValidateKey(c.Key),
		required("account", c.Account),
		positive(c.Amount),
		text("order", c.Order, MaxKey),
		text("application", c.Application, MaxKey),
		text("description", c.Description, MaxText),
	)
}

// Refund asks to give back all or a part of a charge. Its content is every field, as for [Charge], and its
// key must differ from that of every charge. The zero value is invalid.
type Refund struct {
	Key     string        `json:"key"`              // of the refund, chosen by the caller, at most MaxKey bytes
	Charge  string        `json:"charge"`           // the key of the charge
	Account string        `json:"account"`          // who paid, and gets the money back
	Amount  pricing.Money `json:"amount"`           // positive, of the charge's currency
	Reason  string        `json:"reason,omitempty"` // for the payer's statement, at most MaxText bytes
}

// Validate reports the first thing that makes r impossible to carry out, wrapping [ErrInvalid], as
// [Charge.Validate] does. Gateways call it first.
func (r Refund) Validate() error {
	return first(
		ValidateKey(r.Key),
		required("charge", r.Charge),
		required("account", r.Account),
		positive(r.Amount),
		text("reason", r.Reason, MaxText),
	)
}

// ValidateKey reports what makes key impossible, wrapping [ErrInvalid]: it is empty, longer than [MaxKey]
// bytes, not UTF-8, or has a NUL byte.
func ValidateKey(key string) error { return required("key", key) }

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func required(field, s string) error {
	if s == "" {
		return fmt.Errorf("%w: %s is empty", ErrInvalid, field)
	}
	return text(field, s, MaxKey)
}

func text(field, s string, longest int) error {
	switch {
	case len(s) > longest:
		return fmt.Errorf("%w: %s is longer than %d bytes", ErrInvalid, field, longest)
	case !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		return fmt.Errorf("%w: %s is not UTF-8 text without NUL", ErrInvalid, field)
	}
	return nil
}

func positive(m pricing.Money) error {
	switch {
	case m.IsZero():
		return fmt.Errorf("%w: amount is missing", ErrInvalid)
	case m.Sign() <= 0:
		return fmt.Errorf("%w: amount %s is not positive", ErrInvalid, m)
	}
	return nil
}
