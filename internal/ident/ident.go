// Package ident states what an identifier may be, once, for every package that takes one.
package ident

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLen is the longest identifier that a caller may choose, in bytes.
const MaxLen = 64

// The ways in which an identifier can be bad.
var (
	ErrEmpty   = errors.New("is empty")
	ErrTooLong = errors.New("is longer than 64 bytes")
	ErrText    = errors.New("is not UTF-8 text without NUL")
	ErrControl = errors.New("has a control character or a line separator")
)

// Check reports why s can't be an identifier: it is empty, longer than [MaxLen] bytes, not UTF-8, or
// has a NUL byte. It returns nil for every other string.
func Check[S ~string](s S) error {
	switch {
	case s == "":
		return ErrEmpty
	case len(s) > MaxLen:
		return ErrTooLong
	case !utf8.ValidString(string(s)) || strings.IndexByte(string(s), 0) >= 0:
		return ErrText
	}
	return nil
}

// CheckNew reports why s can't become an identifier: it is none, or has a character that ends a line or moves a terminal's
// cursor. Some that have were stored before, and go on.
func CheckNew[S ~string](s S) error {
	if err := Check(s); err != nil {
		return err
	}
	if strings.ContainsFunc(string(s), control) {
		return ErrControl
	}
	return nil
}

// control reports whether a character ends a line or is otherwise one of control.
func control(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }
