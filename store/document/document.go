// Package document is the form in which stores keep an application: JSON, with the number of its format. Every
// store of this module writes it, and another one may.
//
// A document that was written in an earlier format is read for ever; package testdata has one of each. One of a
// later format, which a newer version of this module wrote, is refused, so that a service that was rolled back never
// drops what it doesn't know.
package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Format is the number of the format that Append writes.
const Format = 1

// FormatError is a document of a format that this version of the module doesn't know.
type FormatError struct{ Format int }

// Error names the format.
func (e *FormatError) Error() string {
	return fmt.Sprintf("document: format %d, this version of the module reads formats 1 to %d: upgrade it", e.Format, Format)
}

// stored is the form of an application.
type stored struct {
	Format int `json:"format"`
	subscription.Application
}

// Append appends the document of an application to b. It fails with [subscription.ErrTooLarge] for one of more
// than [subscription.MaxDocument] bytes, and with [subscription.ErrInvalid] for text that isn't UTF-8 or has a NUL
// byte; then it appends nothing.
func Append(b []byte, a *subscription.Application) ([]byte, error) {
	doc, err := appendJSON(b, stored{Format, *a})
	if err == nil && len(doc)-len(b) > subscription.MaxDocument {
		err = fmt.Errorf("%w: a document of %d bytes, at most %d", subscription.ErrTooLarge, len(doc)-len(b), subscription.MaxDocument)
	}
	if err != nil {
		return b, err
	}
	return doc, nil
}

// Decode returns the application of a document. It fails with [*FormatError], and with another error for what no
// Append has written.
func Decode(b []byte) (subscription.Application, error) {
	var format struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &format); err != nil {
		return subscription.Application{}, fmt.Errorf("document: %w", err)
	}
	if format.Format < 1 || format.Format > Format {
		return subscription.Application{}, &FormatError{format.Format}
	}
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return subscription.Application{}, fmt.Errorf("document: %w", err)
	}
	return s.Application, nil
}

// AppendLines appends the lines of an order, as JSON. It fails like [Append] for its text.
func AppendLines(b []byte, lines []pricing.Line) ([]byte, error) { return appendJSON(b, lines) }

// DecodeLines reads what AppendLines wrote.
func DecodeLines(b []byte) ([]pricing.Line, error) {
	var lines []pricing.Line
	if err := json.Unmarshal(b, &lines); err != nil {
		return nil, fmt.Errorf("document: lines: %w", err)
	}
	return lines, nil
}

// AppendDeliveries appends the deliveries of an order, as JSON. It fails like [Append] for its text.
func AppendDeliveries(b []byte, deliveries []subscription.Delivery) ([]byte, error) {
	return appendJSON(b, deliveries)
}

// DecodeDeliveries reads what AppendDeliveries wrote.
func DecodeDeliveries(b []byte) ([]subscription.Delivery, error) {
	var deliveries []subscription.Delivery
	if err := json.Unmarshal(b, &deliveries); err != nil {
		return nil, fmt.Errorf("document: deliveries: %w", err)
	}
	return deliveries, nil
}

// Text returns an error that wraps [subscription.ErrInvalid] for text that isn't UTF-8 or has a NUL byte.
func Text(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return fmt.Errorf("%w: text %.40q is not UTF-8 without NUL", subscription.ErrInvalid, s)
	}
	return nil
}

func appendJSON(b []byte, v any) ([]byte, error) {
	j, err := json.Marshal(v)
	if err != nil {
		return b, fmt.Errorf("document: %w", err)
	}
	// The encoder writes U+FFFD for a byte that isn't UTF-8, and NUL as an escape.
	if bytes.Contains(j, []byte(`\u0000`)) || bytes.Contains(j, []byte(`\ufffd`)) {
		return b, fmt.Errorf("%w: text that is not UTF-8 without NUL", subscription.ErrInvalid)
	}
	return append(b, j...), nil
}
