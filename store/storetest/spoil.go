package storetest

import (
	"reflect"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// spoil changes everything that can be reached from p, through pointers and through slices up to their capacity. Anyone
// who still holds part of it sees the change.
func spoil(p any) { spoilValue(reflect.ValueOf(p).Elem()) }

func spoilValue(v reflect.Value) {
	switch was := v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(was.Add(time.Hour)))
		return
	case pricing.Money:
		v.Set(reflect.ValueOf(minor(was.Minor()/2+7, "EUR")))
		return
	case pricing.Rate:
		v.Set(reflect.ValueOf(rate("0.777777")))
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		whole := v.Slice(0, v.Cap())
		for i := range whole.Len() {
			spoilValue(whole.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			spoilValue(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoilValue(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanInterface() { // a store sets none of the others
				spoilValue(field)
			}
		}
	case reflect.String:
		v.SetString(v.String() + "!")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Uint8:
		v.SetUint(v.Uint() ^ 0xff)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() ^ 1)
	default:
		panic("storetest: don't know how to spoil a " + v.Type().String())
	}
}
