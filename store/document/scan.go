package document

import (
	"fmt"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON from left to right. After its first error it reads nothing more.
type scanner struct {
	src     []byte
	at      int
	err     error
	scratch []byte // of texts with escapes
}

func (s *scanner) failf(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("byte %d: %s", s.at, fmt.Sprintf(format, args...))
		s.at = len(s.src)
	}
}

// end fails for anything but space, and returns the first error, with what it is about before it.
func (s *scanner) end(about string) error {
	s.peek()
	if s.err == nil && s.at < len(s.src) {
		s.failf("more after the end")
	}
	if s.err != nil {
		return fmt.Errorf("%s%w", about, s.err)
	}
	return nil
}

// peek returns the next byte that is no space, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.src); s.at++ {
		switch c := s.src[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take reads one byte if it is the next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.at == len(s.src) {
		return false
	}
	s.at++
	return true
}

func (s *scanner) expect(c byte) {
	if !s.take(c) {
		s.failf("want %q", c)
	}
}

// more reports whether a list or an object, whose opening bracket was read, has another element, and reads what
// stands before it. first says that none was read yet.
func (s *scanner) more(first bool, closing byte) bool {
	if s.take(closing) || s.err != nil {
		return false
	}
	if !first {
		s.expect(',')
	}
	return s.err == nil
}

// word reads null, true or false if it is the next.
func (s *scanner) word(w string) bool {
	s.peek()
	if len(s.src)-s.at < len(w) || string(s.src[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

func (s *scanner) bool() bool {
	is := s.word("true")
	if !is && !s.word("false") {
		s.failf("want true or false")
	}
	return is
}

// int64 reads a whole number, written without a point or an exponent.
func (s *scanner) int64() int64 {
	negative := s.take('-')
	start, n := s.at, int64(0) // it is summed up below zero, where there is room for one more
	if !negative {
		s.peek()
		start = s.at
	}
	for ; s.at < len(s.src); s.at++ {
		c := s.src[s.at]
		if c < '0' || c > '9' {
			break
		}
		digit := int64(c - '0')
		if n < (math.MinInt64+digit)/10 {
			s.failf("number out of range")
			return 0
		}
		n = n*10 - digit
	}
	switch length := s.at - start; {
	case length == 0, length > 1 && s.src[start] == '0', s.at < len(s.src) && isPart(s.src[s.at]):
		s.failf("want a whole number")
		return 0
	case negative:
		return n
	case n == math.MinInt64:
		s.failf("number out of range")
		return 0
	}
	return -n
}

// isPart reports whether a byte after digits belongs to the number.
func isPart(c byte) bool { return c == '.' || c == 'e' || c == 'E' }

// text reads a string. What it returns is valid until the next one is read.
func (s *scanner) text() []byte {
	s.expect('"')
	rest := s.src[s.at:]
	n := 0
	for n < len(rest) && plain(rest[n]) {
		n++
	}
	s.at += n
	if n < len(rest) && rest[n] == '"' {
		s.at++
		return rest[:n]
	}
	if s.err != nil {
		return nil
	}
	s.scratch = append(s.scratch[:0], rest[:n]...)
	for s.err == nil && !s.char() { //nolint:revive // each call reads one character
	}
	return s.scratch
}

// char reads one character of a string into scratch, or its end.
func (s *scanner) char() (end bool) {
	if s.at == len(s.src) {
		s.failf("text without an end")
		return false
	}
	c := s.src[s.at]
	switch {
	case plain(c):
		s.at++
		s.scratch = append(s.scratch, c)
	case c == '"':
		s.at++
		return true
	case c == '\\':
		s.scratch = utf8.AppendRune(s.scratch, s.escape())
	case c < ' ':
		s.failf("control character in text")
	default:
		r, size := utf8.DecodeRune(s.src[s.at:])
		if r == utf8.RuneError && size == 1 {
			s.failf("text that is not UTF-8")
			return false
		}
		s.scratch = append(s.scratch, s.src[s.at:s.at+size]...)
		s.at += size
	}
	return false
}

// escape reads a backslash and what follows it.
func (s *scanner) escape() rune {
	s.at++
	if s.at == len(s.src) {
		s.failf("text without an end")
		return 0
	}
	c := s.src[s.at]
	s.at++
	switch c {
	case '"', '\\', '/':
		return rune(c)
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'u':
		r := s.hex()
		if utf16.IsSurrogate(r) {
			if r = utf16.DecodeRune(r, s.otherHalf()); r == utf8.RuneError {
				s.failf("half a character")
			}
		}
		if r == 0 {
			s.failf("NUL in text")
		}
		return r
	}
	s.failf("escape of %q", c)
	return 0
}

// otherHalf reads the second escape of a character that takes two, 0 if it isn't there.
func (s *scanner) otherHalf() rune {
	if len(s.src)-s.at < 2 || string(s.src[s.at:s.at+2]) != `\u` {
		return 0
	}
	s.at += 2
	return s.hex()
}

// hex reads four hexadecimal digits.
func (s *scanner) hex() rune {
	if len(s.src)-s.at < 4 {
		s.failf("text without an end")
		return 0
	}
	var r rune
	for _, c := range s.src[s.at : s.at+4] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|' ' && c|' ' <= 'f':
			r = r<<4 | rune(c|' '-'a'+10)
		default:
			s.failf("want four hexadecimal digits")
			return 0
		}
	}
	s.at += 4
	return r
}

// skip passes over a value of any kind. It looks at no more than where the value ends.
func (s *scanner) skip() {
	depth := 0
	for s.err == nil {
		switch s.peek() {
		case 0:
			s.failf("no end")
		case '"':
			s.text()
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			depth--
			s.at++
		case ',', ':':
			s.at++
			continue
		default:
			for s.at < len(s.src) && !delimits(s.src[s.at]) {
				s.at++
			}
		}
		if depth <= 0 {
			return
		}
	}
}

// delimits reports whether a byte ends a number or a word.
func delimits(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', ',', ':', '"', '{', '}', '[', ']':
		return true
	}
	return false
}
