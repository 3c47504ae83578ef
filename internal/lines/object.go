package lines

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Object reads a JSON object: the names of its members in their order, and their values. Names are case-sensitive, and one
// that is repeated is an error, as is text that isn't UTF-8 and anything after the object.
func Object(raw []byte) (names []string, values map[string]json.RawMessage, err error) {
	if !utf8.Valid(raw) {
		return nil, nil, errors.New("not valid UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return nil, nil, fmt.Errorf("not JSON: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(whole))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil, nil, errors.New("want an object")
	}
	values = map[string]json.RawMessage{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, nil, err
		}
		name, _ := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, nil, err
		}
		if _, twice := values[name]; twice {
			return nil, nil, fmt.Errorf("field %.64q appears twice", name)
		}
		names = append(names, name)
		values[name] = value
	}
	return names, values, nil
}
