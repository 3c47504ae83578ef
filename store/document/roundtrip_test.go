package document_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// plainJSON returns the encoding/json output for a value, without the escapes for HTML.
func plainJSON(tb testing.TB, v any) []byte {
	tb.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		tb.Fatal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// sorted returns an object with its members in the order of their names, and so those of the objects in it.
func sorted(tb testing.TB, b []byte) string {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var members map[string]any
	if err := d.Decode(&members); err != nil {
		tb.Fatal(err)
	}
	return string(plainJSON(tb, members))
}

// storedJSON is what encoding/json makes of an application's document.
func storedJSON(tb testing.TB, a subscription.Application) []byte {
	tb.Helper()
	return thousandths[stored](tb, plainJSON(tb, stored{numbered{document.Format}, a}))
}

func unmarshal[T any](tb testing.TB, b []byte) T {
	tb.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("encoding/json: %v\n%s", err, b)
	}
	return v
}

func encode(tb testing.TB, a subscription.Application) []byte {
	tb.Helper()
	b, err := document.Append(nil, &a)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func decode(tb testing.TB, b []byte) subscription.Application {
	tb.Helper()
	a, err := document.Decode(b)
	if err != nil {
		tb.Fatalf("%v\n%s", err, b)
	}
	return a
}

func equal(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got, same); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// nonzero fails the test for a field that the filler left at zero, since a codec that forgets it would go unnoticed.
func nonzero(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	if v.IsZero() {
		t.Errorf("%s isn't filled", path)
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				nonzero(t, v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			nonzero(t, v.Index(i), path)
		}
	case reflect.Pointer:
		nonzero(t, v.Elem(), path)
	default:
	}
}

// This test detects a new field, in any of the types, that the codec doesn't handle.
func TestEveryFieldIsKept(t *testing.T) {
	t.Run("application", func(t *testing.T) {
		want := filled[subscription.Application]()
		nonzero(t, reflect.ValueOf(want), "Application")
		b := encode(t, want)
		equal(t, "decoded", decode(t, b), want)
		equal(t, "decoded by encoding/json", unmarshal[stored](t, minutes[stored](t, b)).Application, want)
		equal(t, "members", sorted(t, b), sorted(t, storedJSON(t, want)))
	})
	t.Run("lines", func(t *testing.T) { partIsKept(t, document.AppendLines, document.DecodeLines) })
	t.Run("deliveries", func(t *testing.T) { partIsKept(t, document.AppendDeliveries, document.DecodeDeliveries) })
	t.Run("taxes", func(t *testing.T) { partIsKept(t, document.AppendTaxes, document.DecodeTaxes) })
	t.Run("action", func(t *testing.T) { partIsKept(t, document.AppendAction, document.DecodeAction) })
}

// partIsKept tests a value that has its own column.
func partIsKept[T any](t *testing.T, encode func([]byte, T) ([]byte, error), decode func([]byte) (T, error)) {
	t.Helper()
	want := filled[T]()
	nonzero(t, reflect.ValueOf(want), "")
	b, err := encode([]byte("["), want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(b[1:])
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "decoded", got, want)
	equal(t, "bytes", string(b), "["+string(thousandths[T](t, plainJSON(t, want))))
}

// This test detects a flag that is confused with another.
func TestEveryFlagIsKept(t *testing.T) {
	all := &distinct{}
	fill(reflect.ValueOf(&subscription.Application{}).Elem(), all)
	for unset := int64(1); unset <= all.flags; unset++ {
		var want subscription.Application
		fill(reflect.ValueOf(&want).Elem(), &distinct{unset: unset})
		b := encode(t, want)
		equal(t, "decoded", decode(t, b), want)
		equal(t, "members", sorted(t, b), sorted(t, storedJSON(t, want)))
	}
}

// Zero values and omitted values are preserved too.
func TestZeroIsKept(t *testing.T) {
	b := encode(t, subscription.Application{})
	equal(t, "document", string(b), `{"format":2,"revision":0,"id":"","account":"","created_at":"0001-01-01T00:00:00Z"}`)
	equal(t, "decoded", decode(t, b), subscription.Application{})
	a := subscription.Application{
		Subscriptions: make([]subscription.Subscription, 1), Lots: make([]subscription.Lot, 1),
		Orders: make([]subscription.Order, 1), PurchaseCounts: make([]subscription.PurchaseCount, 1), Counters: make([]subscription.UsageCounter, 1),
		Reservations: make([]subscription.Reservation, 1), Free: make([]subscription.FreeClaim, 1),
		Refunds: make([]subscription.Refund, 1), AutoTopUps: make([]subscription.AutoTopUp, 1),
	}
	b = encode(t, a)
	if bytes.Contains(b, []byte("null")) {
		t.Errorf("a list is null: %s", b)
	}
	equal(t, "decoded", decode(t, b), a)
	b = storedJSON(t, a)
	equal(t, "decoded, as encoding/json writes it", decode(t, b), a)
	for _, v := range []string{`[]`, ` [ ] `, `null`} {
		lines, err := document.DecodeLines([]byte(v))
		if err != nil || len(lines) != 0 {
			t.Errorf("DecodeLines(%s) = %v, %v", v, lines, err)
		}
		deliveries, err := document.DecodeDeliveries([]byte(v))
		if err != nil || len(deliveries) != 0 {
			t.Errorf("DecodeDeliveries(%s) = %v, %v", v, deliveries, err)
		}
		taxes, err := document.DecodeTaxes([]byte(v))
		if err != nil || len(taxes) != 0 {
			t.Errorf("DecodeTaxes(%s) = %v, %v", v, taxes, err)
		}
	}
}

// A database may store a document with its members in a different order and with added whitespace.
func TestMembersInAnyOrder(t *testing.T) {
	want := filled[subscription.Application]()
	var members any
	b := encode(t, want)
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&members); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.MarshalIndent(members, "\r\n", "\t ")
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(string(sorted), `{"format"`) {
		t.Fatal("they are in the same order")
	}
	equal(t, "decoded", decode(t, sorted), want)
}

