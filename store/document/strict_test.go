package document_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

const least = `{"format":2,"id":"a","account":"","revision":1,"created_at":"2025-06-16T00:00:00Z"}`

// with returns the minimal document with one more member.
func with(member string) string { return strings.TrimSuffix(least, "}") + "," + member + "}" }

// edited returns the minimal document with some text replaced.
func edited(t *testing.T, from, to string) string {
	t.Helper()
	if !strings.Contains(least, from) {
		t.Fatalf("no %s", from)
	}
	return strings.Replace(least, from, to, 1)
}

func TestDecodeRefuses(t *testing.T) {
	decode(t, []byte(least))
	revision := func(n string) string { return edited(t, `"revision":1`, `"revision":`+n) }
	created := func(at string) string { return edited(t, "2025-06-16T00:00:00Z", at) }
	text := func(s string) string { return edited(t, `"a"`, s) }
	amount := func(m string) string {
		return with(`"subscriptions":[{"id":"","product":"","status":"","currency":"","zone":"","anchor":{"date":"2025-06-16",` +
			`"term":{}},"next":0,"opened_at":"2025-06-16T00:00:00Z","cycles":[],"renewal":{"told":` + m + `}}]`)
	}
	decode(t, []byte(amount(`"1.00 USD"`)))
	counter := func(weight string) string {
		return with(`"counters":[{"product":"","kind":"","day":"2025-06-16","seconds":0,"weight":` + weight + `}]`)
	}
	decode(t, []byte(counter(`"4.5"`)))
	for name, doc := range map[string]string{
		"no weight": counter(`""`), "a finer weight": counter(`"1.0001"`), "a weight out of range": counter(`"9223372036854775.808"`),
		"an escape cut off": `{"format":2,"id":"\u00`, "half a character and the end": `{"format":2,"id":"\ud83c`,

		"nothing": "", "space": "  ", "another value": "[]", "no end": least[:len(least)-1], "a second one": least + least,
		"more": least + "x", "a comma at the end": strings.TrimSuffix(least, "}") + ",}", "no comma": strings.Replace(least, ",", " ", 1),
		"no colon": strings.Replace(least, ":", " ", 1), "a comment": least + "// x", "a comma first": "{," + least[1:],
		"a NUL byte": least + "\x00", "no quotes": strings.Replace(least, `"id"`, `id`, 1), "two commas": strings.Replace(least, ",", ",,", 1),

		"an unknown member": with(`"more":1`), "a member in capitals": edited(t, `"id"`, `"ID"`), "an empty name": with(`"":1`),
		"an unknown one within": with(`"accepted":{"agreement":"","at":"2025-06-16T00:00:00Z","by":"me"}`),
		"a member twice":        with(`"id":"a"`), "the format twice": with(`"format":2`), "twice, escaped": with(`"\u0069d":"a"`),
		"a member missing": strings.Replace(least, `"account":"",`, "", 1), "one within": with(`"accepted":{"agreement":""}`),
		"a list that isn't": with(`"lots":{}`), "a text for a list": with(`"lots":"x"`), "null for a text": text("null"),
		"null for an object": with(`"accepted":null`), "an object in a list of lists": with(`"lots":[[]]`),
		"a comma in a list": with(`"lots":[,]`), "half a null": with(`"lots":nul`), "a list cut off": with(`"lots":[`),

		"a fraction": revision("1.5"), "a whole fraction": revision("1.0"), "an exponent": revision("1e2"), "a plus": revision("+1"),
		"a zero before": revision("01"), "a minus alone": revision("-"), "a minus and a space": revision("- 1"), "a text": revision(`"1"`),
		"too large": revision("9223372036854775808"), "too small": revision("-9223372036854775809"), "far too large": revision(strings.Repeat("9", 99)),
		"true": revision("true"), "hexadecimal": revision("0x1"), "nothing for a number": revision(""),

		"no flag": with(`"arrears":{"since":"2025-06-16T00:00:00Z","tried_at":"2025-06-16T00:00:00Z","through":"2025-06-16","interrupted":1}`),

		"NUL": text(`"\u0000"`), "half a character": text(`"\ud800"`), "the other half": text(`"\udc00"`), "halves apart": text(`"\ud83c \udf89"`),
		"two first halves": text(`"\ud83c\ud83c"`), "half and space": text(`"\ud83c` + ` \udf89"`), "an unknown escape": text(`"\x41"`),
		"three digits": text(`"\u041"`), "no digit": text(`"\u004g"`), "a line break": text("\"\n\""), "not UTF-8": text("\"\xff\""),
		"a surrogate's bytes": text("\"\xed\xa0\x80\""), "no end of text": `{"format":2,"id":"a`, "an escape at the end": `{"format":2,"id":"\`,

		"an offset": created("2025-06-16T08:00:00+08:00"), "nanoseconds": created("2025-06-16T00:00:00.0000001Z"), "no zone": created("2025-06-16T00:00:00"),
		"30 February": created("2025-02-30T00:00:00Z"), "29 February": created("2025-02-29T00:00:00Z"), "month 13": created("2025-13-01T00:00:00Z"),
		"month 0": created("2025-00-01T00:00:00Z"), "day 0": created("2025-01-00T00:00:00Z"), "day 32": created("2025-01-32T00:00:00Z"),
		"hour 24": created("2025-06-16T24:00:00Z"), "minute 60": created("2025-06-16T00:60:00Z"), "a leap second": created("2025-06-16T00:00:60Z"),
		"the year 0": created("0000-06-16T00:00:00Z"), "five digits": created("10000-06-16T00:00:00Z"), "a point alone": created("2025-06-16T00:00:00.Z"),
		"a comma": created("2025-06-16T00:00:00,5Z"), "a sign": created("2025-06-16T-1:00:00Z"), "no instant": created(""),
		"a day of an instant": with(`"closed_through":"2025-06-16T00:00:00Z"`), "no day": with(`"closed_through":""`),

		"no currency": amount(`"1.00"`), "an unknown currency": amount(`"1.00 XXX"`), "a finer amount": amount(`"1.001 USD"`), "a number": amount("1"),
		"two spaces": amount(`"1.00  USD"`), "an amount of nothing": amount(`" USD"`), "an amount with an exponent": amount(`"1e2 USD"`),
		"an amount too large": amount(`"92233720368547758.08 USD"`), "too small an amount": amount(`"-92233720368547758.08 USD"`),
		"an amount with a plus": amount(`"+1.00 USD"`), "a point at the end": amount(`"1. USD"`), "a point first": amount(`".5 USD"`),
		"an amount of many digits": amount(`"` + strings.Repeat("0", 40) + `1.00 USD"`),
	} {
		for format := 1; format <= document.Format; format++ {
			doc := strings.ReplaceAll(doc, `"format":2`, fmt.Sprintf(`"format":%d`, format))
			if a, err := document.Decode([]byte(doc)); err == nil {
				t.Errorf("%s, format %d: decoded as %+v", name, format, a)
			} else if !strings.HasPrefix(err.Error(), "document: ") {
				t.Errorf("%s, format %d: %v", name, format, err)
			}
		}
	}
}

func TestDecodeListsRefuses(t *testing.T) {
	line := `{"kind":"usage","item":"hd","unit":"0.5","times":{"num":1,"den":2},"amount":"1.00 USD"}`
	for name, doc := range map[string]string{
		"nothing": "", "an object": "{}", "more": "[] []", "no end": "[" + line, "a comma at the end": "[" + line + ",]",
		"a negative rate": "[" + strings.Replace(line, "0.5", "-0.5", 1) + "]", "a finer rate": "[" + strings.Replace(line, "0.5", "0.0000000001", 1) + "]",
		"an unknown member": "[" + strings.Replace(line, `"num"`, `"by":1,"num"`, 1) + "]",
	} {
		if v, err := document.DecodeLines([]byte(doc)); err == nil {
			t.Errorf("lines, %s: decoded as %+v", name, v)
		}
	}
	if _, err := document.DecodeLines([]byte("[" + line + "]")); err != nil {
		t.Error(err)
	}
	for name, doc := range map[string]string{
		"nothing": "", "an object": "{}", "more": "[]]", "an unknown kind": `[{"gift":{}}]`, "null": `[{"bill":null}]`, "a list": "[[]]",
	} {
		if v, err := document.DecodeDeliveries([]byte(doc)); err == nil {
			t.Errorf("deliveries, %s: decoded as %+v", name, v)
		}
	}
}

// Invalid documents are refused, however deeply they are nested.
func TestDecodeDeep(t *testing.T) {
	for _, nested := range []string{strings.Repeat("[", 1<<20), strings.Repeat(`{"a":`, 1<<20), strings.Repeat(`{"lots":[`, 1<<20)} {
		for _, doc := range []string{nested, with(`"lots":` + nested), `{"x":` + nested + `,"format":2}`} {
			if _, err := document.Decode([]byte(doc)); err == nil {
				t.Errorf("%.40q… is decoded", doc)
			}
		}
	}
}

// A document with an unknown format, or without a format, is refused.
// Rule: formats-are-read-forever.
func TestFormats(t *testing.T) {
	for number, want := range map[string]int{"3": 3, "0": 0, "-1": -1, "1000": 1000} {
		for _, doc := range []string{
			edited(t, `"format":2`, `"format":`+number), `{"other":{"x":["]",1.5e3,null,true,"\u0041\""]}, "format" : ` + number + `, "future":[[{}]]}`,
		} {
			_, err := document.Decode([]byte(doc))
			var format *document.FormatError
			if !errors.As(err, &format) || format.Format != want {
				t.Errorf("%s: %v", doc, err)
			}
		}
	}
	for _, doc := range []string{
		edited(t, `"format":2,`, ""), edited(t, `"format":2`, `"format":"2"`), edited(t, `"format":2`, `"format":null`),
		edited(t, `"format":2`, `"format":2.0`), edited(t, `"format":2`, `"format":2e0`), edited(t, `"format":2`, `"format":[2]`),
		edited(t, `"format":2`, `"format":9223372036854775808`), edited(t, `"format":2`, `"Format":2`), "{}", `{"a":`, `{"a":1`,
	} {
		_, err := document.Decode([]byte(doc))
		var format *document.FormatError
		if err == nil || errors.As(err, &format) || !strings.Contains(err.Error(), "format") && doc != `{"a":` && doc != `{"a":1` {
			t.Errorf("%s: %v", doc, err)
		}
	}
	equal(t, "format last", decode(t, []byte(strings.TrimSuffix(strings.Replace(least, `"format":2,`, "", 1), "}")+` ,"\u0066ormat":2}`)),
		decode(t, []byte(least)))
	equal(t, "an escaped name", decode(t, []byte(edited(t, `"id"`, `"\u0069\u0064"`))).ID, subscription.ApplicationID("a"))
}
