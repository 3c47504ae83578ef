package payment

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/pricing"
)

// The maximum lengths of texts in a request, in bytes. An adapter whose provider accepts only shorter keys sends a
// digest.
const (
	MaxKey  = 256  // key, account, order, application
	MaxText = 1024 // description, reason for a refund
)

// Charge is a request to collect money. A key is bound to every field, so a caller that repeats a charge must repeat
// all fields. Charges are comparable with ==. The zero value is invalid.
type Charge struct {
	Key         string        `json:"key"`                   // chosen by the caller, at most MaxKey bytes
	Account     string        `json:"account"`               // the payer
	Amount      pricing.Money `json:"amount"`                // positive
	Order       string        `json:"order,omitempty"`       // the order being paid; for statements and support
	Application string        `json:"application,omitempty"` // the application the order belongs to
	Description string        `json:"description,omitempty"` // for the payer's statement, at most MaxText bytes
	// Present means that the payer is there and can confirm the payment with the card issuer. Without it, nobody may be
	// asked for anything in time: an automatic renewal, for example.
	Present bool `json:"present,omitempty"`
}

// Validate returns an error that wraps [ErrInvalid] for the first problem that makes c impossible to carry out: a
// missing key or account, an amount that is not positive, or text that is too long, is not UTF-8, or contains a NUL
// byte. Gateways call it first.
func (c Charge) Validate() error {
	return cmp.Or(
		ValidateKey(c.Key),
		required("account", c.Account),
		positive(c.Amount),
		text("order", c.Order, MaxKey),
		text("application", c.Application, MaxKey),
		text("description", c.Description, MaxText),
	)
}

// Refund is a request to refund all or part of a charge. As for [Charge], its key is bound to every field. The key must
// differ from that of every charge. The zero value is invalid.
type Refund struct {
	Key     string        `json:"key"`              // of the refund, chosen by the caller, at most MaxKey bytes
	Charge  string        `json:"charge"`           // the key of the charge
	Account string        `json:"account"`          // the payer, who receives the refund
	Amount  pricing.Money `json:"amount"`           // positive, in the charge's currency
	Reason  string        `json:"reason,omitempty"` // for the payer's statement, at most MaxText bytes
}

// Validate returns an error that wraps [ErrInvalid] for the first problem that makes r impossible to carry out; see
// [Charge.Validate]. Gateways call it first.
func (r Refund) Validate() error {
	return cmp.Or(
		ValidateKey(r.Key),
		required("charge", r.Charge),
		required("account", r.Account),
		positive(r.Amount),
		text("reason", r.Reason, MaxText),
	)
}

// ValidateKey returns an error that wraps [ErrInvalid] if key is empty, longer than [MaxKey] bytes, not UTF-8, or
// contains a NUL byte.
func ValidateKey(key string) error { return required("key", key) }

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
