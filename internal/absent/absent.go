// Package absent detects nil arguments.
package absent

import "reflect"

// Is reports whether v is nil, or an interface that holds a nil pointer, map, function, channel or slice.
func Is(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() { //nolint:exhaustive // the others are never nil
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice, reflect.Interface:
		return r.IsNil()
	default:
		return false
	}
}
