package document

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string. The result is valid until the next string is read.
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

// char reads one character of a string into scratch, or the end of the string.
func (s *scanner) char() (end bool) {
	if s.at == len(s.src) {
		s.failf("unterminated text")
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

// escape reads a backslash and the escape that follows it.
func (s *scanner) escape() rune {
	s.at++
	if s.at == len(s.src) {
		s.failf("unterminated text")
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
				s.failf("lone surrogate")
			}
		}
		if r == 0 {
			s.failf("NUL in text")
		}
		return r
	}
	s.failf("invalid escape %q", c)
	return 0
}

// otherHalf reads the low surrogate of a surrogate pair. It returns 0 if there is none.
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
		s.failf("unterminated text")
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
