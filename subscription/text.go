package subscription

import (
	"strings"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
)

// MaxText is how many bytes are kept of free-form text from outside that no decision depends on: a gateway's
// reference and reason, a note.
const MaxText = 200

// plain returns a text in a form that every store can keep: at most [MaxText] bytes of UTF-8 without control
// characters. Extra text in a gateway's answer must not keep the answer from being stored.
func plain[S ~string](s S) S {
	if len(s) <= MaxText && utf8.ValidString(string(s)) && strings.IndexFunc(string(s), control) < 0 {
		return s
	}
	// Cutting within a character leaves invalid UTF-8, which is removed.
	text := strings.ToValidUTF8(string(s[:min(len(s), MaxText)]), "")
	return S(strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, text))
}

// writable reports whether a note may be given to a command: at most [payment.MaxText] bytes of UTF-8.
func writable(note string) bool { return len(note) <= payment.MaxText && utf8.ValidString(note) }

func control(r rune) bool { return r < ' ' }

// plainResult returns a gateway's answer in the form in which it is kept. If nothing of a decline's reason can be
// kept, it is still a decline.
func plainResult(r payment.Result) payment.Result {
	r.Reference = plain(r.Reference)
	if r.Reason != "" {
		if r.Reason = plain(r.Reason); r.Reason == "" {
			r.Reason = payment.Other
		}
	}
	return r
}
