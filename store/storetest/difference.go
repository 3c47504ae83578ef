package storetest

import (
	"fmt"
	"reflect"
	"time"
)

// difference describes the first difference between the value that a store returned and the committed value, or returns
// "". Times must be the same instants, and returned ones must be in UTC. A nil slice equals an empty one.
func difference(got, want any) string {
	return differ("", reflect.ValueOf(got), reflect.ValueOf(want))
}

func differ(path string, got, want reflect.Value) string {
	if got.Type() == reflect.TypeFor[time.Time]() {
		return differTime(path, got.Interface().(time.Time), want.Interface().(time.Time))
	}
	switch got.Kind() {
	case reflect.Slice:
		if got.Len() != want.Len() {
			return fmt.Sprintf("%s: got %d elements, want %d", name(path), got.Len(), want.Len())
		}
		for i := range got.Len() {
			if d := differ(fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Pointer:
		if got.IsNil() || want.IsNil() {
			if got.IsNil() != want.IsNil() {
				return fmt.Sprintf("%s: nil is %t, want %t", name(path), got.IsNil(), want.IsNil())
			}
			return ""
		}
		return differ(path, got.Elem(), want.Elem())
	case reflect.Struct:
		if opaque(got.Type()) {
			break
		}
		for i := range got.NumField() {
			if !got.Field(i).CanInterface() { // a store sets none of these
				continue
			}
			if d := differ(path+"."+got.Type().Field(i).Name, got.Field(i), want.Field(i)); d != "" {
				return d
			}
		}
		return ""
	}
	if got.Interface() != want.Interface() {
		return fmt.Sprintf("%s: %s, want %s", name(path), brief(got), brief(want))
	}
	return ""
}

func differTime(path string, got, want time.Time) string {
	switch {
	case !got.Equal(want):
		return fmt.Sprintf("%s: %s, want %s", name(path), got.Format(time.RFC3339Nano), want.Format(time.RFC3339Nano))
	case got.Location().String() != "UTC":
		return fmt.Sprintf("%s: in zone %s, want UTC", name(path), got.Location())
	}
	return ""
}

// opaque reports whether values of a struct type are compared and replaced as a whole, because their fields are
// unexported, as those of amounts are.
func opaque(t reflect.Type) bool {
	for field := range t.Fields() {
		if field.IsExported() {
			return false
		}
	}
	return true
}

func name(path string) string {
	if path == "" {
		return "value"
	}
	return path
}

func brief(v reflect.Value) string {
	s := fmt.Sprintf("%#v", v.Interface())
	if t, ok := reflect.TypeAssert[fmt.Stringer](v); ok {
		s = fmt.Sprintf("%q", t.String())
	}
	if len(s) > 120 {
		return fmt.Sprintf("%s… (%d bytes)", s[:120], len(s))
	}
	return s
}
