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

// node is a JSON value and its location in the file. Reading the catalog through nodes rather than structs allows all
// problems to be reported at once, each with its path.
type node struct {
	place
	value  any // nil, bool, json.Number, string, []node or *object
	report *[]Problem
}

// place is the location of a value. It is turned into a path only when a problem is reported: for a hostile file, the
// paths of all values would take far more memory than the file itself.
type place struct {
	within *place // the enclosing object or list; nil for the root value
	name   string // member name, in an object
	index  int    // index in a list; -1 in an object
}

// object keeps its members in order and tracks which of them have been read.
type object struct{ members []member }

type member struct {
	name  string
	value node
	used  bool
}

// Limits on the resources that a hostile file can use.
const (
	maxDepth    = 16      // nesting depth of the JSON
	maxValues   = 250_000 // number of JSON values
	maxProblems = 1000    // number of problems reported
	maxPathName = 64      // bytes of a name in a path
)

// parseJSON reads a single JSON value and rejects trailing data. Duplicate member names are reported as problems.
func parseJSON(data []byte, report *[]Problem) (node, error) {
	if !utf8.Valid(data) {
		return node{}, errors.New("not valid UTF-8")
	}
	r := reader{dec: json.NewDecoder(bytes.NewReader(data)), report: report}
	r.dec.UseNumber()
	n, err := r.read(place{}, 0)
	if err != nil {
		return node{}, err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, errors.New("unexpected data after the catalog object")
	}
	return n, nil
}

// reader reads nodes and counts them.
type reader struct {
	dec    *json.Decoder
	report *[]Problem
	values int
}

func (r *reader) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %w", r.dec.InputOffset(), fmt.Errorf(format, args...))
}

func (r *reader) read(at place, depth int) (node, error) {
	n := node{place: at, report: r.report}
	token, err := r.dec.Token()
	if err != nil {
		return n, r.errorf("%w", err)
	}
	r.values++
	if r.values > maxValues {
		return n, r.errorf("more than %d values", maxValues)
	}
	delim, ok := token.(json.Delim)
	if !ok {
		n.value = token
		return n, nil
	}
	if depth == maxDepth {
		return n, r.errorf("nested deeper than %d", maxDepth)
	}
	if delim == '[' {
		n.value, err = r.list(&at, depth+1)
	} else {
		n.value, err = r.object(&at, depth+1)
	}
	return n, err
}

func (r *reader) list(within *place, depth int) ([]node, error) {
	list := []node{}
	for r.dec.More() {
		item, err := r.read(place{within: within, index: len(list)}, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	_, err := r.dec.Token()
	return list, err
}

func (r *reader) object(within *place, depth int) (*object, error) {
	o := &object{}
	seen := map[string]bool{}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return nil, r.errorf("%w", err)
		}
		name, _ := token.(string)
		value, err := r.read(place{within: within, name: name, index: -1}, depth)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			value.problemf("appears twice")
		}
		seen[name] = true
		o.members = append(o.members, member{name: name, value: value})
	}
	_, err := r.dec.Token()
	return o, err
}

// path returns the location as a path, for example products[0].versions[2].rank.
func (p *place) path() string {
	switch {
	case p.within == nil:
		return "(file)"
	case p.index >= 0:
		return p.within.path() + "[" + strconv.Itoa(p.index) + "]"
	case p.name == "":
		return p.within.path() + ".\"\""
	case p.within.within == nil:
		return fmt.Sprintf("%.*s", maxPathName, p.name)
	}
	return fmt.Sprintf("%s.%.*s", p.within.path(), maxPathName, p.name)
}

// problemf reports a problem with n.
func (n node) problemf(format string, args ...any) {
	switch found := len(*n.report); {
	case found < maxProblems:
		*n.report = append(*n.report, Problem{Path: n.path(), Message: fmt.Sprintf(format, args...)})
	case found == maxProblems:
		*n.report = append(*n.report, Problem{Path: "(file)", Message: "more problems omitted"})
	}
}

// present reports whether the value exists in the file.
func (n node) present() bool { return n.value != nil }

// get returns a member of an object; the result is absent if there is no such member. Every member must be read before
// [node.done] is called, since done reports unread members as unknown.
func (n node) get(name string) node {
	found := node{place: place{within: &n.place, name: name, index: -1}, report: n.report}
	if o, ok := n.value.(*object); ok {
		for i := range o.members {
			if m := &o.members[i]; m.name == name {
				if !found.present() {
					found = m.value
				}
				m.used = true
			}
		}
	}
	return found
}

// done reports members that have not been read.
func (n node) done() {
	if o, ok := n.value.(*object); ok {
		for _, m := range o.members {
			if !m.used {
				m.value.problemf("unknown field")
			}
		}
	}
}

// object reports whether n is an object, and records a problem if it is not.
func (n node) object() bool {
	_, ok := n.value.(*object)
	if !ok {
		n.wrong("an object")
	}
	return ok
}

// members returns the members of an object in order and marks all of them as read. It returns none if n is absent. If n
// is not an object, it records a problem and returns false.
func (n node) members() (list []member, ok bool) {
	if !n.present() {
		return nil, true
	}
	if !n.object() {
		return nil, false
	}
	o, _ := n.value.(*object)
	for i := range o.members {
		o.members[i].used = true
	}
	return o.members, true
}

// list returns the items of an array, or none if n is absent. If n is not an array, it records a problem and returns
// false.
func (n node) list() (items []node, ok bool) {
	if !n.present() {
		return nil, true
	}
	if items, ok = n.value.([]node); !ok {
		n.wrong("a list")
	}
	return items, ok
}

// some returns the items of an array, and records a problem if the array is empty.
func (n node) some(what string) []node {
	items, ok := n.list()
	if ok && len(items) == 0 {
		n.problemf("want at least one %s", what)
	}
	return items
}

// items returns the items of an array. If n is not an array, it records a problem and returns none.
func (n node) items() []node {
	items, _ := n.list()
	return items
}

// label returns a string. If n is not a string, it records a problem and returns "".
func (n node) label() string {
	s, _ := n.text()
	return s
}

// text returns a string, or "" if n is absent. If n is not a string, it records a problem and returns false.
func (n node) text() (s string, ok bool) {
	if !n.present() {
		return "", true
	}
	if s, ok = n.value.(string); !ok {
		n.wrong("a string")
	}
	return s, ok
}

// flag returns a boolean, or false if n is absent.
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

// count returns a whole number within [least, most], or the given default if n is absent.
func (n node) count(least, most, absent int64) int64 {
	if !n.present() {
		return absent
	}
	v, _ := n.number(least, most)
	return v
}

// number returns a whole number within [least, most]. If n is absent or invalid, it records a problem and returns
// false.
func (n node) number(least, most int64) (v int64, ok bool) {
	number, ok := n.value.(json.Number)
	if !ok {
		n.wrong("a whole number")
		return 0, false
	}
	v, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || v < least || v > most {
		n.problemf("is %.32s, want a whole number from %d to %d", number, least, most)
		return 0, false
	}
	return v, true
}

func (n node) wrong(want string) {
	if !n.present() {
		n.problemf("is missing, want %s", want)
		return
	}
	n.problemf("want %s", want)
}
