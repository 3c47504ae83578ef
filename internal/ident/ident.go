// Package ident defines the rules for identifiers in one place.
package ident

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLen is the maximum length of an identifier in bytes.
const MaxLen = 64

// The reasons why an identifier is invalid.
var (
	ErrEmpty   = errors.New("is empty")
	ErrTooLong = errors.New("is longer than 64 bytes")
	ErrText    = errors.New("is not UTF-8 text without NUL")
	ErrControl = errors.New("has a control character or a line separator")
)

// Check returns an error if s is not a valid identifier: it is empty, longer than [MaxLen] bytes, not UTF-8, or has a
// NUL byte. It accepts every other string.
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

// CheckNew returns an error if s is not valid for a new identifier: [Check] fails, or s has a control character or a
// line separator. Existing identifiers with such characters remain valid.
func CheckNew[S ~string](s S) error {
	if err := Check(s); err != nil {
		return err
	}
	if strings.ContainsFunc(string(s), control) {
		return ErrControl
	}
	return nil
}

// control reports whether r is a control character or a line or paragraph separator.
func control(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }
