package paymenttest

import (
	"strings"

	"github.com/prepaidkit/prepaid/payment"
)

// textCases checks that keys and texts are opaque UTF-8, compared byte for byte.
func textCases() []check {
	var cases []check
	for _, odd := range []struct{ name, text string }{
		{"quotes and SQL", `'; DROP TABLE charges; --"` + "`"},
		{"slashes, percents and queries", `a/../b%00%2F?key=1&x=#f\`},
		{"spaces and line breaks", " a\tb\r\nc "},
		{"other scripts", "ключ-密钥-مفتاح"},
		{"emoji and combining marks", "👩‍💻e\u0301\u200b"},
		{"JSON and markup", `{"key":null}<b>&amp;</b>`},
	} {
		cases = append(cases, check{"odd text: " + odd.name, func(e *env) {
			e.deposit(odd.text, "100.00 USD")
			c := e.charge(odd.text, odd.text, "30.00 USD")
			c.Order, c.Application, c.Description = odd.text, odd.text, odd.text
			first := e.paid(c)
			e.same("Charge again", e.paid(c), first)
			e.same("Lookup", e.found(c.Key), first)
			ref := e.refundOf(c, odd.text+"r", "10.00 USD")
			ref.Reason = odd.text
			e.same("Refund again", e.given(ref), e.given(ref))
			e.balanced(odd.text, "80.00 USD")
		}})
	}
	for _, pair := range []struct{ name, one, two string }{
		{"case", "Key", "key"},
		{"a space at the end", "key", "key "},
		{"leading zeros", "7", "007"},
		{"the Unicode form", "\u00e9", "e\u0301"},
		{"the last of 256 bytes", "…1", "…2"},
	} {
		cases = append(cases, check{"keys that differ in " + pair.name + " are two keys", func(e *env) {
			e.deposit("a", "100.00 USD")
			one, two := e.charge(pair.one, "a", "10.00 USD"), e.charge(pair.two, "a", "20.00 USD")
			one.Key, two.Key = e.long(one.Key), e.long(two.Key)
			first, second := e.paid(one), e.paid(two)
			e.balanced("a", "70.00 USD")
			e.same("Lookup of one", e.found(one.Key), first)
			e.same("Lookup of the other", e.found(two.Key), second)
		}})
	}
	for _, bad := range []struct{ name, key string }{
		{"is empty", ""},
		{"is longer than 256 bytes", strings.Repeat("x", payment.MaxKey+1)},
		{"has a NUL byte", "a\x00b"},
		{"is not UTF-8", "a\xffb"},
	} {
		cases = append(cases, check{"a key that " + bad.name + " is invalid and moves nothing", func(e *env) {
			e.deposit("a", "100.00 USD")
			c := e.charge("k", "a", "30.00 USD")
			wrong := c
			wrong.Key = bad.key
			r, err := e.ask(wrong)
			e.failed("Charge", r, err, payment.ErrInvalid)
			r, err = e.h.Gateway.Lookup(e.ctx, bad.key)
			e.failed("Lookup", r, err, payment.ErrInvalid)
			e.paid(c)
			ref := e.refundOf(c, "r", "10.00 USD")
			ref.Key = bad.key
			r, err = e.refund(ref)
			e.failed("Refund", r, err, payment.ErrInvalid)
			e.balanced("a", "70.00 USD")
		}})
	}
	return cases
}

// long pads a key that begins with … (after the prefix) to 256 bytes by inserting in the middle.
func (e *env) long(key string) string {
	head, tail, ok := strings.Cut(key, "…")
	if !ok {
		return key
	}
	return head + strings.Repeat("x", payment.MaxKey-len(head)-len(tail)) + tail
}
