package main

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// line explains one part of an amount.
type line struct {
	Kind    pricing.LineKind `json:"kind"`
	Item    string           `json:"item"`
	Formula string           `json:"formula"`
	Exact   string           `json:"exact"`
	Amount  pricing.Money    `json:"amount"`
}

// encode returns v as JSON, using the JSON names of its fields. Minutes are numbers, instants are in UTC, and price
// lines show their formula. It omits zero values of fields that allow it, and always omits a missing amount or
// instant.
func encode(v any) []byte { return appendValue(nil, reflect.ValueOf(v)) }

func appendValue(b []byte, v reflect.Value) []byte {
	switch x := v.Interface().(type) {
	case subscription.Quantity:
		return append(b, x.String()...)
	case time.Time:
		return appendText(b, x.UTC().Format(time.RFC3339Nano))
	case pricing.Line:
		return appendValue(b, reflect.ValueOf(line{x.Kind, x.Item, x.Formula(), pricing.FormatExact(x.Exact()), x.Amount}))
	case encoding.TextMarshaler:
		text, _ := x.MarshalText() // never fails for the SDK's types
		return appendText(b, string(text))
	}
	switch v.Kind() { //nolint:exhaustive // the kinds that the SDK's values have
	case reflect.Pointer, reflect.Interface:
		return appendValue(b, v.Elem())
	case reflect.Struct:
		b, _ = appendFields(append(b, '{'), v, false)
		return append(b, '}')
	case reflect.Slice:
		return appendList(b, v)
	case reflect.Map:
		return appendMap(b, v)
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	default:
		return strconv.AppendInt(b, v.Int(), 10)
	}
}

// appendFields appends the members of a struct; some reports whether there are members before them. Members of an
// embedded struct count as the struct's own.
func appendFields(b []byte, v reflect.Value, some bool) ([]byte, bool) {
	for i := range v.NumField() {
		f, tag := v.Field(i), v.Type().Field(i).Tag.Get("json")
		if v.Type().Field(i).Anonymous {
			b, some = appendFields(b, f, some)
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "-" || absent(f, options != "") {
			continue
		}
		if some {
			b = append(b, ',')
		}
		b, some = appendValue(append(appendText(b, name), ':'), f), true
	}
	return b, some
}

// absent reports whether to omit a member; may says whether it can be omitted if it is zero.
func absent(v reflect.Value, may bool) bool {
	if (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
		return may
	}
	switch v.Interface().(type) {
	case pricing.Money, time.Time:
		may = true
	}
	return (may || v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsZero()
}

func appendList(b []byte, v reflect.Value) []byte {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v.Index(i))
	}
	return append(b, ']')
}

// appendMap appends a map with string keys, in key order.
func appendMap(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	keys := v.MapKeys()
	slices.SortFunc(keys, func(k, l reflect.Value) int { return strings.Compare(k.String(), l.String()) })
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(append(appendText(b, k.String()), ':'), v.MapIndex(k))
	}
	return append(b, '}')
}

func appendText(b []byte, s string) []byte {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) //nolint:errchkjson // every string can be encoded
	return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}
