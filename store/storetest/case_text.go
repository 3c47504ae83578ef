package storetest

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// texts returns identifiers that somebody's store once took for something else. All are UTF-8 without NUL, of
// at most 64 bytes, which is what an identifier may be.
func texts() []struct{ name, text string } {
	return []struct{ name, text string }{
		{"64 bytes", strings.Repeat("x", 64)},
		{"64 bytes in 16 runes", strings.Repeat("𝄞", 16)},
		{"emoji of several runes", "👩‍👩‍👧‍👦🏳️‍🌈"},
		{"right to left", "\u202eشركة עברית\u202c"},
		{"combining marks", "e\u0301\u0323 Z\u0351\u036b"},
		{"single quotes", `'; DROP TABLE orders; --`},
		{"double quotes", `""a"",`},
		{"backslashes", `\ \\ \n \x00 \u0000 \'`},
		{"escapes of what isn't text", `\u0000 \ud83d \ufffd`},
		{"slashes and dots", "../../a/b//c"},
		{"per cent and underscore", "%_%20*?"},
		{"markup", "<&amp;>]]>"},
		{"a placeholder", "$1 ? :name {{.}} ${x} %s"},
		{"JSON", `{"id":null}`},
		{"null", "null"},
		{"a number", "1e9"},
		{"line ends and tabs", "a\r\nb\tc\vd\fe"},
		{"control characters", "\x01\x1b[31m\x7f\u0085"},
		{"line separators", "a\u2028b\u2029c"},
		{"a byte order mark", "\ufeffa"},
		{"the replacement character", "a\ufffdb"},
		{"noncharacters", "\uffff\U0010ffff"},
		{"a space", " "},
		{"spaces around", "  a  "},
		{"a zero-width space", "\u200b"},
	}
}

// textCases: text comes back byte for byte, and what differs in a byte is different.
func textCases() []check {
	var cases []check
	for _, tt := range texts() {
		cases = append(cases, check{tt.name, func(e *env) {
			a := unborn(subscription.ApplicationID(tt.text))
			c := a.next("t")
			write(&c, tt.text)
			e.apply(a, c)
			e.apply(a, a.next("u"))
			e.holds(a)
			c = a.next("late")
			c.Receipts[0].Key = a.receipts[0].Key
			e.conflict(appIDs{a.document.ID}, c)
			e.conflict(appIDs{a.document.ID}, small(a.document.ID, 0, "late"))
			e.holds(a)
		}})
	}
	for _, tt := range []struct{ name, a, b string }{
		{"case", "acme", "Acme"},
		{"case beyond ASCII", "straße", "STRASSE"},
		{"a space at the end", "acme", "acme "},
		{"a space at the beginning", "acme", " acme"},
		{"a line end", "acme", "acme\n"},
		{"normalization", "caf\u00e9", "cafe\u0301"},
		{"width", "ａ", "a"},
		{"an accent", "resume", "résumé"},
		{"what collations ignore", "co-op", "coop"},
		{"an invisible rune", "acme", "ac\u200bme"},
		{"the last of 64 bytes", strings.Repeat("x", 63) + "y", strings.Repeat("x", 63) + "z"},
		{"being a prefix", "acme", "acme/1"},
		{"leading zeros", "7", "007"},
	} {
		cases = append(cases, check{"IDs and keys that differ in " + tt.name, func(e *env) {
			a, b := unborn(subscription.ApplicationID(tt.a)), unborn(subscription.ApplicationID(tt.b))
			for _, x := range []*expected{a, b} {
				for i, text := range []string{tt.a, tt.b} {
					c := x.next("t")
					c.Receipts[0].Key = text
					o := &c.Orders[0]
					o.ID, o.Note = subscription.OrderID(text), fmt.Sprintf("%d of %s", i, x.document.ID)
					o.Attempt = attempt(c.Application, o.ID)
					e.apply(x, c)
				}
			}
			e.holds(a, b)
		}})
	}
	return append(cases, check{"notes of 64 KiB", func(e *env) {
		a := unborn("a")
		c := a.next("t")
		for i, unit := range []string{"x", `\"'`, "漢字🙂", "\n"} {
			long := strings.Repeat(unit, 64<<10/len(unit))
			o := c.Orders[0].Clone()
			o.ID += subscription.OrderID(fmt.Sprint("-", i))
			o.Attempt = attempt("a", o.ID)
			o.Note, o.Reference, o.Reason = long, long, payment.Reason(long)
			c.Orders = append(c.Orders, o)
			n := c.Events[0]
			n.Index, n.Note, n.Reason = len(c.Events), long, payment.Reason(long)
			c.Events = append(c.Events, n)
		}
		e.apply(a, c)
		e.holds(a)
	}})
}

// write puts text wherever a caller or a gateway chooses it.
func write(c *subscription.Change, text string) {
	c.Next.Account = subscription.AccountID(text)
	c.Next.Accepted.Agreement = text
	c.Next.PurchaseCounts[0].Product, c.Next.PurchaseCounts[0].Version = pricing.ProductID(text), pricing.VersionID(text)
	o := &c.Orders[0]
	o.ID, o.Account = subscription.OrderID(text), c.Next.Account
	o.Product, o.Version, o.Subscription = pricing.ProductID(text), pricing.VersionID(text), subscription.SubscriptionID(text)
	o.Attempt = attempt(c.Application, o.ID)
	o.Catalog, o.Agreement, o.Note, o.Reference, o.Reason = text, text, text, text, payment.Reason(text)
	o.Lines[0].Item = text
	c.Entries[0].Order = o.ID
	for i := range c.Events {
		n := &c.Events[i]
		n.Order, n.Note, n.Reason, n.Subscription = o.ID, text, payment.Reason(text), subscription.SubscriptionID(text)
		n.Product, n.Version = pricing.ProductID(text), pricing.VersionID(text)
	}
	r := &c.Receipts[0]
	r.Key, r.OrderID, r.Digest = text, o.ID, sha256.Sum256([]byte(text))
}
