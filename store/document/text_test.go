package document_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// note returns an application that contains a text.
func note(s string) subscription.Application {
	return subscription.Application{ID: "a", Orders: []subscription.Order{{Note: s}}}
}

func TestTextIsKeptByteForByte(t *testing.T) {
	for name, s := range map[string]string{
		"what looks like an escape": `\u0000 \ufffd \n \"`,
		"the replacement character": "\ufffd",
		"quotes":                    `""'` + "`",
		"control characters":        "\x01\x02\x07\b\t\n\v\f\r\x1b\x1f\x7f",
		"HTML":                      "<a href='x'>&amp;</a>",
		"line separators":           "\u2028\u2029",
		"beyond the first plane":    "🎉𝒳\U0010ffff",
		"combining":                 "e\u0301é",
		"spaces":                    "  \u00a0\u3000 ",
		"surrogates' neighbors":     "\ud7ff\ue000",
		"long":                      strings.Repeat("längeres ", 500),
	} {
		want := note(s)
		b := encode(t, want)
		if got := decode(t, b).Orders[0].Note; got != s {
			t.Errorf("%s: %q, want %q", name, got, s)
		}
		if got := unmarshal[stored](t, b).Orders[0].Note; got != s {
			t.Errorf("%s, read by encoding/json: %q, want %q", name, got, s)
		}
	}
}

func TestTextIsRefused(t *testing.T) {
	for name, s := range map[string]string{
		"NUL": "a\x00", "a byte alone": "\xff", "cut off": "\xe2\x82", "a surrogate": "\xed\xa0\x80",
		"overlong": "\xc0\xaf", "beyond Unicode": "\xf4\x90\x80\x80", "in the middle": "ab\x80cd",
	} {
		app := note(s)
		b, err := document.Append([]byte("kept"), &app)
		if !errors.Is(err, subscription.ErrInvalid) || string(b) != "kept" {
			t.Errorf("%s: Append = %q, %v", name, b, err)
		}
		b, err = document.AppendLines([]byte("kept"), []pricing.Line{{Item: s}})
		if !errors.Is(err, subscription.ErrInvalid) || string(b) != "kept" {
			t.Errorf("%s: AppendLines = %q, %v", name, b, err)
		}
		b, err = document.AppendDeliveries([]byte("kept"), []subscription.Delivery{{Grant: &subscription.GrantDelivery{Zone: s}}})
		if !errors.Is(err, subscription.ErrInvalid) || string(b) != "kept" {
			t.Errorf("%s: AppendDeliveries = %q, %v", name, b, err)
		}
		b, err = document.AppendTaxes([]byte("kept"), []pricing.Tax{{Name: s}})
		if !errors.Is(err, subscription.ErrInvalid) || string(b) != "kept" {
			t.Errorf("%s: AppendTaxes = %q, %v", name, b, err)
		}
		b, err = document.AppendAction([]byte("kept"), payment.Action{Value: s})
		if !errors.Is(err, subscription.ErrInvalid) || string(b) != "kept" {
			t.Errorf("%s: AppendAction = %q, %v", name, b, err)
		}
		if err := document.Text(s); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%s: Text = %v", name, err)
		}
	}
}

// Of the documents just below and just above the limit, one is accepted and one refused.
func TestDocumentIsTooLarge(t *testing.T) {
	room := subscription.MaxDocument - len(encode(t, note("x"))) + 1
	encode(t, note(strings.Repeat("x", room)))
	app := note(strings.Repeat("x", room+1))
	if b, err := document.Append(nil, &app); !errors.Is(err, subscription.ErrTooLarge) || len(b) != 0 {
		t.Errorf("Append = %d bytes, %v", len(b), err)
	}
}

func TestTimes(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for written, want := range map[string]string{
		"0001-01-01T00:00:00Z": "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000001Z": "0001-01-01T00:00:00.000001Z",
		"9999-12-31T23:59:59.999999Z": "9999-12-31T23:59:59.999999Z", "2000-02-29T12:00:00.1Z": "2000-02-29T12:00:00.1Z",
		"1969-12-31T23:59:59.999999Z": "1969-12-31T23:59:59.999999Z", "1600-02-29T00:00:00.000010Z": "1600-02-29T00:00:00.00001Z",
		"2025-06-16T08:00:00+08:00": "2025-06-16T00:00:00Z", "1969-12-31T23:59:59.999999999Z": "1969-12-31T23:59:59.999999Z",
	} {
		app := subscription.Application{CreatedAt: at(written)}
		b := encode(t, app)
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is written as %s", written, b)
		}
		if got := decode(t, b).CreatedAt; got != at(want).UTC() {
			t.Errorf("%s = %v", written, got)
		}
	}
	for _, year := range []int{-1, 0, 10000, 300000} {
		app := subscription.Application{CreatedAt: time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)}
		if _, err := document.Append(nil, &app); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("the year %d: %v", year, err)
		}
	}
	for _, day := range []pricing.Date{math.MinInt32, -719163, 2932897, math.MaxInt32} {
		app := subscription.Application{ClosedThrough: day}
		if _, err := document.Append(nil, &app); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("day %d: %v", day, err)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64} {
		app := subscription.Application{
			Revision: n, LastLot: subscription.LotID(n),
			Lots:     []subscription.Lot{{Granted: subscription.Quantity(n), Warned: int(n)}},
			Counters: []subscription.UsageCounter{{Weight: pricing.Weight(n)}}, // including values that no catalog has
		}
		equal(t, "decoded", decode(t, encode(t, app)), app)
	}
	for _, minor := range []int64{0, 1, -1, 99, 100, -100, math.MaxInt64, -math.MaxInt64} {
		for _, currency := range []pricing.Currency{"JPY", "USD", "KWD", "CLF"} {
			m, err := pricing.FromMinor(minor, currency)
			if err != nil {
				t.Fatal(err)
			}
			app := subscription.Application{Orders: []subscription.Order{{Amount: m, Collected: m}}}
			equal(t, "decoded", decode(t, encode(t, app)), app)
		}
	}
}
