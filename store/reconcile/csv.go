package reconcile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// MaxRecord is how many bytes a record of a file may have, its line breaks included. No more is in memory.
const MaxRecord = 64 << 10

// The columns of a file, as its first record names them.
const (
	columnKind = iota
	columnKey
	columnCurrency
	columnAmount
	columnAt // this one and those that follow may be left out
	columnID
	columnReference
	columnCount
)

//nolint:gochecknoglobals // a constant table
var columnNames = [columnCount]string{"kind", "key", "currency", "amount", "at", "id", "reference"}

// ReadCSV reads a statement from a file of comma-separated values (RFC 4180) in UTF-8. The first record names the columns, in
// any order:
//
//	kind        charge, refund, reversal or reinstated
//	key         the key that we sent; see [Line.Key]
//	currency    three capital letters of ISO 4217
//	amount      positive, with a point and no more decimals than the currency has: 199.00, or 199 for yen
//	at          when the money moved, with the offset from UTC: 2026-03-01T10:00:00Z (RFC 3339)
//	id          see [Line.ID]
//	reference   see [Line.Reference]
//
// The last three may be empty or left out. Other columns are ignored, and so are empty lines. An error ends the statement: a
// [*LineError] for what can't be read, which wraps [subscription.ErrInvalid], or that of the reader. The file is read while
// the statement is, so once.
func ReadCSV(file io.Reader) Statement {
	return func(yield func(Line, error) bool) {
		if absent.Is(file) {
			yield(Line{}, fmt.Errorf("%w: no file", subscription.ErrInvalid))
			return
		}
		t := newTable(file)
		err := t.header()
		for err == nil {
			var l Line
			if l, err = t.line(); err == nil && !yield(l, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(Line{}, err)
		}
	}
}

// table is a file that is being read.
type table struct {
	lines *lines
	csv   *csv.Reader
	at    [columnCount]int // where each column is; -1: nowhere
}

func newTable(file io.Reader) *table {
	t := &table{lines: &lines{in: bufio.NewReader(file)}}
	t.csv = csv.NewReader(t.lines)
	t.csv.ReuseRecord = true
	return t
}

// record reads a record, and returns the line on which it begins.
func (t *table) record() ([]string, int, error) {
	t.lines.left = MaxRecord
	fields, err := t.csv.Read()
	malformed := new(csv.ParseError)
	switch {
	case errors.Is(err, errTooLong):
		return nil, 0, refuse(t.lines.number+1, err)
	case errors.As(err, &malformed):
		return nil, 0, refuse(malformed.Line, malformed.Err)
	case errors.Is(err, io.EOF):
		return nil, 0, io.EOF
	case err != nil:
		return nil, 0, fmt.Errorf("reconcile: read the statement: %w", err)
	}
	n, _ := t.csv.FieldPos(0)
	return fields, n, nil
}

func refuse(line int, why error) error {
	if !errors.Is(why, subscription.ErrInvalid) {
		why = fmt.Errorf("%w: %w", subscription.ErrInvalid, why)
	}
	return &LineError{Line: line, Err: why}
}

// header reads the first record.
func (t *table) header() error {
	names, n, err := t.record()
	switch {
	case errors.Is(err, io.EOF):
		return refuse(1, errors.New("no header"))
	case err != nil:
		return err
	}
	names = slices.Clone(names)
	names[0] = strings.TrimPrefix(names[0], "\ufeff") // some programs begin a file with a byte order mark
	for i, name := range columnNames {
		t.at[i] = slices.Index(names, name)
		switch {
		case t.at[i] < 0 && i < columnAt:
			return refuse(n, fmt.Errorf("no column %q in the header", name))
		case t.at[i] >= 0 && slices.Contains(names[t.at[i]+1:], name):
			return refuse(n, fmt.Errorf("two columns %q in the header", name))
		}
	}
	return nil
}

// line reads a record of a movement.
func (t *table) line() (Line, error) {
	fields, n, err := t.record()
	if err != nil {
		return Line{}, err
	}
	field := func(column int) string {
		if t.at[column] < 0 {
			return ""
		}
		return strings.Clone(fields[t.at[column]])
	}
	l := Line{Kind: LineKind(field(columnKind)), Key: field(columnKey), ID: field(columnID), Reference: field(columnReference)}
	if l.Amount, err = pricing.ParseMoney(field(columnAmount), pricing.Currency(field(columnCurrency))); err != nil {
		return Line{}, refuse(n, err)
	}
	if at := field(columnAt); at != "" {
		if l.At, err = time.Parse(time.RFC3339, at); err != nil {
			return Line{}, refuse(n, fmt.Errorf("%w: %.60q, want 2026-03-01T10:00:00Z", pricing.ErrSyntax, at))
		}
	}
	if err := l.Validate(); err != nil {
		return Line{}, refuse(n, err)
	}
	return l, nil
}

var errTooLong = fmt.Errorf("a record of more than %d bytes", MaxRecord)

// lines reads a file by lines, so that the CSV reader never has more than the record that it is reading.
type lines struct {
	in     *bufio.Reader
	rest   []byte // of a line
	number int    // of complete lines so far
	left   int    // how much more may be read of the record
	err    error  // what ended the file
}

// Read implements io.Reader.
func (l *lines) Read(p []byte) (int, error) {
	if len(l.rest) == 0 && l.err == nil {
		if l.rest, l.err = l.in.ReadSlice('\n'); errors.Is(l.err, bufio.ErrBufferFull) {
			l.err = nil
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	if l.left -= n; l.left < 0 {
		return 0, errTooLong
	}
	if n == 0 {
		return 0, l.err
	}
	if p[n-1] == '\n' {
		l.number++
	}
	return n, nil
}
