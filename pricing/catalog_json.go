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

// node is a JSON value with its place in the file. Reading a catalog through nodes rather than into
// structs is what lets every problem be reported at once, each with its path.
type node struct {
	place
	value  any // nil, bool, json.Number, string, []node or *object
	report *[]Problem
}

// place is where a value stands. It becomes a path only in a problem: the paths of all values of a
// hostile file would be far larger than the file.
type place struct {
	within *place // the object or list; nil for the file's own value
	name   string // within an object
	index  int    // within a list; -1 in an object
}

// object keeps its members in order, and which of them have been asked for.
type object struct{ members []member }

type member struct {
	name  string
	value node
	used  bool
}

// Bounds of what a hostile file can cost.
const (
	maxDepth    = 16      // how deep the JSON may nest
	maxValues   = 250_000 // how many values it may have, small and large
	maxProblems = 1000    // how many problems are reported
	maxPathName = 64      // bytes of a name in a path
)

// parseJSON reads one JSON value and nothing after it. Duplicate member names are reported as problems.
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
		return node{}, errors.New("something follows the catalog's object")
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

// path returns the place as the path of a problem, for example products[0].versions[2].rank.
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

// problemf reports something wrong with n.
func (n node) problemf(format string, args ...any) {
	switch found := len(*n.report); {
	case found < maxProblems:
		*n.report = append(*n.report, Problem{Path: n.path(), Message: fmt.Sprintf(format, args...)})
	case found == maxProblems:
		*n.report = append(*n.report, Problem{Path: "(file)", Message: "has more problems"})
	}
}

// present reports whether the file has the value at all.
func (n node) present() bool { return n.value != nil }

// get returns a member of an object, absent where there is none. Every member must be got before
// [node.done], which reports the others as unknown.
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

// done reports the members that nothing has read.
func (n node) done() {
	if o, ok := n.value.(*object); ok {
		for _, m := range o.members {
			if !m.used {
				m.value.problemf("unknown field")
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

// members returns the members of an object in order, all of them used; none where it is absent. It
// fails, and reports it, where n is something else.
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

// list returns the items of an array; none where it is absent. It fails, and reports it, where n is
// something else.
func (n node) list() (items []node, ok bool) {
	if !n.present() {
		return nil, true
	}
	if items, ok = n.value.([]node); !ok {
		n.wrong("a list")
	}
	return items, ok
}

// some returns the items of an array that must have one, and reports a problem if it has not.
func (n node) some(what string) []node {
	items, ok := n.list()
	if ok && len(items) == 0 {
		n.problemf("want at least one %s", what)
	}
	return items
}

// items returns the items of an array; none, and a problem, where n is something else.
func (n node) items() []node {
	items, _ := n.list()
	return items
}

// label returns a string; "", and a problem, where n is something else.
func (n node) label() string {
	s, _ := n.text()
	return s
}

// text returns a string; "" where it is absent. It fails, and reports it, where n is something else.
func (n node) text() (s string, ok bool) {
	if !n.present() {
		return "", true
	}
	if s, ok = n.value.(string); !ok {
		n.wrong("a string")
	}
	return s, ok
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
	v, _ := n.number(least, most)
	return v
}

// number returns a whole number within [least, most]. It fails, and reports it, where n is absent or
// something else.
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
