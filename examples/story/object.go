package main

import (
	"encoding/json"
	"slices"

	"github.com/prepaidkit/prepaid/internal/lines"
)

// object is a JSON object whose members are removed by name. Names are case-sensitive and can't repeat.
type object struct {
	names  []string
	values map[string]json.RawMessage
}

// parseObject reads a JSON value, which must be an object. path names it in errors and is "" for a whole line.
func parseObject(path string, raw []byte) (object, error) {
	names, values, err := lines.Object(raw)
	if err != nil {
		return object{}, badStep("%s%w", prefix(path), err)
	}
	return object{names, values}, nil
}

// take removes the members with these names from o and returns them as an object.
func (o *object) take(names ...string) object {
	taken := object{values: map[string]json.RawMessage{}}
	for _, name := range names {
		if value, ok := o.values[name]; ok {
			taken.names = append(taken.names, name)
			taken.values[name] = value
			delete(o.values, name)
		}
	}
	o.names = slices.DeleteFunc(o.names, func(name string) bool { return slices.Contains(names, name) })
	return taken
}

// text returns a member that is a string, or "" if it is absent or not a string.
func (o *object) text(name string) string {
	var s string
	_ = json.Unmarshal(o.values[name], &s) // decoding the member reports the wrong type
	return s
}

// null reports whether a member is null, which counts as absent.
func null(raw json.RawMessage) bool { return string(raw) == "null" }

// prefix returns the beginning of an error about a member.
func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}
