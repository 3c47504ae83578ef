package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// object is a JSON object whose members are removed by name. Names are case-sensitive and can't repeat.
type object struct {
	names  []string
	values map[string]json.RawMessage
}

// parseObject reads a JSON value, which must be an object. path names it in errors and is "" for a whole line.
func parseObject(path string, raw []byte) (object, error) {
	if !utf8.Valid(raw) {
		return object{}, badStep("not valid UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return object{}, badStep("not JSON: %w", err)
	}
	o := object{values: map[string]json.RawMessage{}}
	dec := json.NewDecoder(bytes.NewReader(whole))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return object{}, badStep("%swant an object", prefix(path))
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return object{}, badStep("%s%w", prefix(path), err)
		}
		name, _ := token.(string)
		var member json.RawMessage
		if err := dec.Decode(&member); err != nil {
			return object{}, badStep("%s%w", prefix(path), err)
		}
		if _, twice := o.values[name]; twice {
			return object{}, badStep("%sfield %.64q appears twice", prefix(path), name)
		}
		o.names = append(o.names, name)
		o.values[name] = member
	}
	return o, nil
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
