package document

import (
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// encoder appends JSON. Methods whose names end in If omit a member whose value is zero.
type encoder struct {
	b   []byte
	err error // the first error
}

// room returns b with enough capacity for a typical document of an application like a.
func room(b []byte, a *subscription.Application) []byte {
	n := 768 + 384*len(a.Subscriptions) + 384*len(a.Lots) + 1024*len(a.Orders) + 192*len(a.Counters) +
		192*len(a.Reservations) + 256*len(a.Free)
	for i := range a.Subscriptions {
		s := &a.Subscriptions[i]
		n += 320*(len(s.Cycles)+len(s.Suspended)) + 40*len(s.Numbers)
	}
	return slices.Grow(b, n)
}

// result returns b with the output appended, or b and the error.
func (e *encoder) result(b []byte) ([]byte, error) {
	if e.err != nil {
		return b, e.err
	}
	return e.b, nil
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// name begins a member of an object.
func (e *encoder) name(name string) {
	b := e.b
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	e.b = b
}

// element begins an element of a list.
func (e *encoder) element() {
	if e.b[len(e.b)-1] != '[' {
		e.b = append(e.b, ',')
	}
}

// list begins a list. close ends it.
func (e *encoder) list(name string) {
	e.name(name)
	e.open('[')
}

func (e *encoder) open(bracket byte)  { e.b = append(e.b, bracket) }
func (e *encoder) close(bracket byte) { e.b = append(e.b, bracket) }

func (e *encoder) text(name, s string) {
	e.name(name)
	e.quote(s)
}

func (e *encoder) textIf(name, s string) {
	if s != "" {
		e.text(name, s)
	}
}

func (e *encoder) int(name string, n int64) {
	e.name(name)
	e.b = strconv.AppendInt(e.b, n, 10)
}

func (e *encoder) intIf(name string, n int64) {
	if n != 0 {
		e.int(name, n)
	}
}

func (e *encoder) flagIf(name string, is bool) {
	if is {
		e.name(name)
		e.b = append(e.b, "true"...)
	}
}

func (e *encoder) money(name string, m pricing.Money) {
	e.name(name)
	e.b = append(e.b, '"')
	e.b, _ = m.AppendText(e.b) // never fails
	e.b = append(e.b, '"')
}

func (e *encoder) moneyIf(name string, m pricing.Money) {
	if !m.IsZero() {
		e.money(name, m)
	}
}

func (e *encoder) rate(name string, r pricing.Rate) {
	e.name(name)
	e.b = append(e.b, '"')
	e.b = append(e.b, r.String()...)
	e.b = append(e.b, '"')
}

func (e *encoder) rateIf(name string, r pricing.Rate) {
	if r != (pricing.Rate{}) {
		e.rate(name, r)
	}
}

func (e *encoder) weight(name string, w pricing.Weight) {
	e.name(name)
	e.b = append(e.b, '"')
	thousandths := uint64(w)
	if w < 0 {
		e.b = append(e.b, '-')
		thousandths = -thousandths
	}
	e.b = strconv.AppendUint(e.b, thousandths/1000, 10)
	e.b = append(appendFraction(e.b, int(thousandths%1000), 100), '"')
}

func (e *encoder) time(name string, t time.Time) {
	e.name(name)
	e.b = append(e.b, '"')
	var ok bool
	if e.b, ok = appendTime(e.b, t); !ok {
		e.fail(fmt.Errorf("%w: %s is in the year %d, want 1 to 9999", subscription.ErrInvalid, name, t.UTC().Year()))
	}
	e.b = append(e.b, '"')
}

func (e *encoder) timeIf(name string, t time.Time) {
	if !t.IsZero() {
		e.time(name, t)
	}
}

func (e *encoder) date(name string, d pricing.Date) {
	e.name(name)
	e.b = append(e.b, '"')
	var ok bool
	if e.b, ok = appendDate(e.b, d); !ok {
		e.fail(fmt.Errorf("%w: %s is not a day in the years 1 to 9999", subscription.ErrInvalid, name))
	}
	e.b = append(e.b, '"')
}

func (e *encoder) dateIf(name string, d pricing.Date) {
	if d != 0 {
		e.date(name, d)
	}
}

// plain reports whether a byte of text is written unescaped regardless of what follows.
func plain(c byte) bool { return c-' ' < utf8.RuneSelf-' ' && c != '"' && c != '\\' } // a control character wraps around

// quote writes a string.
func (e *encoder) quote(s string) {
	e.b = append(e.b, '"')
	done := 0
	for i := 0; i < len(s); {
		if plain(s[i]) {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1, r == 0:
			e.fail(Text(s))
			return
		case size == 1, r == '\u2028', r == '\u2029':
			e.b = append(e.b, s[done:i]...)
			e.b = appendEscape(e.b, r)
			done = i + size
		}
		i += size
	}
	e.b = append(e.b, s[done:]...)
	e.b = append(e.b, '"')
}

// appendEscape appends a character escaped in the same way as by encoding/json.
func appendEscape(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	default:
		return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
	}
}
