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

// FormatError is a document of a format that this version of the module doesn't know.
type FormatError struct{ Format int }

// Error names the format.
func (e *FormatError) Error() string {
	return fmt.Sprintf("document: format %d, this version of the module reads formats 1 to %d: upgrade it", e.Format, Format)
}

// Append appends the document of an application to b. It fails with [subscription.ErrTooLarge] for one of more
// than [subscription.MaxDocument] bytes, and with [subscription.ErrInvalid] for text that isn't UTF-8 or has a NUL
// byte, for an instant or a day that isn't in the years 1 to 9999, and for a lot of which something has expired, since
// it is closed and in no document; then it appends nothing.
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

// AppendLines appends the lines of an order, as JSON. It fails like [Append] for their text.
func AppendLines(b []byte, lines []pricing.Line) ([]byte, error) {
	e := encoder{b: b}
	e.lines(lines)
	return e.result(b)
}

// DecodeLines reads what AppendLines wrote, in any format. It fails for anything else.
func DecodeLines(b []byte) ([]pricing.Line, error) {
	d := latest(b)
	lines := d.lines()
	if err := d.end("document: lines: "); err != nil {
		return nil, err
	}
	return lines, nil
}

// AppendTaxes appends the taxes of an order or a refund, as JSON. It fails like [Append] for their text.
func AppendTaxes(b []byte, taxes []pricing.Tax) ([]byte, error) {
	e := encoder{b: b}
	e.taxes(taxes)
	return e.result(b)
}

// DecodeTaxes reads what AppendTaxes wrote. It fails for anything else.
func DecodeTaxes(b []byte) ([]pricing.Tax, error) {
	d := latest(b)
	taxes := d.taxes()
	if err := d.end("document: taxes: "); err != nil {
		return nil, err
	}
	return taxes, nil
}

// AppendAction appends what the payer of an order has to do, as JSON. It fails like [Append] for its text and time.
func AppendAction(b []byte, a payment.Action) ([]byte, error) {
	e := encoder{b: b}
	e.action(&a)
	return e.result(b)
}

// DecodeAction reads what AppendAction wrote. It fails for anything else.
func DecodeAction(b []byte) (payment.Action, error) {
	d := latest(b)
	a := d.action()
	if err := d.end("document: action: "); err != nil {
		return payment.Action{}, err
	}
	return a, nil
}

// AppendDeliveries appends the deliveries of an order, as JSON. It fails like [Append] for their text and times.
func AppendDeliveries(b []byte, deliveries []subscription.Delivery) ([]byte, error) {
	e := encoder{b: b}
	e.deliveries(deliveries)
	return e.result(b)
}

// DecodeDeliveries reads what AppendDeliveries wrote, in any format. It fails for anything else.
func DecodeDeliveries(b []byte) ([]subscription.Delivery, error) {
	d := latest(b)
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
