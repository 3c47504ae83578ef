package document_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// storable reports whether every text in a value is UTF-8 without NUL.
func storable(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return document.Text(v.String()) == nil
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !storable(v.Field(i)) {
				return false
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if !storable(v.Index(i)) {
				return false
			}
		}
	case reflect.Pointer:
		return v.IsNil() || storable(v.Elem())
	default:
	}
	return true
}

// An application chosen by the fuzzer is encoded in the same way as by encoding/json and decoded by both, or refused
// because of its text.
func FuzzAppend(f *testing.F) {
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{1}, 400))
	f.Add([]byte("\x03\xff\xfe\xfda text with \"quotes\" and \\u0000 \u2028 in it, of any length \x00\x01\x02"))
	f.Add(bytes.Repeat([]byte{0xc8, 0x83, 0x02, 'a', 'b', 0xff, 0x7f, 0x01}, 300))
	f.Fuzz(func(t *testing.T, choice []byte) {
		var want subscription.Application
		fill(reflect.ValueOf(&want).Elem(), &chosen{choice})
		prefix := []byte("kept")
		b, err := document.Append(prefix, &want)
		if storable(reflect.ValueOf(want)) != (err == nil) {
			t.Fatalf("Append of text that can be stored (%t): %v", storable(reflect.ValueOf(want)), err)
		}
		if err != nil {
			if !errors.Is(err, subscription.ErrInvalid) || string(b) != "kept" {
				t.Fatalf("Append = %q, %v", b, err)
			}
			return
		}
		doc := bytes.TrimPrefix(b, prefix)
		if !json.Valid(doc) || !utf8.Valid(doc) {
			t.Fatalf("no JSON: %s", doc)
		}
		equal(t, "decoded", decode(t, doc), want)
		equal(t, "decoded by encoding/json", unmarshal[stored](t, minutes[stored](t, doc)).Application, want)
		theirs := storedJSON(t, want)
		equal(t, "decoded, as encoding/json writes it", decode(t, theirs), want)
		if !bytes.Contains(theirs, []byte(":null")) && !bytes.Contains(theirs, []byte(`"deliveries":[]`)) && !oddPeriod(want) {
			equal(t, "members", sorted(t, doc), sorted(t, theirs))
		}
	})
}

// oddPeriod reports whether a delivered period is a zone alone, which encoding/json leaves out.
func oddPeriod(a subscription.Application) bool {
	for _, o := range a.Orders {
		if o.Delivered.Period.IsZero() && o.Delivered.Period.Zone != "" {
			return true
		}
	}
	return false
}

// For any bytes, decoding returns an error, or a value that is encoded and decoded to the same value, and that
// encoding/json decodes to the same value too, except for weights that no catalog has.
func FuzzDecode(f *testing.F) {
	golden, err := filepath.Glob("testdata/format*/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range golden {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(least))
	f.Add([]byte(with(`"closed_through":"2025-06-16"`)))
	f.Add([]byte(`{"x":[{"y":"\u0041"}],"format":3}`))
	f.Add(encode(f, filled[subscription.Application]()))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := document.Decode(b)
		if err != nil {
			return
		}
		again, err := document.Append(nil, &a)
		if errors.Is(err, subscription.ErrTooLarge) {
			return
		}
		if err != nil {
			t.Fatalf("decodes but can't be encoded: %v", err)
		}
		equal(t, "decoded again", decode(t, again), a)
		var s stored
		if err := json.Unmarshal(minutes[stored](t, b), &s); err == nil {
			takeGone(t, b, &s.Application)
			equal(t, "decoded by encoding/json", s.Application, a)
		} else if !oddWeight(a) {
			t.Fatalf("encoding/json: %v", err)
		}
	})
}

// takeGone takes from the lots of a document what it says has left them.
func takeGone(t *testing.T, b []byte, a *subscription.Application) {
	t.Helper()
	var gone struct {
		Lots []struct{ Expired int64 }
	}
	if err := json.Unmarshal(b, &gone); err != nil {
		t.Fatal(err)
	}
	for i, l := range gone.Lots {
		a.Lots[i].Granted -= subscription.Quantity(l.Expired)
	}
}

// oddWeight reports whether a counter has a weight that no catalog has.
func oddWeight(a subscription.Application) bool {
	for _, c := range a.Counters {
		if _, err := pricing.ParseWeight(c.Weight.String()); err != nil {
			return true
		}
	}
	return false
}

// Values that are columns behave in the same way as documents.
func FuzzDecodeLists(f *testing.F) {
	deliveries, err := document.AppendDeliveries(nil, filled[[]subscription.Delivery]())
	if err != nil {
		f.Fatal(err)
	}
	lines, err := document.AppendLines(nil, filled[[]pricing.Line]())
	if err != nil {
		f.Fatal(err)
	}
	taxes, err := document.AppendTaxes(nil, filled[[]pricing.Tax]())
	if err != nil {
		f.Fatal(err)
	}
	action, err := document.AppendAction(nil, filled[payment.Action]())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(deliveries)
	f.Add(lines)
	f.Add(taxes)
	f.Add(action)
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, b []byte) {
		parts(t, b, document.DecodeLines, document.AppendLines)
		parts(t, b, document.DecodeDeliveries, document.AppendDeliveries)
		parts(t, b, document.DecodeTaxes, document.AppendTaxes)
		parts(t, b, document.DecodeAction, document.AppendAction)
	})
}

func parts[T any](t *testing.T, b []byte, decode func([]byte) (T, error), encode func([]byte, T) ([]byte, error)) {
	t.Helper()
	list, err := decode(b)
	if err != nil {
		return
	}
	again, err := encode(nil, list)
	if err != nil {
		t.Fatalf("decodes but can't be encoded: %v", err)
	}
	second, err := decode(again)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "decoded again", second, list)
	var theirs T
	if err := json.Unmarshal(minutes[T](t, b), &theirs); err != nil {
		t.Fatalf("encoding/json: %v", err)
	}
	equal(t, "decoded by encoding/json", theirs, list)
}
