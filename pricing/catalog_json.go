package pricing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// node is a JSON value with its place in the file. Reading a catalogue through nodes rather than into
// structs is what lets every problem be reported at once, each with its path.
type node struct {
	path   string
	value  any // nil, bool, json.Number, string, []node or object
	report *[]Problem
}

// object keeps its members in order, and which of them have been asked for.
type object struct {
	members []member
	used    map[string]bool
}

type member struct {
	name  string
	value node
}

// maxDepth bounds how deep a catalogue's JSON may nest.
const maxDepth = 16

// parseJSON reads one JSON value and nothing after it. Duplicate member names are reported as problems.
func parseJSON(data []byte, report *[]Problem) (node, error) {
	if !utf8.Valid(data) {
		return node{}, errors.New("not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	n, err := readNode(dec, "", 0, report)
	if err != nil {
		return node{}, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, errors.New("something follows the catalog's object")
	}
	return n, nil
}

func readNode(dec *json.Decoder, path string, depth int, report *[]Problem) (node, error) {
	n := node{path: path, report: report}
	token, err := dec.Token()
	if err != nil {
		return n, fmt.Errorf("at byte %d: %w", dec.InputOffset(), err)
	}
	delim, ok := token.(json.Delim)
	if !ok {
		n.value = token
		return n, nil
	}
	if depth == maxDepth {
		return n, fmt.Errorf("at byte %d: nested deeper than %d", dec.InputOffset(), maxDepth)
	}
	if delim == '[' {
		n.value, err = readList(dec, path, depth, report)
	} else {
		n.value, err = readObject(dec, path, depth, report)
	}
	return n, err
}

func readList(dec *json.Decoder, path string, depth int, report *[]Problem) ([]node, error) {
	list := []node{}
	for dec.More() {
		item, err := readNode(dec, path+"["+strconv.Itoa(len(list))+"]", depth+1, report)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	_, err := dec.Token()
	return list, err
}

func readObject(dec *json.Decoder, path string, depth int, report *[]Problem) (*object, error) {
	o := &object{used: map[string]bool{}}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("at byte %d: %w", dec.InputOffset(), err)
		}
		name, _ := token.(string)
		at := name
		if path != "" {
			at = path + "." + name
		}
		value, err := readNode(dec, at, depth+1, report)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			value.problem("appears twice")
		}
		seen[name] = true
		o.members = append(o.members, member{name, value})
	}
	_, err := dec.Token()
	return o, err
}

// problem reports something wrong with n.
func (n node) problem(format string, args ...any) {
	path := n.path
	if path == "" {
		path = "(file)"
	}
	*n.report = append(*n.report, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// present reports whether the file has the value at all.
func (n node) present() bool { return n.value != nil }

// get returns a member of an object, absent where there is none. Every member must be got before
// [node.done], which reports the others as unknown.
func (n node) get(name string) node {
	path := name
	if n.path != "" {
		path = n.path + "." + name
	}
	if o, ok := n.value.(*object); ok {
		o.used[name] = true
		for _, m := range o.members {
			if m.name == name {
				return m.value
			}
		}
	}
	return node{path: path, report: n.report}
}

// done reports the members that nobody asked for.
func (n node) done() {
	if o, ok := n.value.(*object); ok {
		for _, m := range o.members {
			if !o.used[m.name] {
				m.value.problem("unknown field")
			}
		}
	}
}

// object reports whether n is an object, and a problem if it is not.
func (n node) object() bool {
	_, ok := n.value.(*object)
	if !ok {
		n.wrong("an object")
	}
	return ok
}

// members returns the members of an object in order, all of them used.
func (n node) members() []member {
	if !n.present() || !n.object() {
		return nil
	}
	o, _ := n.value.(*object)
	for _, m := range o.members {
		o.used[m.name] = true
	}
	return o.members
}

// list returns the items of an array; none where it is absent.
func (n node) list() []node {
	if !n.present() {
		return nil
	}
	l, ok := n.value.([]node)
	if !ok {
		n.wrong("a list")
	}
	return l
}

// text returns a string; "" where it is absent.
func (n node) text() string {
	if !n.present() {
		return ""
	}
	s, ok := n.value.(string)
	if !ok {
		n.wrong("a string")
	}
	return s
}

// flag returns a boolean; false where it is absent.
func (n node) flag() bool {
	if !n.present() {
		return false
	}
	b, ok := n.value.(bool)
	if !ok {
		n.wrong("true or false")
	}
	return b
}

// count returns a whole number within [least, most]; absent counts as the given default.
func (n node) count(least, most, absent int64) int64 {
	if !n.present() {
		return absent
	}
	number, ok := n.value.(json.Number)
	if !ok {
		n.wrong("a whole number")
		return absent
	}
	v, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || v < least || v > most {
		n.problem("is %.32s, want a whole number from %d to %d", number, least, most)
		return absent
	}
	return v
}

func (n node) wrong(want string) {
	if !n.present() {
		n.problem("is missing, want %s", want)
		return
	}
	n.problem("want %s", want)
}
