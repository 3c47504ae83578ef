package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/internal/lines"
	"github.com/prepaidkit/prepaid/pricing"
)

// Limits on the values in a request; the same as those of a catalog.
const (
	maxMinor   = 1_000_000_000_000_000 // of one price, in minor units
	maxMinutes = compare.MaxMinutes
)

// request is a JSON object whose fields are read one by one. The first problem is kept, and all later reads return zero
// values. finish returns the problem, or an error that names the fields that were not read.
type request struct {
	path    string // path of the object within the line: "" or "from"
	names   []string
	values  map[string]json.RawMessage
	asked   map[string]bool
	problem *error // the first problem, shared with nested objects
}

// parseRequest parses a line with one JSON object. Names are case-sensitive and must not be repeated.
func parseRequest(line []byte) (*request, error) {
	r := &request{problem: new(error)}
	r.read(line)
	if err := r.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// read reads the members of a JSON value, which should be an object.
func (r *request) read(value json.RawMessage) {
	r.asked = map[string]bool{}
	var err error
	if r.names, r.values, err = lines.Object(value); err != nil {
		r.fail("", err)
	}
}

// err returns the first problem so far.
func (r *request) err() error { return *r.problem }

// fail records a problem with a field, unless there is one already.
func (r *request) fail(name string, err error) {
	if *r.problem != nil {
		return
	}
	if at := r.at(name); at != "" {
		err = fmt.Errorf("%s: %w", at, err)
	}
	*r.problem = err
}

// at returns the path of a field, or of the object itself if the name is "".
func (r *request) at(name string) string {
	if r.path == "" || name == "" {
		return r.path + name
	}
	return r.path + "." + name
}

// finish returns the first problem. It must be called after all fields were read.
func (r *request) finish() error {
	for _, name := range r.names {
		if !r.asked[name] {
			r.fail("", fmt.Errorf("unknown field %.64q", name))
		}
	}
	return r.err()
}

// has reports whether the request has a field. A null field counts as absent.
func (r *request) has(name string) bool {
	r.asked[name] = true
	value, ok := r.values[name]
	return ok && string(value) != "null"
}

// need reports whether the request has a field, and records a problem if it does not.
func (r *request) need(name string) bool {
	if !r.has(name) {
		r.fail(name, errors.New("is missing"))
		return false
	}
	return true
}

// object returns a nested object.
func (r *request) object(name string) *request {
	in := &request{path: r.at(name), asked: map[string]bool{}, problem: r.problem}
	if r.need(name) {
		in.read(r.values[name])
	}
	return in
}

// text returns a string.
func (r *request) text(name string) string {
	if !r.need(name) {
		return ""
	}
	var s string
	if value := r.values[name]; value[0] != '"' || json.Unmarshal(value, &s) != nil {
		r.fail(name, errors.New("want a string"))
	}
	return s
}

// count returns a whole number from least to most.
func (r *request) count(name string, least, most int64) int64 {
	if !r.need(name) {
		return 0
	}
	value := r.values[name]
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || n < least || n > most {
		r.fail(name, fmt.Errorf("is %.32s, want a whole number from %d to %d", value, least, most))
		return 0
	}
	return n
}

// optionalCount returns a whole number from least to most, or 0 if the field is absent.
func (r *request) optionalCount(name string, least, most int64) int64 {
	if !r.has(name) {
		return 0
	}
	return r.count(name, least, most)
}

// currency returns the currency of the request's amounts.
func (r *request) currency() pricing.Currency {
	c := pricing.Currency(r.text("currency"))
	if _, err := c.Digits(); err != nil {
		r.fail("currency", err)
	}
	return c
}

// money returns an amount: a string with the digits of c that is not negative and not too large.
func (r *request) money(name string, c pricing.Currency) pricing.Money {
	s := r.text(name)
	if r.err() != nil {
		return pricing.Money{}
	}
	m, err := pricing.ParseMoney(s, c)
	switch {
	case err != nil:
		r.fail(name, err)
	case m.Sign() < 0:
		r.fail(name, fmt.Errorf("%w: %s", pricing.ErrNegative, m))
	case m.Minor() > maxMinor:
		r.fail(name, fmt.Errorf("%w: %s", pricing.ErrOverflow, m))
	}
	return m
}

// date returns a day.
func (r *request) date(name string) pricing.Date {
	s := r.text(name)
	d, err := pricing.ParseDate(s)
	if err != nil {
		r.fail(name, err)
	}
	return d
}

// moment is a day, or an instant if instant is true.
type moment struct {
	day     pricing.Date
	time    time.Time
	instant bool
}

// moment returns a day, or an instant in RFC 3339 format in the years 1 to 9999.
func (r *request) moment(name string) moment {
	s := r.text(name)
	if len(s) <= len(time.DateOnly) {
		return moment{day: r.date(name)}
	}
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		r.fail(name, fmt.Errorf("%w: %.40q: want a day as 2025-06-16 or an instant as 2025-06-16T10:00:00Z", pricing.ErrDate, s))
	}
	return moment{time: t, instant: true}
}

// term returns a number of months or of days. The request must have exactly one of the two.
func (r *request) term() pricing.Term {
	t := pricing.Term{
		Months: int(r.optionalCount("months", 1, pricing.MaxTermMonths)),
		Days:   int(r.optionalCount("days", 1, pricing.MaxTermDays)),
	}
	if r.has("months") == r.has("days") {
		r.fail("", errors.New("want either months or days"))
	}
	return t
}

// zone returns the zone of the request, or the catalog's if it is absent.
func (r *request) zone(cat *pricing.Catalog) pricing.Zone {
	if !r.has("zone") {
		return cat.Zone()
	}
	z, err := cat.ZoneOf(r.text("zone"))
	if err != nil {
		r.fail("zone", err)
	}
	return z
}

// choice returns one of a type's constants, or absent if the field is absent.
func choice[S interface {
	~string
	Validate() error
}](r *request, name string, absent S) S {
	if !r.has(name) {
		return absent
	}
	s := S(r.text(name))
	if err := s.Validate(); err != nil {
		r.fail(name, err)
	} else if s == "" {
		r.fail(name, errors.New("is empty"))
	}
	return s
}
