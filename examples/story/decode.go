package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// needed is the tag of a field that a step must have: `step:"needed"`.
const needed = "needed"

// decode reads a JSON value into v. It is strict: a name that isn't in v's type with exactly that spelling is an
// error, and so is a repeated name. null counts as absent. path names the value in errors.
func decode(path string, raw json.RawMessage, v reflect.Value) error {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		return at(path, instant(raw, p))
	case json.Unmarshaler, encoding.TextUnmarshaler:
		return at(path, json.Unmarshal(raw, p))
	}
	switch v.Kind() { //nolint:exhaustive // the kinds that contain values
	case reflect.Struct:
		o, err := parseObject(path, raw)
		if err != nil {
			return err
		}
		return o.decode(path, v)
	case reflect.Slice:
		return decodeList(path, raw, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decode(path, raw, v.Elem())
	default:
		if json.Unmarshal(raw, v.Addr().Interface()) != nil {
			return at(path, fmt.Errorf("is %.40s, want %s", raw, wanted(v.Kind())))
		}
		return nil
	}
}

// into reads the members into the struct that p points to.
func (o *object) into(p any) error { return o.decode("", reflect.ValueOf(p).Elem()) }

func (o *object) decode(path string, v reflect.Value) error {
	fields := map[string]int{}
	for i := range v.NumField() {
		if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name != "" {
			fields[name] = i
		}
	}
	for _, name := range o.names {
		i, ok := fields[name]
		if !ok {
			return badStep("%sunknown field %.64q", prefix(path), name)
		}
		if null(o.values[name]) {
			continue
		}
		if err := decode(within(path, name), o.values[name], v.Field(i)); err != nil {
			return err
		}
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if v.Type().Field(i).Tag.Get("step") == needed && (o.values[name] == nil || null(o.values[name])) {
			return badStep("%s is missing", within(path, name))
		}
	}
	return nil
}

func decodeList(path string, raw json.RawMessage, v reflect.Value) error {
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return at(path, fmt.Errorf("is %.40s, want a list", raw))
	}
	v.Set(reflect.MakeSlice(v.Type(), len(all), len(all)))
	for i, one := range all {
		if err := decode(fmt.Sprintf("%s[%d]", path, i), one, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// at turns a member's error into a bad step error; nil stays nil.
func at(path string, err error) error {
	if err == nil {
		return nil
	}
	return badStep("%s%w", prefix(path), err)
}

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func wanted(k reflect.Kind) string {
	switch k { //nolint:exhaustive // the kinds that fields have
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	default:
		return "a whole number"
	}
}

// instant reads an RFC 3339 instant, converted to UTC, in the years 1 to 9999.
func instant(raw json.RawMessage, t *time.Time) error {
	if err := json.Unmarshal(raw, t); err != nil {
		return err
	}
	if *t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		return fmt.Errorf("is %.40s, want an instant in the years 1 to 9999", raw)
	}
	return nil
}
