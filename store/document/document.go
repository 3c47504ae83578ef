package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Format is the number of the format that Append writes.
const Format = 2

// FormatError means that a document has a format that this version of the module doesn't know.
type FormatError struct{ Format int }

// Error implements error.
func (e *FormatError) Error() string {
	return fmt.Sprintf("document: format %d: this version of the module reads formats 1 to %d: upgrade it", e.Format, Format)
}

// Append appends the document of an application to b. It returns [subscription.ErrTooLarge] if the document has more
// than [subscription.MaxDocument] bytes. It returns [subscription.ErrInvalid] if text isn't UTF-8 or has a NUL byte, or
// if an instant or a day isn't in the years 1 to 9999. On error it appends nothing.
func Append(b []byte, a *subscription.Application) ([]byte, error) {
	e := encoder{b: room(b, a)}
	e.document(a)
	if size := len(e.b) - len(b); e.err == nil && size > subscription.MaxDocument {
		e.err = fmt.Errorf("%w: the document has %d bytes, want at most %d", subscription.ErrTooLarge, size, subscription.MaxDocument)
	}
	return e.result(b)
}

// Decode decodes the document of an application. The application shares no memory with b. It returns a [*FormatError],
// or another error if Append cannot have written the document.
func Decode(b []byte) (subscription.Application, error) {
	format, err := formatOf(b)
	if err != nil {
		return subscription.Application{}, err
	}
	if format < 1 || format > Format {
		return subscription.Application{}, &FormatError{format}
	}
	d := decoder{scanner: scanner{src: b, format: format}}
	a := d.document()
	if err := d.end("document: "); err != nil {
		return subscription.Application{}, err
	}
	return a, nil
}

// AppendLines appends the lines of an order as JSON. It returns the same text errors as [Append].
func AppendLines(b []byte, lines []pricing.Line) ([]byte, error) {
	e := encoder{b: b}
	e.lines(lines)
	return e.result(b)
}

// DecodeLines decodes the output of AppendLines in any format. It returns an error for anything else.
func DecodeLines(b []byte) ([]pricing.Line, error) {
	d := latest(b)
	lines := d.lines()
	if err := d.end("document: lines: "); err != nil {
		return nil, err
	}
	return lines, nil
}

// AppendTaxes appends the taxes of an order or a refund as JSON. It returns the same text errors as [Append].
func AppendTaxes(b []byte, taxes []pricing.Tax) ([]byte, error) {
	e := encoder{b: b}
	e.taxes(taxes)
	return e.result(b)
}

// DecodeTaxes decodes the output of AppendTaxes. It returns an error for anything else.
func DecodeTaxes(b []byte) ([]pricing.Tax, error) {
	d := latest(b)
	taxes := d.taxes()
	if err := d.end("document: taxes: "); err != nil {
		return nil, err
	}
	return taxes, nil
}

// AppendAction appends the action of an order's payer as JSON. It returns the same text and time errors as [Append].
func AppendAction(b []byte, a payment.Action) ([]byte, error) {
	e := encoder{b: b}
	e.action(&a)
	return e.result(b)
}

// DecodeAction decodes the output of AppendAction. It returns an error for anything else.
func DecodeAction(b []byte) (payment.Action, error) {
	d := latest(b)
	a := d.action()
	if err := d.end("document: action: "); err != nil {
		return payment.Action{}, err
	}
	return a, nil
}

// AppendDeliveries appends the deliveries of an order as JSON. It returns the same text and time errors as [Append].
func AppendDeliveries(b []byte, deliveries []subscription.Delivery) ([]byte, error) {
	e := encoder{b: b}
	e.deliveries(deliveries)
	return e.result(b)
}

// DecodeDeliveries decodes the output of AppendDeliveries in any format. It returns an error for anything else.
func DecodeDeliveries(b []byte) ([]subscription.Delivery, error) {
	d := latest(b)
	deliveries := d.deliveries()
	if err := d.end("document: deliveries: "); err != nil {
		return nil, err
	}
	return deliveries, nil
}

// Text returns an error that wraps [subscription.ErrInvalid] if s isn't UTF-8 or has a NUL byte.
func Text(s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return fmt.Errorf("%w: text %.40q is not UTF-8 without NUL", subscription.ErrInvalid, s)
	}
	return nil
}
