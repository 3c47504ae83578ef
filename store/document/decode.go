package document

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// formatOf returns the number of a document's format, wherever it appears in the document.
func formatOf(b []byte) (int, error) {
	s := scanner{src: b}
	s.expect('{')
	for first := true; s.more(first, '}'); first = false {
		name := string(s.text()) == "format"
		s.expect(':')
		if name {
			format := s.int64()
			if s.err == nil && int64(int(format)) != format {
				s.failf("number out of range")
			}
			if s.err != nil {
				return 0, fmt.Errorf("document: format: %w", s.err)
			}
			return int(format), nil
		}
		s.skip()
	}
	if s.err == nil {
		s.failf("no \"format\"")
	}
	return 0, fmt.Errorf("document: %w", s.err)
}

// decoder decodes the values of a document.
type decoder struct {
	scanner

	texts    texts
	currency pricing.Currency // the last currency read, and its digits
	digits   int
}

// latest returns a decoder for data without a format number. It uses the latest format, which accepts data written in
// earlier ones.
func latest(b []byte) decoder { return decoder{scanner: scanner{src: b, format: Format}} }

// list starts reading a list and reports whether it has elements; null is an empty list. Call next for further
// elements.
func (d *decoder) list() (first bool) {
	if d.word("null") {
		return false
	}
	d.expect('[')
	return d.more(true, ']')
}

// next reports whether a list has another element.
func (d *decoder) next() bool { return d.more(false, ']') }

func (d *decoder) string() string {
	s := d.text()
	if d.err != nil {
		return ""
	}
	return d.texts.keep(s)
}

func (d *decoder) int() int {
	n := d.int64()
	if int64(int(n)) != n {
		d.failf("number out of range")
		return 0
	}
	return int(n)
}

func (d *decoder) time() time.Time {
	s := d.text()
	t, ok := parseTime(s)
	if !ok {
		d.failf("%.40q isn't an instant such as 2025-06-16T08:00:00.000001Z", s)
	}
	return t
}

func (d *decoder) date() pricing.Date {
	s := d.text()
	midnight, ok := parseDay(s)
	if !ok {
		d.failf("%.40q isn't a day such as 2025-06-16", s)
	}
	return pricing.Date(midnight / secondsPerDay)
}

// money reads an amount, "199.00 USD", or "" for none.
func (d *decoder) money() pricing.Money {
	s := d.text()
	if len(s) == 0 {
		return pricing.Money{}
	}
	amount, currency, _ := bytes.Cut(s, []byte{' '})
	if d.currency != pricing.Currency(currency) {
		d.currency = pricing.Currency(currency)
		digits, err := d.currency.Digits()
		if err != nil {
			d.failf("%.40q: %v", s, err)
			return pricing.Money{}
		}
		d.digits = digits
	}
	minor, ok := parseDecimal(amount, d.digits)
	if !ok {
		d.failf("%.40q isn't an amount such as \"199.00 USD\"", s)
		return pricing.Money{}
	}
	m, err := pricing.FromMinor(minor, d.currency)
	if err != nil {
		d.failf("%v", err)
	}
	return m
}

func (d *decoder) rate() pricing.Rate {
	s := d.text()
	if d.err != nil {
		return pricing.Rate{}
	}
	r, err := pricing.ParseRate(string(s))
	if err != nil {
		d.failf("%v", err)
	}
	return r
}

// weight reads a weight. It accepts any value, including those that no catalog may have.
func (d *decoder) weight() pricing.Weight {
	s := d.text()
	thousandths, ok := parseDecimal(s, 3)
	if !ok {
		d.failf("%.40q isn't a weight such as 4.5", s)
	}
	return pricing.Weight(thousandths)
}

// parseDecimal reads [-]digits[.digits] as a number of units of 10^-decimals. It accepts at most 32 bytes.
func parseDecimal(s []byte, decimals int) (int64, bool) {
	number, negative := bytes.CutPrefix(s, []byte{'-'})
	whole, fraction, point := bytes.Cut(number, []byte{'.'})
	if len(s) > 32 || len(whole) == 0 || point && len(fraction) == 0 || len(fraction) > decimals {
		return 0, false
	}
	n := int64(0) // accumulate the negative, whose range has one value more
	for i := range len(whole) + decimals {
		c := byte('0')
		switch {
		case i < len(whole):
			c = whole[i]
		case i < len(whole)+len(fraction):
			c = fraction[i-len(whole)]
		}
		digit := int64(c) - '0'
		if digit < 0 || digit > 9 || n < (math.MinInt64+digit)/10 {
			return 0, false
		}
		n = n*10 - digit
	}
	if negative {
		return n, true
	}
	return -n, n != math.MinInt64
}

// texts stores the texts of a document, usually one copy of each. It allocates short texts together in small blocks, so
// a document needs few allocations and each text keeps only its block alive.
type texts struct {
	recent [32]string
	block  strings.Builder
}

const (
	blockSize = 256
	longText  = 64 // a longer one has memory of its own
)

// keep returns a copy of a text, perhaps one that was made before.
func (t *texts) keep(s []byte) string {
	if len(s) == 0 {
		return ""
	}
	if len(s) > longText {
		return string(s)
	}
	at := &t.recent[(len(s)+7*int(s[0])+31*int(s[len(s)-1]))%len(t.recent)]
	if *at == string(s) {
		return *at
	}
	if t.block.Cap()-t.block.Len() < len(s) {
		t.block.Reset()
		t.block.Grow(blockSize)
	}
	start := t.block.Len()
	t.block.Write(s)
	*at = t.block.String()[start:]
	return *at
}
