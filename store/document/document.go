package document

import (
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

// Append appends the document of an application to b. It fails with [subscription.ErrTooLarge] for one of more
// than [subscription.MaxDocument] bytes, and with [subscription.ErrInvalid] for text that isn't UTF-8 or has a NUL
// byte, and for an instant or a day that isn't in the years 1 to 9999; then it appends nothing.
func Append(b []byte, a *subscription.Application) ([]byte, error) {
	e := encoder{b: room(b, a)}
	e.document(a)
	if size := len(e.b) - len(b); e.err == nil && size > subscription.MaxDocument {
		e.err = fmt.Errorf("%w: a document of %d bytes, at most %d", subscription.ErrTooLarge, size, subscription.MaxDocument)
	}
	return e.result(b)
}

// Decode returns the application of a document, which shares no memory with it. It fails with [*FormatError], and
// with another error for what no Append has written.
func Decode(b []byte) (subscription.Application, error) {
	format, err := formatOf(b)
	if err != nil {
		return subscription.Application{}, err
	}
	switch format {
	case 1:
		d := decoder{scanner: scanner{src: b}}
		a := d.document()
		if err := d.end("document: "); err != nil {
			return subscription.Application{}, err
		}
		return a, nil
	default:
		return subscription.Application{}, &FormatError{format}
	}
}

// AppendLines appends the lines of an order, as JSON. It fails like [Append] for their text.
func AppendLines(b []byte, lines []pricing.Line) ([]byte, error) {
	e := encoder{b: b}
	e.lines(lines)
	return e.result(b)
}

// DecodeLines reads what AppendLines wrote. It fails for anything else.
func DecodeLines(b []byte) ([]pricing.Line, error) {
	d := decoder{scanner: scanner{src: b}}
	lines := d.lines()
	if err := d.end("document: lines: "); err != nil {
		return nil, err
	}
	return lines, nil
}

// AppendDeliveries appends the deliveries of an order, as JSON. It fails like [Append] for their text and times.
func AppendDeliveries(b []byte, deliveries []subscription.Delivery) ([]byte, error) {
	e := encoder{b: b}
	e.deliveries(deliveries)
	return e.result(b)
}

// DecodeDeliveries reads what AppendDeliveries wrote. It fails for anything else.
func DecodeDeliveries(b []byte) ([]subscription.Delivery, error) {
	d := decoder{scanner: scanner{src: b}}
	deliveries := d.deliveries()
	if err := d.end("document: deliveries: "); err != nil {
		return nil, err
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
