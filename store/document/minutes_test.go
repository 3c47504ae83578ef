package document_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// Stored minutes are whole thousandths, and those in the types' JSON are minutes. This is the only difference between
// the two forms.

// thousandths turns the minutes in the JSON of a T into thousandths, and minutes does the reverse.
func thousandths[T any](tb testing.TB, b []byte) []byte {
	tb.Helper()
	return rescaled(tb, b, reflect.TypeFor[T](), big.NewRat(1000, 1))
}

func minutes[T any](tb testing.TB, b []byte) []byte {
	tb.Helper()
	return rescaled(tb, b, reflect.TypeFor[T](), big.NewRat(1, 1000))
}

// rescaled multiplies the quantities in the JSON of a type and leaves everything else unchanged.
func rescaled(tb testing.TB, b []byte, t reflect.Type, by *big.Rat) []byte {
	tb.Helper()
	b = bytes.TrimSpace(b)
	switch {
	case string(b) == "null":
	case t == reflect.TypeFor[subscription.Quantity]():
		q, ok := new(big.Rat).SetString(string(b))
		if !ok {
			tb.Fatalf("%s minutes", b)
		}
		text := q.Mul(q, by).FloatString(3)
		return []byte(strings.TrimRight(strings.TrimRight(text, "0"), "."))
	case t.Kind() == reflect.Pointer:
		return rescaled(tb, b, t.Elem(), by)
	case t.Kind() == reflect.Slice && b[0] == '[':
		return rescaledList(tb, b, t.Elem(), by)
	case t.Kind() == reflect.Struct && b[0] == '{':
		return rescaledObject(tb, b, t, by)
	}
	return b
}

func rescaledList(tb testing.TB, b []byte, t reflect.Type, by *big.Rat) []byte {
	tb.Helper()
	var items []json.RawMessage
	if err := json.Unmarshal(b, &items); err != nil {
		tb.Fatal(err)
	}
	out := make([][]byte, len(items))
	for i, item := range items {
		out[i] = rescaled(tb, item, t, by)
	}
	return append(append([]byte("["), bytes.Join(out, []byte(","))...), ']')
}

func rescaledObject(tb testing.TB, b []byte, t reflect.Type, by *big.Rat) []byte {
	tb.Helper()
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
	}
	d := json.NewDecoder(bytes.NewReader(b))
	var members [][]byte
	if _, err := d.Token(); err != nil {
		tb.Fatal(err)
	}
	for d.More() {
		var value json.RawMessage
		name, err := d.Token()
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil {
			tb.Fatal(err)
		}
		if of := fields[name.(string)]; of != nil {
			value = rescaled(tb, value, of, by)
		}
		members = append(members, append(plainJSON(tb, name), append([]byte(":"), value...)...))
	}
	return append(append([]byte("{"), bytes.Join(members, []byte(","))...), '}')
}