// A decoded value shares no memory with the document.
func TestDecodedIsTheCallersOwn(t *testing.T) {
	want := filled[subscription.Application]()
	b := encode(t, want)
	got := decode(t, b)
	for i := range b {
		b[i] = 'x'
	}
	equal(t, "decoded", got, want)
}

// What most changes touch comes first in a document, and all that follows stays as it is: a database that logs an update from
// the first byte that differs to the last one logs little.
func TestWhatChangesOftenComesFirst(t *testing.T) {
	used := func(a *subscription.Application) {
		a.Counters[0].Seconds += 60
		a.Lots[0].Remaining, a.Lots[0].Consumed = a.Lots[0].Remaining-1000, a.Lots[0].Consumed+1000
	}
	for name, tt := range map[string]struct {
		change func(a *subscription.Application)
		most   int // bytes of the new document before what stays, of 1.9 KB
	}{
		"usage":                   {used, 300},
		"an expired lot":          {func(a *subscription.Application) { a.Lots = a.Lots[1:] }, 220},
		"a reminder":              {func(a *subscription.Application) { a.Subscriptions[0].Renewal.RemindedAt = a.Due }, 900},
		"a period that has begun": {func(a *subscription.Application) { a.Subscriptions[0].Cycles[2].Begun = true }, 1500},
	} {
		t.Run(name, func(t *testing.T) {
			before := usual(t)
			before.AsOf = before.CreatedAt
			before.Counters = []subscription.UsageCounter{{Product: "call", Kind: "audio", Day: 20_255, Seconds: 90, Weight: 1000}}
			after := before.Clone()
			after.Revision, after.AsOf, after.Due = after.Revision+1, after.AsOf.AddDate(0, 0, 1), after.Due.AddDate(0, 0, 1)
			tt.change(&after)
			was, is := encode(t, before), encode(t, after)
			stays := 0
			for stays < min(len(was), len(is)) && was[len(was)-1-stays] == is[len(is)-1-stays] {
				stays++
			}
			if n := len(is) - stays; n > tt.most {
				t.Errorf("%d bytes of %d are written anew, want at most %d", n, len(is), tt.most)
			}
		})
	}
}
