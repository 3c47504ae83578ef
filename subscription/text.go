package subscription

import (
	"strings"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
)

// MaxText is how many bytes are kept of a text that others wrote and nobody decides by: a gateway's reference and
// reason, a note.
const MaxText = 200

// plain returns a text as every store can keep it: at most [MaxText] bytes of UTF-8 without control characters. What a
// gateway adds to its answer must not be what keeps the answer from being stored.
func plain[S ~string](s S) S {
	if len(s) <= MaxText && utf8.ValidString(string(s)) && strings.IndexFunc(string(s), control) < 0 {
		return s
	}
	// A cut within a character leaves what isn't UTF-8, and goes with the rest of it.
	text := strings.ToValidUTF8(string(s[:min(len(s), MaxText)]), "")
	return S(strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, text))
}

func control(r rune) bool { return r < ' ' }

// plainResult returns a gateway's answer as it is kept. One whose reason is nothing but what can't be kept was
// declined all the same.
func plainResult(r payment.Result) payment.Result {
	r.Reference = plain(r.Reference)
	if r.Reason != "" {
		if r.Reason = plain(r.Reason); r.Reason == "" {
			r.Reason = payment.Other
		}
	}
	return r
}
