package document

import (
	"fmt"
	"math"
)

// scanner reads JSON from left to right. It stops at the first error.
type scanner struct {
	src     []byte
	format  int // of the document, from 1
	at      int
	err     error
	scratch []byte // buffer for texts with escapes
}

func (s *scanner) failf(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("byte %d: %s", s.at, fmt.Sprintf(format, args...))
		s.at = len(s.src)
	}
}

// end reads trailing space and fails for anything else. It returns the first error, prefixed with about.
func (s *scanner) end(about string) error {
	s.peek()
	if s.err == nil && s.at < len(s.src) {
		s.failf("unexpected data after the end")
	}
	if s.err != nil {
		return fmt.Errorf("%s%w", about, s.err)
	}
	return nil
}

// peek returns the next byte that is not whitespace, or 0 at the end.
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

// take consumes a byte if it is next.
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

// more reports whether a list or an object, whose opening bracket was read, has another element, and reads the
// separator before it. first means that no element was read yet.
func (s *scanner) more(first bool, closing byte) bool {
	if s.take(closing) || s.err != nil {
		return false
	}
	if !first {
		s.expect(',')
	}
	return s.err == nil
}

// word consumes null, true or false if it is next.
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

// int64 reads a whole number without a point or an exponent.
func (s *scanner) int64() int64 {
	negative := s.take('-')
	start, n := s.at, int64(0) // accumulate the negative, whose range has one value more
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

// isPart reports whether a byte after digits would continue the number.
func isPart(c byte) bool { return c == '.' || c == 'e' || c == 'E' }

// skip skips a value of any kind. It only finds where the value ends and does not validate it.
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
